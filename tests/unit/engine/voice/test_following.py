"""Lines judged while they are sung: once they are over, by what was sung to them, in words that are true."""

from __future__ import annotations

import numpy as np
import pytest

from studio.engine.voice.following import Following, last_jump
from studio.engine.voice.livering import Seen
from studio.engine.voice.steady import STEP
from studio.engine.voice.targets import Line, Target, TargetNote

FIRST = Line((TargetNote(0.0, 0.5, 60), TargetNote(0.5, 0.5, 62)))
SECOND = Line((TargetNote(2.0, 0.5, 64), TargetNote(2.5, 0.5, 60)))
TARGET = Target("Steps", (FIRST, SECOND))


def sung(*notes: tuple[float, float, float], until: float = 4.0, begin: float = 0.0) -> tuple[Seen, np.ndarray]:
    """A trace of notes (start, end, semitone), and its seconds."""
    times = np.arange(begin, until, STEP)
    hz, confidence = np.full(len(times), 100.0), np.zeros(len(times))
    for start, end, semitone in notes:
        inside = (times >= start) & (times < end)
        hz[inside], confidence[inside] = 440 * 2 ** ((semitone - 69) / 12), 0.95
    at = np.arange(len(times)) * 768
    loud = np.full(len(times), -20.0, np.float32)
    return Seen(at, times, hz.astype(np.float32), confidence.astype(np.float32), loud), times


def followed(seen: Seen, times: np.ndarray, until: float = 4.0) -> tuple[Following, list[str]]:
    following = Following(TARGET)
    said = [following.follow(seen, times, now) for now in np.arange(-0.05, until, 0.05)]
    return following, [one for one in said if one]


def test_each_line_is_judged_once_when_it_is_over() -> None:
    following, said = followed(*sung((0, 0.5, 60.05), (0.5, 1, 62.0), (2, 2.5, 63.5), (2.5, 3, 59.6)))
    assert said == [
        "Line 1: in tune, every note within 15 cents.",
        "Line 2: 45 cents flat on the mean; 0 of 2 notes in tune.",
    ]
    assert following.score is not None and 60 < following.score < 90
    half = Following(TARGET)
    assert half.follow(*sung((0, 1, 60)), 0.0) == ""
    assert half.follow(*sung((0, 1, 60)), 1.3) == ""
    assert half.score is None


def test_the_worst_note_is_named() -> None:
    _, said = followed(*sung((0, 0.5, 60.0), (0.5, 1, 62.3)))
    assert said[0] == "Line 1: 1 of 2 notes in tune; D4 was 30 cents sharp."
    assert said[1] == "Line 2: nothing was heard."


@pytest.mark.parametrize("octaves", [-1, 1])
def test_another_octave_is_as_good(octaves: int) -> None:
    following, said = followed(*sung((0, 0.5, 60 + 12 * octaves), (0.5, 1, 62 + 12 * octaves), until=2.0), until=1.9)
    assert said == ["Line 1: in tune, every note within 15 cents."]
    assert following.score == pytest.approx(100)


def test_a_line_entered_in_the_middle_is_not_judged() -> None:
    seen, times = sung((0, 0.5, 60), (0.5, 1, 62))
    following = Following(TARGET)
    assert not any(following.follow(seen, times, now) for now in np.arange(0.4, 1.9, 0.05))
    assert not following.judged


def test_a_line_sung_again_is_judged_anew_by_what_was_sung_last() -> None:
    bad, good = sung((0, 1, 61), until=1.6), sung((0, 0.5, 60), (0.5, 1, 62), until=1.6)
    following = Following(TARGET)
    first = [following.follow(*bad, now) for now in np.arange(0, 1.6, 0.05)]
    assert any(first)
    both = Seen(*(np.concatenate(pair) for pair in zip(*(_columns(one[0]) for one in (bad, good)), strict=True)))
    again = [following.follow(both, both.song, now) for now in np.arange(0, 1.6, 0.05)]
    assert "Line 1: in tune, every note within 15 cents." in again
    assert following.score == pytest.approx(100)


def _columns(seen: Seen) -> tuple[np.ndarray, ...]:
    return seen.at, seen.song, seen.hz, seen.confidence, seen.loudness


def test_jumps_are_found() -> None:
    assert last_jump(np.array([])) == 0
    assert last_jump(np.array([1.0, 1.016, 1.032])) == 0
    assert last_jump(np.array([1.0, 1.016, 0.5, 0.516])) == 2
    assert last_jump(np.array([np.nan, np.nan, 0.5, 0.516])) == 2
