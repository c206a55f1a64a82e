"""What a clip sounds like in terms of media: the one place that resolves comps. Renderer, timeline and coach use it."""

from __future__ import annotations

import msgspec

from .notes import NoteClip
from .project import AudioClip, Clip, Comp, FadeShape

CROSSFADE_SECONDS = 0.010
"""Length of the crossfade between two takes of a comp."""


class Segment(msgspec.Struct, frozen=True, gc=False):
    """`length` frames of `media` from `source`, sounding `start` frames after the clip's left edge.

    `fade_in` and `fade_out` are frames inside the segment; neighbours of a comp overlap by their crossfade. `sound` is
    the id of what is heard: the media's, or that of its corrected form, which is as long.
    """

    media: str
    start: int
    source: int
    length: int
    gain: float
    fade_in: int = 0
    fade_out: int = 0
    fade_shape: FadeShape = "equal_power"
    sound: str = ""


def segments(clip: Clip, rate: int) -> tuple[Segment, ...]:
    """The segments of a clip in order of start; notes have none (`sounding.py` tells what they sound like).

    The clip's own gain, mute and outer fades are not applied here.
    """
    if isinstance(clip, NoteClip):
        return ()
    if isinstance(clip, AudioClip):
        return (Segment(clip.media, 0, clip.source, clip.length, 1.0, sound=clip.sound),)
    return tuple(_comp_segments(clip, rate))


def _comp_segments(comp: Comp, rate: int) -> list[Segment]:
    """A span reaches half a crossfade beyond each border it shares with another take, as far as both have material."""
    out: list[Segment] = []
    half = int(CROSSFADE_SECONDS * rate) // 2
    left_edge, right_edge = comp.lead, comp.lead + comp.length
    spans, begin = _merged(comp), 0
    for i, (end, take_id) in enumerate(spans):
        take = comp.take(take_id)
        if take is not None:
            before = _reach(comp, spans[i - 1][1] if i else "", take_id, begin, half)
            after = _reach(comp, take_id, spans[i + 1][1] if i + 1 < len(spans) else "", end, half)
            first = max(begin - before, take.start, left_edge)
            last = min(end + after, take.start + take.length, right_edge)
            if last > first:
                lead_in = max(begin + before - first, 0) if before and first < begin + before else 0
                lead_out = max(last - (end - after), 0) if after and last > end - after else 0
                source = take.source + first - take.start
                place = (take.media, first - left_edge, source, last - first, take.gain, lead_in, lead_out)
                out.append(Segment(*place, sound=take.sound))
        begin = end
    return out


def _merged(comp: Comp) -> list[tuple[int, str]]:
    """The spans as (end, take) with neighbours of one take joined."""
    merged: list[tuple[int, str]] = []
    for span in comp.spans:
        if merged and merged[-1][1] == span.take:
            merged[-1] = (span.end, span.take)
        else:
            merged.append((span.end, span.take))
    return merged


def _reach(comp: Comp, left_id: str, right_id: str, border: int, half: int) -> int:
    """How far the crossfade at `border` reaches to each side: `half`, less where a take has no more material."""
    left, right = comp.take(left_id), comp.take(right_id)
    if left is None or right is None:
        return 0
    return max(0, min(half, left.start + left.length - border, border - right.start))
