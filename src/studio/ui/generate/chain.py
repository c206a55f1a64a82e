"""A song in one go: one page that asks what it is about, and puts words, music and cover into the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QCheckBox, QDialog, QFormLayout, QHBoxLayout, QLabel, QLineEdit, QWidget

from ...actions.chaining import SongWishes, plan_song
from ...actions.models import models_for
from ...engine.ai.forms import LANGUAGE, Number
from ...errors import StudioError
from .. import theme
from ..forms import Choice, add_row, button_row, dialog_frame, form, push, set_role, text
from .fields import LINE, Lines

if TYPE_CHECKING:
    from ...actions.workspace import Workspace

TASKS = (("chat", "written by"), ("music", "played by"), ("cover", "painted by"))
SECONDS = Number("seconds", "Length", 1.0, 600.0, 120.0, "s")
SEED = Number("seed", "Seed", 0, 2**53 - 1, 0, whole=True)
CHECK = 96
"""Logical pixels for what stands before a model."""

LOOKING = "Looking which models are here…"


class ChainDialog(QDialog):
    """Main thread. What stands in it stays for the next time it is shown."""

    def __init__(self, workspace: Workspace, parent: QWidget) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._busy = False
        column = dialog_frame(self, "Song in one go", 560)
        column.addWidget(text("Song in one go", "title"))
        self.about, self.style_of = _lines("What the song is about", 2), _lines("Style, instruments, mood, voice", 2)
        self.lyrics = _lines("Words of your own, with marks such as [verse]; empty: nobody sings", 4)
        self.picture = _lines("What the cover shows; empty: what the song is about", 2)
        self.language = Choice("Language", LANGUAGE.options)
        self.seconds, self.seed = QLineEdit("120"), QLineEdit("0")
        self.parts = {task: Part(task, title) for task, title in TASKS}
        column.addLayout(self._rows())
        self.hint = text(LOOKING, "dim")
        self.hint.setMinimumHeight(2 * self.hint.fontMetrics().lineSpacing())
        column.addWidget(self.hint)
        self.go = push("Put into the queue", self.queue, primary=True)
        column.addLayout(button_row(push("Close", self.reject), self.go))
        for part in self.parts.values():
            part.changed = self._check
        for field in (self.about, self.style_of, self.lyrics, self.picture):
            field.textChanged.connect(self._check)
            field.entered.connect(self.queue)
        for line in (self.seconds, self.seed):
            line.textChanged.connect(self._check)
        self._check()

    def _rows(self) -> QFormLayout:
        rows = form()
        for task, name in (("chat", "Words"), ("music", "Music"), ("cover", "Cover")):
            self.parts[task].wanted.setAccessibleName(f"{name} {self.parts[task].wanted.text()}")
        for name, field in (
            ("About", self.about),
            ("Style", self.style_of),
            ("Length (s)", self.seconds),
            ("Language", self.language),
            ("Words", self.parts["chat"]),
            ("", self.lyrics),
            ("Music", self.parts["music"]),
            ("Cover", self.parts["cover"]),
            ("", self.picture),
            ("Seed", self.seed),
        ):
            add_row(rows, name, field)
        return rows

    def look(self) -> None:
        """Looks anew which models are here; shows the page."""
        self._say(LOOKING)
        self.show()
        self.raise_()
        self.about.setFocus()

        def arrived(found: Any, error: StudioError | None) -> None:
            if error is not None:
                self._say(str(error), "error")
                return
            for task, part in self.parts.items():
                part.offer(found[task]["models"])
            self._check()
            self._fit()

        self._workspace.neural.look_up(lambda: {task: models_for(task) for task in self.parts}, arrived)

    @property
    def wishes(self) -> SongWishes:
        """What stands in the page. Raises StudioError for a number that is none."""
        return SongWishes(
            about=self.about.toPlainText().strip(),
            style=self.style_of.toPlainText().strip(),
            lyrics="" if self.parts["chat"].model else self.lyrics.toPlainText().strip(),
            picture=self.picture.toPlainText().strip(),
            language=self.language.value,
            seconds=float(SECONDS.read(self.seconds.text().strip()) or 0.0),
            seed=int(SEED.read(self.seed.text().strip()) or 0),
            writer=self.parts["chat"].model,
            player=self.parts["music"].model,
            painter=self.parts["cover"].model,
        )

    def queue(self) -> None:
        """Puts the jobs into the queue, all or none."""
        if not self.go.isEnabled():
            return
        self._busy = True
        wishes = self.wishes
        self._check()

        def planned(jobs: Any, error: StudioError | None) -> None:
            self._busy = False
            self._check()
            try:
                if error is not None:
                    raise error
                added = self._workspace.neural.queue.add_all(jobs)
            except StudioError as refused:
                self._say(str(refused), "error")
                return
            self._say(f"{len(added)} jobs are in the queue (F7); what comes of them stands in the library.")

        self._workspace.neural.look_up(lambda: plan_song(wishes), planned)

    def _fit(self) -> None:
        """Makes the page as high as what stands in it."""
        layout = self.layout()
        layout.activate()
        wanted = layout.totalHeightForWidth(self.width()) if layout.hasHeightForWidth() else self.sizeHint().height()
        self.resize(self.width(), max(self.height(), wanted))

    def _check(self) -> None:
        self.lyrics.setEnabled(not self.parts["chat"].model)
        self.picture.setEnabled(bool(self.parts["cover"].model))
        problem = self._problem()
        self.go.setEnabled(not problem and not self._busy)
        self._say(problem)

    def _problem(self) -> str:
        """What keeps the song from being queued."""
        if not any(part.known for part in self.parts.values()):
            return LOOKING
        if not any(part.model for part in self.parts.values()):
            return "Choose at least one part. Models are fetched in the Generate panel (Ctrl+Alt+G)."
        if not self.about.toPlainText().strip() and not self.style_of.toPlainText().strip():
            return "Say in a few words what the song is about."
        try:
            wishes = self.wishes
        except StudioError as error:
            return str(error)
        player = self.parts["music"]
        if (wishes.writer or wishes.lyrics) and player.model and not player.sings:
            return "This model does not sing; leave the words out, or choose another model for the music."
        return ""

    def _say(self, words: str, role: str = "dim") -> None:
        self.hint.setText(words)
        set_role(self.hint, role)


class Part(QWidget):
    """A part of the song: whether it is made, and by which of the models that are here. `changed` is called then."""

    def __init__(self, task: str, title: str) -> None:
        super().__init__()
        self.changed = lambda: None
        self.known = False
        self._task = task
        self._singers: set[str] = set()
        self.wanted = QCheckBox(title)
        self.wanted.setFixedWidth(CHECK)
        self.box = Choice(f"Model: {title}")
        self.box.setMinimumWidth(0)
        self.lacks = QLabel()
        self.lacks.setWordWrap(True)
        self.lacks.setProperty("role", "dim")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.PAD)
        row.addWidget(self.wanted)
        for widget in (self.box, self.lacks):
            row.addWidget(widget, 1)
        self.setFocusProxy(self.wanted)
        self.wanted.toggled.connect(lambda _: self._changed())
        self.box.currentIndexChanged.connect(lambda _: self._changed())
        self.offer([])

    @property
    def model(self) -> str:
        """The model that is to make it, empty where the part is left out."""
        return self.box.value or "" if self.wanted.isChecked() else ""

    @property
    def sings(self) -> bool:
        """Whether the model can be told words."""
        return self.model in self._singers

    def offer(self, models: list[dict[str, Any]]) -> None:
        """Offers the models that are ready of those that `actions.models.models_for` lists; says what others lack."""
        from ...engine.ai.tasks import settings_of

        ready = [model for model in models if not model["lacks"]]
        first = not self.known and bool(ready)
        self.known = self.known or bool(models)
        self._singers = {one["name"] for one in ready if "lyrics" in settings_of(self._task, one["loader"])}
        self.box.set_options([(one["name"], one["title"]) for one in ready], self.box.value)
        self.box.setVisible(bool(ready))
        hints = [lack["hint"] for model in models for lack in model["lacks"]]
        self.lacks.setText("" if ready else hints[0] if hints else "No model of the catalogue does this.")
        self.lacks.setVisible(not ready)
        self.wanted.setEnabled(bool(ready))
        self.wanted.setChecked(bool(ready) and (first or self.wanted.isChecked()))

    def _changed(self) -> None:
        self.box.setEnabled(self.wanted.isChecked())
        self.changed()


def _lines(hint: str, count: int) -> Lines:
    """A text of so many lines with a hint in it."""
    made = Lines("")
    made.setFixedHeight(count * LINE + 12)
    made.setPlaceholderText(hint)
    made.setAccessibleName(hint.partition(";")[0])
    return made
