"""The panel in which a voice is corrected: tools above, the blobs, and the knobs of what is selected."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace
from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QMenu, QPushButton, QScrollArea, QVBoxLayout, QWidget

from ...actions.correcting import hear_note
from ...document.harmony import SCALES
from ...engine.audio.effects import Parameter
from ...engine.jobs import Job
from ...engine.voice.pitchtrack import NAMES as PITCHES
from .. import theme
from ..commands import Command
from ..controls import Chip, Knob
from ..forms import Choice
from ..pianoroll.toolrow import ToolRow
from .tuning import Tuning
from .view import BlobView

if TYPE_CHECKING:
    from ...actions.workspace import Workspace
    from ...engine.audio.status import EngineStatus

NOTE_KNOBS = (
    (Parameter("centre", "Centre: how far notes go to the nearest note", "", 0.0, 1.0, 0.0), "Centre"),
    (Parameter("drift", "Drift: how much of its wandering is taken away", "", 0.0, 1.0, 0.0), "Drift"),
    (Parameter("vibrato", "Vibrato: how much of it is kept", "%", 0.0, 200.0, 100.0), "Vibrato"),
)
WHOLE_KNOBS = (
    (Parameter("strength", "Strength of centre and drift in the whole clip", "", 0.0, 1.0, 1.0), "Strength"),
    (Parameter("speed", "Speed: how long the way from note to note takes", "ms", 0.0, 500.0, 80.0), "Speed"),
)
PERCENT = 100.0


class CorrectionPanel(QWidget):
    """Main thread. `failed(error)` carries what was refused, `told(sentence)` what should be known;
    `locate_requested(frame)` asks for the playhead."""

    failed = Signal(object)
    told = Signal(str)
    locate_requested = Signal(int)

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Pitch")
        self._workspace = workspace
        self.session: Any = None
        self.tuning = Tuning(self)
        self.view = BlobView(self.tuning)
        self.knobs: dict[str, Knob] = {}
        self._hearing = ""
        self._offered: tuple[object, object] = (None, None)
        self._commands = self._make_commands()
        self._build()
        self.setFocusProxy(self.view)
        self.tuning.failed.connect(self.failed)
        self.tuning.told.connect(self.told)
        self.tuning.shown.connect(self._show_state)
        self.tuning.selected.connect(self._show_state)
        self.view.heard.connect(self.hear)
        self.view.locate_requested.connect(self.locate_requested)
        self.view.menu_requested.connect(self.show_menu)
        self._show_state()

    # -- the song ------------------------------------------------------------------------------------------------

    def set_session(self, session: Any) -> None:
        """Shows a song, or none."""
        self.session = session
        self._hearing = ""
        self.tuning.set_session(session)

    def open(self, clip_id: str, take_id: str = "") -> None:
        """Shows a clip or a take, once it has been listened to."""
        if self.session is not None:
            self.tuning.open(clip_id, take_id)

    def tick(self, status: EngineStatus) -> None:
        """Follows the playhead and the listening."""
        if not self.isVisible():
            return
        self.view.show_playhead(int(status.position))
        job = self._workspace.jobs.job(self.tuning.job) if self.tuning.job else None
        if job is not None and not job.over:
            self.tuning.tell_progress(job.progress)

    def hear(self, number: int) -> None:
        """Plays a note as it is now, beside the song."""
        tuning, media = self.tuning, self.tuning.media
        sung, session = tuning.sung, self.session
        if media is None or sung is None or session is None:
            return
        project, bundle, now = session.document.project, session.bundle, tuning.correction

        def arrived(job: Job) -> None:
            if job.state == "done" and self._hearing == job.id:
                self._workspace.preview(job.result, 1.0)
            elif job.state == "failed":
                self.told.emit(job.error)

        def task(_: object) -> object:
            return hear_note(bundle, project, media, sung, now, number)

        self._hearing = session.start("audition", "Hear a note", task, arrived).id

    # -- the frame -----------------------------------------------------------------------------------------------

    def _build(self) -> None:
        row = ToolRow()
        self.title = QLabel()
        self.title.setFont(theme.font(weight="medium"))
        self.title.setMinimumWidth(40)
        self.scale = Choice("Scale that notes are drawn to")
        self.scale.setMinimumWidth(152)
        self.scale.setMaximumWidth(190)
        self.scale.setToolTip("The notes that Centre and dragging go to")
        self.scale.activated.connect(lambda _: self._choose_scale())
        self.nearest = _button("To Nearest", "Put the notes on the nearest notes of the scale (Enter)")
        self.split = _button("Split", "Split the selected note in its middle")
        self.merge = _button("Merge", "Make one note of the selected neighbours")
        self.reset = _button("As Sung", "Leave the notes as they were sung")
        self.bypass = Chip("Bypass", "Bypass: hear what was sung")
        self.nearest.clicked.connect(self.tuning.centre)
        self.split.clicked.connect(self.split_middle)
        self.merge.clicked.connect(self.tuning.merge)
        self.reset.clicked.connect(self.tuning.reset)
        self.bypass.clicked.connect(lambda: self.tuning.bypass(self.bypass.isChecked()))
        row.add(self.title, stretch=1)
        for tool, rank in (
            (self.scale, 0), (self.nearest, 0), (self.split, 2), (self.merge, 2), (self.reset, 1), (self.bypass, 0)
        ):  # fmt: skip
            row.add(tool, rank)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.view, 1)
        middle.addWidget(self._side())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(row)
        column.addLayout(middle, 1)

    def _side(self) -> QWidget:
        """The knobs: those of the notes above, those of the whole clip below."""
        ground = QWidget()
        grid = QGridLayout(ground)
        grid.setContentsMargins(theme.GAP, theme.GAP, theme.GAP, theme.GAP)
        grid.setSpacing(0)
        places = ((0, 0), (0, 1), (1, 0), (2, 0), (2, 1))
        for (parameter, title), place in zip((*NOTE_KNOBS, *WHOLE_KNOBS), places, strict=True):
            knob = Knob(parameter, title)
            knob.setToolTip(f"{parameter.title}. Drag, or type a value; double-click for no change")
            knob.live.connect(partial(self._turn, parameter.name))
            knob.settled.connect(lambda value, run, name=parameter.name: self._settle(name, value, run))
            self.knobs[parameter.name] = knob
            grid.addWidget(knob, *place)
        self.whose = QLabel()
        self.whose.setFont(theme.font(theme.SMALL))
        self.whose.setProperty("role", "dim")
        self.whose.setWordWrap(True)
        self.whose.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.whose.setFixedWidth(Knob.WIDE)
        grid.addWidget(self.whose, 1, 1)
        grid.setRowStretch(3, 1)
        area = QScrollArea()
        area.setWidget(ground)
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFixedWidth(2 * Knob.WIDE + 2 * theme.GAP + 12)
        return area

    def _show_state(self) -> None:
        tuning = self.tuning
        writable, now = tuning.may_write, tuning.correction
        self.title.setText(tuning.name or "No clip")
        for tool in (self.scale, self.nearest, self.reset, *self.knobs.values()):
            tool.setEnabled(writable)
        self.split.setEnabled(writable and len(tuning.selection) == 1)
        self.merge.setEnabled(writable and len(tuning.selection) > 1)
        part = tuning.part
        self.bypass.setEnabled(writable and part is not None and part.correction is not None)
        self.bypass.setChecked(now.bypassed)
        count = len(tuning.selection)
        self.whose.setText("of all notes" if not count else "of one note" if count == 1 else f"of {count} notes")
        self._show_knobs()
        self._show_scales()

    def _show_knobs(self) -> None:
        now = self.tuning.correction
        notes = [now.notes[n] for n in self.tuning.chosen] if self.tuning.sung is not None else []
        for parameter, _ in NOTE_KNOBS:
            scale = PERCENT if parameter.unit == "%" else 1.0
            found = [getattr(note, parameter.name) * scale for note in notes] or [parameter.default]
            middle = sorted(found)[len(found) // 2]
            self.knobs[parameter.name].show_amount(
                middle, parameter.default, any(x != parameter.default for x in found)
            )
        for parameter, _ in WHOLE_KNOBS:
            value = getattr(now, parameter.name)
            self.knobs[parameter.name].show_amount(value, parameter.default, value != parameter.default)

    def _show_scales(self) -> None:
        """All semitones, the key of the song, and every major and minor scale."""
        now, key = self.tuning.correction.scale, self.tuning.key
        if (now, key) == self._offered:
            return
        self._offered = (now, key)
        options: list[tuple[tuple[int, ...], str]] = [((), "All semitones")]
        if key is not None:
            options.append((tuple(sorted(key.pitch_classes)), f"Song: {PITCHES[key.tonic]} {key.mode}"))
        for mode in ("major", "minor"):
            for tonic, name in enumerate(PITCHES):
                classes = tuple(sorted((tonic + step) % 12 for step in SCALES[mode]))
                options.append((classes, f"{name} {mode}"))
        if now not in [classes for classes, _ in options]:
            options.append((now, "Another scale"))
        self.scale.set_options(options, now)

    # -- what the hand does --------------------------------------------------------------------------------------

    def _changed(self, name: str, value: float) -> Any:
        """The correction with a knob turned."""
        from ...document.edits.correction import changed

        now = self.tuning.correction
        if name in {parameter.name for parameter, _ in WHOLE_KNOBS}:
            return replace(now, **{name: value})
        amount = value / PERCENT if name == "vibrato" else value
        return replace(now, notes=changed(now.notes, self.tuning.chosen, lambda note: replace(note, **{name: amount})))

    def _turn(self, name: str, value: float) -> None:
        if self.tuning.may_write and self.knobs[name].busy:
            self.tuning.preview(self._changed(name, value))

    def _settle(self, name: str, value: float, gesture: str) -> None:
        if self.tuning.may_write:
            self.tuning.apply(self._changed(name, value), self.knobs[name].title, gesture)

    def _choose_scale(self) -> None:
        if self.tuning.may_write:
            self.tuning.apply(replace(self.tuning.correction, scale=self.scale.value), "Scale of the correction")

    def split_middle(self) -> None:
        """Splits the selected note in its middle."""
        if len(self.tuning.selection) == 1:
            number = min(self.tuning.selection)
            note = self.tuning.notes[number]
            self.tuning.split(number, (note.start + note.end) // 2)

    def split_here(self) -> None:
        """Splits the note under the pointer."""
        at = self.view.hand.at
        number = self.view.at(at)
        if number >= 0:
            self.tuning.split(number, round(self.view.staff.seconds(at.x()) * self.tuning.rate))

    def show_menu(self, where: QPoint) -> None:
        """Opens the menu of the notes."""
        if self.tuning.sung is None:
            return
        menu = QMenu(self)
        for text, run, enabled in self._entries():
            menu.addAction(text, run).setEnabled(enabled)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(where)

    def _entries(self) -> list[tuple[str, Callable[[], object], bool]]:
        tuning = self.tuning
        writable, count = tuning.may_write, len(tuning.selection)
        part = tuning.part
        return [
            ("Hear", lambda: self.hear(min(tuning.selection)), count == 1),
            ("To Nearest Note", tuning.centre, writable),
            ("As Sung", tuning.reset, writable),
            ("Split Here", self.split_here, writable and self.view.at(self.view.hand.at) >= 0),
            ("Merge", tuning.merge, writable and count > 1),
            ("Show Whole Clip", self.view.fit, True),
            ("Remove Correction", tuning.remove, writable and part is not None and part.correction is not None),
        ]

    def commands(self) -> list[Command]:
        """What keys and palette reach here."""
        return self._commands

    def _make_commands(self) -> list[Command]:
        tuning = self.tuning

        def several() -> bool:
            return tuning.may_write and len(tuning.selection) > 1

        def one() -> bool:
            return tuning.may_write and len(tuning.selection) == 1

        def chosen() -> bool:
            return tuning.may_write and bool(tuning.selection)

        def there() -> bool:
            return tuning.may_write

        def corrected() -> bool:
            return tuning.may_write and tuning.part is not None and tuning.part.correction is not None

        menu = "Clip/Pitch"
        return [
            Command("edit.select_all", "Select All", "Ctrl+A", lambda: tuning.select(tuning.visible),
                    lambda: tuning.sung is not None, "Edit", group="select"),
            Command("edit.delete", "Delete", "Del; Backspace", tuning.reset, chosen, "Edit", group="clipboard"),
            Command("pitch.nearest", "Notes to Nearest", "", tuning.centre, there, menu, group="notes"),
            Command("pitch.reset", "Notes as Sung", "", tuning.reset, there, menu, group="notes"),
            Command("pitch.split", "Split Note", "", self.split_middle, one, menu, group="notes"),
            Command("pitch.merge", "Merge Notes", "", tuning.merge, several, menu, group="notes"),
            Command("pitch.hear", "Hear Note", "", lambda: self.hear(min(tuning.selection)),
                    lambda: tuning.sung is not None and len(tuning.selection) == 1, menu, group="notes"),
            Command("pitch.bypass", "Bypass Correction", "", lambda: tuning.bypass(not tuning.correction.bypassed),
                    corrected, menu, lambda: tuning.correction.bypassed, group="clip"),
            Command("pitch.remove", "Remove Correction", "", tuning.remove, corrected, menu, group="clip"),
        ]  # fmt: skip


def _button(text: str, tip: str) -> QPushButton:
    made = QPushButton(text)
    made.setToolTip(tip)
    return made
