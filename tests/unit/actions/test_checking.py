"""Facts of a sound: each fault is seen, each request measured, and a good sound has no remark."""

from __future__ import annotations

import json
import threading

import msgspec
import numpy as np
import pytest

from studio.actions.checking import Asked, Facts, check_sound, same_notes, same_tempo
from studio.engine.audio.likeness import likeness, nearly_the_same, sound_print
from studio.engine.audio.tempofinding import find_tempo
from studio.engine.jobs import Cancelled, Work

RATE = 24_000
MAJOR, MINOR = (0, 4, 7), (0, 3, 7)


def chord(root: int, kind: tuple[int, ...], seconds: float) -> np.ndarray:
    t = np.arange(round(seconds * RATE)) / RATE
    tones = [440 * 2 ** ((root + step - 69) / 12) for step in (*kind, -12)]
    partials = [np.sin(2 * np.pi * f * n * t) / n**1.5 for f in tones for n in (1, 2, 3, 4)]
    return np.sum(partials, axis=0) * np.exp(-1.5 * t)


def song(bpm: float, tonic: int = 60, bars: int = 6, seed: int = 1) -> np.ndarray:
    """I vi IV V with a drum on each beat and a softer one between, float32 (2, frames)."""
    beat = 60 / bpm
    chances = np.random.default_rng(seed)
    sound = np.zeros(round(bars * 4 * beat * RATE) + RATE)
    for bar in range(bars):
        step, kind = ((0, MAJOR), (-3, MINOR), (5, MAJOR), (-5, MAJOR))[bar % 4]
        _add(sound, chord(tonic + step, kind, 4 * beat), bar * 4 * beat, 0.1)
        for half in range(8):
            drum = chances.normal(0, 1, RATE // 10) * np.exp(-np.arange(RATE // 10) / RATE * 60)
            _add(sound, drum, (bar * 4 + half / 2) * beat, 0.2 if half % 2 == 0 else 0.08)
    kept = sound[: round(bars * 4 * beat * RATE)]
    return np.stack([kept, kept]).astype(np.float32)


def _add(sound: np.ndarray, part: np.ndarray, at: float, level: float) -> None:
    begin = round(at * RATE)
    part = part[: len(sound) - begin]
    sound[begin : begin + len(part)] += level * part


def about(sound: np.ndarray, **asked: object) -> set[str]:
    return {remark.about for remark in check_sound(sound, RATE, Asked(**asked)).remarks}


def test_a_sound_as_asked_for_has_no_remark() -> None:
    facts = check_sound(song(96), RATE, Asked(seconds=15.0, bpm=96.0, key="C major"))
    assert facts.remarks == () and facts.seconds == pytest.approx(15.0)
    assert facts.key == "C major" and same_tempo(facts.bpm, 96.0) and facts.sure_of_bpm > 0.3
    assert -30 < facts.loudness < -5 and facts.peak <= facts.true_peak < 0 and facts.silence < 0.1
    assert facts.clipped == facts.broken == 0 and len(facts.made) > 0
    kept = json.loads(json.dumps(msgspec.to_builtins(facts)))  # as the library keeps it: plain values only
    assert msgspec.convert(kept, Facts) == facts


@pytest.mark.parametrize("bpm", [72.0, 96.0, 128.0, 143.5, 174.0])
def test_the_tempo_is_measured(bpm: float) -> None:
    found = find_tempo(song(bpm), RATE)
    assert same_tempo(found.bpm, bpm) and abs(found.bpm * 2 ** round(np.log2(bpm / found.bpm)) - bpm) < 0.5


def test_of_halves_and_doubles_the_usual_one_is_told() -> None:
    assert find_tempo(song(96), RATE).bpm == pytest.approx(96, abs=0.5)


def test_what_differs_from_the_request_is_remarked() -> None:
    sound = song(96)
    assert about(sound, seconds=20.0) == {"length"}
    assert about(sound, bpm=110.0) == {"tempo"} and about(sound, bpm=48.0) == set()
    assert about(sound, key="F# major") == {"key"} and about(sound, key="A minor") == set()
    (remark,) = check_sound(sound, RATE, Asked(bpm=110.0)).remarks
    assert remark.sentence == "It sounds like 96 BPM; 110 BPM were asked for."


def test_faults_are_seen() -> None:
    sound = song(120, bars=2)
    clipped = np.clip(sound * 20, -1, 1)
    assert "clipping" in about(clipped) and check_sound(clipped, RATE, Asked()).clipped > 10
    peaks = sound.copy()
    peaks[0, 5_000] = 1.0
    assert check_sound(peaks, RATE, Asked()).clipped == 0
    broken = sound.copy()
    broken[0, 100:105], broken[1, 7] = np.nan, np.inf
    facts = check_sound(broken, RATE, Asked())
    assert facts.broken == 6 and facts.remarks[0].about == "numbers" and np.isfinite(facts.loudness)
    assert about(sound * np.float32(0.03)) == {"loudness"}
    late = np.concatenate([sound, np.zeros((2, 3 * sound.shape[1]), np.float32)], axis=1)
    assert about(late) == {"silence"}


@pytest.mark.parametrize("frames", [0, 1, 100, RATE])
def test_silence_of_any_length(frames: int) -> None:
    facts = check_sound(np.zeros((2, frames), np.float32), RATE, Asked(seconds=0.0, bpm=120.0, key="C major"))
    assert [remark.about for remark in facts.remarks] == ["silence"] and facts.loudness is None and facts.peak is None
    assert facts.made == b"" and facts.bpm is None and facts.key == ""


def test_nearly_the_same_is_found_and_others_are_not() -> None:
    one = song(110)
    other_level = one * np.float32(0.3)
    later = np.concatenate([np.zeros((2, RATE // 3), np.float32), one], axis=1)
    noisy = one + np.random.default_rng(9).normal(0, 0.002, one.shape).astype(np.float32)
    made = sound_print(one, RATE)
    assert all(likeness(made, sound_print(sound, RATE)) > 0.85 for sound in (one, other_level, later, noisy))
    for different in (song(110, tonic=65), song(128), np.random.default_rng(3).normal(0, 0.1, one.shape)):
        assert likeness(made, sound_print(different.astype(np.float32), RATE)) < 0.8
    prints = {"first": sound_print(later, RATE), "same": made, "far": sound_print(song(150), RATE), "none": b""}
    assert [name for name, _ in nearly_the_same(made, prints)] == ["same", "first"]
    facts = check_sound(one, RATE, Asked(), prints)
    assert [remark.sentence for remark in facts.remarks] == ["It is nearly the same as “same” (100% alike)."]
    assert likeness(b"", b"") == 0.0


def test_a_print_does_not_depend_on_the_rate() -> None:
    one = song(110)
    assert likeness(sound_print(one, RATE), sound_print(one[:, ::2], RATE // 2)) > 0.8


def test_keys_and_tempos_are_compared_as_people_do() -> None:
    assert (
        same_notes("Eb major", "D# major") and same_notes("C major", "A minor") and not same_notes("C major", "G major")
    )
    assert not same_notes("H dur", "C major")
    assert same_tempo(60, 120) and same_tempo(121, 120) and not same_tempo(90, 120)


def test_it_can_be_stopped() -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled):
        check_sound(song(120, bars=2), RATE, Asked(), check=Work(lambda *_: None, stop).check)
