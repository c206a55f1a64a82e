"""Which song frame was heard at a moment: count-ins, rounds of a loop, ends, and what came too early."""

from __future__ import annotations

from studio.engine.audio.rolling import Heard, heard_in
from studio.engine.audio.songmap import SongMap, Stretch

COUNTED = SongMap((Stretch(0, 500, False), Stretch(1_000, 500, False, 3, 0, True), Stretch(2_000, 500, True, 3)))


def test_what_comes_before_the_beginning_waits_and_knows_how_early_it_was() -> None:
    assert heard_in(COUNTED, 3, 0, None, 1_990) == Heard(500, waits=True, early=10, begin=500)
    assert heard_in(COUNTED, 3, 0, None, 2_000) == Heard(500, begin=500)
    assert heard_in(COUNTED, 3, 0, None, 2_100) == Heard(600, begin=500)
    assert heard_in(COUNTED, 4, 0, None, 2_100) is None, "that playback is not there yet"


def test_punched_in_it_begins_where_it_was_asked_for_and_ends_where_it_was_told_to() -> None:
    assert heard_in(COUNTED, 3, 2_050, 2_070, 2_040) == Heard(550, waits=True, early=10, begin=550)
    assert heard_in(COUNTED, 3, 2_050, 2_070, 2_060) == Heard(560, begin=550)
    assert heard_in(COUNTED, 3, 2_050, 2_070, 2_080) == Heard(570, over=True, begin=550)
    assert heard_in(COUNTED, 3, 3_000, 2_070, 2_080) == Heard(1500, waits=True, early=920, over=True, begin=1500)


def test_each_round_of_a_loop_counts_and_a_stop_ends_it() -> None:
    rounds = COUNTED.then(Stretch(2_300, 100, True, 3, 1)).then(Stretch(2_600, 100, True, 3, 2))
    assert heard_in(rounds, 3, 0, None, 2_299) == Heard(799, 0, begin=500)
    assert heard_in(rounds, 3, 0, None, 2_300) == Heard(100, 1, begin=500)
    assert heard_in(rounds, 3, 0, None, 2_650) == Heard(150, 2, begin=500)
    stopped = rounds.then(Stretch(2_700, 200, False, 3))
    assert heard_in(stopped, 3, 0, None, 2_690) == Heard(190, 2, begin=500)
    assert heard_in(stopped, 3, 0, None, 9_000) == Heard(200, 2, over=True, begin=500)
