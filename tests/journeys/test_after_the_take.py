"""After the take: a voice is brought in, coached by a melody, heard by phrase, reported; the best comp is used."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import soundfile

from desk import LANE, Desk
from listening import undisturbed
from monitor import Monitor
from screen import App, Screen, screen, wait_until
from sound import SoundCard, sound_card
from studio.actions.song import open_song
from studio.document.project import Comp
from sungsongs import RATE, make_sung_song, sung

__all__ = ["screen", "sound_card"]


def spans(song: Path, comp_id: str) -> tuple[str, ...]:
    """The takes that a comp is made of, as it is on the disk."""
    opened = open_song(song, read_only=True)
    try:
        comp = opened.document.clip(comp_id)
        assert isinstance(comp, Comp)
        return tuple(span.take for span in comp.spans)
    finally:
        opened.close()


def press_like(app: App, words: str) -> None:
    """Clicks on what is named with these words in it, once it is there."""
    found: list[tuple[int, int, int, int]] = []

    def there() -> bool:
        items = app.screen.read(app.process.pid)
        found[:] = [item["place"] for item in items if item["showing"] and words in item["name"] and item["place"][2]]
        return bool(found)

    wait_until(there, 60.0)
    x, y, width, height = found[0]
    app.click(x + width // 2, y + height // 2)


@undisturbed
def test_a_take_is_coached_heard_exported_and_comped(screen: Screen, sound_card: SoundCard, tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "projects").mkdir(parents=True)
    song = home / "projects" / "Rainy.studio"
    comp = make_sung_song(song, sung(0.0, -60.0), sung(-60.0, 0.0))
    before = spans(song, comp)
    voice = tmp_path / "Voice.wav"
    soundfile.write(voice, sung(4.0, -45.0), RATE, subtype="FLOAT")
    app = App(screen, home, str(song), environment=sound_card.environment)
    try:
        app.window("Rainy")
        app.seen("Sound device", seconds=60)
        desk = Desk(app, song)
        app.drop([voice], *_below(desk, 4))
        desk.until("a clip of the voice", lambda info: len(info["tracks"]) == 3)
        _coach(app, _below(desk, 20))
        _export(app, tmp_path / "report.html")
        _hear_a_phrase(app, sound_card)
        desk.look()
        _coach(app, desk.at(1, 20))
        app.press("Takes", "page tab")
        app.press("Propose a Comp")
        app.keys("Tab", "Return")
        wait_until(lambda: len(spans(song, comp)) == 2, 20.0)
        assert len(before) == 1
        app.keys("F6", "ctrl+z")
        wait_until(lambda: spans(song, comp) == before, 20.0)
        app.seen("0 running or waiting")
    finally:
        status = app.close()
    assert status == 0, app.output()
    assert "Traceback" not in app.output(), app.output()
    page = (tmp_path / "report.html").read_text()
    assert "Judged by Melody" in page and "home and dry again" in page


def _below(desk: Desk, pixels: int) -> tuple[int, int]:
    """A place on the track below the comp and its two lanes."""
    x, y = desk.at(2, pixels)
    return x, y + 2 * LANE


def _coach(app: App, clip: tuple[int, int]) -> None:
    """Coaches the clip at a place of the timeline by the melody."""
    app.click(*clip)
    app.keys("shift+v")
    app.seen("Phrases, the worst first", seconds=60)
    time.sleep(1.0)
    app.press("Sung freely", "combo box")
    time.sleep(0.3)
    app.type("M")
    app.keys("Return")
    time.sleep(0.5)


def _export(app: App, out: Path) -> None:
    """Writes the report as a page."""
    app.press("Export")
    time.sleep(0.3)
    app.keys("Down", "Return")
    app.window("Export the report")
    app.keys("ctrl+a")
    app.type(str(out))
    app.keys("Return")
    wait_until(out.exists, 20.0)
    app.window("Rainy")


def _hear_a_phrase(app: App, card: SoundCard) -> None:
    """Clicks on a phrase: it sounds, and ends by itself."""
    monitor = Monitor(card)
    press_like(app, "home and dry again, ")
    monitor.wait(5 * RATE)
    sound = np.abs(monitor.stop()).max(axis=1)
    loud = np.flatnonzero(sound > 0.02)
    assert len(loud)
    assert 1.5 * RATE < loud[-1] - loud[0] < 3.0 * RATE
