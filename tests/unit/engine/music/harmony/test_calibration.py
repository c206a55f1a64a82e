"""Whether detected chords are as often right as they claim: songs of random chords, with bass and tune."""

from __future__ import annotations

import random

import numpy as np
import pytest

from studio.document.edits.notes import make_note
from studio.document.harmony import SCALES, Chord, Key
from studio.document.sounding import Played
from studio.document.time import Signature
from studio.engine.music.harmony.detecting import chords_of_notes
from studio.engine.music.harmony.grids import grid_of
from studio.engine.music.harmony.loops import LOOPS
from studio.engine.music.harmony.romans import from_roman
from studio.engine.music.harmony.symbols import tones
from studio.engine.music.harmony.voicing import voice

BAR, BEAT, SONGS = 3840, 960, 60


def random_song(dice: random.Random) -> tuple[list[Chord], list[Played]]:
    """Loops of a random key with sevenths here and there, in random rhythms."""
    mode = dice.choice(["major", "minor"])
    key = Key(0, dice.randrange(12), mode)
    chords: list[Chord] = []
    for _ in range(2):
        for numeral in dice.choice(LOOPS[mode])[1].split():
            root, quality, _ = from_roman(numeral, key)
            if quality in {"", "m"} and dice.random() < 0.4:
                quality = {"m": "m7", "": "7" if numeral == "V" else "maj7"}[quality]
            start = chords[-1].start + chords[-1].length if chords else 0
            chords.append(Chord("", start, dice.choice([BAR, BAR, BAR // 2]), root, quality))
    rhythm, bass, tune = dice.choice(["whole", "beats", "broken"]), dice.random() < 0.7, dice.random() < 0.6
    notes: list[Played] = []
    before: tuple[int, ...] | None = None
    for chord in chords:
        before = voice(chord, "close", before, 52, 79)
        for at in range(chord.start, chord.start + chord.length, BEAT):
            if rhythm != "whole" or at == chord.start:
                last = chord.start + chord.length if rhythm == "whole" else at + BEAT
                played = [before[at // BEAT % len(before)]] if rhythm == "broken" else before
                notes += [_note(at, last, pitch) for pitch in played]
            if bass:
                notes.append(_note(at, at + BEAT, 28 + (chord.root - 28) % 12))
            if tune:
                steps = tones(chord) if dice.random() < 0.6 else SCALES[mode]
                home = chord.root if steps is not SCALES[mode] else key.tonic
                notes.append(_note(at, at + BEAT, 72 + (home + dice.choice(steps)) % 12))
    return chords, sorted(notes, key=lambda one: one.start)


def _note(start: int, end: int, pitch: int) -> Played:
    return Played(start, end, pitch, 90, make_note(start, end - start, pitch, 90))


@pytest.fixture(scope="module")
def claims() -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    """How sure every beat of the songs claims to be, and whether root and quality are right there."""
    dice, sure, right = random.Random(7), [], []
    for _ in range(SONGS):
        chords, notes = random_song(dice)
        end = chords[-1].start + chords[-1].length
        found = chords_of_notes(notes, grid_of((Signature(0),), 0, end)).chords
        for beat in range(0, end, BEAT):
            truth = next(one for one in chords if one.start <= beat < one.start + one.length)
            heard = [one for one in found if one.chord.start <= beat < one.chord.start + one.chord.length]
            if heard:
                sure.append(heard[0].confidence)
                right.append((heard[0].chord.root, heard[0].chord.quality) == (truth.root, truth.quality))
    return np.array(sure), np.array(right)


def test_most_beats_have_the_right_chord(claims: tuple[np.ndarray, np.ndarray]) -> None:  # type: ignore[type-arg]
    assert len(claims[1]) > 1000 and claims[1].mean() > 0.8


def test_chords_are_as_often_right_as_they_claim(claims: tuple[np.ndarray, np.ndarray]) -> None:  # type: ignore[type-arg]
    sure, right = claims
    tenths = np.minimum((sure * 10).astype(int), 9)
    gaps = [
        abs(sure[tenths == n].mean() - right[tenths == n].mean()) * np.mean(tenths == n) for n in set(tenths.tolist())
    ]
    assert sum(gaps) < 0.1
    assert right[sure > 0.9].mean() > right[sure < 0.7].mean() + 0.15
