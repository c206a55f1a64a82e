"""Chords and keys of a song, and the scales that go with keys."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import msgspec

SCALES: Mapping[str, tuple[int, ...]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "harmonic minor": (0, 2, 3, 5, 7, 8, 11),
    "melodic minor": (0, 2, 3, 5, 7, 9, 11),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "locrian": (0, 1, 3, 5, 6, 8, 10),
    "major pentatonic": (0, 2, 4, 7, 9),
    "minor pentatonic": (0, 3, 5, 7, 10),
    "blues": (0, 3, 5, 6, 7, 10),
    "whole tone": (0, 2, 4, 6, 8, 10),
    "chromatic": tuple(range(12)),
}
"""Semitones above the tonic, by mode."""


class Chord(msgspec.Struct, frozen=True, gc=False):
    """A chord of the song, `start` and `length` in ticks. `root` and `bass` are pitch classes, 0 is C.

    `quality` is what follows the root in the symbol ("", "m7", "maj9"), `bass` None where the root is lowest. `symbol`
    is how it was written, such as "Ebm7/Bb"; empty lets the reader spell it.
    """

    id: str
    start: int
    length: int
    root: int
    quality: str = ""
    bass: int | None = None
    symbol: str = ""


class Key(msgspec.Struct, frozen=True, gc=False):
    """The key from `tick` on: the pitch class of its tonic, 0 is C, and a mode of SCALES."""

    tick: int
    tonic: int
    mode: str = "major"

    @property
    def pitch_classes(self) -> frozenset[int]:
        """The pitch classes of the scale."""
        return frozenset((self.tonic + step) % 12 for step in SCALES[self.mode])


def key_at(keys: Sequence[Key], tick: int) -> Key | None:
    """The key in force at a tick, None before the first."""
    current = None
    for key in keys:
        if key.tick > tick:
            break
        current = key
    return current


def chord_at(chords: Sequence[Chord], tick: int) -> Chord | None:
    """The chord that sounds at a tick."""
    return next((chord for chord in chords if chord.start <= tick < chord.start + chord.length), None)


def nearest_pitch(pitch: int, pitch_classes: Collection[int]) -> int:
    """The pitch of these classes nearest to `pitch`, the lower of two; `pitch` itself when there are none."""
    for away in range(12):
        for candidate in (pitch - away, pitch + away):
            if candidate % 12 in pitch_classes and 0 <= candidate <= 127:
                return candidate
    return pitch


def steps_away(pitch: int, key: Key, steps: int) -> int:
    """The pitch `steps` scale steps away. A pitch between two steps keeps its distance above the lower one.

    The result may lie outside 0 to 127.
    """
    scale = SCALES[key.mode]
    octave, within = divmod(pitch - key.tonic, 12)
    degree = max(n for n, step in enumerate(scale) if step <= within)
    above = within - scale[degree]
    octaves, landed = divmod(degree + steps, len(scale))
    return key.tonic + 12 * (octave + octaves) + scale[landed] + above
