"""The controls above the coach's view: what to sing to, the exercise, the tolerance, tones and tuner."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSpinBox, QVBoxLayout, QWidget

from ...document.harmony import SCALES, Key
from ...engine.voice.advice import Practice
from ...engine.voice.grading import Tolerance
from ...engine.voice.pitchtrack import NAMES, name_of
from ...storage.preferences import CoachHabits
from .. import theme
from ..controls.buttons import Chip
from ..forms import Choice

MODES = (("free", "Sing freely"), ("exercise", "Exercise"), ("notes", "Selected notes"), ("file", "Song or file…"))
EXERCISES = ("five notes", "scale", "arpeggio", "thirds", "octaves", "long tones")
LOWEST, HIGHEST = 36, 88
"""C2 and E6: the pitches that a range can be set to."""


def _row(*widgets: QWidget) -> QWidget:
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(theme.PAD)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return made


def _small(choice: Choice, width: int) -> Choice:
    choice.setMinimumWidth(width)
    choice.setMaximumWidth(width + 60)
    return choice


def _number(name: str, low: int, high: int, suffix: str, tip: str) -> QSpinBox:
    made = QSpinBox()
    made.setRange(low, high)
    made.setSuffix(suffix)
    made.setAccessibleName(name)
    made.setToolTip(tip)
    return made


class CoachControls(QWidget):
    """`changed()` follows every choice; `mode_picked(mode)` a choice of what to sing to, even of the same; `started()`,
    `line_back()`, `tone()` and `drone(bool)` are the buttons."""

    changed = Signal()
    mode_picked = Signal(str)
    started = Signal()
    line_back = Signal()
    tone = Signal()
    drone = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self._build_target()
        self._build_exercise()
        self._build_tools()
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.MARGIN, theme.PAD, theme.MARGIN, theme.PAD)
        column.setSpacing(theme.PAD)
        column.addWidget(_row(self.mode, self.tuner, self.tone_button, self.drone_button))
        for widget in (self.exercise_row, self.range_row):
            column.addWidget(widget)
        column.addWidget(self.title)
        column.addWidget(self.tolerance_row)
        self.use_habits(CoachHabits())
        self._join()
        self.show_mode()

    def _build_target(self) -> None:
        self.mode = _small(Choice("Sing to", MODES), 150)
        self.mode.setToolTip("What to sing to")
        self.title = QLabel()
        self.title.setWordWrap(True)
        self.title.setProperty("role", "dim")
        self.tuner = Chip("Tuner", "Tuner: one big needle")

    def _build_exercise(self) -> None:
        self.kind = _small(Choice("Exercise", [(kind, kind.capitalize()) for kind in EXERCISES]), 116)
        self.tonic = _small(Choice("Tonic", list(enumerate(NAMES))), 60)
        self.scale = _small(
            Choice("Scale", [(name, name.capitalize()) for name in SCALES if len(SCALES[name]) == 7]), 90
        )
        self.exercise_row = _row(self.kind, self.tonic, self.scale)
        notes = [(note, name_of(note)) for note in range(LOWEST, HIGHEST + 1)]
        self.low, self.high = _small(Choice("Lowest note", notes), 64), _small(Choice("Highest note", notes), 64)
        self.tempo = _number("Tempo", 30, 240, " BPM", "How fast the exercise goes")
        self.range_row = _row(QLabel("Range"), self.low, QLabel("to"), self.high, self.tempo)

    def _build_tools(self) -> None:
        self.start = QPushButton("Start")
        self.start.setProperty("primary", True)
        self.start.setToolTip("Begin the exercise after four clicks, or end it")
        self.back = QPushButton("Line back")
        self.back.setToolTip("Sing this line again, or the one before at its beginning")
        self.tone_button = QPushButton("Tone")
        self.tone_button.setToolTip("Hear the next note to sing, or the tonic")
        self.drone_button = QPushButton("Drone")
        self.drone_button.setCheckable(True)
        self.drone_button.setToolTip("Hold the tonic while you sing")
        self.in_tune = _number("In tune within", 1, 100, " cents", "How far off still counts as in tune")
        self.close_by = _number("Close within", 1, 100, " cents", "How far off still counts as close")
        self.in_tune.setPrefix("±")
        self.close_by.setPrefix("±")
        self.tolerance_row = _row(QLabel("In tune"), self.in_tune, QLabel("Close"), self.close_by)

    def _join(self) -> None:
        for choice in (self.kind, self.tonic, self.scale, self.low, self.high):
            choice.currentIndexChanged.connect(lambda _: self.changed.emit())
        for number in (self.tempo, self.in_tune, self.close_by):
            number.valueChanged.connect(lambda _: self.changed.emit())
        self.mode.activated.connect(lambda _: self.mode_picked.emit(self.mode.value))
        self.tuner.toggled.connect(lambda _: self.changed.emit())
        self.start.clicked.connect(self.started)
        self.back.clicked.connect(self.line_back)
        self.tone_button.clicked.connect(self.tone)
        self.drone_button.toggled.connect(self.drone)

    def show_mode(self, running: bool = False) -> None:
        """Shows what the present choice needs."""
        mode = self.mode.value
        for row in (self.exercise_row, self.range_row, self.start):
            row.setVisible(mode == "exercise")
        self.title.setVisible(bool(self.title.text()))
        self.start.setText("Stop" if running else "Start")

    def say(self, text: str) -> None:
        """Names the target, or says what is missing."""
        self.title.setText(text)
        self.title.setVisible(bool(text))

    @property
    def key(self) -> Key:
        """The key of exercise and drone."""
        return Key(0, self.tonic.value, self.scale.value)

    @property
    def tolerance(self) -> Tolerance:
        """What counts as in tune and as close."""
        return Tolerance(self.in_tune.value(), max(self.close_by.value(), self.in_tune.value()))

    def use_practice(self, practice: Practice) -> None:
        """Chooses an exercise with its key, range and tempo. Emits nothing."""
        blocked = self.blockSignals(True)
        for choice, value in (
            (self.mode, "exercise"),
            (self.kind, practice.kind),
            (self.tonic, practice.key.tonic),
            (self.scale, practice.key.mode),
            (self.low, min(max(round(practice.low), LOWEST), HIGHEST)),
            (self.high, min(max(round(practice.high), LOWEST), HIGHEST)),
        ):
            choice.choose(value)
        self.tempo.setValue(round(practice.bpm))
        self.blockSignals(blocked)

    def habits(self) -> CoachHabits:
        """What is to be remembered."""
        return CoachHabits(
            self.kind.value,
            self.tonic.value,
            self.scale.value,
            self.low.value,
            self.high.value,
            self.tempo.value(),
            self.in_tune.value(),
            self.close_by.value(),
            self.tuner.isChecked(),
        )

    def use_habits(self, habits: CoachHabits) -> None:
        """Chooses what was remembered. Emits nothing."""
        blocked = self.blockSignals(True)
        for choice, value in (
            (self.kind, habits.exercise),
            (self.tonic, habits.tonic),
            (self.scale, habits.scale),
            (self.low, habits.low),
            (self.high, habits.high),
        ):
            choice.choose(value)
        self.tempo.setValue(habits.tempo)
        self.in_tune.setValue(habits.in_tune)
        self.close_by.setValue(habits.close)
        self.tuner.setChecked(habits.tuner)
        self.blockSignals(blocked)
