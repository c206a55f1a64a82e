"""Playing along: which playback notes are recorded beside, and where in it a moment lies."""

from __future__ import annotations

import msgspec

from .songmap import SongMap


class Rolling:
    """A stretch of playback that notes are recorded beside. The main thread makes it and reads it.

    The render thread sets `run`, the number of the playback, -1 until then; `begin`, the output frame from which on it
    counts; and `until`, the one at which it ends although playback goes on.
    """

    def __init__(self) -> None:
        self.run = -1
        self.begin = 0
        self.until: int | None = None


class Heard(msgspec.Struct, frozen=True, gc=False):
    """What was heard at a moment: song frame `song` in round `lap` of a loop, in a playback that begins at `begin`.

    `waits`: it had not begun; `song` is then where it will, and `early` by how many frames the moment came before that,
    -1 while this is not known. `over`: it had ended, at `song`, perhaps before it began.
    """

    song: int
    lap: int = 0
    waits: bool = False
    early: int = -1
    over: bool = False
    begin: int = 0


def heard_in(song_map: SongMap, run: int, begin: int, until: int | None, output: int) -> Heard | None:
    """Where output frame `output` lies in playback number `run` between two output frames; None if nowhere yet."""
    mine = [s for s in song_map.stretches if s.run == run and s.playing]
    if not mine:
        return None
    first = max(mine[0].output, begin)
    opening = song_map.at(first)
    start = opening.song_at(first)
    if output < first:
        over = until is not None and output >= until
        return Heard(start, opening.lap, waits=True, early=first - output, over=over, begin=start)
    following = [s.output for s in song_map.stretches if s.output > mine[-1].output]
    ends = [*following, *([until] if until is not None else [])]
    over = bool(ends) and output >= min(ends)
    last = min(output, *ends) if ends else output
    stretch = next(s for s in reversed(mine) if s.output <= max(last, mine[0].output))
    song = stretch.song_at(max(last, first))
    return Heard(song, stretch.lap, over=over, begin=start)
