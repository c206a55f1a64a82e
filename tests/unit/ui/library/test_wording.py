"""How assets are described."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from studio.storage.library.records import Asset
from studio.ui.library.wording import counted, day, detail, duration, spoken

TODAY = date(2026, 5, 20)


def at(year: int, month: int, of: int) -> float:
    return datetime(year, month, of, 12).timestamp()


def asset(**fields: object) -> Asset:
    plain = Asset(
        1, "recording", Path("/a.wav"), "Take 5", 1, 0.0, "", 34.0, 48000, 1, None, "", at(2026, 5, 20), None, False, ""
    )
    return replace(plain, **fields)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "–"), (0.001, "0.1 s"), (0.42, "0.4 s"), (9.9, "9.9 s"), (9.97, "0:10"), (21.4, "0:21"), (3723, "1:02:03")],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("when", "text"),
    [
        (at(2026, 5, 20), "today"),
        (at(2026, 5, 19), "yesterday"),
        (at(2026, 5, 16), "on Saturday"),
        (at(2026, 5, 1), "on 1 May 2026"),
        (at(2026, 5, 21), "on 21 May 2026"),
    ],
)
def test_days(when: float, text: str) -> None:
    assert day(when, TODAY) == text


def test_details_put_music_first() -> None:
    assert detail(asset(), TODAY) == "Recorded today"
    assert detail(asset(bpm=92.0, key="Am", tags=("dusty",)), TODAY) == "92 BPM · Am · dusty · recorded today"


def test_what_is_spoken_has_everything() -> None:
    assert spoken(asset(favourite=True)).startswith("Take 5, 0:34, ")
    assert spoken(asset(favourite=True)).endswith("favourite")


def test_counts() -> None:
    assert [counted(count) for count in (0, 1, 1284)] == ["0 sounds", "1 sound", "1,284 sounds"]
