"""Scores: notes and controls of a track as events at song frames."""

from __future__ import annotations

import numpy as np
from msgspec.structs import replace

from studio.document.blocks import control_blocks, note_blocks
from studio.document.instruments import Lane
from studio.document.notes import Bend, Control, Controller, Note, NoteClip, Program
from studio.document.project import Track
from studio.document.time import TempoPoint, tempo_map
from studio.engine.audio.score import BEND, CONTROL, OFF, ON, PROGRAM, Score, score_of

TIME = tempo_map((TempoPoint(0, 120.0),), 48_000)
BEAT = 24_000


def track(*notes: Note, controls: tuple[Control, ...] = (), ticks: int = 9600, loop: int = 0) -> Track:
    clip = NoteClip("c", "c", 0, ticks, 0, loop, note_blocks(notes), control_blocks(controls))
    return Track("t", "t", "#ffffff", kind="instrument", base="musical", clips=(clip,))


def events(score: Score) -> list[tuple[int, ...]]:
    return [tuple(event) for event in score.between(0, 10**9)]


def test_notes_begin_and_end_at_their_frames() -> None:
    score = score_of(track(Note("a", 960, 480, 60, 90), Note("b", 1920, 960, 64)), TIME)
    assert events(score) == [
        (BEAT, ON, 60, 90),
        (BEAT * 3 // 2, OFF, 60, 0),
        (BEAT * 2, ON, 64, 96),
        (BEAT * 3, OFF, 64, 0),
    ]
    assert score.end == BEAT * 3 + 1
    assert score.any_between(BEAT, BEAT + 1) and not score.any_between(BEAT + 1, BEAT * 3 // 2)


def test_a_note_that_begins_in_another_of_its_pitch_takes_it_over() -> None:
    score = score_of(track(Note("a", 0, 1920, 60), Note("b", 960, 1920, 60)), TIME)
    assert events(score) == [(0, ON, 60, 96), (BEAT, OFF, 60, 0), (BEAT, ON, 60, 96), (BEAT * 3, OFF, 60, 0)]


def test_a_note_of_no_length_sounds_for_a_frame() -> None:
    assert events(score_of(track(Note("a", 0, 0, 60)), TIME)) == [(0, ON, 60, 96), (1, OFF, 60, 0)]


def test_controls_of_a_frame_come_before_its_notes_and_the_last_of_each_sort_is_chased() -> None:
    controls = (Program(0, 5), Controller(0, 7, 100), Controller(960, 7, 50), Controller(960, 10, 3), Bend(960, -100))
    score = score_of(track(Note("a", 960, 960, 60), controls=controls), TIME)
    assert [kind for _, kind, _, _ in events(score)][:-1] == [PROGRAM, CONTROL, CONTROL, CONTROL, BEND, ON, OFF]
    assert [(event.kind, event.value) for event in score.chased(BEAT)] == [(PROGRAM, 5), (CONTROL, 100)]
    later = [(event.kind, event.value) for event in score.chased(BEAT + 1)]
    assert later == [(PROGRAM, 5), (CONTROL, 50), (CONTROL, 3), (BEND, -100)]


def test_muted_lanes_are_silent() -> None:
    silenced = replace(track(Note("a", 0, 960, 36), Note("b", 0, 960, 38)), lanes=(Lane(36, "Kick", muted=True),))
    assert {number for _, _, number, _ in events(score_of(silenced, TIME))} == {38}


def test_chance_falls_anew_each_turn_and_the_same_each_time() -> None:
    looped = track(Note("a", 0, 240, 60, probability=0.5), ticks=960 * 200, loop=960)
    once, again = (events(score_of(looped, TIME)) for _ in range(2))
    assert once == again
    assert 60 < len(once) / 2 < 140


def test_an_unchanged_track_keeps_its_score() -> None:
    one = track(Note("a", 0, 960, 60))
    score = score_of(one, TIME)
    assert score_of(replace(one, name="other"), TIME, score) is score
    assert score_of(track(Note("a", 0, 960, 60)), TIME, score) is not score


def test_a_score_goes_on_as_another_where_only_the_past_differs() -> None:
    def score(*rows: tuple[int, int, int, int]) -> Score:
        return Score(*np.ascontiguousarray(np.array(rows, np.int64).reshape(-1, 4).T))

    held = ((0, ON, 60, 90), (900, OFF, 60, 0))
    before = score(*held)
    assert score((0, ON, 60, 90), (100, ON, 64, 90), (200, OFF, 64, 0), (900, OFF, 60, 0)).goes_on_as(before, 300)
    assert not score((0, ON, 60, 90), (100, ON, 64, 90), (400, OFF, 64, 0), (900, OFF, 60, 0)).goes_on_as(before, 300)
    assert not score((0, ON, 60, 90), (800, OFF, 60, 0)).goes_on_as(before, 300)
    assert before.goes_on_as(before, 0) and not score().goes_on_as(before, 0)
