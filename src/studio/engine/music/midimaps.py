"""Tempo, time signatures and keys of a MIDI file, made fit for a project."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from ...document.harmony import Key
from ...document.time import MAX_BPM, MIN_BPM, Signature, TempoPoint

MICROSECONDS = 60_000_000
_STANDARD = 500_000
_DENOMINATORS = (1, 2, 4, 8, 16, 32)


class MapEvents(Protocol):
    """Meta events of a track: (tick, microseconds a quarter), (tick, numerator, denominator), (tick, sharps, mode)."""

    tempo: list[tuple[int, int]]
    signatures: list[tuple[int, int, int]]
    keys: list[tuple[int, int, int]]


class Maps:
    """Collects what the tracks say about the whole song."""

    def __init__(self) -> None:
        self._tempo: list[tuple[int, int]] = []
        self._signatures: list[tuple[int, int, int]] = []
        self._keys: list[tuple[int, int, int]] = []

    def add(self, track: MapEvents) -> None:
        """Takes the events of a track, whichever it is."""
        self._tempo += track.tempo
        self._signatures += track.signatures
        self._keys += track.keys

    def begin_pattern(self, tick: int) -> None:
        """A pattern of a file of type 2 begins: it has the standard tempo and signature until it says otherwise."""
        if tick:
            self._tempo.append((tick, _STANDARD))
            self._signatures.append((tick, 4, 4))

    def next_bar(self, tick: int) -> int:
        """The first tick at or after `tick` that begins a bar."""
        signature = fitted_signatures(self._signatures)[0][-1]
        return signature.tick + -(-max(tick - signature.tick, 0) // signature.bar_ticks) * signature.bar_ticks

    def fitted(
        self, timed: bool
    ) -> tuple[tuple[TempoPoint, ...], tuple[Signature, ...], tuple[Key, ...], tuple[str, ...]]:
        """Tempo, signatures and keys as a project keeps them, and sentences about what had to give.

        With `timed` the file counts seconds: its tempo says nothing and 120 BPM stands for it.
        """
        tempo, clipped = (((TempoPoint(0, 120.0),), False)) if timed else _tempo(self._tempo)
        signatures, moved = fitted_signatures(self._signatures)
        notices = []
        if clipped:
            notices.append(f"A tempo outside {MIN_BPM:g} to {MAX_BPM:g} BPM was brought inside.")
        if moved:
            notices.append("A time signature that cannot be counted here, or is not on a bar line, was changed.")
        return tempo, signatures, _keys(self._keys), tuple(notices)


def bpm_of(microseconds: int) -> float:
    """Beats a minute, with as few decimals as give the same microseconds again."""
    exact = MICROSECONDS / max(microseconds, 1)
    for decimals in range(5):
        rounded = round(exact, decimals)
        if rounded and round(MICROSECONDS / rounded) == microseconds:
            return rounded
    return exact


def _tempo(found: Iterable[tuple[int, int]]) -> tuple[tuple[TempoPoint, ...], bool]:
    points: dict[int, TempoPoint] = {0: TempoPoint(0, 120.0)}
    clipped = False
    for tick, microseconds in sorted(found, key=lambda one: one[0]):
        bpm = bpm_of(microseconds)
        fit = min(max(bpm, MIN_BPM), MAX_BPM)
        clipped |= fit != bpm
        points[tick] = TempoPoint(tick, fit)
    return tuple(_changes(points[tick] for tick in sorted(points))), clipped


def _changes(points: Iterable[TempoPoint]) -> list[TempoPoint]:
    kept: list[TempoPoint] = []
    for point in points:
        if not kept or kept[-1].bpm != point.bpm:
            kept.append(point)
    return kept


def fitted_signatures(found: Iterable[tuple[int, int, int]]) -> tuple[tuple[Signature, ...], bool]:
    """Signatures on bar lines; whether one of the file's had to be moved or left out."""
    kept, changed = [Signature(0)], False
    for tick, numerator, denominator in sorted(found, key=lambda one: one[0]):
        if not 1 <= numerator <= 64 or denominator not in _DENOMINATORS:
            changed = True
            continue
        last = kept[-1]
        bars = -(-(tick - last.tick) // last.bar_ticks)
        at = last.tick + bars * last.bar_ticks
        changed |= at != tick
        if at == last.tick:
            kept.pop()
        if not kept or (kept[-1].numerator, kept[-1].denominator) != (numerator, denominator):
            kept.append(Signature(at, numerator, denominator))
    return tuple(kept), changed


def _keys(found: Iterable[tuple[int, int, int]]) -> tuple[Key, ...]:
    keys: dict[int, Key] = {}
    for tick, sharps, minor in sorted(found, key=lambda one: one[0]):
        if -7 <= sharps <= 7 and minor in (0, 1):
            keys[tick] = Key(tick, (sharps * 7 + (9 if minor else 0)) % 12, "minor" if minor else "major")
    return tuple(keys.values())


def sharps_of(key: Key) -> tuple[int, bool]:
    """How many sharps (flats if negative, -5 to 6) a key is written with, and whether it is a minor key."""
    minor = 3 in _scale(key) and 4 not in _scale(key)
    relative = {"dorian": 10, "phrygian": 8, "lydian": 7, "mixolydian": 5, "locrian": 1}.get(key.mode)
    if relative is not None:
        return _signed((key.tonic + relative) % 12), False
    return _signed((key.tonic + 3) % 12 if minor else key.tonic), minor


def _scale(key: Key) -> tuple[int, ...]:
    return tuple(sorted((pitch - key.tonic) % 12 for pitch in key.pitch_classes))


def _signed(tonic: int) -> int:
    sharps = tonic * 7 % 12
    return sharps - 12 if sharps > 6 else sharps
