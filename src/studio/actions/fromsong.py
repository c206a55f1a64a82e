"""What a song asks of a model: music for a range of it, a range made anew, a gap filled, a clip gone on with.

A `Wish` has the form's values as the song gives them, the part of a track that the model is to hear, and the place
where the result belongs. Nothing here reads or writes a file.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection, Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from ..document.notes import NoteClip
from ..document.project import Clip, Project, Track, clip_end, clip_start, place
from ..document.time import Tick, signature_at
from ..engine.ai.music import OVERLAP_S
from ..engine.ai.recipes import Place
from ..errors import StudioError
from .songfacts import SHORTEST_S, bars_said, chords_in, facts_in

CONTEXT_S = 10.0
"""Seconds of a track that a model hears before and after what it makes anew, as far as there are so many."""

HEARD_S = 30.0
"""Seconds at the end of a clip that a model hears before it goes on with it."""

LAP_S = 0.05
"""Seconds by which the filling of a gap reaches into both clips, so that it crosses over from sound and not silence."""

LONGEST_S = 600.0
"""Seconds of music that can be asked for."""

LONGEST_RANGE_S = 560.0
"""Seconds that can be made anew: with what is heard around them, within what a model works on."""


class Range(msgspec.Struct, frozen=True):
    """Frames `begin` to `end` of a song, and the track that is meant, empty for none."""

    begin: int
    end: int
    track: str = ""


class Heard(msgspec.Struct, frozen=True):
    """What a model is to hear: frames `begin` to `end` of a track."""

    track: str
    begin: int
    end: int


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What a song asks for: the task, the form's values, the chords in words, and where the result belongs.

    `said` tells of the place, such as "bars 5 to 8 on “Keys”". What is made longer lasts as long as the form then says,
    but at most `most` frames from its place's beginning, where that is not 0. `source` is the file of what is heard,
    once there is one.
    """

    task: str
    values: dict[str, Any]
    place: Place
    said: str
    chords: str = ""
    heard: Heard | None = None
    most: int = 0
    source: str = ""


def range_of(project: Project, clips: Collection[str], track: str = "") -> Range:
    """The range that is meant: the selected clips from the first to the last, the loop where it is on and cuts them,
    or, where none is selected, the loop's range."""
    found = [(one, clip) for one in project.tracks for clip in one.clips if clip.id in clips]
    begin, end = (int(project.time.frame(tick)) for tick in (project.loop.start, project.loop.end))
    begin = max(begin, 0)
    if not found:
        return Range(begin, end, track)
    first = max(min(int(clip_start(clip, project.time)) for _, clip in found), 0)
    last = max(int(clip_end(clip, project.time)) for _, clip in found)
    if project.loop.on and begin < last and end > first:
        return Range(begin, end, found[0][0].id)
    return Range(first, last, found[0][0].id)


def wish_music(project: Project, where: Range) -> Wish:
    """Music as long as a range, in its tempo, key and signature and over its chords. Raises StudioError."""
    _check(where, project.rate, LONGEST_S)
    track = project.track(where.track)
    known = where.track if track is not None and track.kind == "audio" else ""
    spot = _place(project, known, where.begin, where.end)
    chords = chords_in(project, where.begin, where.end)
    said = _said(project, where.begin, where.end, known)
    return Wish(task="music", values=facts_in(project, where.begin, where.end), place=spot, said=said, chords=chords)


def wish_cover(project: Project, where: Range) -> Wish:
    """What is heard on a track in a range, played another way. Raises StudioError where nothing is."""
    track = _sounding(project, where)
    _check(where, project.rate, LONGEST_RANGE_S)
    values = {**facts_in(project, where.begin, where.end), "begin": 0.0, "end": 0.0}
    spot = _place(project, track.id, where.begin, where.end)
    heard = Heard(track.id, where.begin, where.end)
    chords = chords_in(project, where.begin, where.end)
    said = _said(project, where.begin, where.end, track.id)
    return Wish(task="music-cover", values=_for("music-cover", values), place=spot, said=said, chords=chords,
                heard=heard)  # fmt: skip


def wish_repaint(project: Project, where: Range) -> Wish:
    """A range of a track made anew, with what is heard before and after it. Raises StudioError where nothing is."""
    track = _sounding(project, where)
    return _anew(project, track, where.begin, where.end)


def wish_fill(project: Project, clips: Collection[str]) -> Wish:
    """What leads from one clip to the next on its track. Raises StudioError unless two of one track are given that
    leave a gap."""
    chosen = [(track, clip) for track in project.tracks for clip in track.clips if clip.id in clips]
    if len(chosen) != 2 or chosen[0][0] is not chosen[1][0] or isinstance(chosen[0][1], NoteClip):
        raise StudioError("Select two clips of sound on one track; what lies between them is filled then.")
    track = chosen[0][0]
    first, second = sorted((clip for _, clip in chosen), key=lambda clip: clip_start(clip, project.time))
    gap = int(clip_end(first, project.time)), int(clip_start(second, project.time))
    if gap[1] - gap[0] < project.rate // 10:
        raise StudioError("These clips leave no gap between them; move them apart, or make a range anew instead.")
    lap = round(LAP_S * project.rate)
    begin = gap[0] - min(lap, _length(first, project) // 4)
    return _anew(project, track, max(begin, 0), gap[1] + min(lap, _length(second, project) // 4))


def wish_extend(project: Project, clip_id: str) -> Wish:
    """A clip of sound gone on with for four bars, or up to the next one on its track. Raises StudioError where there is
    no room."""
    track = next((one for one in project.tracks if any(clip.id == clip_id for clip in one.clips)), None)
    clip = next((one for one in track.clips if one.id == clip_id), None) if track is not None else None
    if track is None or clip is None or isinstance(clip, NoteClip):
        raise StudioError("Select one clip of sound; it is gone on with from its end.")
    start, end = max(int(clip_start(clip, project.time)), 0), int(clip_end(clip, project.time))
    begin = max(start, end - round(HEARD_S * project.rate))
    if end - begin < project.rate // 2:
        raise StudioError("This clip is too short to be gone on with; it takes half a second at least.")
    after = [int(clip_start(one, project.time)) for one in track.clips if clip_start(one, project.time) >= end]
    room = min(after) - end if after else 0
    if after and room < project.rate:
        raise StudioError("There is no room after this clip: the next one begins within a second. Move that first.")
    overlap = min(round(OVERLAP_S * project.rate), (end - begin) // 2)
    longer = _four_bars(project, end)
    longer = min(longer, math.floor(room / project.rate)) if after else longer
    spot = _place(project, track.id, end - overlap, end, lead=end - overlap - begin, over=True)
    values = {**facts_in(project, end - 1, end), "seconds": longer}
    said = f"what follows “{clip.name}” on “{track.name}”"
    return Wish(task="music-extend", values=_for("music-extend", values), place=spot, said=said,
                chords=chords_in(project, end, end + round(longer * project.rate)),
                heard=Heard(track.id, begin, end), most=overlap + room if after else 0)  # fmt: skip


def settled(wish: Wish, values: Mapping[str, Any]) -> Place | None:
    """The place of a wish's result, once its values are settled: what is made longer ends where they say, and of what
    is made anew the range is theirs. None where they have another sound than was heard in the song.
    """
    place = wish.place
    if wish.heard is not None and values.get("source") != wish.source:
        return None
    if wish.task == "music-extend":
        length = place.length + round(float(values["seconds"]) * place.rate)
        return replace(place, length=min(length, wish.most) if wish.most else length)
    edges = tuple(round(float(values.get(name) or 0) * place.rate) for name in ("begin", "end"))
    asked = tuple(round(float(wish.values.get(name, 0)) * place.rate) for name in ("begin", "end"))
    if edges == asked or wish.heard is None:
        return place
    end = edges[1] or wish.heard.end - wish.heard.begin
    moved = edges[0] - asked[0]
    return replace(place, offset=place.offset + moved, lead=place.lead + moved, length=end - edges[0], under="")


def _four_bars(project: Project, frame: int) -> float:
    """How long four bars are from a frame on, in seconds, within what can be asked for."""
    tick = int(project.time.tick(frame))
    last = tick + 4 * signature_at(project.signatures, tick).bar_ticks
    return min(max(round((int(project.time.frame(last)) - frame) / project.rate, 2), SHORTEST_S), 60.0)


def under(project: Project, track_id: str, begin: int, end: int) -> str:
    """The digest of what stands on a track in these frames: the same as long as nothing there has changed, wherever the
    tempo moves all of it."""
    track = project.track(track_id)
    if track is None:
        return ""
    there = [(int(clip_start(clip, project.time)) - begin, clip) for clip in clips_in(project, track, begin, end)]
    return hashlib.sha256(msgspec.json.encode(there)).hexdigest()


def clips_in(project: Project, track: Track, begin: int, end: int) -> list[Clip]:
    """The clips of a track that have a part in these frames."""
    time = project.time
    return [clip for clip in track.clips if clip_start(clip, time) < end and clip_end(clip, time) > begin]


def _anew(project: Project, track: Track, begin: int, end: int) -> Wish:
    where = Range(begin, end, track.id)
    _check(where, project.rate, LONGEST_RANGE_S)
    heard = _around(project, track, begin, end)
    lead, length = begin - heard.begin, end - begin
    values = facts_in(project, begin, end) | {
        "begin": round(lead / project.rate, 5),
        "end": round((lead + length) / project.rate, 5),
    }
    laid = track.kind == "audio"
    spot = _place(project, track.id, begin, end, lead=lead, over=laid)
    said, chords = _said(project, begin, end, track.id), chords_in(project, begin, end)
    return Wish(task="music-repaint", values=_for("music-repaint", values), place=spot, said=said, chords=chords,
                heard=heard)  # fmt: skip


def _around(project: Project, track: Track, begin: int, end: int) -> Heard:
    """What is heard of a track around a range, as far as there are clips."""
    reach = round(CONTEXT_S * project.rate)
    near = clips_in(project, track, max(begin - reach, 0), end + reach)
    first = min(int(clip_start(clip, project.time)) for clip in near)
    last = max(int(clip_end(clip, project.time)) for clip in near)
    return Heard(track.id, min(max(begin - reach, first, 0), begin), max(min(end + reach, last), end))


def _for(task: str, values: dict[str, Any]) -> dict[str, Any]:
    """The values that a task has a place for."""
    gone = {"music-cover": {"seconds", "begin", "end"}, "music-repaint": {"seconds"}}.get(task, set())
    return {name: value for name, value in values.items() if name not in gone}


def _check(where: Range, rate: int, longest: float) -> None:
    if where.end - where.begin < rate // 10:
        raise StudioError("This range is shorter than a tenth of a second; make the loop longer, or select a clip.")
    if where.end - where.begin > longest * rate:
        raise StudioError(
            f"This range lasts {(where.end - where.begin) / rate:.0f} s, and {longest:.0f} s is the most that can be "
            "asked for; make the loop shorter."
        )


def _sounding(project: Project, where: Range) -> Track:
    track = project.track(where.track)
    if track is None or track.kind == "bus":
        raise StudioError("Select a clip, or the track that is to be heard.")
    if not any(not clip.muted for clip in clips_in(project, track, where.begin, where.end)):
        raise StudioError(f"Nothing sounds on “{track.name}” in this range; set the loop over a clip, or select one.")
    return track


def _place(project: Project, track_id: str, begin: int, end: int, *, lead: int = 0, over: bool = False) -> Place:
    """The place of these frames: in bars, or, where it replaces a part of a clip, with that clip, as its pieces are."""
    track = project.track(track_id)
    anchor, offset = place("musical", begin, project.time)
    there = ""
    if over and track is not None:
        anchor = Tick(clips_in(project, track, begin, end)[0].anchor)
        offset = begin - project.time.frame(anchor)
        there = under(project, track_id, begin, end)
    return Place(song=project.id, name=project.name[:400], track=track_id, anchor=anchor, offset=offset,
                 length=end - begin, rate=project.rate, lead=lead, over=over, under=there)  # fmt: skip


def _length(clip: Clip, project: Project) -> int:
    return int(clip_end(clip, project.time) - clip_start(clip, project.time))


def _said(project: Project, begin: int, end: int, track_id: str) -> str:
    track = project.track(track_id)
    on = f" on “{track.name}”" if track is not None else ""
    return f"{bars_said(project, begin, end)}{on}"
