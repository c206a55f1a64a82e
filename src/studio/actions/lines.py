"""Going from line to line of a song: with the song before it or with clicks, and round and round."""

from __future__ import annotations

import numpy as np

from ..document.document import Edit
from ..document.edits.song import set_loop
from ..document.project import Project
from ..engine.audio.metronome import Clicks
from ..engine.audio.player import Player

LEAD = 2.0
"""Seconds of the song that are heard before a line."""

AFTER = 0.6
"""Seconds after a line before its loop begins again: the last note may ring."""

CLICKS = 4
"""Clicks before a line."""


def go_to_line(player: Player, second: float, beat: float, clicks: bool, pace: float = 1.0) -> None:
    """Plays on from before a line that begins at a second of the song. Main thread.

    With `clicks` and a `beat` in seconds of the song, clicks come first and the song enters on the last beat before the
    line; else it is heard for two seconds before, and only a song that plays goes on playing.
    """
    if not clicks or beat <= 0:
        player.locate(max(round((second - LEAD) * player.rate), 0))
        return
    enters = max(second - beat, 0.0)
    apart = beat / pace * player.rate
    player.stop()
    player.locate(round(enters * player.rate))
    frames = np.rint(np.arange(CLICKS) * apart).astype(np.int64)
    player.play((round(CLICKS * apart), Clicks(frames, np.arange(CLICKS) == 0)))


def loop_line(project: Project, start: float, end: float) -> Edit:
    """Lets the song go round a line with what leads into it; seconds of the song. One undo step for lines in a row."""
    low = max(round((start - LEAD) * project.rate), 0)
    first, last = project.time.tick(low), project.time.tick(round((end + AFTER) * project.rate))
    return set_loop(int(first), int(last), True, merge="coach-line")
