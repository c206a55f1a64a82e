"""What note clips sound like: the one place that resolves windows, patterns, borders, gain and transposition.

Positions are song ticks. A note that the right edge of its clip cuts sounds on where the next clip begins right there
and holds the same note: the halves of a split sound like the whole.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

import msgspec

from .notes import Bend, Control, Controller, Note, NoteClip, Program
from .project import Track

SUSTAIN = (64, 66, 69)
"""The pedals that hold notes: a clip that leaves one down lets it go at its end."""

MIDDLE = 64
"""From this value on a pedal is down."""


class Played(msgspec.Struct, frozen=True, gc=False):
    """A note as it sounds, from tick `start` to tick `end` of the song. `note` is as it is written in its clip.

    `turn` counts the repetitions of the pattern, so that chance can fall differently each time round.
    """

    start: int
    end: int
    pitch: int
    velocity: int
    note: Note
    turn: int = 0


class _Cut(msgspec.Struct, frozen=True, gc=False):
    """A note that its clip's right edge cuts: it is `played` up to there and meant to last until `until`."""

    played: Played
    until: int


def track_notes(track: Track) -> list[Played]:
    """All notes of a track that sound, by start. Muted notes and clips are left out; mute of the track is not asked."""
    clips = [clip for clip in track.clips if isinstance(clip, NoteClip) and not clip.muted]
    following: dict[int, list[NoteClip]] = {}
    for clip in clips:
        following.setdefault(clip.anchor, []).append(clip)
    sounding: list[Played] = []
    for clip in clips:
        whole, cut = _clip_notes(clip)
        sounding += whole
        sounding += [_tied(one, clip.end, following) for one in cut]
    return sorted(sounding, key=lambda played: (played.start, played.pitch, played.note.id))


def clip_notes(clip: NoteClip) -> list[Played]:
    """The notes of a clip that sound in it, in no particular order. The clip's mute is not asked."""
    whole, cut = _clip_notes(clip)
    return [*whole, *(one.played for one in cut)]


def _clip_notes(clip: NoteClip) -> tuple[list[Played], list[_Cut]]:
    """The notes that end inside a clip, and those that its right edge cuts."""
    whole: list[Played] = []
    cut: list[_Cut] = []
    if clip.gain == 0.0:
        return whole, cut
    right = clip.lead + clip.ticks
    for turn, shift in _turns(clip):
        for note in clip.notes if clip.loop else _window(clip):
            start = shift + note.start
            if note.muted or not clip.lead <= start < right or (clip.loop and not 0 <= note.start < clip.loop):
                continue
            pitch = note.pitch + clip.transpose
            if not 0 <= pitch <= 127:
                continue
            until = start + min(note.length, clip.loop - note.start) if clip.loop else start + note.length
            velocity = min(max(round(note.velocity * clip.gain), 1), 127)
            first = clip.origin + start
            played = Played(first, clip.origin + min(until, right), pitch, velocity, note, turn)
            if until > right:
                cut.append(_Cut(played, clip.origin + until))
            else:
                whole.append(played)
    return whole, cut


def _window(clip: NoteClip) -> Iterator[Note]:
    """The notes of the blocks that the window touches."""
    right = clip.lead + clip.ticks
    for block in clip.note_blocks:
        if block.items[-1].start >= clip.lead and block.items[0].start < right:
            yield from block.items


def _turns(clip: NoteClip) -> Iterator[tuple[int, int]]:
    """The number and the first tick, in the clip's own time, of each repetition that its window touches."""
    if not clip.loop:
        return iter(((0, 0),))
    first, last = clip.lead // clip.loop, -(-(clip.lead + clip.ticks) // clip.loop)
    return ((turn, turn * clip.loop) for turn in range(first, last))


def _tied(cut: _Cut, edge: int, following: dict[int, list[NoteClip]]) -> Played:
    """The note, longer where clips that begin at the edge hold it too."""
    end = edge
    while end < cut.until:
        heir = next((clip for clip in following.get(end, ()) if _holds(clip, cut)), None)
        if heir is None:
            break
        end = min(cut.until, heir.end)
    return msgspec.structs.replace(cut.played, end=end)


def _holds(clip: NoteClip, cut: _Cut) -> bool:
    """Whether the part of a clip that its left edge hides holds the same note."""
    note, start = cut.played.note, cut.played.start - clip.origin
    if clip.loop:
        start %= clip.loop
    if start != note.start or clip.transpose + note.pitch != cut.played.pitch or not clip.gain:
        return False
    return any(
        note == other
        for block in clip.note_blocks
        if block.items[0].start <= start <= block.items[-1].start
        for other in block.items
    )


def track_controls(track: Track) -> list[Control]:
    """All controls of a track in the order they are sent, at song ticks.

    A clip begins with the state that its hidden part leaves, and lets pedals and bend go at its end unless the next
    clip takes them on. What is sent is only what changes something.
    """
    clips = [clip for clip in track.clips if isinstance(clip, NoteClip) and not clip.muted]
    ends: list[Control] = []
    begins: list[Control] = []
    inside: list[Control] = []
    for clip in clips:
        state = _before(clip)
        begins += [_at(point, clip.anchor) for point in state.values()]
        for point in _inside(clip):
            _set(state, point)
            inside.append(point)
        ends += [_at(let_go, clip.end) for let_go in map(_released, state.values()) if let_go is not None]
    taken_on = {(point.tick, _what(point)) for point in begins}
    ends = [point for point in ends if (point.tick, _what(point)) not in taken_on]
    ordered = sorted(itertools.chain(ends, begins, inside), key=lambda point: point.tick)
    return list(_that_change(ordered, {id(point) for point in inside}))


def _before(clip: NoteClip) -> dict[object, Control]:
    """What each control stands at before the clip's left edge, in the order they were set."""
    state: dict[object, Control] = {}
    if clip.loop:
        turns, into = divmod(clip.lead, clip.loop)
        points = [point for point in clip.controls if 0 <= point.tick < clip.loop]
        for point in points if turns > 0 else ():
            _set(state, point)
    else:
        into, points = clip.lead, list(clip.controls)
    for point in points:
        if point.tick < into:
            _set(state, point)
    return state


def _set(state: dict[object, Control], point: Control) -> None:
    what = _what(point)
    state.pop(what, None)
    state[what] = point


def _inside(clip: NoteClip) -> Iterator[Control]:
    right = clip.lead + clip.ticks
    controls = clip.controls
    for _, shift in _turns(clip):
        for point in controls:
            at = shift + point.tick
            if clip.lead <= at < right and (not clip.loop or 0 <= point.tick < clip.loop):
                yield _at(point, clip.origin + at)


def _that_change(points: Iterable[Control], always: set[int]) -> Iterator[Control]:
    """The points without those of clip borders that set what is set already."""
    state: dict[object, object] = {}
    for point in points:
        what, value = _what(point), msgspec.structs.astuple(point)[1:]
        if id(point) in always or state.get(what) != value:
            yield point
        state[what] = value


def _what(point: Control) -> object:
    """What a control sets: a controller's number, or the type of the others."""
    return point.number if isinstance(point, Controller) else type(point)


def _released(point: Control) -> Control | None:
    match point:
        case Controller() if point.number in SUSTAIN and point.value >= MIDDLE:
            return Controller(point.tick, point.number, 0)
        case Bend() if point.value:
            return Bend(point.tick, 0)
        case _:
            return None


def _at(point: Control, tick: int) -> Control:
    match point:
        case Controller():
            return Controller(tick, point.number, point.value)
        case Bend():
            return Bend(tick, point.value)
        case Program():
            return Program(tick, point.program, point.bank)
