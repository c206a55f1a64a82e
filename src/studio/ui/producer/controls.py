"""The controls of a request: genre, tempo, bars or form, key, dials and seed."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QCompleter,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from ...document.grooves import Groove
from ...document.harmony import SCALES, Key
from ...document.recipes import BOTH, GROOVE, PARTS, RULES
from ...engine.audio.effects import Parameter
from ...engine.music.arranger.forms import read_form, write_form
from ...engine.music.genres.genre import Genre
from ...engine.music.requests import MAX_SEED, Wishes
from .. import theme
from ..controls import Knob

DIALS = (
    ("complexity", "Complexity"),
    ("intensity", "Intensity"),
    ("humanise", "Humanise"),
    ("fills", "Fills"),
)
BARS = (4, 8, 16, 32)
TONICS = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
LABEL = 76
INDENT = 6
"""Of the numbers in their fields, so that they stand below one another with the words."""

OPEN = "Any key"
PLAIN = "Usual"
WRITERS = (("Rules", RULES), ("Groove model", GROOVE), ("Both", BOTH))
TITLES = {part: part.capitalize() for part in PARTS if part != "effects"}


class RequestControls(QWidget):
    """Everything that can be set beside words. `changed()` follows every change by hand."""

    changed = Signal()

    def __init__(self, genres: Sequence[Genre]) -> None:
        super().__init__()
        self._genres = list(genres)
        self._quiet = False
        self._song_bpm: float | None = None
        self._build()
        self._follow_genre()

    # -- the look ------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.PAD)
        grid.setVerticalSpacing(theme.PAD)
        grid.setColumnMinimumWidth(0, LABEL)
        grid.setColumnStretch(1, 1)
        self.genre = _combo("Genre", [(genre.name, genre.id) for genre in self._genres])
        self.genre.setEditable(True)
        self.genre.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        completer = self.genre.completer()
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        self.genre.currentIndexChanged.connect(self._genre_changed)
        self.bpm = QDoubleSpinBox()
        self.bpm.setRange(40.0, 300.0)
        self.bpm.setDecimals(1)
        self.bpm.setSuffix(" BPM")
        self.bpm.setAccessibleName("Tempo")
        self.bpm.valueChanged.connect(self._tell)
        self.usual = QLabel()
        self.usual.setProperty("role", "dim")
        self.tonic = _combo("Tonic", [(OPEN, None), *((name, n) for n, name in enumerate(TONICS))])
        self.mode = _combo("Scale", [(mode.capitalize(), mode) for mode in SCALES if mode != "chromatic"])
        self.tonic.currentIndexChanged.connect(self._tonic_changed)
        self.mode.currentIndexChanged.connect(self._tell)
        self.signature = _combo("Time signature", [])
        self.signature.currentIndexChanged.connect(self._tell)
        rows: list[tuple[str, QWidget]] = [
            ("Genre", self.genre),
            ("Tempo", _row(self.bpm, self.usual)),
            ("Length", self._length()),
            ("", self._form_row()),
            ("Key", _row(self.tonic, self.mode)),
            ("Time", self.signature),
            ("Groove", self._groove_row()),
            ("Drums", self._engine()),
        ]
        for n, (name, field) in enumerate([*rows, ("Seed", self._seed_row())]):
            at = n + (n == len(rows))
            label = QLabel(name)
            label.setProperty("role", "dim")
            grid.addWidget(label, at, 0)
            grid.addWidget(field, at, 1)
        grid.addWidget(self._dials(), len(rows), 0, 1, 2)
        for spin in (self.bpm, self.bars, self.seed):
            spin.lineEdit().setTextMargins(INDENT, 0, 0, 0)
        for field in (self.bpm, self.bars, self.seed, self.genre):
            line = field.lineEdit()
            if line is not None:
                line.setAccessibleName(field.accessibleName())

    def _length(self) -> QWidget:
        self.bars = QSpinBox()
        self.bars.setRange(1, 512)
        self.bars.setValue(8)
        self.bars.setSuffix(" bars")
        self.bars.setAccessibleName("Bars")
        self.bars.valueChanged.connect(self._bars_changed)
        self._bar_buttons = QButtonGroup(self)
        self._bar_buttons.setExclusive(True)
        buttons = []
        for count in BARS:
            button = QPushButton(str(count))
            button.setCheckable(True)
            button.setAccessibleName(f"{count} bars")
            button.setFixedWidth(34)
            button.setProperty("narrow", True)
            button.clicked.connect(lambda _=False, n=count: self.bars.setValue(n))
            self._bar_buttons.addButton(button, count)
            buttons.append(button)
        self._bars_row = _row(*buttons, self.bars)
        return self._bars_row

    def _form_row(self) -> QWidget:
        self.whole = QCheckBox("Whole song")
        self.whole.setToolTip("Write a form with sections instead of a loop")
        self.whole.toggled.connect(self._whole_changed)
        self.forms = QComboBox()
        self.forms.setAccessibleName("Usual forms")
        self.forms.activated.connect(lambda _: self._show_form(self.forms.currentData() or ""))
        self.form = QLineEdit()
        self.form.setAccessibleName("Form: sections with their bars")
        self.form.setToolTip("Sections with their bars, such as intro:4 verse:8 chorus:8")
        self.form.textChanged.connect(self._tell)
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP)
        column.addWidget(_row(self.whole, self.forms))
        column.addWidget(self.form)
        return box

    def _engine(self) -> QWidget:
        self.engine = _combo("Who drums", WRITERS)
        self.engine.setToolTip(
            "Rules: the genre’s patterns. Groove model: a small neural model of drummers writes and plays. "
            "Both: the genre’s patterns, played and filled by the model. "
            "It has learnt from the Groove MIDI Dataset (CC BY 4.0)"
        )
        self.engine.currentIndexChanged.connect(self._tell)
        return self.engine

    def _groove_row(self) -> QWidget:
        self.groove = _combo("Groove", [(PLAIN, None)])
        self.groove.setToolTip("How a performer stands off the grid; grooves are taken in the note editor’s menu")
        self.grooved = _combo(
            "Parts that take the groove", [("All parts", PARTS), *((TITLES[p], (p,)) for p in TITLES)]
        )
        self.groove.currentIndexChanged.connect(self._groove_changed)
        self.grooved.currentIndexChanged.connect(self._tell)
        self.grooved.setEnabled(False)
        return _row(self.groove, self.grooved, wider=self.groove)

    def offer_grooves(self, grooves: Sequence[tuple[str, Groove]]) -> None:
        """Offers grooves by name; the one that is chosen stays chosen by its name."""
        before = self.groove.currentText()
        blocked = self.groove.blockSignals(True)
        self.groove.clear()
        self.groove.addItem(PLAIN, None)
        for name, groove in grooves:
            self.groove.addItem(name, groove)
        self.groove.setCurrentIndex(max(self.groove.findText(before), 0))
        self.groove.blockSignals(blocked)
        self._groove_changed()

    def _groove_changed(self, *_: Any) -> None:
        self.grooved.setEnabled(self.groove.currentData() is not None)
        self._tell()

    def _dials(self) -> QWidget:
        self.knobs: dict[str, Knob] = {}
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        kinds = [(name, title, Parameter(name, title, "%", 0.0, 100.0, 50.0)) for name, title in DIALS]
        kinds.insert(2, ("swing", "Swing", Parameter("swing", "Swing", "%", 50.0, 75.0, 50.0)))
        for name, title, parameter in kinds:
            knob = Knob(parameter, title)
            knob.settled.connect(lambda *_args, n=name: self._turned(n))
            knob.setToolTip(_TIPS[name])
            self.knobs[name] = knob
            line.addWidget(knob, 1, Qt.AlignmentFlag.AlignHCenter)
        return row

    def _seed_row(self) -> QWidget:
        self.seed = QSpinBox()
        self.seed.setRange(0, 2**31 - 1)
        self.seed.setAccessibleName("Seed")
        self.seed.setToolTip("The same seed and controls give the same notes again")
        self.seed.setValue(1 + secrets.randbelow(9_999))
        self.seed.valueChanged.connect(self._tell)
        self.fresh = QCheckBox("New each time")
        self.fresh.setToolTip("Draw another seed for every Make")
        self.fresh.setChecked(True)
        return _row(self.seed, self.fresh)

    # -- what is chosen ------------------------------------------------------------------------------------------

    @property
    def chosen_genre(self) -> Genre:
        """The genre that is chosen."""
        wanted = self.genre.currentData()
        return next((genre for genre in self._genres if genre.id == wanted), self._genres[0])

    def wishes(self, parts: tuple[str, ...]) -> Wishes:
        """All that is set. Raises StudioError where the form cannot be read."""
        tonic = self.tonic.currentData()
        return Wishes(
            bpm=self.bpm.value(),
            bars=self.bars.value(),
            key=None if tonic is None else Key(0, tonic, self.mode.currentData()),
            signature=self.signature.currentData(),
            complexity=self.knobs["complexity"].amount() / 100,
            intensity=self.knobs["intensity"].amount() / 100,
            swing=self.knobs["swing"].amount() if self.knobs["swing"].changed else None,
            humanise=self.knobs["humanise"].amount() / 100,
            fills=self.knobs["fills"].amount() / 100,
            seed=self.seed.value() % (MAX_SEED + 1),
            parts=parts,
            form=read_form(self.form.text()) if self.whole.isChecked() else (),
            groove=self.groove.currentData(),
            grooved=tuple(self.grooved.currentData()),
            engine=self.engine.currentData(),
        )

    def put(self, genre: Genre | None, wishes: Wishes, said: Wishes) -> None:
        """Shows what a request says: fields of `wishes` that differ from `said`, which says nothing."""
        self._quiet = True
        try:
            if genre is not None and genre.id != self.chosen_genre.id:
                self.genre.setCurrentIndex(self.genre.findData(genre.id))
            if wishes.bpm is not None:
                self.bpm.setValue(wishes.bpm)
            if wishes.form:
                self.whole.setChecked(True)
                self._show_form(write_form(wishes.form))
            elif wishes.bars is not None:
                self.whole.setChecked(False)
                self.bars.setValue(wishes.bars)
            if wishes.key is not None:
                self.tonic.setCurrentIndex(self.tonic.findData(wishes.key.tonic))
                self.mode.setCurrentIndex(self.mode.findData(wishes.key.mode))
            if wishes.signature is not None and self.signature.findData(wishes.signature) >= 0:
                self.signature.setCurrentIndex(self.signature.findData(wishes.signature))
            for name, _ in DIALS:
                if getattr(wishes, name) != getattr(said, name):
                    self.show_dial(name, 100 * getattr(wishes, name), True)
            if wishes.swing is not None:
                self.show_dial("swing", wishes.swing, True)
            if wishes.engine != said.engine:
                self.choose_engine(wishes.engine)
            if wishes.seed != said.seed:
                self.seed.setValue(wishes.seed)
                self.fresh.setChecked(False)
        finally:
            self._quiet = False
        self._tell()

    def choose_engine(self, engine: str) -> None:
        """Chooses who drums; the rules where that is not known."""
        self.engine.setCurrentIndex(max(self.engine.findData(engine), 0))

    def _show_form(self, text: str) -> None:
        """Shows a form from its first section on."""
        self.form.setText(text)
        self.form.setCursorPosition(0)

    def keep_tempo(self, bpm: float | None) -> None:
        """Shows the tempo of a song that has music, which is kept whatever the genre; None leaves it to the genre."""
        if bpm != self._song_bpm:
            self._song_bpm = bpm
            quiet, self._quiet = self._quiet, True
            self.bpm.setValue(self.chosen_genre.tempo.default if bpm is None else bpm)
            self._quiet = quiet

    def show_dial(self, name: str, amount: float, changed: bool) -> None:
        """Turns a dial without telling."""
        rest = self.chosen_genre.feel.swing if name == "swing" else 50.0
        self.knobs[name].show_amount(amount, rest, changed)

    def draw_seed(self) -> None:
        """Another seed, where each time is to be new."""
        if self.fresh.isChecked():
            blocked = self.seed.blockSignals(True)
            self.seed.setValue(1 + secrets.randbelow(2**31 - 2))
            self.seed.blockSignals(blocked)

    # -- following -----------------------------------------------------------------------------------------------

    def _tell(self, *_: Any) -> None:
        if not self._quiet:
            self.changed.emit()

    def _turned(self, name: str) -> None:
        knob = self.knobs[name]
        usual = self.chosen_genre.feel.swing if name == "swing" else 50.0
        knob.show_amount(knob.amount(), usual, abs(knob.amount() - usual) > 0.01)
        self._tell()

    def _genre_changed(self, index: int) -> None:
        if index >= 0:
            self._follow_genre()
            self._tell()

    def _follow_genre(self) -> None:
        genre = self.chosen_genre
        self.genre.setToolTip(genre.description)
        self.usual.setText(f"{genre.tempo.low:g}–{genre.tempo.high:g}")
        quiet, self._quiet = self._quiet, True
        self.bpm.setValue(genre.tempo.default if self._song_bpm is None else self._song_bpm)
        self.signature.clear()
        for signature in genre.signatures:
            self.signature.addItem(signature, signature)
        self.signature.setEnabled(len(genre.signatures) > 1)
        self.forms.clear()
        for n, form in enumerate(genre.forms):
            self.forms.addItem((form.name or f"Form {n + 1}").capitalize(), form.sections)
        self._show_form(genre.forms[0].sections)
        usual = max(genre.modes, key=lambda mode: genre.modes[mode])
        if self.tonic.currentData() is None:
            self.mode.setCurrentIndex(self.mode.findData(usual))
        self.show_dial("swing", genre.feel.swing, False)
        self._quiet = quiet
        self._tonic_changed()
        self._whole_changed()
        self._bars_changed()

    def _tonic_changed(self, *_: Any) -> None:
        self.mode.setEnabled(self.tonic.currentData() is not None)
        self._tell()

    def _whole_changed(self, *_: Any) -> None:
        whole = self.whole.isChecked()
        self._bars_row.setEnabled(not whole)
        self.forms.setVisible(whole)
        self.form.setVisible(whole)
        self._tell()

    def _bars_changed(self, *_: Any) -> None:
        button = self._bar_buttons.button(self.bars.value())
        self._bar_buttons.setExclusive(False)
        for one in self._bar_buttons.buttons():
            one.setChecked(one is button)
        self._bar_buttons.setExclusive(True)
        self._tell()


_TIPS = {
    "complexity": "How much goes on: accents and variations beyond the main ones",
    "intensity": "How hard and how full it is played",
    "swing": "How far every second step is late: 50 % is straight, 66 % triplets",
    "humanise": "How uneven timing and loudness are",
    "fills": "How often drums lead into the next bars",
}


def _combo(name: str, items: Sequence[tuple[str, Any]]) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(6)
    for text, data in items:
        box.addItem(text, data)
    return box


def _row(*widgets: QWidget, wider: QWidget | None = None) -> QWidget:
    made = QWidget()
    line = QHBoxLayout(made)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(theme.GAP)
    for widget in widgets:
        field = isinstance(widget, QComboBox | QSpinBox | QDoubleSpinBox)
        line.addWidget(widget, (3 if widget is wider else 2) if field else 0)
    return made
