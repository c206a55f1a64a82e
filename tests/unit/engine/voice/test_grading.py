"""A perfect performance is worth all; each fault costs where it belongs, and the figures say how large it was."""

from __future__ import annotations

import numpy as np
import pytest

from studio.document.harmony import Key
from studio.engine.voice.grading import Graded, Tolerance, grade, grade_freely
from studio.engine.voice.karaoke import karaoke_score
from studio.engine.voice.notes import find_notes
from studio.engine.voice.pitchtrack import PitchTrack
from studio.engine.voice.targets import Target, TargetNote, exercise, in_lines, target_of_voice, tuning_of
from studio.engine.voice.tracking import track_pitch
from studio.engine.voice.ultrastar import parse_ultrastar
from studio.errors import StudioError
from voices import note, rest, sung

RATE = 16_000
PITCHES = (60, 62, 64, 67, 65, 64, 62, 60)


def melody(length: float = 0.5) -> Target:
    return Target("Song", in_lines(TargetNote(n * length, length, pitch) for n, pitch in enumerate(PITCHES)))


def performance(
    cents: float = 0.0, late: float = 0.0, wrong: dict[int, float] | None = None, octave: int = 0
) -> PitchTrack:
    """The melody sung with every note off by `cents` and `late` seconds; `wrong` adds semitones to notes by number."""
    off = wrong or {}
    parts = [rest(1.0 + late, RATE)]
    for n, pitch in enumerate(PITCHES):
        parts += [note(pitch + 12 * octave + cents / 100 + off.get(n, 0.0), 0.45, RATE), rest(0.05, RATE)]
    return track_pitch([np.concatenate([*parts, rest(0.5, RATE)])], RATE)


def graded(track: PitchTrack, **how: object) -> Graded:
    return grade(track, find_notes(track), melody(), offset=1.0, **how)  # type: ignore[arg-type]


def test_a_perfect_take_is_worth_all() -> None:
    scores = graded(performance()).scores
    assert scores.pitch > 98
    assert scores.rhythm is not None and scores.rhythm > 95
    assert scores.consistency is not None and scores.consistency > 95
    assert scores.overall > 97
    assert scores.confidence > 0.6


@pytest.mark.parametrize("cents", [-40.0, 30.0])
def test_singing_flat_or_sharp_is_accuracy_not_precision(cents: float) -> None:
    found = graded(performance(cents))
    assert found.accuracy == pytest.approx(cents, abs=4)
    assert found.precision < 6
    assert 50 < found.scores.pitch < 97
    assert found.scores.consistency is not None and found.scores.consistency > 95


def test_severity_and_tolerance_move_the_score() -> None:
    track = performance(45.0)
    by = {d: graded(track, tolerance=Tolerance(difficulty=d)).scores.pitch for d in ("easy", "medium", "hard")}  # type: ignore[arg-type]
    assert by["easy"] > by["medium"] > by["hard"]
    assert graded(track, tolerance=Tolerance(close=50.0)).scores.pitch > 97


def test_late_singing_costs_rhythm_alone() -> None:
    found = graded(performance(late=0.1))
    assert found.rhythm is not None
    assert found.rhythm.late == pytest.approx(0.1, abs=0.03)
    assert found.scores.rhythm is not None and found.scores.rhythm < 75
    assert found.scores.pitch > 90


def test_one_wrong_note_is_found() -> None:
    found = graded(performance(wrong={3: -1.0}))
    worst = min(found.notes, key=lambda one: one.pitch_credit)
    assert worst.target.pitch == 67
    assert worst.cents == pytest.approx(-100, abs=8)
    assert found.scores.pitch == pytest.approx(100 * 7 / 8, abs=5)


def test_another_octave_is_the_singer_s_right_unless_the_target_says_no() -> None:
    track = performance(octave=-1)
    assert graded(track).octaves == -1
    assert graded(track).scores.pitch > 95
    strict = grade(track, find_notes(track), Target("Song", melody().lines, any_octave=False), offset=1.0)
    assert strict.scores.pitch < 5


def test_a_take_may_be_shorter_or_longer_than_its_target() -> None:
    track = performance()
    short = track.between(0.0, 3.0)
    assert 30 < grade(short, find_notes(short), melody(), offset=1.0).scores.pitch < 60
    assert grade(track, find_notes(track), Target("Bar", melody().lines[:1]), offset=1.0).scores.pitch > 95
    nothing = track_pitch([rest(2.0, RATE)], RATE)
    assert grade(nothing, [], melody()).scores.overall == 0.0
    assert grade(nothing, [], melody()).scores.confidence == 0.0


def test_free_singing_is_judged_in_the_singer_s_own_tuning() -> None:
    track = performance(cents=30.0)
    found = grade_freely(track, find_notes(track), beat=0.5, first_beat=1.0)
    assert found.accuracy == pytest.approx(30, abs=4)
    assert found.scores.pitch > 95
    assert found.rhythm is not None and abs(found.rhythm.late) < 0.03


def test_speech_like_gliding_has_a_low_confidence() -> None:
    times = np.arange(4 * RATE) / RATE
    talk = sung(52 + 4 * np.sin(2 * np.pi * 1.7 * times) + 3 * np.sin(2 * np.pi * 0.9 * times), RATE)
    talk *= (np.sin(2 * np.pi * 2.3 * times) > -0.2).astype(np.float32)
    track = track_pitch([talk], RATE)
    assert grade_freely(track, find_notes(track)).scores.confidence < 0.6 < graded(performance()).scores.confidence


def test_ultrastar_points_follow_the_rules() -> None:
    lines = ["#TITLE:Song", "#ARTIST:Nobody", "#MP3:a.ogg", "#BPM:120", "#GAP:1000"]
    lines += [f"{'*' if n == 3 else ':'} {n * 4} 4 {pitch - 60} la" for n, pitch in enumerate(PITCHES)]
    song = parse_ultrastar("\n".join([*lines, "E"]), "song.txt")
    perfect = karaoke_score(performance(), song)
    assert perfect.points == pytest.approx(10_000, abs=350)
    assert perfect.rank == "Ultrastar"
    golden_missed = karaoke_score(performance(wrong={3: 6.0}), song)
    assert golden_missed.points == pytest.approx(10_000 * 7 / 9, abs=450)
    semitone_off = performance(cents=100.0)
    assert karaoke_score(semitone_off, song, difficulty="medium").points > 9_000
    assert karaoke_score(semitone_off, song, difficulty="hard").points < 500
    assert karaoke_score(track_pitch([rest(3.0, RATE)], RATE), song).rank == "Tone deaf"


def test_targets_of_voices_follow_the_tuning_and_exercises_stay_in_the_range() -> None:
    sung_notes = find_notes(performance(cents=40.0))
    assert tuning_of(sung_notes) == pytest.approx(0.4, abs=0.04)
    assert [one.pitch for one in target_of_voice("Take", sung_notes).notes] == list(PITCHES)
    for kind in ("scale", "arpeggio", "five notes", "thirds", "octaves", "long tones"):
        target = exercise(kind, Key(0, 2, "major"), 48.0, 67.0)  # type: ignore[arg-type]
        low, high = target.range
        assert 48 <= low <= high <= 67
        assert all(one.length > 0 for one in target.notes)
    with pytest.raises(StudioError, match="too narrow"):
        exercise("octaves", Key(0, 0, "major"), 60.0, 66.0)
    with pytest.raises(StudioError, match="one voice"):
        target_of_voice("Noise", [])


def test_a_target_can_be_moved_in_key_time_and_tempo() -> None:
    moved = melody().shifted(2).delayed(1.5).stretched(2.0)
    assert [one.pitch for one in moved.notes] == [pitch + 2 for pitch in PITCHES]
    assert moved.notes[1].start == pytest.approx(2 * (1.5 + 0.5))
