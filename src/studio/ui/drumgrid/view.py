"""The drum grid: the canvas of the piano roll with named lanes for rows and a hand that sets steps."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from ..pianoroll.pointer import Pointer
from ..pianoroll.rows import Rows
from ..pianoroll.view import NoteView
from . import headers
from .headers import LaneHeaders
from .lanes import lanes_of, rows_of
from .steps import StepPointer

LANE_HEIGHT = 20
NO_STEPS = "Click to set a step; drag up and down on one for its velocity."


class DrumView(NoteView):
    """The drum grid of one clip. Main thread.

    `samples_dropped(paths, pitch)`: sounds for a lane to play; `sample_requested(pitch)`: it should be asked for one.
    """

    samples_dropped = Signal(list, int)
    sample_requested = Signal(int)
    title = "Drum grid"
    side: LaneHeaders

    def start_height(self) -> int:
        """See NoteView."""
        return LANE_HEIGHT

    def side_width(self) -> int:
        """See NoteView."""
        return headers.WIDTH

    def make_rows(self) -> Rows:
        """See NoteView."""
        lanes = lanes_of(self.stage.track, self.stage.table.pitch.astype(int).tolist())
        return Rows(rows_of(lanes), round(self.row_height * self.stage.axis.ratio), drums=True)

    def make_side(self) -> QWidget:
        """See NoteView."""
        return LaneHeaders(self)

    def make_pointer(self) -> Pointer:
        """See NoteView."""
        return StepPointer(self)

    def pitch_text(self, pitch: int) -> str:
        """See NoteView."""
        row = int(self.canvas.rows.of_pitch[pitch])
        return self.canvas.rows.rows[row].name if row >= 0 else super().pitch_text(pitch)

    def hint(self) -> str:
        """See NoteView."""
        return NO_STEPS if self.stage.clip is not None and not len(self.stage.table) else super().hint()

    @property
    def chosen_pitch(self) -> int:
        """The lane of the selected steps, -1 where there is none, or more than one."""
        pitches = {note.pitch for note in self.stage.chosen()}
        return pitches.pop() if len(pitches) == 1 else -1

    def redraw(self) -> None:
        """Paints everything anew, after a look at which lanes there are; out of sight that waits until it is seen."""
        if not self.isVisible():
            return
        rows = self.make_rows()
        if rows.rows != self.canvas.rows.rows:
            self.canvas.rows = rows
            self.update_ranges()
        super().redraw()
        self.side.place_buttons()

    def side_scrolled(self) -> None:
        """See NoteView."""
        super().side_scrolled()
        self.side.place_buttons()
