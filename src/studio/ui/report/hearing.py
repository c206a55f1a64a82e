"""Hearing a place of the song: it plays from there, and stops where the place ends; or round and round."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...document.edits.song import set_loop
from ...errors import StudioError

if TYPE_CHECKING:
    from ...actions.workspace import Workspace
    from ...engine.audio.status import EngineStatus

BEFORE, AFTER = 0.25, 0.25
"""Seconds that are heard around a place."""

AWAY = 0.5
"""Seconds outside of the place at which somebody else has moved the playhead."""

STARTING = 60
"""Ticks that the engine has to begin in."""


class Hearing:
    """Plays ranges of the song that is open. Main thread; `tick` with each look at the engine."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._range: tuple[int, int] | None = None
        self._waited = 0
        self._begun = False

    @property
    def range(self) -> tuple[int, int] | None:
        """The song frames that are being heard, None for none."""
        return self._range

    def hear(self, start: float, end: float) -> None:
        """Plays from `start` to `end`, seconds of the song, and stops."""
        session = self._workspace.session
        if session is None:
            return
        rate = session.document.project.rate
        first, last = max(round((start - BEFORE) * rate), 0), round((end + AFTER) * rate)
        player = self._workspace.player
        player.stop()
        player.locate(first)
        player.play()
        self._range, self._begun, self._waited = (first, last), False, 0

    def practise(self, start: float, end: float, lead: float) -> None:
        """Loops from `lead` seconds before `start` to `end`, seconds of the song. Raises StudioError."""
        session: Any = self._workspace.session
        if session is None:
            raise StudioError("Open or make a song first.")
        project = session.document.project
        first, last = (int(project.time.tick(round(max(at, 0.0) * project.rate))) for at in (start - lead, end + AFTER))
        session.document.apply(set_loop(first, last, True))
        self._range = None
        self._workspace.player.locate(int(project.time.frame(first)))
        self._workspace.player.play()

    def leave(self) -> None:
        """Loops no longer and stops."""
        session: Any = self._workspace.session
        if session is not None:
            loop = session.document.project.loop
            if loop.on and not session.document.read_only:
                session.document.apply(set_loop(loop.start, loop.end, False))
            self._workspace.player.stop()

    def forget(self) -> None:
        """Lets go of what is heard without stopping it."""
        self._range = None

    def tick(self, status: EngineStatus) -> None:
        """Stops at the end of the place; gives up where somebody else stops or moves the playhead."""
        if self._range is None:
            return
        first, last = self._range
        away = round(AWAY * status.rate)
        inside = first - away <= status.position <= last + away
        if not self._begun:
            self._waited += 1
            self._begun = status.playing and inside
            if self._waited > STARTING:
                self._range = None
            return
        if status.playing and inside and status.position >= last:
            self._workspace.player.stop()
            self._range = None
        elif not status.playing or not inside:
            self._range = None
