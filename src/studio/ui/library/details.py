"""All that is known of one thing that a model made, in a window beside the library: to look at, describe, decide on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import (
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from ...actions.stories import Rows, Story, story_of, title_of
from ...storage.library.library import Library
from .. import theme
from ..controls import Chip
from ..forms import push, text
from ..icons import IconButton, pixmap
from .background import Background
from .curator import Curator, is_sound
from .face import Face
from .family import Family
from .preview import Preview
from .thumbnails import Thumbnails
from .wording import duration

LONGEST = 4000
"""Characters of a description that are kept."""

LOW, TALL = 132, 208
"""How high a waveform stands, and a picture."""


class Lines(QPlainTextEdit):
    """A text of several lines; `left()` when one goes elsewhere."""

    left = Signal()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.left.emit()


class Stars(QWidget):
    """Five buttons; `rated(stars)` follows a click, 0 for a second one on the last that is lit."""

    rated = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self.stars = 0
        self._buttons = [IconButton("star", f"{n} star{'' if n == 1 else 's'}", 24, flat=True) for n in range(1, 6)]
        for number, button in enumerate(self._buttons, 1):
            button.clicked.connect(lambda _=False, n=number: self.rated.emit(0 if n == self.stars else n))
            row.addWidget(button)
        row.addStretch(1)

    def show_stars(self, stars: int) -> None:
        """Lights so many."""
        self.stars = stars
        for number, button in enumerate(self._buttons, 1):
            button.set_icon("star", "accent" if number <= stars else "faint")
        self.setAccessibleName(f"Rated {stars} of 5" if stars else "Not rated")


class Details(QDialog):
    """The window. Main thread. `changed()` follows what was written; `decided`, `again`, `new_seed` and `vary` are the
    curator's. What stands in the fields is kept when one leaves a field, goes to another result, or closes."""

    changed = Signal()

    def __init__(
        self,
        library: Library,
        background: Background,
        thumbnails: Thumbnails,
        preview: Preview,
        curator: Curator,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Details")
        self.resize(760, 620)
        self._library, self._background, self._preview, self._curator = library, background, preview, curator
        self.story: Story | None = None
        self._wanted = 0
        self.face = Face(thumbnails)
        self.play = IconButton("play", "Listen", 28)
        self.length = text("", "dim", wrap=False)
        self.approved, self.rejected = Chip("Approve"), Chip("Reject")
        self.stars = Stars()
        self.title, self.category, self.tags, self.reason = (_line() for _ in range(4))
        self.reason.setPlaceholderText("Why it was approved or rejected")
        self.tags.setPlaceholderText("with commas between them")
        self.description = Lines()
        self.description.setFixedHeight(64)
        self.description.setTabChangesFocus(True)
        self.collections = text("", "dim")
        self.recipe, self.facts = QScrollArea(), QScrollArea()
        self.family = Family()
        self.words = QPlainTextEdit()
        self.words.setReadOnly(True)
        self.words.setAccessibleName("Text")
        self.tabs = QTabWidget()
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(theme.PAD)
        self.face.setFixedHeight(LOW)
        left.addWidget(self.face)
        bar = QHBoxLayout()
        for widget in (self.play, self.length, self.approved, self.rejected):
            bar.addWidget(widget)
        bar.insertStretch(2, 1)
        left.addLayout(bar)
        left.addWidget(self.stars)
        form = QFormLayout()
        form.setVerticalSpacing(theme.PAD)
        for name, field in (
            ("Reason", self.reason), ("Title", self.title), ("Category", self.category), ("Tags", self.tags),
            ("About", self.description), ("In", self.collections),
        ):  # fmt: skip
            field.setAccessibleName({"About": "Description", "In": "Collections"}.get(name, name))
            form.addRow(name, field)
        left.addLayout(form)
        left.addStretch(1)
        tabs = self.tabs
        for widget, name in (
            (self.words, "Text"), (self.recipe, "Recipe"), (self.facts, "Checks"), (self.family, "Family"),
        ):  # fmt: skip
            tabs.addTab(widget, name)
        for area in (self.recipe, self.facts):
            area.setWidgetResizable(True)
            area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        middle = QHBoxLayout()
        middle.setSpacing(2 * theme.MARGIN)
        middle.addLayout(left, 2)
        middle.addWidget(tabs, 3)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[theme.MARGIN] * 4)
        column.setSpacing(theme.MARGIN)
        column.addLayout(middle, 1)
        column.addLayout(self._foot())

    def _foot(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(theme.PAD)
        self.again = push("Make it again", lambda: self._with(self._curator.again))
        self.vary = QPushButton("Vary")
        menu = QMenu(self.vary)
        menu.addAction("With another seed", lambda: self._with(self._curator.new_seed))
        menu.addAction("With other values…", lambda: self._with(self._curator.vary.emit))
        self.vary.setMenu(menu)
        for button in (self.again, self.vary):
            button.setAutoDefault(False)
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(push("Close", self.close))
        return row

    def _connect(self) -> None:
        self.play.clicked.connect(self._listen)
        self._preview.changed.connect(self._show_preview)
        self.approved.clicked.connect(lambda: self._decide("approved", self.approved.isChecked()))
        self.rejected.clicked.connect(lambda: self._decide("rejected", self.rejected.isChecked()))
        self.stars.rated.connect(self._rate)
        for field in (self.title, self.category, self.tags, self.reason):
            field.editingFinished.connect(self.keep)
        self.description.left.connect(self.keep)
        self.family.asked.connect(self.open_generation)

    # -- showing -------------------------------------------------------------------------------------------------

    def open_generation(self, generation: int) -> None:
        """Shows another one, or the same as it is now."""
        self.keep()
        self._wanted = generation
        if not self.isVisible():
            self.tabs.tabBar().setFocus()  # not on a button that decides
        self._background.ask("story", lambda: story_of(self._library, generation), self._show)
        self.show()
        self.raise_()

    def refresh(self) -> None:
        """Shows the same again: the library may have changed. What is being written stays."""
        if self.isVisible() and self.story is not None:
            key = self._wanted
            self._background.ask("story", lambda: story_of(self._library, key), self._show)

    def _show(self, story: Story) -> None:
        same = self.story is not None and self.story.generation.id == story.generation.id
        self.story = story
        made, asset = story.generation, story.asset
        self.setWindowTitle(f"{title_of(made)} – Details")
        gone = "It lies in the trash." if made.trashed else "Its file is no longer in the library."
        self.face.show_asset(asset, gone if asset is None or made.trashed else "")
        self.face.setFixedHeight(TALL if asset is not None and asset.kind == "picture" else LOW)
        self.length.setText(duration(asset.seconds) if asset is not None and asset.seconds else "")
        self.approved.setChecked(made.approval == "approved")
        self.rejected.setChecked(made.approval == "rejected")
        self.stars.show_stars(made.rating)
        tags = ", ".join(asset.tags) if asset is not None else ""
        for field, value in (
            (self.title, made.title), (self.category, made.category), (self.reason, made.reason), (self.tags, tags),
        ):  # fmt: skip
            if not (same and field.hasFocus()):
                field.setText(value)
        if not (same and self.description.hasFocus()):
            self.description.setPlainText(made.description)
        self.collections.setText(", ".join(story.collections) or "no collection")
        self.recipe.setWidget(_page(story.recipe))
        self.facts.setWidget(_page(story.facts, story.doubts))
        self.family.show_family(story.family, made.id)
        self.words.setPlainText(story.text)
        self.tabs.setTabVisible(0, bool(story.text))
        there = asset is not None and not made.trashed
        for widget in (
            self.approved,
            self.rejected,
            self.stars,
            self.title,
            self.category,
            self.reason,
            self.description,
        ):
            widget.setEnabled(not made.trashed)
        self.tags.setEnabled(there)
        self.play.setVisible(asset is not None and is_sound(asset))
        self.play.setEnabled(there)
        self._show_preview()

    def _show_preview(self) -> None:
        playing = self._playing()
        self.play.set_icon("stop" if playing else "play", "accent" if playing else "text")
        self.play.setAccessibleName("Stop" if playing else "Listen")

    def _playing(self) -> bool:
        asset = self.story.asset if self.story is not None else None
        return asset is not None and self._preview.path == asset.path

    def _listen(self) -> None:
        if self.story is not None and self.story.asset is not None:
            self._preview.toggle(self.story.asset.path, self.story.asset.seconds)

    # -- changing ------------------------------------------------------------------------------------------------

    def _with(self, run: Callable[[int], Any]) -> None:
        if self.story is not None:
            run(self.story.generation.id)

    def _do(self, change: Callable[[int], Any]) -> None:
        """Changes the library, and shows what came of it."""
        if self.story is None or self.story.generation.trashed:
            return
        key = self.story.generation.id

        def done(_: Any) -> None:
            self.changed.emit()

        self._background.do(lambda: change(key), done)

    def _rate(self, stars: int) -> None:
        self.keep()
        self._do(lambda key: self._library.rate([key], stars))

    def _decide(self, approval: Any, on: bool) -> None:
        self.keep()
        reason = self.reason.text()
        self._do(lambda key: self._library.decide([key], approval if on else "open", reason if on else ""))

    def keep(self) -> None:
        """Writes what stands in the fields, if it is not what is in the library."""
        story = self.story
        if story is None or story.generation.trashed:
            return
        made, library = story.generation, self._library
        told = (self.title.text(), self.description.toPlainText()[:LONGEST], self.category.text())
        reason, asset = self.reason.text(), story.asset
        names = [name.strip() for name in self.tags.text().split(",") if name.strip()]
        changes: list[Callable[[int], Any]] = []
        if tuple(" ".join(one.split()) for one in told) != (made.title, made.description, made.category):
            changes.append(lambda key: library.describe_generation(key, *told))
        if reason.strip() != made.reason and made.approval != "open":
            changes.append(lambda key: library.decide([key], made.approval, reason))
        if asset is not None and names != list(asset.tags):
            ids, gone = [asset.id], [one for one in asset.tags if one not in names]
            changes.append(lambda _: (library.untag(ids, *gone), library.tag(ids, *names)))
        if changes:
            self._do(lambda key: [change(key) for change in changes])

    def reject(self) -> None:
        """What Escape and Close do; what was written is kept."""
        self.keep()
        super().reject()


def _line() -> QLineEdit:
    made = QLineEdit()
    made.setMaxLength(400)
    return made


def _page(rows: Rows, doubts: Sequence[str] = ()) -> QWidget:
    """Rows of a name and what is to be read, which can be selected and copied; doubts stand first."""
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(*[theme.MARGIN] * 4)
    for sentence in doubts:
        row = QHBoxLayout()
        row.setSpacing(theme.PAD)
        sign = QLabel()
        sign.setPixmap(pixmap("warning", 16, page.devicePixelRatioF(), "warn"))
        row.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(_said(sentence), 1)
        column.addLayout(row)
    form = QFormLayout()
    form.setHorizontalSpacing(theme.MARGIN)
    form.setVerticalSpacing(theme.PAD)
    form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.DontWrapRows)
    for name, value in rows:
        label = text(name, "dim", wrap=False)
        form.addRow(label, _said(value))
    column.addLayout(form)
    if not rows and not doubts:
        column.addWidget(text("Nothing is measured of what is no sound.", "dim"))
    column.addStretch(1)
    return page


def _said(sentence: str) -> QLabel:
    made = text(sentence)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    return made
