"""What a row shows, as sorted arrays: its clips, and the pieces of media in them that are seen."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ...document.notes import NoteClip
from ...document.project import AudioClip, Clip, Comp, Take, Track, clip_ends, media_of
from ...document.segments import segments
from ...document.time import TempoMap
from .axis import Axis
from .columns import Style

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
MediaIndex = Callable[[str], int]
_Piece = tuple[int, int, int, int, int, float, int]
"""First frame, end frame, media frame minus song frame, media index, clip index, gain, style."""


@dataclass
class RowPlan:
    """The clips of a row in order of start, and their pieces, which never overlap.

    Per clip: `ids`, `names`, `first` and `last` in frames, `begin` and `end` in exact ticks, `gain`, fades in frames,
    `style`. Per piece (`p_...`): the same positions, `p_shift` from song frame to media frame, `p_media` an index.
    In a lane a "clip" is a take, its id the comp's and `takes` the take's. `left_seen` and `right_seen` say whether the
    edges of a clip can be seen, `clear_to` up to which tick nothing covers it, from its beginning on. `notes` are the
    clips of notes by their index.
    """

    ids: Sequence[str]
    names: Sequence[str]
    media: Sequence[tuple[str, ...]]
    takes: Sequence[str]
    muted: npt.NDArray[np.bool_]
    first: Ints
    last: Ints
    begin: Floats
    end: Floats
    gain: Floats
    fade_in: Ints
    fade_out: Ints
    curved: npt.NDArray[np.bool_]
    style: Ints
    p_begin: Floats
    p_end: Floats
    p_shift: Ints
    p_media: Ints
    p_clip: Ints
    p_gain: Floats
    p_style: Ints
    lane: bool
    widest: float
    faded: bool
    comps: bool
    left_seen: npt.NDArray[np.bool_]
    right_seen: npt.NDArray[np.bool_]
    clear_to: Floats
    styles: frozenset[int]
    live: int = -1
    notes: dict[int, NoteClip] = field(default_factory=dict)

    @cached_property
    def _begins(self) -> list[float]:
        """`begin` to be searched: numpy gives the interpreter lock away for every search."""
        return self.begin.tolist()

    @cached_property
    def _piece_edges(self) -> tuple[list[float], list[float]]:
        return self.p_begin.tolist(), self.p_end.tolist()

    def clips_between(self, begin: float, end: float) -> range:
        """The indices of a range of clips that holds all that touch `begin` to `end` ticks."""
        begins = self._begins
        return range(bisect.bisect_left(begins, begin - self.widest), bisect.bisect_right(begins, end))

    def pieces_between(self, begin: float, end: float) -> range:
        """The indices of the pieces that touch `begin` to `end` ticks."""
        begins, ends = self._piece_edges
        return range(bisect.bisect_left(ends, begin), bisect.bisect_right(begins, end))

    def clip_at(self, tick: float) -> int:
        """The index of the topmost clip over a tick, -1 for none."""
        for i in reversed(self.clips_between(tick, tick)):
            if self.begin[i] <= tick < self.end[i]:
                return i
        return -1

    def hidden_from(self, i: int, axis: Axis) -> int:
        """The column from which another clip covers clip `i`, its own end if none does."""
        return round(axis.x(float(self.clear_to[i])))

    def restyle(self, selected: AbstractSet[str], missing: AbstractSet[str]) -> bool:
        """Brings the styles up to date with what is selected and what has no file; says whether any changed."""
        if self.lane or not self.ids:
            return False
        style = np.where(self.muted, Style.MUTED, Style.NORMAL)
        if missing:
            style[[not missing.isdisjoint(media) for media in self.media]] = Style.MISSING
        if selected:
            style += np.fromiter((clip_id in selected for clip_id in self.ids), bool, len(self.ids))
        if self.live >= 0:
            style[self.live] = Style.LIVE
        if np.array_equal(style, self.style):
            return False
        self.style = style
        self.p_style = style[self.p_clip]
        self.styles = frozenset(style.tolist())
        return True


def track_plan(
    track: Track,
    time: TempoMap,
    media_index: MediaIndex,
    live: AudioClip | None = None,
    front: AbstractSet[str] = frozenset(),
) -> RowPlan:
    """The plan of a track's own row. `live` is a take that is growing, `front` are clips in hand: they lie on top."""
    clips: tuple[Clip, ...] = (*track.clips, live) if live else track.clips
    anchors = time.frames([clip.anchor for clip in clips]) if clips else np.zeros(0, np.int64)
    first = anchors + np.array([clip.offset for clip in clips], np.int64)
    if clips and (first[1:] <= first[:-1]).any():
        order = np.lexsort((-(clip_ends(clips, time) - first), first))
        clips, first = tuple(clips[i] for i in order), first[order]
    pieces: list[_Piece] = []
    for i, (clip, start) in enumerate(zip(clips, first.tolist(), strict=True)):
        if isinstance(clip, AudioClip):
            media = media_index(clip.sound)
            pieces.append((start, start + clip.length, clip.source - start, media, i, clip.gain, 0))
        elif isinstance(clip, Comp):
            pieces += _comp_pieces(clip, i, start, time.rate, media_index)
        else:
            pieces.append((start, int(time.frame(clip.end)), 0, media_index(""), i, 1.0, 0))
    growing = next((i for i, clip in enumerate(clips) if clip is live), -1)
    top = {i for i, clip in enumerate(clips) if clip.id in front} if front else set[int]()
    seen = _uncovered(pieces, top | {growing})
    plan = _plan(clips, first, seen, time, [""] * len(clips), lane=False)
    plan.live = growing
    plan.notes = {i: clip for i, clip in enumerate(clips) if isinstance(clip, NoteClip)}
    plan.restyle(frozenset(), frozenset())
    return plan


def _comp_pieces(comp: Comp, i: int, start: int, rate: int, media_index: MediaIndex) -> Iterator[_Piece]:
    for part in segments(comp, rate):
        at = start + part.start
        yield at, at + part.length, part.source - at, media_index(part.sound), i, comp.gain * part.gain, 0


def lane_plan(track: Track, lane: int, time: TempoMap, media_index: MediaIndex) -> RowPlan:
    """The plan of take lane `lane` (0 holds the first takes): the takes' material inside their comps."""
    comps = [clip for clip in track.clips if isinstance(clip, Comp) and lane < len(clip.takes)]
    anchors = time.frames([comp.anchor for comp in comps]) if comps else np.zeros(0, np.int64)
    starts = anchors + np.array([comp.offset for comp in comps], np.int64)
    shown: list[tuple[Comp, Take, int, int]] = []
    pieces: list[_Piece] = []
    for comp, start in sorted(zip(comps, starts.tolist(), strict=True), key=lambda pair: pair[1]):
        take, origin = comp.takes[lane], start - comp.lead
        left, right = max(take.start, comp.lead), min(take.start + take.length, comp.lead + comp.length)
        if right > left:
            shown.append((comp, take, origin + left, origin + right))
            pieces += _lane_pieces(comp, take, len(shown) - 1, origin, left, right, media_index(take.sound))
    first = np.array([begin for _, _, begin, _ in shown], np.int64)
    clips = tuple(_as_clip(comp, take, end - begin) for comp, take, begin, end in shown)
    return _plan(clips, first, _uncovered(pieces), time, [take.id for _, take, _, _ in shown], lane=True)


def _as_clip(comp: Comp, take: Take, length: int) -> AudioClip:
    return AudioClip(comp.id, take.name, take.media, 0, 0, take.source, length, correction=take.correction)


def _lane_pieces(comp: Comp, take: Take, i: int, origin: int, left: int, right: int, media: int) -> Iterator[_Piece]:
    """A take's material, cut where the comp chooses it or not."""
    begin = 0
    shift = take.source - take.start - origin
    for span in (*comp.spans, None):
        end = right if span is None else span.end
        low, high = max(begin, left), min(end, right)
        if high > low:
            style = Style.CHOSEN if span is not None and span.take == take.id else Style.PASSED_OVER
            yield origin + low, origin + high, shift, media, i, take.gain, int(style)
        begin = max(begin, end)


def _plan(
    clips: Sequence[Clip], first: Ints, pieces: list[_Piece], time: TempoMap, takes: Sequence[str], lane: bool
) -> RowPlan:
    last = clip_ends(clips, time) if clips and not lane else first + np.array([c.length for c in clips], np.int64)
    columns = list(zip(*pieces, strict=True)) if pieces else [()] * 7
    shift, media, owner = (np.array(columns[k], np.int64) for k in (2, 3, 4))
    style = np.zeros(len(clips), np.int64)
    left, right, clear = _edges(len(clips), first, last, pieces)
    edges = [first, last, clear, np.array(columns[0], np.int64), np.array(columns[1], np.int64)]
    ticks = time.exact_ticks(np.concatenate(edges))
    begin, end, clear_to, p_begin, p_end = np.split(ticks, np.cumsum([len(edge) for edge in edges])[:-1])
    return RowPlan(
        ids=[clip.id for clip in clips],
        names=[_label(clip) for clip in clips],
        media=[media_of(clip) for clip in clips],
        takes=takes,
        muted=np.array([clip.muted for clip in clips], bool),
        first=first,
        last=last,
        begin=begin,
        end=end,
        gain=np.array([clip.gain for clip in clips], np.float64),
        fade_in=np.array([clip.fade_in for clip in clips], np.int64),
        fade_out=np.array([clip.fade_out for clip in clips], np.int64),
        curved=np.array([clip.fade_shape == "equal_power" for clip in clips], bool),
        style=style,
        p_begin=p_begin,
        p_end=p_end,
        p_shift=shift,
        p_media=media,
        p_clip=owner,
        p_gain=np.array(columns[5], np.float64),
        p_style=np.array(columns[6], np.int64),
        lane=lane,
        widest=float((end - begin).max()) if len(clips) else 0.0,
        faded=any(clip.fade_in or clip.fade_out for clip in clips),
        comps=any(isinstance(clip, Comp) for clip in clips),
        left_seen=left,
        right_seen=right,
        clear_to=clear_to,
        styles=frozenset(columns[6]),
    )


def _label(clip: Clip) -> str:
    """What stands on a clip: its name, and whether its pitch is corrected."""
    tuned = isinstance(clip, AudioClip) and clip.sound != clip.media
    return f"{clip.name} · tuned" if tuned else clip.name


def _uncovered(pieces: list[_Piece], top: AbstractSet[int] = frozenset()) -> list[_Piece]:
    """The pieces without what others cover: a clip that starts later lies on top, the clips `top` on all."""
    if all(a[1] <= b[0] for a, b in itertools.pairwise(pieces)):
        return pieces
    out: list[_Piece] = []
    for piece in sorted(pieces, key=lambda p: (p[4] in top, p[0])):
        low = bisect.bisect_right(out, piece[0], key=lambda p: p[1])
        high = bisect.bisect_left(out, piece[1], key=lambda p: p[0])
        under = out[low:high]
        left = [(u[0], piece[0], *u[2:]) for u in under[:1] if u[0] < piece[0]]
        right = [(piece[1], u[1], *u[2:]) for u in under[-1:] if u[1] > piece[1]]
        out[low:high] = [*left, piece, *right]
    return out


def _edges(
    count: int, first: Ints, last: Ints, pieces: Sequence[_Piece]
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_], Ints]:
    """By clip: whether its left and its right edge are seen, and up to which frame it is, from its left edge on."""
    starts, ends = first.tolist(), last.tolist()
    left, right, clear = [False] * count, [False] * count, first.tolist()
    for begin, end, _, _, clip, _, _ in pieces:
        left[clip] = left[clip] or begin == starts[clip]
        right[clip] = right[clip] or end == ends[clip]
        if clear[clip] == begin:
            clear[clip] = end
    return np.array(left, bool), np.array(right, bool), np.array(clear, np.int64)
