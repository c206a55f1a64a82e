"""Step entry: what is played goes into the clip note by note, chord by chord, without regard to time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, Qt, Signal

from ...document.edits import notes as edits
from ...document.edits.drawing import pattern_start, put_notes
from ...engine.audio.score import OFF, ON
from ...engine.audio.status import EngineStatus

if TYPE_CHECKING:
    from .panel import NotePanel

Key = Qt.Key


class Touch(Protocol):
    """What was played: see `actions.hands.Touch`."""

    @property
    def kind(self) -> int: ...
    @property
    def number(self) -> int: ...
    @property
    def value(self) -> int: ...


class StepEntry(QObject):
    """Writes notes at a cursor, which the playhead shows, one step of the grid long. Main thread.

    Keys that are held together become one chord and one undo step; when the last one comes up, the cursor goes on.
    Right leaves a rest, Left goes back, Shift+Right ties the last chord over the next step, Backspace takes it away.
    While the song plays nothing is written. `changed` follows a switch.
    """

    changed = Signal()

    def __init__(self, panel: NotePanel) -> None:
        super().__init__(panel)
        self._panel, self._stage = panel, panel.stage
        self.on = False
        self.tick = 0
        """The song tick of the cursor."""
        self._playing = False
        self._seen = -1
        self._asked: set[int] = set()
        self._held: set[int] = set()
        self._chord: list[str] = []
        self._written: list[tuple[int, tuple[str, ...]]] = []
        self._stage.opened.connect(self._forget)

    def switch(self, on: bool) -> None:
        """Begins at the playhead, or at the clip's beginning where that stands elsewhere; or ends."""
        self.on = on and self._stage.may_write
        self._forget()
        self.changed.emit()

    def hear(self, touch: Touch) -> None:
        """Takes something that was played."""
        if touch.kind == OFF:
            self._held.discard(touch.number)
            if self._chord and not self._held:
                self._end_chord()
        elif touch.kind == ON and self.on and not self._playing and self._stage.may_write:
            self._held.add(touch.number)
            self._write(touch.number, touch.value)

    def follow(self, status: EngineStatus) -> None:
        """Goes where the playhead was put by hand. Called by the window's timer."""
        self._playing = status.playing or status.counting_in
        if not self.on or status.position == self._seen:
            return
        self._seen = status.position
        if status.position in self._asked:
            if status.position == self._frame():
                self._asked.clear()
        elif not self._playing and self._stage.project is not None:
            self.tick = self._panel.view.grid().floor(self._stage.project.time.tick(status.position))

    def press(self, key: int, shift: bool) -> bool:
        """Handles a key of the editor; False where it means something else."""
        if not self.on or self._stage.clip is None:
            return False
        if key == Key.Key_Right and shift:
            self._tie()
        elif key == Key.Key_Right:
            self._go(self.tick + self._step())
        elif key == Key.Key_Left and not shift:
            self._back()
        elif key == Key.Key_Backspace:
            self._take_back()
        elif key == Key.Key_Escape:
            self.switch(False)
        else:
            return False
        return True

    def _write(self, pitch: int, velocity: int) -> None:
        clip = self._stage.written
        if clip is None:
            return
        own = min(max(pitch - clip.transpose, 0), 127)
        note = edits.make_note(pattern_start(clip, self.tick), self._step(), own, velocity)
        edit = put_notes(clip.id, (note,), "Step entry", f"step {self.tick} {id(self._chord)}")
        if self._stage.apply(edit, close=False):
            self._chord.append(note.id)
            self._stage.select(self._chord)
            self._panel.view.reveal(note.id)

    def _end_chord(self) -> None:
        self._written.append((self.tick, tuple(self._chord)))
        self._chord = []
        if self._stage.document is not None:
            self._stage.document.close_gesture()
        self._go(self.tick + self._step())

    def _tie(self) -> None:
        if self._written and self._still_there(self._written[-1][1]):
            edit = edits.resize_notes(self._stage.clip_id, self._written[-1][1], self._step())
            if self._stage.apply(edit):
                self._go(self.tick + self._step())

    def _back(self) -> None:
        clip = self._stage.clip
        first = clip.anchor if clip is not None else 0
        self._go(max(self.tick - self._panel.view.grid().step(max(self.tick - 1, 0)), first))

    def _take_back(self) -> None:
        if not self._written:
            self._back()
            return
        tick, ids = self._written.pop()
        if self._still_there(ids):
            self._stage.apply(edits.remove_notes(self._stage.clip_id, ids))
        self._go(tick)

    def _still_there(self, ids: tuple[str, ...]) -> bool:
        return set(ids) <= set(self._stage.table.ids)

    def _step(self) -> int:
        return self._panel.view.grid().step(self.tick)

    def _go(self, tick: int) -> None:
        self.tick = tick
        self._asked.add(self._frame())
        self._panel.locate_requested.emit(self._frame())

    def _frame(self) -> int:
        project = self._stage.project
        return int(project.time.frame(self.tick)) if project is not None else 0

    def _forget(self) -> None:
        """Another clip, or a new beginning."""
        self._chord, self._written, self._asked = [], [], set()
        self._held.clear()
        clip = self._stage.clip
        if not self.on or clip is None:
            return
        at = self._panel.view.grid().floor(self._stage.playhead_tick)
        self._seen = self._stage.playhead
        self._go(at if clip.anchor <= at < clip.end else clip.anchor)
