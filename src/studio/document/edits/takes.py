"""Recorded passes become clips or numbered takes of a comp, and a comp chooses ranges out of its takes."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from ..document import Edit, EditRefused
from ..notes import NoteClip
from ..project import (
    MAX_GAIN,
    AudioClip,
    Clip,
    Comp,
    Media,
    Project,
    Span,
    Take,
    Track,
    clip_end,
    clip_start,
    new_id,
    place,
)
from ._parts import FreshIds, change_clips, change_track, find_clips, find_track, with_clips
from .song import put_media

PARTIAL = 0.5
"""A pass shorter than this share of the longest is kept as a take but does not replace what sounds."""


class Pass(msgspec.Struct, frozen=True):
    """One recorded pass: media frames `source` to `source + length`, sung or played from song frame `start` on.

    `before` and `after` are frames of the media around them that are not wanted, but let the borders cross.
    """

    start: int
    source: int
    length: int
    dropouts: tuple[int, ...] = ()
    before: int = 0
    after: int = 0


def record_passes(track_id: str, media: Media, passes: Sequence[Pass]) -> Edit:
    """Puts a recording on a track as one undo step.

    A single pass on empty ground becomes a clip. Over existing clips, or with several passes, all that is there and all
    passes become takes of one comp; the newest pass that is not a fragment sounds where it has material.
    """
    return _pass_edit("Record" if len(passes) == 1 else f"Record {len(passes)} takes", track_id, media, passes)


def lay_in(track_id: str, media: Media, one: Pass, label: str) -> Edit:
    """Replaces a range of a track by a sound: what is there becomes takes of one comp with it, so all of it is kept.

    It sounds at its own level, whatever the gain of a comp that it goes into. On empty ground it is a clip.
    """
    return _pass_edit(label, track_id, media, (one,), media.name)


def _pass_edit(label: str, track_id: str, media: Media, passes: Sequence[Pass], name: str = "") -> Edit:
    clip_id, take_ids = new_id("clip"), FreshIds("take")

    def change(project: Project) -> Project:
        track = find_track(project, track_id)
        if track.kind != "audio":
            raise EditRefused("Sound is recorded on audio tracks only; arm one and record again.")
        project = put_media((media,)).change(project)
        under = _overlapped(project, track, passes)
        if len(passes) == 1 and not under:
            new: Clip = _clip(project, track, media, passes[0], clip_id)
        else:
            new = _Build(project, under, take_ids).comp(track, media, passes, clip_id, name)
        gone = {clip.id for clip in under}
        kept = [clip for clip in track.clips if clip.id not in gone]
        opened = track.lanes_open or isinstance(new, Comp)
        return change_track(project, track_id, lambda t: with_clips(replace(t, lanes_open=opened), [*kept, new]))

    return Edit(label, change)


def _overlapped(project: Project, track: Track, passes: Sequence[Pass]) -> list[AudioClip | Comp]:
    """The clips of a track of sound under any pass, by start."""
    first, last = min(p.start for p in passes), max(p.start + p.length for p in passes)
    time = project.time
    clips = [clip for clip in track.clips if not isinstance(clip, NoteClip)]
    under = [clip for clip in clips if clip_start(clip, time) < last and clip_end(clip, time) > first]
    return sorted(under, key=lambda clip: clip_start(clip, time))


def _clip(project: Project, track: Track, media: Media, one: Pass, clip_id: str) -> AudioClip:
    anchor, offset = place(track.base, one.start, project.time)
    return AudioClip(clip_id, media.name, media.id, anchor, offset, one.source, one.length)


class _Build:
    """Collects takes and spans in song frames, then makes the comp around them."""

    def __init__(self, project: Project, under: Sequence[AudioClip | Comp], ids: FreshIds) -> None:
        self.project, self.ids, self.drawn = project, ids, 0
        self.takes = list[tuple[int, Take]]()
        self.chosen = list[tuple[int, int, str]]()
        self.fade_in = under[0].fade_in if under else 0
        self.fade_out = under[-1].fade_out if under else 0
        self.edges = [(clip_start(c, project.time), clip_end(c, project.time)) for c in under]
        self.gain = under[0].gain if len(under) == 1 and isinstance(under[0], Comp) else 1.0
        for clip in under:
            self._absorb(clip)

    def _absorb(self, clip: AudioClip | Comp) -> None:
        start, end = int(clip_start(clip, self.project.time)), int(clip_end(clip, self.project.time))
        ranges = list[tuple[int, int, str]]()
        if isinstance(clip, AudioClip):
            take = self._take(clip.name, clip.media, clip.source, clip.length, clip.gain)
            take = replace(take, correction=clip.correction)
            self.takes.append((start, take))
            ranges.append((start, end, take.id))
        else:
            origin, begin = start - clip.lead, 0
            level = clip.gain / self.gain if self.gain else 1.0
            for take in clip.takes:
                number = len(self.takes) + 1
                self.takes.append((origin + take.start, replace(take, number=number, gain=take.gain * level)))
            for span in clip.spans:
                ranges.append((max(origin + begin, start), min(origin + span.end, end), span.take))
                begin = span.end
        if not clip.muted:
            self.chosen += [(a, b, take_id) for a, b, take_id in ranges if b > a and take_id]

    def _take(self, name: str, media: str, source: int, length: int, gain: float = 1.0) -> Take:
        number = len(self.takes) + 1
        self.drawn += 1
        return Take(self.ids[self.drawn - 1], number, name, media, 0, source, length, gain)

    def comp(self, track: Track, media: Media, passes: Sequence[Pass], clip_id: str, name: str = "") -> Comp:
        longest = max(one.length for one in passes)
        newest = max((i for i, one in enumerate(passes) if one.length >= longest * PARTIAL), default=0)
        for i, one in enumerate(passes):
            level = min(1.0 / self.gain, MAX_GAIN) if name and self.gain else 1.0
            length = one.before + one.length + one.after
            take = self._take(name, media.id, one.source - one.before, length, level)
            take = replace(take, name=name or f"Take {take.number}", dropouts=one.dropouts)
            self.takes.append((one.start - one.before, take))
            if i <= newest:
                self.chosen.append((one.start, one.start + one.length, take.id))
        return self._assembled(track, clip_id)

    def _assembled(self, track: Track, clip_id: str) -> Comp:
        origin = min(start for start, _ in self.takes)
        left = min(begin for begin, _, _ in self.chosen)
        right = max(end for _, end, _ in self.chosen)
        takes = tuple(replace(take, start=start - origin) for start, take in self.takes)
        spans: tuple[Span, ...] = ()
        for begin, end, take_id in self.chosen:
            spans = paint(spans, begin - origin, end - origin, take_id)
        anchor, offset = place(track.base, left, self.project.time)
        outer = bool(self.edges)
        fade_in = self.fade_in if outer and self.edges[0][0] == left else 0
        fade_out = self.fade_out if outer and self.edges[-1][1] == right else 0
        fade_out = min(fade_out, right - left - fade_in)
        return Comp(
            clip_id, track.name, anchor, offset, left - origin, right - left, takes, spans, self.gain, fade_in, fade_out
        )


def paint(spans: Sequence[Span], begin: int, end: int, take: str) -> tuple[Span, ...]:
    """Spans with `begin` to `end` given to `take`; neighbours of one take are joined, new ground is silence."""
    borders: list[tuple[int, int, str]] = []
    at = 0
    for span in spans:
        borders += [(at, min(span.end, begin), span.take), (max(at, end), span.end, span.take)]
        at = span.end
    borders += [(at, begin, ""), (begin, end, take)]
    out: list[Span] = []
    for _, stop, owner in sorted((a, b, owner) for a, b, owner in borders if b > a):
        if out and out[-1].take == owner:
            out.pop()
        out.append(Span(stop, owner))
    return tuple(out)


def _comp(project: Project, comp_id: str) -> Comp:
    clip = find_clips(project, (comp_id,))[comp_id][1]
    if not isinstance(clip, Comp):
        raise EditRefused("This clip has no takes to choose from; record over it to make some.")
    return clip


def choose_range(comp_id: str, take_id: str, begin: int, end: int, merge: str = "") -> Edit:
    """Lets a take sound from `begin` to `end` (frames from the comp's left edge), as far as it has material."""

    def change(project: Project) -> Project:
        comp = _comp(project, comp_id)
        take = comp.take(take_id)
        if take is None:
            raise EditRefused("This take is no longer in the comp.")
        first = max(comp.lead + max(begin, 0), take.start)
        last = min(comp.lead + min(end, comp.length), take.start + take.length)
        if last <= first:
            raise EditRefused("This take has no sound in that range.")
        spans = paint(comp.spans, first, last, take_id)
        return change_clips(project, {comp_id: (replace(comp, spans=spans),)})

    return Edit("Choose take", change, merge)


def choose_take(comp_id: str, take_id: str) -> Edit:
    """Lets one take sound wherever it has material."""

    def change(project: Project) -> Project:
        length = _comp(project, comp_id).length
        return choose_range(comp_id, take_id, 0, length).change(project)

    return Edit("Choose take", change)


def choose_ranges(comp_id: str, choices: Sequence[tuple[int, int, str]], label: str = "Choose takes") -> Edit:
    """Lets takes sound in ranges (first frame, frame after the last, take; from the comp's left edge), as one step.

    Where a take has no material its range stays as it was.
    """

    def change(project: Project) -> Project:
        comp = _comp(project, comp_id)
        spans = comp.spans
        for begin, end, take_id in choices:
            take = comp.take(take_id)
            if take is None:
                raise EditRefused("A take is no longer in the comp; compare the takes again.")
            first = max(comp.lead + max(begin, 0), take.start)
            last = min(comp.lead + min(end, comp.length), take.start + take.length)
            if last > first:
                spans = paint(spans, first, last, take_id)
        return change_clips(project, {comp_id: (replace(comp, spans=spans),)})

    return Edit(label, change)


def delete_take(comp_id: str, take_id: str) -> Edit:
    """Removes a take from a comp; where it sounded, the newest other take with material sounds. The media stays."""

    def change(project: Project) -> Project:
        comp = _comp(project, comp_id)
        others = tuple(take for take in comp.takes if take.id != take_id)
        if not others or len(others) == len(comp.takes):
            raise EditRefused("The last take of a comp cannot be removed; delete the clip instead.")
        spans = tuple(Span(s.end, "" if s.take == take_id else s.take) for s in comp.spans)
        return change_clips(project, {comp_id: (replace(comp, takes=others, spans=_filled(comp, spans, others)),)})

    return Edit("Delete take", change)


def _filled(comp: Comp, spans: tuple[Span, ...], takes: Sequence[Take]) -> tuple[Span, ...]:
    """The spans with silence that the deleted take left given to the newest take that reaches there."""
    begin, out = 0, spans
    for old, span in zip(comp.spans, spans, strict=True):
        if span.take != old.take:
            for take in takes:
                first, last = max(begin, take.start), min(span.end, take.start + take.length)
                if last > first:
                    out = paint(out, first, last, take.id)
        begin = span.end
    return out


def rename_take(comp_id: str, take_id: str, name: str) -> Edit:
    """Gives a take a name."""

    def change(project: Project) -> Project:
        comp = _comp(project, comp_id)
        takes = tuple(replace(take, name=name) if take.id == take_id else take for take in comp.takes)
        return change_clips(project, {comp_id: (replace(comp, takes=takes),)})

    return Edit("Rename take", change)
