"""The chord lane and the key lane of the song."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from ..document import Edit
from ..harmony import Chord, Key
from ..project import Project, new_id


def put_chord(chord: Chord, merge: str = "") -> Edit:
    """Adds a chord, or replaces the one with its id. Others give way: one chord sounds at a time."""
    spare = new_id("chord")

    def change(project: Project) -> Project:
        others = [other for other in project.chords if other.id != chord.id]
        return with_chords(project, [*_around(others, chord.start, chord.start + chord.length, spare), chord])

    return Edit("Chord", change, merge)


def lay_chords(chords: Sequence[Chord], start: int, end: int, label: str = "Chords") -> Edit:
    """Puts chords in the place of all that sounds between two ticks; what reaches beyond them stays there."""
    spare = new_id("chord")
    return Edit(label, lambda project: with_chords(project, [*_around(project.chords, start, end, spare), *chords]))


def _around(chords: Sequence[Chord], start: int, end: int, spare: str) -> list[Chord]:
    """The chords without what sounds between two ticks; the second half of one that is cut in two is called `spare`."""
    kept: list[Chord] = []
    for other in chords:
        other_end = other.start + other.length
        if other_end <= start or other.start >= end:
            kept.append(other)
            continue
        if other.start < start:
            kept.append(replace(other, length=start - other.start))
        if other_end > end:
            key = spare if other.start < start else other.id
            kept.append(replace(other, id=key, start=end, length=other_end - end))
    return kept


def remove_chord(chord_id: str) -> Edit:
    """Removes a chord."""
    return Edit("Delete chord", lambda p: with_chords(p, [chord for chord in p.chords if chord.id != chord_id]))


def set_chords(chords: Sequence[Chord], label: str = "Chords") -> Edit:
    """Replaces the whole chord lane."""
    return Edit(label, lambda project: with_chords(project, chords))


def with_chords(project: Project, chords: Sequence[Chord]) -> Project:
    """The project with this chord lane."""
    return replace(project, chords=tuple(sorted(chords, key=lambda chord: (chord.start, chord.id))))


def set_key(tick: int, tonic: int, mode: str = "major") -> Edit:
    """Sets the key from `tick` on, replacing the one that stands there."""

    def change(project: Project) -> Project:
        keys = {key.tick: key for key in project.keys}
        keys[tick] = Key(tick, tonic, mode)
        return replace(project, keys=tuple(keys[at] for at in sorted(keys)))

    return Edit("Key", change)


def remove_key(tick: int) -> Edit:
    """Removes a key: the one before it holds on."""
    return Edit(
        "Delete key", lambda project: replace(project, keys=tuple(key for key in project.keys if key.tick != tick))
    )
