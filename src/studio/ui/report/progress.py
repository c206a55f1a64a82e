"""Progress over days and weeks: the figures of all coached takes, by song and exercise, as plots."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from ...actions.coachhistory import trend
from ...storage.library import CoachedTake, Practised
from .. import theme
from ..forms import Choice, text
from ..library.background import Background
from .plot import Plot
from .series import DAY, series_of

if TYPE_CHECKING:
    from ...actions.workspace import Workspace

NOTHING = (
    "Nothing was coached yet. Each take you coach, and each exercise you sing, leaves its figures here: "
    "after a few of them you see what grows better."
)
NOTHING_LATELY = "Nothing was sung in this time; choose a longer one."
TIMES = ((0.0, "All time"), (7 * DAY, "The last week"), (28 * DAY, "The last 4 weeks"), (84 * DAY, "The last 12 weeks"))
MOST = 5000
WIDE = 230
"""Pixels that a plot has at least."""

What = tuple[str, str] | None


class ProgressPage(QWidget):
    """Main thread; the library is asked on a thread of its own. `close_down()` is the last call."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._library = workspace.library
        self.background = Background(self)
        self._takes: Sequence[CoachedTake] = ()
        self.plots: list[Plot] = []
        self._columns = 0
        self.what = Choice("Song or exercise")
        self.what.setMinimumWidth(200)
        self.when = Choice("Time", TIMES)
        self.when.setMinimumWidth(130)
        self.says = text("", "dim")
        row = QHBoxLayout()
        row.setSpacing(theme.PAD)
        row.addWidget(self.what)
        row.addWidget(self.when)
        row.addWidget(self.says, 1)
        inner = QWidget()
        inner.setStyleSheet(".QWidget { background: transparent; }")
        self._grid = QGridLayout(inner)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(theme.PAD)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setAccessibleName("Plots")
        area.setWidget(inner)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.MARGIN, theme.PAD, theme.MARGIN, theme.PAD)
        column.setSpacing(theme.PAD)
        column.addLayout(row)
        column.addWidget(area, 1)
        for choice in (self.what, self.when):
            choice.currentIndexChanged.connect(lambda _: self._draw())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.background.forget("takes")

    def refresh(self) -> None:
        """Asks the library anew."""
        library = self._library
        self.background.ask("takes", lambda: (library.coached_takes(limit=MOST), library.practised()), self._arrived)

    def close_down(self) -> None:
        """Waits for the library's answers; before the program ends."""
        self.background.close()

    def _arrived(self, answer: Any) -> None:
        self._takes, practised = answer
        listed: list[tuple[What, str]] = [(None, f"Everything ({len(self._takes)})")]
        listed += [((one.song, one.target), _name(one)) for one in practised]
        self.what.set_options(listed, self.what.value)
        self._draw()

    def _draw(self) -> None:
        """Plots what is chosen."""
        chosen, since = self.what.value, time.time() - self.when.value if self.when.value else 0.0
        takes = [take for take in self._takes if take.taken >= since and chosen in (None, (take.song, take.target))]
        for plot in self.plots:
            plot.setParent(None)
            plot.deleteLater()
        self.plots = []
        for choice in (self.what, self.when):
            choice.setVisible(bool(self._takes))
        self.says.setText(_told(takes) if takes else NOTHING_LATELY if self._takes else NOTHING)
        if takes:
            first, last = takes[0].taken, takes[-1].taken
            self.plots = [Plot(series, first, last) for series in series_of(takes)]
        self._columns = 0
        self._arrange()

    def _arrange(self) -> None:
        """Lays the plots out in as many columns as fit."""
        columns = max(self.width() // WIDE, 1)
        if columns != self._columns:
            self._columns = columns
            for n, plot in enumerate(self.plots):
                self._grid.addWidget(plot, n // columns, n % columns)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()


def _name(one: Practised) -> str:
    what = " – ".join(part for part in (one.song, one.target) if part)
    return f"{what or 'Sung freely'} ({one.takes})"


def _told(takes: Sequence[CoachedTake]) -> str:
    """How far the last takes are from the first ones."""
    found = trend(takes)
    if found is None:
        return "One take so far; sing it again, and you see what changes."
    parts = []
    for name, field, factor, unit in (
        ("score", "overall", 1, ""),
        ("distance from the pitch", "accuracy", 1, " cents"),
        ("spread", "precision", 1, " cents"),
        ("timing spread", "spread", 1000, " ms"),
    ):
        value = found[field]
        if value is not None and round(factor * value):
            parts.append(f"{name} {factor * value:+.0f}{unit}".replace("-", "−"))
    return f"From the first takes to the last: {', '.join(parts)}." if parts else "The last takes are like the first."
