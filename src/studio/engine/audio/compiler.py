"""From a project to a render plan: comps resolved, ticks turned into frames, cuts softened, buses put in order."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from ...document.correction import raw_id
from ...document.instruments import Instrument
from ...document.notes import NoteClip
from ...document.project import AudioClip, Clip, Project, Strip, Track, zone_media
from ...document.segments import segments
from ...document.time import TempoMap
from .effects import KINDS
from .fades import DECLICK, SHAPES
from .plan import (
    MASTER,
    Integers,
    Origin,
    PlanMedia,
    RenderPlan,
    SegmentTable,
    SendPlan,
    StripKind,
    StripPlan,
    sound_key,
)
from .routing import strip_order
from .samples import Sample
from .score import score_of

# Columns of Origin.columns.
ANCHOR, OFFSET, SOURCE, LENGTH, MEDIA, LEAD, CLIP_LENGTH, FADE_IN, FADE_OUT, SHAPE, CROSS_IN, CROSS_OUT = range(12)
WIDTH = 12

_NOTHING = Origin((), (), np.zeros((0, WIDTH), np.int64), np.zeros(0), np.zeros(1, np.int64))

Flags = npt.NDArray[np.bool_]


class Known(dict[str, PlanMedia]):
    """What can be read, by sound id. A corrected sound that is not made yet is the raw one, at the same frames."""

    def __missing__(self, sound: str) -> PlanMedia:
        raw = self.get(raw_id(sound))
        return replace(raw, id=sound) if raw is not None else PlanMedia(sound, "", 0, 1)


def compile_plan(
    project: Project, media_paths: Mapping[str, Path | None], previous: RenderPlan | None = None
) -> RenderPlan:
    """The plan of a project. `media_paths` leads from the ids of media, and of corrected sounds (`sound_id`), to the
    playable file, None or absent while missing; a corrected sound that is absent is heard as it was sung.

    With the plan compiled before, whatever did not change is taken from it: an edit costs what it touches. Pure; any
    thread but the render thread.
    """
    known = Known(
        {m.id: PlanMedia(m.id, str(media_paths.get(m.id) or ""), m.frames, m.channels) for m in project.media}
    )
    for sound, path in media_paths.items():
        if sound not in known and path is not None and (raw := known.get(raw_id(sound))) is not None:
            known[sound] = replace(raw, id=sound, path=str(path))
    before = {strip.id: strip for strip in previous.strips} if previous else {}
    same_time = previous is not None and (previous.tempo, previous.rate) == (project.tempo, project.rate)
    buses = {track.id for track in project.tracks if track.kind == "bus"}
    feeds = {t.id: list(dict.fromkeys(s.bus for s in t.strip.sends if s.bus in buses)) for t in project.tracks}
    order, closing = strip_order(feeds)
    tracks = {track.id: track for track in project.tracks}
    strips = []
    for key in order:
        origin, table = _material(tracks[key], before.get(key), same_time, known, project.time)
        left_out = {bus for strip, bus in closing if strip == key}
        strip = _strip(key, tracks[key].kind, tracks[key].strip, buses - left_out, origin, table)
        samples = _samples(tracks[key], known, project)
        strips.append(_played(strip, tracks[key], samples, before.get(key) if same_time else None, project.time))
    master = _strip(MASTER, "master", project.master, set(), _NOTHING, _table(_NOTHING, project.time))
    ends = [int(strip.segments.latest[-1]) for strip in strips if len(strip.segments)]
    end = max((*ends, *(strip.score.end for strip in strips)), default=0)
    notices = (*_loops(closing, tracks), *_unknown_effects(project))
    return RenderPlan(project.rate, tuple(strips), master, max(end, 0), notices, project.tempo, project.media)


def _loops(closing: set[tuple[str, str]], tracks: Mapping[str, Track]) -> list[str]:
    return [
        f"The send from “{tracks[source].name}” to “{tracks[bus].name}” would feed back into itself and is left out."
        for source, bus in sorted(closing)
    ]


def _unknown_effects(project: Project) -> list[str]:
    strips = (*(track.strip for track in project.tracks), project.master)
    kinds = {insert.kind for strip in strips for insert in strip.inserts} - KINDS.keys()
    return [f"The effect “{kind}” is not known to this version and is left out." for kind in sorted(kinds)]


def _strip(key: str, kind: StripKind, strip: Strip, buses: set[str], origin: Origin, table: SegmentTable) -> StripPlan:
    sends = tuple(SendPlan(s.id, s.bus, s.gain, s.pre_fader) for s in strip.sends if s.bus in buses)
    mono = bool(table.media) and all(medium.channels == 1 for medium in table.media)
    inserts = tuple(insert for insert in strip.inserts if not insert.bypassed and insert.kind in KINDS)
    levels = (strip.gain, strip.pan, strip.mute, strip.solo)
    return StripPlan(key, kind, *levels, mono, inserts, sends, table, origin)


def _played(
    strip: StripPlan, track: Track, samples: tuple[Sample, ...], before: StripPlan | None, time: TempoMap
) -> StripPlan:
    """The strip with its instrument, if it has one."""
    if track.kind != "instrument":
        return strip
    score = score_of(track, time, before.score if before else None)
    instrument = track.instrument or Instrument()
    sound = sound_key(instrument, samples)
    return replace(strip, instrument=instrument, score=score, samples=samples, sound=sound)


def _samples(track: Track, known: Known, project: Project) -> tuple[Sample, ...]:
    """The sounds that the zones of a track play, by id."""
    wanted = set(zone_media(track))
    if not wanted:
        return ()
    found = [media for media in project.media if media.id in wanted]
    return tuple(Sample(m.id, m.name, known[m.id].path, m.frames) for m in found)


def _material(
    track: Track, before: StripPlan | None, same_time: bool, known: Known, time: TempoMap
) -> tuple[Origin, SegmentTable]:
    """The segments of a track, taken from the plan before as far as clips, media and tempo are the same."""
    old = before.origin if before else _NOTHING
    if before is not None and track.clips is old.clips and all(known[m.id] == m for m in old.media):
        return old, (before.segments if same_time else _table(old, time))
    origin = _origin(track.clips, old, known, time.rate)
    return origin, _table(origin, time)


def _origin(clips: tuple[Clip, ...], old: Origin, known: Known, rate: int) -> Origin:
    """The clips as columns. Rows of clips at both ends that are the same objects as before are copied, not made."""
    head = _alike(clips, old.clips)
    tail = _alike(clips[head:][::-1], old.clips[head:][::-1])
    index = {medium.id: at for at, medium in enumerate(old.media)}
    rows: list[tuple[int, ...]] = []
    gains: list[float] = []
    counts = [_add_rows(clip, index, rate, rows, gains) for clip in clips[head : len(clips) - tail]]
    begin, stop = int(old.first[head]), int(old.first[len(old.clips) - tail])
    fresh = np.array(rows, np.int64).reshape(len(rows), WIDTH)
    columns = np.concatenate([old.columns[:begin], fresh, old.columns[stop:]])
    every_gain = np.concatenate([old.gains[:begin], np.array(gains, np.float64), old.gains[stop:]])
    numbers = np.diff(old.first)
    lengths = np.concatenate([numbers[:head], np.array(counts, np.int64), numbers[len(old.clips) - tail :]])
    first = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    used, columns[:, MEDIA] = np.unique(columns[:, MEDIA], return_inverse=True)
    ids = list(index)
    media = tuple(known[ids[at]] for at in used)
    return Origin(clips, media, columns, every_gain, first)


def _alike(new: Sequence[Clip], old: Sequence[Clip]) -> int:
    """How many clips from the beginning are the same objects."""
    for count, same in enumerate(map(operator.is_, new, old)):
        if not same:
            return count
    return min(len(new), len(old))


def _add_rows(clip: Clip, index: dict[str, int], rate: int, rows: list[tuple[int, ...]], gains: list[float]) -> int:
    """Append the rows of a clip; how many there are. Notes have none."""
    if clip.muted or isinstance(clip, NoteClip):
        return 0
    fades = (clip.length, clip.fade_in, clip.fade_out, SHAPES[clip.fade_shape])
    if isinstance(clip, AudioClip):
        medium = index.setdefault(clip.sound, len(index))
        rows.append((clip.anchor, clip.offset, clip.source, clip.length, medium, 0, *fades, 0, 0))
        gains.append(clip.gain)
        return 1
    parts = segments(clip, rate)
    for part in parts:
        medium = index.setdefault(part.sound, len(index))
        place = (clip.anchor, clip.offset + part.start, part.source, part.length, medium, part.start)
        rows.append((*place, *fades, part.fade_in, part.fade_out))
        gains.append(clip.gain * part.gain)
    return len(parts)


def _table(origin: Origin, time: TempoMap) -> SegmentTable:
    """The columns as segments on the timeline, sorted, with their cuts softened."""
    start = time.frames(origin.columns[:, ANCHOR]) + origin.columns[:, OFFSET]
    order = np.lexsort((origin.columns[:, SOURCE], start))
    columns, start, gain = origin.columns[order], start[order], origin.gains[order]
    end, clip_start = start + columns[:, LENGTH], start - columns[:, LEAD]
    clip_end = clip_start + columns[:, CLIP_LENGTH]
    rise = np.where(clip_start + columns[:, FADE_IN] > start, columns[:, FADE_IN], 0)
    fall = np.where(clip_end - columns[:, FADE_OUT] < end, columns[:, FADE_OUT], 0)
    faded_in = np.maximum(np.where(clip_start == start, rise, 0), columns[:, CROSS_IN])
    faded_out = np.maximum(np.where(clip_end == end, fall, 0), columns[:, CROSS_OUT])
    seams = _seams(start, end, columns, gain, faded_in == 0, faded_out == 0)
    cut_in, cut_out = _cuts(columns, origin.media, faded_in, faded_out)
    soft_in, in_at, soft_out, out_end = _softened(start, end, seams, cut_in, cut_out)
    return SegmentTable(
        media=origin.media,
        start=start,
        end=end,
        latest=np.maximum.accumulate(end),
        source=columns[:, SOURCE],
        which=columns[:, MEDIA],
        gain=gain.astype(np.float32),
        rise_at=clip_start,
        rise=rise,
        fall_end=clip_end,
        fall=fall,
        shape=columns[:, SHAPE],
        cross_in=np.where(soft_in, DECLICK, columns[:, CROSS_IN]),
        cross_out=np.where(soft_out, DECLICK, columns[:, CROSS_OUT]),
        cross_in_at=in_at,
        cross_out_end=out_end,
        soft_in=soft_in,
        soft_out=soft_out,
    )


def _cuts(
    columns: Integers, media: tuple[PlanMedia, ...], faded_in: Integers, faded_out: Integers
) -> tuple[Flags, Flags]:
    """Which segments begin, and which end, inside their media without a fade long enough."""
    frames = np.array([medium.frames for medium in media] or [0], np.int64)[columns[:, MEDIA]]
    source, source_end = columns[:, SOURCE], columns[:, SOURCE] + columns[:, LENGTH]
    begins = (faded_in < DECLICK) & (source > 0) & (source < frames)
    return begins, (faded_out < DECLICK) & (source_end > 0) & (source_end < frames)


def _softened(
    start: Integers, end: Integers, seams: tuple[Integers, Integers], cut_in: Flags, cut_out: Flags
) -> tuple[Flags, Integers, Flags, Integers]:
    """Where short fades go: at cuts that are no seams, and over the seams of pieces shorter than such a fade."""
    left, right = seams
    cut_in[right], cut_out[left] = False, False
    in_at, out_end = start.copy(), end.copy()
    short = end - start < DECLICK
    for a, b in zip(left[short[left]].tolist(), right[short[left]].tolist(), strict=True):
        if cut_in[a] and end[a] < in_at[a] + DECLICK:
            cut_in[b], in_at[b] = True, in_at[a]
    for a, b in zip(left[short[right]][::-1].tolist(), right[short[right]][::-1].tolist(), strict=True):
        if cut_out[b] and start[b] > out_end[b] - DECLICK:
            cut_out[a], out_end[a] = True, out_end[b]
    return cut_in, in_at, cut_out, out_end


def _seams(
    start: Integers,
    end: Integers,
    columns: Integers,
    gain: npt.NDArray[np.float64],
    open_in: Flags,
    open_out: Flags,
) -> tuple[Integers, Integers]:
    """Pairs of rows (left, right), by left, of which the right one continues the left one sample for sample."""
    low, high = np.searchsorted(start, end, side="left"), np.searchsorted(start, end, side="right")
    counts = high - low
    left = np.repeat(np.arange(len(start)), counts)
    right = np.arange(len(left)) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(low, counts)
    same = (
        (columns[left, MEDIA] == columns[right, MEDIA])
        & (columns[left, SOURCE] + columns[left, LENGTH] == columns[right, SOURCE])
        & (gain[left] == gain[right])
        & open_out[left]
        & open_in[right]
    )
    return left[same], right[same]
