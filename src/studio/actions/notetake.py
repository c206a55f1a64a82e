"""Recording of notes: what is played in while the song plays, written into the song as it comes."""

from __future__ import annotations

from collections.abc import Callable

from ..document.document import Edit
from ..document.edits.song import sequence
from ..document.project import Project
from ..engine.audio.rolling import Heard
from ..engine.audio.score import OFF, ON
from .hands import Touch
from .notewriter import NoteWriter
from .performance import Performance

EARLY = 0.12
"""Seconds before the first beat in which a key already belongs to it."""

WRITTEN_EVERY = 0.5
"""Seconds between writings: what a crash may cost."""

LABEL = "Record notes"

HeardAt = Callable[[float], Heard | None]
Apply = Callable[[Edit], bool]
"""Makes an edit; False where it was refused."""


class NoteTake:
    """One recording of notes on instrument tracks. Main thread: `hear` each touch in order, and `poll` after them.

    `heard_at` tells what of the song was heard at a moment of time.perf_counter(). Everything is written by edits of
    the key `merge`, so that it is one undo step, at least twice a second; what is refused is kept and tried again.
    `overdub`: see `NoteWriter`. `step` draws
    beginnings to a grid of so many ticks, 0 to none.
    """

    def __init__(
        self, tracks: tuple[str, ...], heard_at: HeardAt, apply: Apply, merge: str, overdub: bool = True, step: int = 0
    ) -> None:
        self.tracks, self.merge, self.overdub = tracks, merge, overdub
        self.done = False
        self._heard_at, self._apply, self._step = heard_at, apply, step
        self._waiting: dict[tuple[int, int], Touch] = {}
        self._performance: Performance | None = None
        self._writers: list[NoteWriter] = []
        self._owed: list[Edit] = []
        self._lap = self._first = self._now = 0
        self._written = 0.0

    @property
    def begun(self) -> bool:
        """Whether the song has come to where it records from."""
        return self._performance is not None

    def hear(self, project: Project, touch: Touch) -> None:
        """Takes something that was played. What comes well before the beginning is left out, but for controllers."""
        heard = None if self.done else self._heard_at(touch.moment)
        if self.done or (heard is not None and heard.over):
            return
        is_note = touch.kind in (ON, OFF)
        if heard is None or (heard.waits and not (is_note and 0 <= heard.early <= EARLY * project.rate)):
            if not is_note:
                self._waiting[touch.kind, touch.number] = touch
            return
        performance = self._follow(project, heard)
        performance.play(project, touch.kind, touch.number, touch.value, project.time.tick(heard.song))

    def poll(self, project: Project, moment: float) -> None:
        """Follows the song up to now, and writes what is due. `done` once it is over and all is written."""
        heard = None if self.done else self._heard_at(moment)
        if heard is None or (heard.waits and not heard.over):
            return
        if heard.over:
            self._end(project, heard)
            return
        self._follow(project, heard)
        self._now = project.time.tick(heard.song)
        if moment - self._written >= WRITTEN_EVERY:
            self._written = moment
            self._write(project)

    def finish(self, project: Project) -> None:
        """Ends it where it was heard last."""
        if not self.done:
            self._end(project, None)

    def _follow(self, project: Project, heard: Heard) -> Performance:
        """Begins, or goes on to the round of the loop that is heard now."""
        if self._performance is None:
            self._performance = self._begin(project, heard)
        elif heard.lap > self._lap:
            self._now = project.loop.end
            self._performance.close(self._now)
            self._write(project)
            self._lap, self._first = heard.lap, project.loop.start
            self._now = self._first
        return self._performance

    def _begin(self, project: Project, heard: Heard) -> Performance:
        self._first = self._now = project.time.tick(heard.begin)
        self._lap = heard.lap
        loop = project.loop
        origin = loop.start if loop.on and loop.start <= self._first < loop.end else self._first
        self._writers = [NoteWriter(track, origin, self.overdub) for track in self.tracks]
        performance = Performance(origin, self._step)
        for touch in self._waiting.values():
            performance.play(project, touch.kind, touch.number, touch.value, self._first)
        return performance

    def _end(self, project: Project, heard: Heard | None) -> None:
        self.done = True
        if self._performance is None:
            return
        if heard is not None and not heard.waits:
            self._follow(project, heard)
            self._now = max(project.time.tick(heard.song), self._first)
        self._performance.close(self._now)
        self._write(project, last=True)
        if not self.overdub:
            self._make([edit for writer in self._writers for edit in writer.mute_before()])

    def _write(self, project: Project, last: bool = False) -> None:
        """Writes what is new on every track, and lets the clips of this recording grow."""
        assert self._performance is not None
        notes, controls = self._performance.take(self._now)
        span = (self._first, max(self._now, self._first + 1))
        edits = (writer.edit(project, notes, controls, self._lap, span, last) for writer in self._writers)
        self._make([edit for edit in edits if edit is not None])

    def _make(self, edits: list[Edit]) -> None:
        self._owed += edits
        if self._owed and self._apply(Edit(LABEL, sequence(LABEL, self._owed).change, self.merge)):
            self._owed = []
