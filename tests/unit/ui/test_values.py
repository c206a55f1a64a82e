import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.document.project import new_project
from studio.errors import StudioError
from studio.ui.values import (
    TapTempo,
    clock_text,
    level_text,
    parse_position,
    parse_signature,
    parse_tempo,
    parse_time,
)

SONG = new_project("Song", 48_000)


@pytest.mark.parametrize(("text", "bpm"), [("92", 92.0), ("92,5", 92.5), (" 120.25 BPM ", 120.25)])
def test_tempos_are_read(text: str, bpm: float) -> None:
    assert parse_tempo(text) == bpm


@pytest.mark.parametrize("text", ["", "fast", "9", "1000", "nan", "inf", "1e400"])
def test_odd_tempos_are_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(StudioError):
        parse_tempo(text)


@pytest.mark.parametrize(("text", "read"), [("4/4", (4, 4)), (" 6 / 8 ", (6, 8)), ("64/32", (64, 32))])
def test_signatures_are_read(text: str, read: tuple[int, int]) -> None:
    assert parse_signature(text) == read


@pytest.mark.parametrize("text", ["4", "0/4", "4/3", "65/4", "-1/4", "x/y", "4/4/4"])
def test_odd_signatures_are_refused(text: str) -> None:
    with pytest.raises(StudioError):
        parse_signature(text)


@pytest.mark.parametrize(
    ("text", "frame"),
    [("1", 0), ("2", 96_000), ("1.2", 24_000), ("1.1.480", 12_000), ("3.4.0", 2 * 96_000 + 72_000), ("0", 0)],
)
def test_positions_are_read_at_120_bpm(text: str, frame: int) -> None:
    assert parse_position(text, SONG) == frame


@pytest.mark.parametrize("text", ["", "a", "1.2.3.4", "-1", "1..2"])
def test_odd_positions_are_refused(text: str) -> None:
    with pytest.raises(StudioError):
        parse_position(text, SONG)


@pytest.mark.parametrize(("text", "seconds"), [("83.5", 83.5), ("1:23,5", 83.5), ("1:02:03", 3723)])
def test_times_are_read(text: str, seconds: float) -> None:
    assert parse_time(text, 48_000) == seconds * 48_000


@pytest.mark.parametrize("text", ["", "x", "-1", "nan", "inf"])
def test_odd_times_are_refused(text: str) -> None:
    with pytest.raises(StudioError):
        parse_time(text, 48_000)


@settings(deadline=None, max_examples=80)
@given(st.integers(0, 48_000 * 3600 * 50))
def test_a_time_that_is_shown_can_be_typed(frame: int) -> None:
    assert abs(parse_time(clock_text(frame, 48_000), 48_000) - frame) <= 48


def test_level_has_one_width() -> None:
    assert {len(level_text(peak)) for peak in (0.0, 1e-4, 0.03, 0.5, 1.0, 3.9)} == {5}


def test_taps_make_a_tempo_and_a_pause_begins_anew() -> None:
    taps = TapTempo()
    assert taps.tap(10.0) is None
    assert taps.tap(10.5) == pytest.approx(120)
    assert taps.tap(11.0) == pytest.approx(120)
    assert taps.tap(20.0) is None
    assert taps.tap(20.6) == pytest.approx(100)
