"""Each fault that is sung into a take is told with its numbers, a perfect take is praised, and chance is not told."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from studio.document.harmony import Key
from studio.engine.voice.advice import Advice, advise
from studio.engine.voice.grading import Graded, GradedNote, grade
from studio.engine.voice.notes import SungNote, find_notes
from studio.engine.voice.targets import Target, TargetNote, in_lines
from studio.engine.voice.tracking import track_pitch
from voices import rest, sung

RATE = 16_000
TUNE = (60, 64, 67, 69, 72, 69, 67, 62)
"""One line; it is sung four times."""

LENGTH, GAP, BREATH = 0.7, 0.06, 1.0
LINE = len(TUNE) * LENGTH + BREATH


def tune() -> Target:
    return Target(
        "Tune",
        in_lines(
            TargetNote(1.0 + n * LINE + k * LENGTH, LENGTH - GAP, pitch)
            for n in range(4)
            for k, pitch in enumerate(TUNE)
        ),
    )


Pitch = Callable[[int, int, np.ndarray], np.ndarray]
"""Semitones to add to note k of line n at these seconds of the note."""


def level(_n: int, _k: int, times: np.ndarray) -> np.ndarray:
    return np.zeros(len(times))


def take(
    pitch: Pitch = level,
    late: Callable[[int, int], float] = lambda n, k: 0.0,
    cut: Callable[[int, int], float] = lambda n, k: 0.0,
) -> Advice:
    """The tune sung with faults: pitch, lateness of onsets and ends cut off, all in seconds and semitones."""
    voice = rest(1.0 + 4 * LINE + 0.5, RATE)
    for n in range(4):
        for k, height in enumerate(TUNE):
            begin = 1.0 + n * LINE + k * LENGTH + late(n, k)
            end = 1.0 + n * LINE + k * LENGTH + LENGTH - GAP - cut(n, k)
            if k + 1 < len(TUNE):
                end = min(end, 1.0 + n * LINE + (k + 1) * LENGTH + late(n, k + 1) - GAP)
            times = np.arange(round((end - begin) * RATE)) / RATE
            if len(times):
                first = round(begin * RATE)
                voice[first : first + len(times)] = sung(height + pitch(n, k, times), RATE)
    track = track_pitch([voice], RATE)
    notes = find_notes(track)
    return advise(grade(track, notes, tune()), notes, Key(0, 0))


def causes(advice: Advice) -> list[str]:
    return [tip.cause for tip in advice.hints]


def steady(amount: float) -> Pitch:
    return lambda n, k, times: np.full(len(times), amount)


def test_a_perfect_take_has_no_fault_and_is_praised_with_numbers() -> None:
    advice = take()
    assert advice.hints == ()
    told = {tip.cause: tip.text for tip in advice.praise}
    assert told["in tune"] == "32 of 32 notes are within 15 cents."
    assert "(" in told["intervals"] and "on time" in told
    assert len(advice.plan) == 3


def high_flat(n: int, k: int, times: np.ndarray) -> np.ndarray:
    return np.full(len(times), -0.3 if TUNE[k] >= 69 else 0.02 * (-1) ** k)


def test_high_notes_that_are_flat() -> None:
    advice = take(high_flat)
    assert causes(advice) == ["high"]
    tip = advice.hints[0]
    assert re.fullmatch(r"You land (29|30|31) cents flat on the notes above G4 \(12 of 12\)\.", tip.text)
    assert {TUNE[number % 8] for number in tip.notes} == {69, 72}
    assert advice.plan[0].kind == "five notes" and advice.plan[0].why == tip.text


def test_a_voice_that_is_sharp_everywhere_is_told_once() -> None:
    advice = take(steady(0.35))
    assert causes(advice) == ["tuning"]
    assert "sharp everywhere (32 of 32 notes)" in advice.hints[0].text
    assert advice.hints[0].cost > 5


def scoop(n: int, k: int, times: np.ndarray) -> np.ndarray:
    return -3.5 * np.exp(-times / 0.05) if k % 2 else np.zeros(len(times))


def sinking(n: int, k: int, times: np.ndarray) -> np.ndarray:
    return -0.6 * (times / times[-1] - 0.5)


def wavering(n: int, k: int, times: np.ndarray) -> np.ndarray:
    rng = np.random.default_rng(8 * n + k)
    return np.interp(times, np.linspace(0, times[-1], 6), rng.choice([-1, 1], 6) * rng.uniform(0.4, 0.7, 6))


def swinging(rate: float, extent: float) -> Pitch:
    return lambda n, k, times: extent / 2 * np.sin(2 * np.pi * rate * times)


def narrow_thirds(n: int, k: int, times: np.ndarray) -> np.ndarray:
    return np.full(len(times), -0.3 if k in {1, 2, 4} else 0.0)


def wrong(n: int, k: int, times: np.ndarray) -> np.ndarray:
    return np.full(len(times), -1.0 if k == 2 else 0.0)


@pytest.mark.parametrize(
    ("pitch", "cause", "words"),
    [
        (scoop, "scoops", "scoops start"),
        (sinking, "drift", "sink by"),
        (wavering, "steadiness", "waver by"),
        (swinging(3.4, 1.0), "vibrato", "is slow: 3."),
        (swinging(9.0, 1.0), "vibrato", "is fast: 9.0"),
        (swinging(5.5, 2.8), "vibrato", "is wide: 2.8"),
        (wrong, "wrong notes", "You sing F#4 where G4 stands (4 of 8 times)."),
    ],
)
def test_a_fault_of_the_voice_is_told_first(pitch: Pitch, cause: str, words: str) -> None:
    advice = take(pitch)
    assert causes(advice)[:1] == [cause]
    assert words in advice.hints[0].text
    assert advice.hints[0].times and all(time >= 1.0 for time in advice.hints[0].times)


def test_an_interval_that_comes_out_narrow_is_told_once() -> None:
    advice = take(narrow_thirds)
    (tip,) = (tip for tip in advice.hints if tip.cause == "interval thirds")
    assert re.search(r"thirds up come out (2[5-9]|3[0-3]) cents too narrow", tip.text)
    assert not {number for tip in advice.hints if tip.cause == "high" for number in tip.notes} & set(tip.notes)
    assert advice.hints[0].cost + 0.01 > tip.cost > 0.2


def test_a_good_vibrato_is_praised() -> None:
    advice = take(swinging(5.8, 1.0))
    assert "vibrato" not in causes(advice)
    assert any(tip.cause == "vibrato" and "5.8 Hz" in tip.text for tip in advise_all(advice))


def advise_all(advice: Advice) -> tuple:
    return (*advice.hints, *advice.praise)


@pytest.mark.parametrize(
    ("late", "cause", "words"),
    [
        (lambda n, k: 0.11, "timing", "late (32 of 32 notes)"),
        (lambda n, k: -0.05 if k else -0.08, "timing", "early"),
        (lambda n, k: 0.2 if k == 0 else 0.0, "line beginnings", "You begin lines"),
        (lambda n, k: 0.006 * (8 * n + k) - 0.05, "tempo", "You slow down"),
        (lambda n, k: (0.12, -0.1, 0.05, -0.12)[(3 * n + k * k + k) % 4], "unsteady beat", "scatter"),
    ],
)
def test_a_fault_of_timing_is_told(late: Callable[[int, int], float], cause: str, words: str) -> None:
    advice = take(late=late)
    assert causes(advice)[:1] == [cause]
    assert words in advice.hints[0].text
    assert any(practice.bpm == 60.0 for practice in advice.plan)


def test_breath_that_runs_out_at_the_ends_of_lines() -> None:
    advice = take(cut=lambda n, k: 0.3 if k == 7 else 0.0)
    assert causes(advice) == ["breath"]
    assert "the last note of 4 of 4 lines go 0.3 s too early" in advice.hints[0].text


def test_notes_out_of_reach_are_told_with_another_key() -> None:
    advice = take(cut=lambda n, k: 1.0 if TUNE[k] == 72 else 0.0)
    assert causes(advice) == ["range"]
    assert advice.hints[0].text == "You did not reach the 4 notes above A4; try the song 3 semitones lower."


def test_every_practice_of_a_plan_can_be_sung() -> None:
    for advice in (take(high_flat), take(sinking), take(late=lambda n, k: 0.11)):
        assert len({practice.kind for practice in advice.plan}) == 3
        for practice in advice.plan:
            assert practice.target.notes
            assert practice.why.endswith(".")


def made_up(off: list[float], late: list[float]) -> tuple[Graded, list[SungNote]]:
    """A graded take of the tune with these errors in cents and seconds, without a sound."""
    notes, heard = [], []
    for (n, note), cents, onset in zip(enumerate(tune().notes), off, late, strict=True):
        one = SungNote(note.start + onset, note.end, note.pitch + cents / 100, 0.0, 5.0, 0.0, None, 0.9, -20.0)
        credit = min(max((75 - abs(cents)) / 50, 0.0), 1.0)
        notes.append(GradedNote(note, n // 8, cents, onset, 1.0, credit, 1.0, one))
        heard.append(one)
    base = grade(track_pitch([rest(0.1, RATE)], RATE), [], tune())
    scores = replace(base.scores, pitch=80.0, rhythm=90.0, consistency=80.0)
    return replace(base, notes=tuple(notes), scores=scores), heard


def test_chance_is_told_seldom() -> None:
    told = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        off, late = rng.normal(0, 20, 32), rng.normal(0, 0.03, 32)
        told += bool(advise(*made_up(off.tolist(), late.tolist())).hints)
    assert told <= 4


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(-140, 140), min_size=32, max_size=32), st.lists(st.floats(-0.3, 0.3), min_size=32, max_size=32)
)
def test_advice_never_fails_and_shows_what_it_speaks_of(off: list[float], late: list[float]) -> None:
    graded, heard = made_up(off, late)
    advice = advise(graded, heard)
    assert len({tip.cause for tip in advice.hints}) == len(advice.hints)
    assert [tip.cost for tip in advice.hints] == sorted((tip.cost for tip in advice.hints), reverse=True)
    for tip in advise_all(advice):
        assert tip.notes and any(char.isdigit() for char in tip.text)
        assert all(0 <= number < 32 for number in tip.notes)
    for practice in advice.plan:
        assert practice.target.notes


def test_nothing_sung_has_no_advice() -> None:
    track = track_pitch([rest(2.0, RATE)], RATE)
    assert advise(grade(track, [], tune()), []) == Advice((), (), ())
