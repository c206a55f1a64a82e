"""Which frame of the song sounds when, and what of the input belongs to it."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from studio.engine.audio.songmap import Epoch, Piece, SongMap, Stretch, pieces, song_frames
from studio.engine.audio.take import Pass, clipped, passes_of


def test_song_stands_still_while_it_does_not_play() -> None:
    song = SongMap().then(Stretch(100, 5_000, True, 1)).then(Stretch(300, 5_200, False, 1))
    assert [song.song(output) for output in (0, 100, 250, 300, 900)] == [0, 5_000, 5_150, 5_200, 5_200]


def test_what_was_planned_later_is_replaced() -> None:
    song = SongMap().then(Stretch(100, 0, True, 1)).then(Stretch(400, 0, True, 1, 1)).then(Stretch(300, 200, False, 1))
    assert [stretch.output for stretch in song.stretches] == [0, 100, 300]


def test_loop_and_drop_out_cut_the_input_into_pieces() -> None:
    song = SongMap().then(Stretch(100, 1_000, True, 1)).then(Stretch(200, 1_000, True, 1, 1))
    found = pieces(song, (Epoch(0, 0), Epoch(250, 30)), 1, 120, 300)
    assert found == [Piece(120, 1_020, 80, 0), Piece(200, 1_000, 50, 1), Piece(280, 1_050, 50, 1)]
    assert passes_of(found, 125, 5) == (Pass(0, 0, 1_020, 80), Pass(1, 80, 1_000, 50), Pass(1, 160, 1_050, 50))


def test_another_playback_and_silence_are_left_out() -> None:
    song = SongMap().then(Stretch(100, 0, True, 1)).then(Stretch(200, 100, False, 1)).then(Stretch(300, 0, True, 2))
    assert pieces(song, (Epoch(0, 0),), 1, 0, 500) == [Piece(100, 0, 100, 0)]


def test_passes_end_with_the_file() -> None:
    passes = (Pass(0, 0, 0, 100), Pass(1, 100, 0, 100), Pass(2, 200, 0, 50))
    assert clipped(passes, 150) == [Pass(0, 0, 0, 100), Pass(1, 100, 0, 50)]


@given(st.lists(st.tuples(st.integers(1, 50), st.integers(0, 500), st.booleans()), min_size=1, max_size=12))
def test_pieces_agree_with_the_map_frame_by_frame(plan: list[tuple[int, int, bool]]) -> None:
    song, output = SongMap(), 0
    for lap, (length, start, playing) in enumerate(plan):
        song = song.then(Stretch(output, start, playing, 1, lap))
        output += length
    of_input = {
        piece.input + n: piece.song + n
        for piece in pieces(song, (Epoch(0, 7),), 1, 0, output)
        for n in range(piece.length)
    }
    for frame in range(output):
        stretch = song.at(frame)
        assert of_input.get(frame + 7) == (stretch.song_at(frame) if stretch.playing else None)


def test_what_came_in_is_dated_by_the_counts_around_it() -> None:
    song_map = SongMap((Stretch(0, 500, False), Stretch(100, 500, True, 1), Stretch(400, 900, False, 1)))
    once = (Epoch(0, 20),)
    inputs = np.array([50, 129, 130, 229, 429, 430, 500], np.int64)
    found = song_frames(song_map, once, 10, inputs)
    assert np.array_equal(found, [np.nan, np.nan, 500, 599, 799, np.nan, np.nan], equal_nan=True)


def test_what_came_in_around_a_drop_out_is_dated_once_the_counts_are_known() -> None:
    song_map = SongMap((Stretch(0, 0, True, 1),))
    inputs = np.arange(0, 1000, 50, dtype=np.int64)
    before = song_frames(song_map, (Epoch(0, 0),), 0, inputs)
    assert np.array_equal(before, inputs)
    dry = song_frames(song_map, (Epoch(0, 0), Epoch(400, 120)), 0, inputs)
    assert np.array_equal(dry[inputs < 400], inputs[inputs < 400])
    assert np.isnan(dry[(inputs >= 400) & (inputs < 520)]).all()
    assert np.array_equal(dry[inputs >= 520], inputs[inputs >= 520] - 120)
    lost = song_frames(song_map, (Epoch(0, 0), Epoch(500, -100)), 0, inputs)
    assert np.array_equal(lost[inputs < 400], inputs[inputs < 400])
    assert np.array_equal(lost[inputs >= 400], inputs[inputs >= 400] + 100)


def test_what_came_in_before_a_stream_was_opened_again_is_not_dated() -> None:
    song_map = SongMap((Stretch(0, 0, True, 1),))
    found = song_frames(song_map, (Epoch(0, 0),), 0, np.array([700, 800, 10, 20], np.int64))
    assert np.array_equal(found, [np.nan, np.nan, 10, 20], equal_nan=True)
    assert np.isnan(song_frames(song_map, (), 0, np.array([1, 2], np.int64))).all()


def test_passes_of_a_practice_lie_at_frames_of_the_song() -> None:
    found = [Piece(1_000, 5_000, 400, 0), Piece(1_400, 2_000, 300, 1)]
    assert passes_of(found, 900, 50, 0.5) == (Pass(0, 150, 2_500, 400), Pass(1, 550, 1_000, 300))
