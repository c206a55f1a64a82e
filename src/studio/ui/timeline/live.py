"""Takes that grow while they are recorded, drawn over what they will replace or join."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...document.project import AudioClip
from ...engine.audio.peaks import BASE
from ...engine.audio.status import EngineStatus
from .scene import LIVE, Row
from .stage import Stage

SETTLED = 120
"""A growing take wider than this, in logical pixels, has its name and its left corners."""


@dataclass
class _Pass:
    """The pass being recorded: it began at song frame `start` with frame `source` of the recording."""

    start: int
    source: int
    position: int


class LiveTakes:
    """Follows the engine while it records."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._pass: _Pass | None = None
        self._tracks: frozenset[str] = frozenset()

    def clear(self) -> None:
        """Forgets a recording: another song is shown."""
        self._pass, self._tracks = None, frozenset()

    def grow(self, status: EngineStatus) -> Iterator[tuple[Row, int, int]]:
        """Brings the growing takes up to date; yields rows with the columns that look different, in device pixels."""
        taking = status.taking if status.recording else 0
        if not taking and not self._tracks:
            return
        self._follow(status, taking)
        stage, tracks = self._stage, self._recording() if taking else frozenset()
        for track_id in self._tracks | tracks:
            clip = self._clip(track_id, taking) if track_id in tracks else None
            old, row = stage.scene.set_live(track_id, clip), stage.scene.row(track_id)
            if row is not None:
                yield row, *self._columns(old, clip)
        self._tracks = tracks

    def _follow(self, status: EngineStatus, taking: int) -> None:
        if not taking:
            self._pass = None
        elif self._pass is None:
            self._pass = _Pass(max(status.position - taking, 0), 0, status.position)
        elif status.position < self._pass.position:
            project = self._stage.project
            start = int(project.time.frame(project.loop.start)) if project and project.loop.on else status.position
            start = min(start, status.position)
            self._pass = _Pass(start, max(taking - (status.position - start), 0), status.position)
        else:
            self._pass.position = status.position

    def _recording(self) -> frozenset[str]:
        session, project = self._stage.session, self._stage.project
        if session is None or project is None:
            return frozenset()
        return frozenset(t.id for t in project.tracks if session.live_peaks(t.id) is not None)

    def _clip(self, track_id: str, taking: int) -> AudioClip | None:
        now = self._pass
        if now is None or taking <= now.source:
            return None
        self._stage.waves.grow(LIVE + track_id)
        return AudioClip(LIVE, "Recording", LIVE + track_id, 0, now.start, now.source, taking - now.source)

    def _columns(self, old: AudioClip | None, new: AudioClip | None) -> tuple[int, int]:
        """The columns between what was shown and what is now; with a few before, which the peaks may have changed."""
        width = self._stage.canvas.backing.width
        if old is None or new is None or old.offset != new.offset:
            return 0, width
        ratio = self._stage.canvas.axis.ratio
        left = self._stage.x_of(old.offset + old.length - 4 * BASE) - 8 * ratio
        right = self._stage.x_of(new.offset + new.length) + 2
        begin = self._stage.x_of(new.offset) - 1
        if right - begin < SETTLED * ratio:
            left = begin
        return min(max(int(left), 0), width), min(max(int(right) + 1, 0), width)
