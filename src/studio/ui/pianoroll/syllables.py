"""Typing syllables over the notes: Tab or Space goes to the next note, Shift+Tab back, Enter ends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QInputDialog, QWidget

from ...document.edits.lyrics import lyrics_of, set_syllables, spread, sung_notes
from ...document.notes import Note
from ..controls import InlineEdit

if TYPE_CHECKING:
    from .view import NoteView

LEAST = 64
"""The narrowest line to type in, in logical pixels."""


class SyllableEdit(InlineEdit):
    """A line over a note. `stepped(by)` follows `accepted` where the next or the previous note is wanted."""

    stepped = Signal(int)

    def event(self, event: QEvent) -> bool:
        """Tab is a key of the line's own, not of the window."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            key = Qt.Key(event.key())
            steps = {Qt.Key.Key_Tab: 1, Qt.Key.Key_Backtab: -1, Qt.Key.Key_Space: 1}
            if key in steps:
                self._end(take=True)
                self.stepped.emit(steps[key])
                return True
        return super().event(event)

    def _end(self, take: bool, back: bool = True) -> None:
        """Gives the focus back before it hides: Qt would move it on as Tab does, to the next note."""
        if back and not self._over and self.hasFocus() and self._before is not None:
            self._over = True
            self._before.setFocus(Qt.FocusReason.OtherFocusReason)
            self._over = False
        super()._end(take, back=False)


class Syllables:
    """Lyrics in the editor. Main thread."""

    def __init__(self, view: NoteView) -> None:
        self._view = view
        self.editor: SyllableEdit | None = None

    def _notes(self) -> list[Note]:
        """The notes that sing, in order: of the selected ones where there are some."""
        stage = self._view.stage
        return sung_notes(stage.chosen() or (stage.written.notes if stage.written else ()))

    def type(self) -> None:
        """Begins to type at the first selected note, or at the first of all."""
        notes = self._notes()
        if notes and self._view.stage.may_write:
            self._open(notes[0].id)

    def _open(self, note_id: str) -> None:
        view, stage = self._view, self._view.stage
        stage.select((note_id,))
        view.reveal(note_id)
        note = next((note for note in stage.chosen()), None)
        if note is None:
            return
        before = note.text.rstrip()
        made = SyllableEdit(view.viewport(), self._box(note), before, f"Syllable on {view.pitch_text(note.pitch)}")
        made._before = view
        made.accepted.connect(lambda text: self._take(note_id, before, text))
        made.stepped.connect(lambda by: self._step(note_id, by))
        self.editor = made

    def _box(self, note: Note) -> QRect:
        stage, canvas = self._view.stage, self._view.canvas
        assert stage.clip is not None
        axis, ratio = stage.axis, stage.axis.ratio
        left = axis.x(stage.clip.origin + note.start) / ratio
        wide = max(note.length * axis.per_tick / ratio, LEAST)
        row = int(canvas.rows.of_pitch[note.pitch])
        high = max(canvas.rows.height / ratio, 20)
        y = canvas.y(row) / ratio + canvas.rows.height / ratio / 2 - high / 2
        return QRect(round(left), round(y), round(wide), round(high))

    def _take(self, note_id: str, before: str, text: str) -> None:
        """A word ends with a space; a part of a word with the hyphen that was typed."""
        plain = text.strip()
        if plain == before or not self._view.stage.may_write:
            return
        whole = plain if plain.endswith("-") or not plain else plain + " "
        self._view.stage.apply(set_syllables(self._view.stage.clip_id, {note_id: whole}))

    def _step(self, note_id: str, by: int) -> None:
        clip = self._view.stage.written
        notes = sung_notes(clip.notes) if clip else []
        at = next((n for n, note in enumerate(notes) if note.id == note_id), -1) + by
        if 0 <= at < len(notes):
            self._open(notes[at].id)

    def write(self, parent: QWidget) -> None:
        """Asks for whole lyrics and spreads them over the selected notes, or over all from the first one on."""
        notes = self._notes()
        if not notes:
            return
        before = lyrics_of(notes)
        dialog = QInputDialog(parent)
        dialog.setWindowTitle("Lyrics")
        dialog.setLabelText("Words are parted by spaces, syllables by hyphens; each goes to a note:")
        dialog.setOption(QInputDialog.InputDialogOption.UsePlainTextEditForTextInput)
        dialog.setTextValue(before)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.textValueSelected.connect(lambda text: self.put(text) if text != before else None)
        dialog.resize(460, 260)
        dialog.open()

    def put(self, text: str) -> None:
        """Spreads a text over the selected notes, or over all; notes without a syllable lose theirs."""
        notes, stage = self._notes(), self._view.stage
        texts = dict.fromkeys((note.id for note in notes), "") | spread(notes, text)
        if texts and stage.may_write:
            stage.apply(set_syllables(stage.clip_id, texts))

    def remove(self) -> None:
        """Takes the syllables of the selected notes away, or of all."""
        self.put("")
