"""A clip of sound cut into slices: each on a key of its own, and notes that play them back in time."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

import msgspec
from msgspec.structs import replace

from ..document import Edit, EditRefused
from ..instruments import DRUM_BANK, Instrument, Lane, Zone
from ..project import Clip, Project, Strip, clip_end, clip_start, new_id
from ..segments import Segment
from ..time import TempoMap
from ._parts import find_clips
from .clips import add_clips, mute_clips
from .notes import make_note, make_note_clip
from .sampling import FIRST_KEY, MAX_KEYS, SAMPLER, stretch_of
from .song import sequence
from .tracks import add_tracks, fresh_track

SLICE_VELOCITY = 100
"""Sounds are as loud as in their files at this velocity."""

EDGE = 64
"""Frames in which a sound that is cut out of a longer one fades in, and out after its end."""


class Sliced(msgspec.Struct, frozen=True):
    """The edit that cuts a clip into slices, and the ids of the track and of the clip of notes that it makes."""

    edit: Edit
    track: str
    clip: str


def slice_clip(project: Project, clip_id: str, cuts: Iterable[int]) -> Sliced:
    """Cuts a clip into slices on keys from FIRST_KEY up, with a clip of notes that plays them as the clip sounds.

    `cuts` are frames from the clip's left edge. A slice begins at the tick at or before its cut, so its note falls on
    its very frame. The new track stands below the clip's, with its fader, pan and effects; the clip is muted. Its own
    fades are not taken over, and of a clip that begins between two ticks the frames up to the second (half a
    millisecond at most) are left out. Raises EditRefused where there are too many slices.
    """
    row, clip = find_clips(project, (clip_id,))[clip_id]
    part, time, source = stretch_of(project, clip), project.time, project.tracks[row]
    ticks = _slice_ticks(clip, cuts, time)
    if len(ticks) - 1 > MAX_KEYS:
        raise EditRefused(
            f"These are {len(ticks) - 1} slices; there are keys for {MAX_KEYS}. Choose a coarser grid, a lower "
            "sensitivity, or a shorter clip."
        )
    zones = _slice_zones(project, clip, part, ticks)
    lanes = tuple(Lane(zone.low, f"Slice {n}") for n, zone in reversed([*enumerate(zones, 1)]))
    instrument = Instrument(SAMPLER, "Sampler", bank=DRUM_BANK, zones=zones)
    track = fresh_track(project, f"{clip.name} slices", "instrument", instrument=instrument)
    track = replace(track, lanes=lanes, strip=_copied(source.strip))
    notes = [
        make_note(a - ticks[0], b - a, zone.low, SLICE_VELOCITY)
        for (a, b), zone in zip(itertools.pairwise(ticks), zones, strict=True)
    ]
    played = make_note_clip(f"{clip.name} slices", ticks[0], ticks[-1] - ticks[0], notes)
    steps = [mute_clips((clip_id,), True), add_tracks((track,), row + 1), add_clips(track.id, (played,))]
    return Sliced(sequence("Slice to sampler", steps), track.id, played.id)


def count_slices(project: Project, clip_id: str, cuts: Iterable[int]) -> int:
    """How many slices `slice_clip` makes of these cuts, or would if there were room. EditRefused without the clip."""
    _, clip = find_clips(project, (clip_id,))[clip_id]
    return len(_slice_ticks(clip, cuts, project.time)) - 1


def _slice_ticks(clip: Clip, cuts: Iterable[int], time: TempoMap) -> list[int]:
    """The ticks at which slices begin, and at last the one at which the clip has ended."""
    start, end = int(clip_start(clip, time)), int(clip_end(clip, time))
    first, last = _tick_from(start, time), _tick_from(end, time)
    wanted = {_tick_until(start + cut, time) for cut in cuts}
    ticks = [first]
    for tick in sorted(tick for tick in wanted if first < tick < last):
        if time.frame(tick) - time.frame(ticks[-1]) >= 2 * EDGE and end - time.frame(tick) >= 2 * EDGE:
            ticks.append(tick)
    return [*ticks, max(last, first + 1)]


def _tick_from(frame: int, time: TempoMap) -> int:
    """The first tick that does not come before a frame."""
    tick = int(time.tick(frame))
    return tick if time.frame(tick) >= frame else tick + 1


def _tick_until(frame: int, time: TempoMap) -> int:
    """The last tick that does not come after a frame."""
    tick = int(time.tick(frame))
    return tick if time.frame(tick) <= frame else tick - 1


def _slice_zones(project: Project, clip: Clip, part: Segment, ticks: Sequence[int]) -> tuple[Zone, ...]:
    time, media = project.time, project.medium(part.media)
    start, end = int(clip_start(clip, time)), int(clip_end(clip, time))
    frames = [int(time.frame(tick)) for tick in ticks[:-1]]
    stop = part.source + end - start
    if media is not None and stop < media.frames and end - frames[-1] > EDGE:
        end -= EDGE  # its fade, which follows a slice, is over where the clip's is
    return tuple(
        Zone(part.media, key, key, key, part.source + a - start, b - a, clip.gain * part.gain, choke=1)
        for key, (a, b) in enumerate(itertools.pairwise([*frames, end]), FIRST_KEY)
    )


def _copied(strip: Strip) -> Strip:
    """The strip for another track."""
    inserts = tuple(replace(insert, id=new_id("insert")) for insert in strip.inserts)
    sends = tuple(replace(send, id=new_id("send")) for send in strip.sends)
    return replace(strip, inserts=inserts, sends=sends)
