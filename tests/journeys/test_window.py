"""Work by hand in the real window, with mouse and keys: arranging, files and folders, sound."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bundles import fill_up, make_read_only, small_disk
from desk import Desk, clips
from screen import App, Screen, screen, wait_until
from sound import SoundCard, sound_card
from studio.actions.headless import describe_song
from studio.actions.song import open_song
from studio.document.project import Comp

__all__ = ["screen", "sound_card"]

RATE = 48_000
BAR = 2 * RATE
NO_CARD = {"PULSE_SERVER": "unix:/nowhere"}


def tone(path: Path, bars: float, pitch: float = 220.0) -> Path:
    """A sound that lasts so many bars of four beats at 120 BPM."""
    t = np.arange(round(bars * BAR)) / RATE
    soundfile.write(path, (0.3 * np.sin(2 * np.pi * pitch * t)).astype(np.float32), RATE, subtype="FLOAT")
    return path


def started(screen: Screen, home: Path, environment: dict[str, str], *arguments: str, title: str) -> App:
    """The app with everything in place."""
    app = App(screen, home, *arguments, environment=environment)
    app.window(title)
    app.seen("Sound device", seconds=60)
    return app


def new_song(app: App, name: str, folder: Path | None = None) -> Desk:
    """Makes a song by keys."""
    app.keys("ctrl+n")
    app.window("New song")
    app.type(name)
    app.keys("Return")
    app.window(name)
    return Desk(app, (folder or app.home / "projects") / f"{name}.studio")


@pytest.mark.soundless
def test_arranging_by_hand(screen: Screen, tmp_path: Path) -> None:
    app = started(screen, tmp_path / "home", NO_CARD, title="Studio")
    try:
        desk = new_song(app, "By Hand")
        _drop(desk, tmp_path)
        _move_in_time(desk)
        _cut_and_paste(desk)
        _places(desk)
        heights = _habits(desk)
        finished = desk.info()
    finally:
        status = app.close()
    assert status == 0, app.output()
    app = started(screen, tmp_path / "home", NO_CARD, str(desk.song), title="By Hand")
    try:
        _all_as_it_was(Desk(app, desk.song), heights)
        assert desk.info() == finished
    finally:
        app.close()
    assert "Traceback" not in app.output(), app.output()


def _drop(desk: Desk, folder: Path) -> None:
    app = desk.app
    app.drop([tone(folder / "Low.wav", 2), tone(folder / "High.wav", 1, 660)], *desk.at(0, desk.bar(3) + 4))
    info = desk.until("two tracks", lambda info: len(info["tracks"]) == 2)
    assert [(t["name"], clips(info, n)[0]["start_frame"]) for n, t in enumerate(info["tracks"])] == [
        ("Low", 2 * BAR),
        ("High", 2 * BAR),
    ]
    border = desk.left + desk.bar(5), desk.top + 66
    app.drop([tone(folder / "Between.wav", 1, 440)], *border)
    info = desk.until("a track between", lambda info: len(info["tracks"]) == 3)
    assert [t["name"] for t in info["tracks"]] == ["Low", "Between", "High"]
    app.drop([folder / "Low.wav", folder / "High.wav"], *desk.at(2, desk.bar(6)))
    info = desk.until("two more on the last track", lambda info: len(clips(info, 2)) == 3)
    assert [clip["start_frame"] for clip in clips(info, 2)] == [2 * BAR, 5 * BAR, 7 * BAR]
    _from_the_library(desk)


def _from_the_library(desk: Desk) -> None:
    app = desk.app
    x, y, width, _ = app.seen("Sounds", "table")["place"]
    app.click(x + width // 2, y + 20)
    app.seen("Stop listening", "push button", seconds=10)
    time.sleep(0.6)  # else the press that begins the drag is the second one of a double click
    app.drag((x + width // 2, y + 20), desk.at(1, desk.bar(9)), steps=10, pause=0.06)
    desk.until("a sound out of the library", lambda info: len(clips(info, 1)) == 2)
    app.keys("ctrl+z")
    desk.until("it is gone again", lambda info: len(clips(info, 1)) == 1)


def _move_in_time(desk: Desk) -> None:
    """A rubber band, a trim, both caught by the grid, and a zoom that stays where the pointer is."""
    app = desk.app
    start, end = desk.at(0, desk.bar(6.3)), desk.at(2, desk.bar(8.5))
    app.drag(start, end, steps=10)
    app.keys("Delete")
    desk.until("the banded clips are gone", lambda info: [len(clips(info, n)) for n in range(3)] == [1, 1, 1])
    app.drag(desk.at(0, desk.bar(5) - 2), desk.at(0, desk.bar(4) + 3), steps=10)
    desk.until("a trim to the bar line", lambda info: clips(info, 0)[0]["length"] == BAR)
    under = desk.left + desk.bar(3.5)
    before = _share(desk, "Between", under)
    app.screen.xdotool("mousemove", under, desk.top + 90, "keydown", "ctrl", "click", 4, "click", 4, "keyup", "ctrl")
    time.sleep(0.5)
    assert abs(_share(desk, "Between", under) - before) < 0.02
    app.screen.xdotool("keydown", "ctrl", "click", 5, "click", 5, "keyup", "ctrl")
    app.keys("ctrl+Home")


def _share(desk: Desk, name: str, x: int) -> float:
    """Where a place lies in a clip, 0 at its left edge and 1 at its right one."""
    left, _, width, _ = _items(desk, name)[-1]
    return (x - left) / width


def _items(desk: Desk, name: str) -> list[list[int]]:
    items = desk.app.screen.read(desk.app.process.pid)
    return [i["place"] for i in items if i["showing"] and i["name"] == name and i["role"] == "list item"]


def _cut_and_paste(desk: Desk) -> None:
    app = desk.app
    app.click(*desk.ruler(3.5, 20))
    app.click(*desk.at(0, desk.bar(3.2)))
    app.keys("s")
    info = desk.until("a split at the playhead", lambda info: len(clips(info, 0)) == 2)
    assert [(clip["start_frame"], clip["length"]) for clip in clips(info, 0)] == [
        (2 * BAR, BAR // 2),
        (2 * BAR + BAR // 2, BAR // 2),
    ]
    app.click(*desk.at(0, desk.bar(3.7)))
    app.keys("ctrl+d")
    desk.until("a duplicate right behind", lambda info: clips(info, 0)[-1]["start_frame"] == 3 * BAR)
    app.keys("ctrl+c")
    app.click(*desk.ruler(8, 20))
    app.keys("ctrl+v")
    desk.until("a copy at the playhead", lambda info: clips(info, 0)[-1]["start_frame"] == 7 * BAR)
    app.drag(desk.at(0, desk.bar(8.2)), desk.at(1, desk.bar(10.2)), steps=10)
    desk.until("a move to another track", lambda info: clips(info, 1)[-1]["start_frame"] == 9 * BAR)


def _places(desk: Desk) -> None:
    """A section, a marker, tempo and time signature."""
    app = desk.app
    app.drag(desk.ruler(1, 72), desk.ruler(5, 72), steps=10)
    app.type("Verse")
    app.keys("Return")
    info = desk.until("a section", lambda info: [s["name"] for s in info["sections"]] == ["Verse"])
    assert (info["sections"][0]["start"], info["sections"][0]["length"]) == (0, 4 * 3840)
    app.click(*desk.ruler(5, 20))
    app.keys("m")
    desk.until("a marker", lambda info: [m["start"] for m in info["markers"]] == [4 * 3840])
    app.keys("Home")
    for field, text in (("tempo", "92"), ("signature", "3/4")):
        app.press(field, "spin button", times=2)
        app.keys("ctrl+a")
        app.type(text)
        app.keys("Return")
    info = desk.until("another signature", lambda info: info["signatures"][0]["numerator"] == 3)
    assert [point["bpm"] for point in info["tempo"]] == [92.0]
    app.keys("ctrl+z", "ctrl+z")
    desk.until("the old tempo", lambda info: info["tempo"][0]["bpm"] == 120.0)


def _habits(desk: Desk) -> list[int]:
    """A taller track, another grid, no snapping, no mixer; returns the heights of the first track and its clips."""
    app = desk.app
    app.drag((desk.left - 100, desk.top + 65), (desk.left - 100, desk.top + 65 + 44), steps=8)
    app.keys("6", "n", "F4")
    app.seen("Snap bar", "check box")
    heights = [place[3] for place in _items(desk, "Low")]
    assert heights[0] == 66 + 44
    return heights


def _all_as_it_was(desk: Desk, heights: list[int]) -> None:
    app = desk.app
    app.seen("Snap bar", "check box")
    assert not [i for i in app.screen.read(app.process.pid) if i["showing"] and i["name"] == "Level of Master"]
    assert [place[3] for place in _items(desk, "Low")] == heights
    kept = json.loads((app.home / "config" / "preferences.json").read_text())
    assert (kept["grid"], kept["snap"]) == ("bar", False)


@pytest.mark.soundless
def test_files_by_hand(screen: Screen, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    with small_disk(disk, 6_000):
        home = tmp_path / "home"
        (home / "config").mkdir(parents=True)
        (home / "config" / "preferences.json").write_text(json.dumps({"projects_folder": str(disk)}))
        app = started(screen, home, NO_CARD, title="Studio")
        try:
            desk = new_song(app, "Files", disk)
            _fill_the_disk(desk, tmp_path)
            _export(desk, tmp_path)
            _leave_with_unsaved_changes(desk, disk, tmp_path)
        finally:
            app.close()
        assert "Traceback" not in app.output(), app.output()
    _find_what_is_missing(screen, home, tmp_path / "Rescued.studio", tmp_path)


def _fill_the_disk(desk: Desk, folder: Path) -> None:
    """Three sounds, of which the second is too large: a sentence names it, and nothing of it stays."""
    app = desk.app
    sounds = [tone(folder / "Low.wav", 2), tone(folder / "Endless.wav", 30, 330), tone(folder / "High.wav", 1, 660)]
    app.drop(sounds, *desk.at(0, 4))
    desk.until("what has room", lambda info: [t["name"] for t in info["tracks"]] == ["Low", "High"])
    _told(app, "Endless.wav", "free some space")
    assert sorted(path.name for path in (desk.song / "media").iterdir()) == ["High.wav", "Low.wav"]


def _told(app: App, *words: str, role: str = "label") -> None:
    """Waits until something on the screen says these words."""
    seen: list[str] = []

    def there() -> bool:
        seen[:] = [i["name"] for i in app.screen.read(app.process.pid) if i["showing"] and i["role"] == role]
        return any(all(word in name for word in words) for name in seen)

    try:
        wait_until(there, 20)
    except AssertionError as never:
        raise AssertionError(f"nobody said {words}; these words are on the screen: {seen}") from never


def _export(desk: Desk, folder: Path) -> None:
    """To a folder that cannot be written to, then to one that can, as FLAC and only the first bar of the loop."""
    app, out = desk.app, folder / "out"
    out.mkdir()
    with small_disk(folder / "locked", 64):
        make_read_only(folder / "locked")
        _export_to(app, folder / "locked" / "mix.wav")
        _told(app, "mix.wav", "read-only")
    app.drag(desk.ruler(5, 4), desk.ruler(2, 4), steps=10)
    desk.until("a loop of one bar", lambda info: info["loop"]["end"] == 3840)
    _export_to(app, out / "mix.flac", "Tab", "Down", "Tab", "Down")
    wait_until((out / "mix.flac").exists)
    _told(app, "mix.flac is exported")
    sound, rate = soundfile.read(out / "mix.flac", always_2d=True)
    assert (rate, len(sound)) == (RATE, BAR)
    wanted = 0.6 * np.sin(np.pi * (220 + 660) * np.arange(BAR) / RATE) * np.cos(np.pi * 440 * np.arange(BAR) / RATE)
    assert np.abs(sound[200:-200, 0] / 10 ** (-3.0103 / 20) - wanted[200:-200]).max() < 1e-3
    app.keys("F7")
    app.keys("F4")


def _export_to(app: App, file: Path, *keys: str) -> None:
    app.keys("ctrl+e")
    app.window("Export mix")
    for key in keys:
        app.keys(key)
    app.press("File", "text")
    app.keys("ctrl+a")
    app.type(str(file))
    app.keys("Return")
    app.window("Files")


def _leave_with_unsaved_changes(desk: Desk, disk: Path, folder: Path) -> None:
    """With the disk full to the last byte an edit cannot be saved: the window asks before it lets go of the song."""
    app = desk.app
    fill_up(disk)
    for _ in range(40):
        app.keys("m")
    _told(app, "disk is full", "Save a Copy As")
    app.keys("ctrl+q")
    app.window("Changes are not saved")
    app.press("Save a copy…", "push button")
    app.window("Save a copy of the song")
    app.keys("ctrl+a")
    app.type(str(folder / "Rescued"))
    app.keys("Return")
    app.window("Files")
    _told(app, "Rescued.studio", "complete")
    assert describe_song(folder / "Rescued.studio")["markers"]
    app.keys("ctrl+q")
    assert app.process.wait(20) == 0


def _find_what_is_missing(screen: Screen, home: Path, song: Path, folder: Path) -> None:
    away = folder / "away"
    away.mkdir()
    (song / "media" / "Low.wav").rename(away / "Low.wav")
    app = started(screen, home, NO_CARD, str(song), title="Files")
    try:
        _told(app, "“Low”", "missing")
        app.keys("ctrl+shift+p")
        app.type("find missing")
        app.keys("Return")
        app.window("Look for the missing sounds in")
        app.type(str(away))
        app.keys("Return")
        app.window("Files")
        desk = Desk(app, song)
        desk.until("found", lambda info: not any(media["missing"] for media in info["media"]))
    finally:
        app.close()
    assert "Traceback" not in app.output(), app.output()


def test_recording_by_hand(screen: Screen, sound_card: SoundCard, tmp_path: Path) -> None:
    home = tmp_path / "home"
    sound_card.kill()
    app = started(screen, home, sound_card.environment, title="Studio")
    try:
        _told(app, "no sound output")
        _device_comes(app, sound_card)
        _latency(app)
        desk = new_song(app, "Takes")
        _record_in_a_loop(desk, tmp_path)
        _comp(desk)
        _device_goes(desk, sound_card)
    finally:
        app.close()
    assert "Traceback" not in app.output(), app.output()


def _device_comes(app: App, card: SoundCard) -> None:
    app.press("Sound device", "push button")
    app.window("Preferences")
    card.start()
    app.press("Look for devices again", "push button")
    app.seen("The device runs at 48 kHz.", "label")
    app.keys("Escape")
    app.window("Studio")


def _latency(app: App) -> None:
    app.press("Recording latency", "push button")
    app.window("Recording latency")
    app.keys("Return")
    wait_until(lambda: _round_trips(app) != [], 40)
    _told(app, "Round trip", "ms", "frames")
    (found,) = _round_trips(app)
    assert (found["rate"], found["buffer"]) == (RATE, 0)
    assert 100 < found["frames"] < RATE // 2
    app.keys("Escape")
    app.window("Studio")


def _round_trips(app: App) -> list[dict[str, int]]:
    file = app.home / "config" / "preferences.json"
    return json.loads(file.read_text()).get("round_trips", []) if file.exists() else []


def _record_in_a_loop(desk: Desk, folder: Path) -> None:
    """Several passes over a loop of one bar: a take each, on lanes of their own, and in the library."""
    app = desk.app
    app.drop([tone(folder / "Hum.wav", 1)], *desk.at(0, 4))
    desk.until("a sound", lambda info: info["tracks"])
    app.keys("ctrl+shift+n")
    app.drag(desk.ruler(5, 4), desk.ruler(2, 4), steps=10)
    desk.until("a loop of one bar", lambda info: info["loop"] == {"start": 0, "end": 3840, "on": True})
    app.keys("r")
    _told(app, "No track is armed")
    app.keys("shift+r", "ctrl+grave", "ctrl+grave", "Home", "r")
    app.seen("Recording", "label")
    time.sleep(7)
    app.keys("space")
    info = desk.until("takes", lambda info: [len(clips(info, n)) for n in range(2)] == [1, 1])
    assert len(clips(info, 1)[0]["takes"]) >= 3
    app.press("Recordings", "check box")
    _told(app, "Track 1", "Recorded today", role="table cell")


def _comp(desk: Desk) -> None:
    """The newest full pass plays; a swipe over another lane chooses it there; a split leaves both halves comps."""
    app = desk.app
    (comp,) = _comps(desk)
    first, lowest = comp.takes[0].id, len(comp.takes) - 1
    assert [span.take for span in comp.spans] != [first]
    app.drag(desk.lane(lowest, 1, desk.bar(1.25)), desk.lane(lowest, 1, desk.bar(1.75)), steps=10)
    wait_until(lambda: any(span.take == first for span in _comps(desk)[0].spans), 20)
    (comp,) = _comps(desk)
    at = [span.take for span in comp.spans].index(first)
    assert abs(comp.spans[at - 1].end - BAR / 4) < BAR / 30
    assert abs(comp.spans[at].end - 3 * BAR / 4) < BAR / 30
    app.click(*desk.ruler(1.5, 20))
    app.click(*desk.at(1, desk.bar(1.8)))
    app.keys("s")
    desk.until("two halves", lambda info: [clip["length"] for clip in clips(info, 1)] == [BAR // 2, BAR // 2])
    app.keys("ctrl+z", "ctrl+z")
    wait_until(lambda: not any(span.take == first for span in _comps(desk)[0].spans), 20)


def _comps(desk: Desk) -> list[Comp]:
    """The comps on the second track, from the disk."""
    song = open_song(desk.song, read_only=True)
    try:
        return [clip for clip in song.project.tracks[1].clips if isinstance(clip, Comp)]
    finally:
        song.close()


def _device_goes(desk: Desk, card: SoundCard) -> None:
    """Pulled out while it plays: playback stops, the window says so, and the song can still be worked on."""
    app = desk.app
    app.keys("l", "Home", "space")
    app.seen("Playing", "label")
    card.unplug()
    _told(app, "sound device is gone", "connect it again")
    app.seen("The sound device is gone", "label")
    app.keys("m")
    desk.until("a marker", lambda info: info["markers"])
