"""Typing chords: what is understood as it is typed, bar by bar, and which chords may follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QListWidget, QListWidgetItem, QPlainTextEdit, QWidget

from ...actions.harmony import Reading, key_for, put_reading, read_text, suggest_after
from ...document.document import Edit
from ...document.edits.harmony import set_key
from ...document.edits.song import sequence
from ...document.harmony import SCALES, Chord, Key
from ...document.project import Project
from ...document.time import bar_beat, bar_tick
from ...engine.music.harmony.romans import roman_of
from ...engine.music.harmony.spelling import note_name
from ...engine.music.harmony.suggesting import Suggestion
from ...engine.music.harmony.symbols import ChordTextError, spell
from ...errors import StudioError
from .. import theme
from ..forms import Choice, add_row, button_row, dialog_frame, form, push, set_role, text
from .chordfield import ChordField, keep_lines
from .hearing import Audition

if TYPE_CHECKING:
    from ...actions.session import Session
    from ..shell import MainWindow

HOW = (
    "Bars are parted by | or line ends; chords of a bar share it, . holds one and % repeats a bar. N.C. is none."
    " Numerals such as vi or V7/ii are read in the key."
)
SHOWN = 32
"""Bars whose reading is shown."""

A_LINE = 4
"""Bars in a line of the reading."""


class ChordDialog(QDialog):
    """Asks for chords from the bar of `tick` on and lays them into the song, one undo step. Main thread."""

    def __init__(self, window: MainWindow, session: Session, tick: int) -> None:
        super().__init__(window)
        self._session, self._audition = session, Audition(session, self)
        project = session.document.project
        self._bar = bar_beat(project.signatures, max(tick, 0)).bar
        self._tick = int(bar_tick(project.signatures, self._bar))
        self._reading: Reading | None = None
        self._suggested: tuple[Suggestion, ...] = ()
        self._rest = QTimer(self, singleShot=True, interval=120)
        self._rest.timeout.connect(self._suggest)
        self._build()
        self.field.textChanged.connect(self._read)
        self.tonic.activated.connect(self._read)
        self.mode.activated.connect(self._read)
        self._read()
        self.field.setFocus()

    def _build(self) -> None:
        column = dialog_frame(self, "Chords", 620, 700)
        column.addWidget(text(f"Chords from bar {self._bar}", "title"))
        column.addWidget(text(HOW, "dim"))
        self.field = ChordField()
        column.addWidget(self.field)
        self.understood = QPlainTextEdit()
        self.understood.setReadOnly(True)
        self.understood.setTabChangesFocus(True)
        self.understood.setAccessibleName("What is read")
        keep_lines(self.understood, 4)
        column.addWidget(self.understood)
        self.hint = text("")
        self.hint.setMinimumHeight(34)
        column.addWidget(self.hint)
        rows = form()
        add_row(rows, "Key", self._key_row())
        column.addLayout(rows)
        column.addWidget(text("Chords that may follow; click one to hear and add it", "dim"))
        self.list = QListWidget()
        self.list.setAccessibleName("Suggested chords")
        self.list.setMinimumHeight(120)
        self.list.itemClicked.connect(self._add)
        self.list.itemActivated.connect(self._add)
        column.addWidget(self.list, 1)
        self.go = push("Write Chords", self._write, primary=True)
        column.addLayout(button_row(push("Cancel", self.reject), self.go))

    def _key_row(self) -> QWidget:
        known = key_for(self._session.document.project, self._tick)
        names = [(n, note_name(n, Key(0, n, known.mode))) for n in range(12)]
        self.tonic = Choice("Tonic", names)
        self.tonic.setMinimumWidth(80)
        self.tonic.choose(known.tonic)
        self.mode = Choice("Mode", [(mode, mode) for mode in SCALES])
        self.mode.choose(known.mode)
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.PAD)
        row.addWidget(self.tonic)
        row.addWidget(self.mode, 1)
        return line

    @property
    def key(self) -> Key:
        """The key that is chosen."""
        return Key(self._tick, self.tonic.value, self.mode.value)

    @property
    def _project(self) -> Project:
        """The song, in the key that is chosen."""
        return self._key_edit().change(self._session.document.project)

    def _read(self) -> None:
        """Reads what is typed and shows what is understood, or what is not."""
        typed = self.field.toPlainText()
        self._reading = None
        self.field.mark(0, 0)
        try:
            self._reading = read_text(self._project, typed, self._tick)
        except ChordTextError as error:
            if typed.strip():
                self.field.mark(error.first, error.last)
            self._say(str(error), "error" if typed.strip() else "dim")
            self.understood.clear()
        else:
            count, bars = len(self._reading.chords), self._reading.bars
            over = sum(self._overlaps(chord) for chord in self._session.document.project.chords)
            words = f"{count} chord{'' if count == 1 else 's'} in {bars} bar{'' if bars == 1 else 's'}."
            gone = f" {over} that stand{'s' if over == 1 else ''} there give{'s' if over == 1 else ''} way."
            self._say(words + (gone if over else ""), "")
            self.understood.setPlainText(reading_text(self._reading, self._bar, self._project, self.key))
        self.go.setEnabled(self._reading is not None)
        self._rest.start()

    def _overlaps(self, chord: Chord) -> bool:
        reading = self._reading
        return reading is not None and chord.start < reading.end and chord.start + chord.length > reading.start

    def _suggest(self) -> None:
        """Lists what may follow the last chord typed, or the chords before the bar."""
        if self._reading is None and self.field.toPlainText().strip():
            return
        project, at = self._project, self._tick
        if self._reading is not None:
            project, at = put_reading(self._reading).change(project), self._reading.end
        self._suggested = suggest_after(project, at)
        self.list.clear()
        for one in self._suggested:
            self.list.addItem(QListWidgetItem(f"{spell(one.chord, self.key)}\t{one.reason}"))

    def _add(self, item: QListWidgetItem) -> None:
        """Writes a suggested chord behind the others and lets it be heard."""
        row = self.list.row(item)
        if 0 <= row < len(self._suggested):
            chord = self._suggested[row].chord
            self._audition.play(chord)
            self.field.add_bar(spell(chord, self.key))

    def _key_edit(self) -> Edit:
        """Sets the key that is chosen, if it is another than the song's there; an empty edit else."""
        known, chosen = key_for(self._session.document.project, self._tick), self.key
        same = (known.tonic, known.mode) == (chosen.tonic, chosen.mode)
        return sequence("Key", [] if same else [set_key(self._tick, chosen.tonic, chosen.mode)])

    def _write(self) -> None:
        if self._reading is None:
            return
        try:
            self._session.document.apply(sequence("Type chords", [self._key_edit(), put_reading(self._reading)]))
        except StudioError as error:
            self._say(str(error), "error")
            return
        self.accept()

    def _say(self, words: str, role: str) -> None:
        self.hint.setText(words)
        set_role(self.hint, role)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        held = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if held and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._write()
        else:
            super().keyPressEvent(event)

    def done(self, result: int) -> None:
        """See QDialog."""
        self._rest.stop()
        self._audition.stop()
        super().done(result)


def reading_text(reading: Reading, bar: int, project: Project, key: Key) -> str:
    """Chords as they will stand, some bars a line: symbols, and numerals of the key behind them."""
    cells: list[list[Chord]] = [[] for _ in range(reading.bars)]
    for chord in reading.chords:
        cells[bar_beat(project.signatures, chord.start).bar - bar].append(chord)
    lines = []
    for first in range(0, min(len(cells), SHOWN), A_LINE):
        part = cells[first : first + A_LINE]
        symbols = " | ".join("  ".join(spell(chord, key) for chord in cell) or "–" for cell in part)
        numerals = " | ".join("  ".join(roman_of(chord, key) for chord in cell) or "–" for cell in part)
        lines.append(f"{bar + first}:  {symbols}    ({numerals})")
    if len(cells) > SHOWN:
        lines.append(f"and {len(cells) - SHOWN} more bars")
    return "\n".join(lines)
