"""The windows beside the library: details of a result, comparing, varying; each is made when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from ...storage.library.records import Approval, Asset
from .background import Background
from .curator import Curator
from .preview import Preview
from .thumbnails import Thumbnails

if TYPE_CHECKING:
    from .comparing import Comparing
    from .details import Details
    from .vary import VaryDialog


class Windows(QObject):
    """Main thread. `changed()` follows what was written in one of them; `told(sentence, kind, detail)` and
    `failed(error)` as in the panel."""

    changed = Signal()
    told = Signal(str, str, str)
    failed = Signal(object)

    def __init__(
        self,
        workspace: Any,
        background: Background,
        thumbnails: Thumbnails,
        preview: Preview,
        curator: Curator,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._workspace, self._background, self._thumbnails = workspace, background, thumbnails
        self._preview, self._curator, self._parent = preview, curator, parent
        curator.details.connect(self._show_details)
        curator.compare.connect(self._compare)
        curator.vary.connect(self._vary)

    @cached_property
    def details(self) -> Details:
        """All that is known of one result."""
        from .details import Details

        made = Details(
            self._workspace.library, self._background, self._thumbnails, self._preview, self._curator, self._parent
        )
        made.changed.connect(self.changed)
        return made

    @cached_property
    def comparing(self) -> Comparing:
        """Sounds in turn at one loudness."""
        from .comparing import Comparing

        made = Comparing(self._workspace, self._workspace.library, self._preview, self._parent)
        made.failed.connect(self.failed)
        made.decided.connect(self._decide)
        return made

    @cached_property
    def varying(self) -> VaryDialog:
        """A recipe with other values."""
        from .vary import VaryDialog

        made = VaryDialog(self._workspace.library, self._workspace.neural, self._parent)
        made.failed.connect(self.failed)
        made.queued.connect(lambda label: self.told.emit(f"“{label}” is in the queue (F7).", "info", ""))
        return made

    def close_all(self) -> None:
        """Closes those that are open; what was written in them is kept."""
        for name in ("details", "comparing", "varying"):
            if name in self.__dict__:
                self.__dict__[name].close()

    def refresh(self) -> None:
        """Shows again what may have changed."""
        if "details" in self.__dict__:
            self.details.refresh()

    def _show_details(self, generation: int) -> None:
        self.details.open_generation(generation)

    def _compare(self, assets: Sequence[Asset]) -> None:
        self.comparing.compare(assets)

    def _vary(self, generation: int) -> None:
        self.varying.open_generation(generation)

    def _decide(self, asset: int, approval: Approval) -> None:
        library, changed = self._workspace.library, self.changed
        decide: Callable[[], None] = lambda: library.decide(  # noqa: E731
            [mark.generation for mark in library.marks_of([asset]).values()], approval
        )
        self._background.do(decide, lambda _: changed.emit())
