"""A new user's first hour, with the mouse and keys in the real window, on the virtual sound card, with real files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from desk import Desk, clips
from monitor import Monitor
from screen import App, Screen, screen
from sound import SoundCard, sound_card

__all__ = ["screen", "sound_card"]

ROOT = Path(__file__).resolve().parents[2]
RATE = 48_000
TRIES = 3

Floats = npt.NDArray[np.float32]


def _studio(home: Path, *arguments: str) -> dict[str, Any]:
    """The report of a headless command."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "STUDIO_HOME": str(home)}
    command = [sys.executable, "-m", "studio", *arguments, "--json"]
    done = subprocess.run(command, check=False, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _shape(info: dict[str, Any]) -> list[Any]:
    """What must be the same again: tracks, clips, takes, faders."""
    return [info["tracks"], info["tempo"], info["sections"], info["markers"]]


def _open(screen: Screen, card: SoundCard, home: Path, *arguments: str, title: str) -> App:
    app = App(screen, home, *arguments, environment=card.environment)
    app.window(title)
    app.seen("Sound device", seconds=60)
    return app


@pytest.mark.usefixtures("testdata")
def test_a_first_song(screen: Screen, sound_card: SoundCard, tmp_path: Path, testdata: Path) -> None:
    home = tmp_path / "home"
    song = home / "projects" / "Night Bus.studio"
    app = _open(screen, sound_card, home, title="Studio")
    try:
        app.keys("ctrl+n")
        app.window("New song")
        app.type("Night Bus")
        app.keys("Return")
        app.window("Night Bus")
        desk = Desk(app, song)
        sounds = _drop_the_sounds(desk, testdata)
        arranged = _arrange(desk)
        _record_a_take(desk)
        _undo_and_redo_everything(desk)
        finished = desk.info()
        assert arranged["tracks"][0] == finished["tracks"][0]
        assert sounds == 4
    finally:
        status = app.close()
    assert status == 0, app.output()
    assert _shape(_studio(home, "info", str(song))) == _shape(finished)

    app = _open(screen, sound_card, home, str(song), title="Night Bus")
    try:
        _edit_then_kill(Desk(app, song))
    finally:
        app.kill()

    app = _open(screen, sound_card, home, str(song), title="Night Bus")
    try:
        desk = Desk(app, song)
        assert desk.info()["markers"], "the last edit before the kill is there"
        _export_is_what_is_played(desk, sound_card)
    finally:
        app.close()
    assert "Traceback" not in app.output(), app.output()


def _drop_the_sounds(desk: Desk, testdata: Path) -> int:
    loops = [testdata / "samples_cc0" / f"loop_{name}.flac" for name in ("breakbeat", "compus", "mehackit1")]
    song = next((testdata / "singing_annotated" / "vocadito").rglob("*.wav"))
    desk.app.drop(loops, *desk.at(0, 2))
    desk.until("three tracks", lambda info: [len(t["clips"]) for t in info["tracks"]] == [1, 1, 1])
    desk.app.drop([song], *desk.at(4, 2))
    info = desk.until("the fourth track", lambda info: [len(t["clips"]) for t in info["tracks"]] == [1, 1, 1, 1])
    assert [t["name"] for t in info["tracks"]][:3] == ["loop_breakbeat", "loop_compus", "loop_mehackit1"]
    assert all(clip["start_frame"] < RATE // 4 for t in info["tracks"] for clip in t["clips"])
    return len(info["tracks"])


def _arrange(desk: Desk) -> dict[str, Any]:
    app = desk.app
    app.click(*desk.at(0, 20))
    app.keys("ctrl+d", "ctrl+d", "ctrl+d")
    info = desk.until("three duplicates", lambda info: len(clips(info, 0)) == 4)
    ends = [clip["start_frame"] + clip["length"] for clip in clips(info, 0)]
    assert ends[:-1] == [clip["start_frame"] for clip in clips(info, 0)][1:]
    start = clips(info, 1)[0]["start_frame"]
    app.drag(desk.at(1, 30), desk.at(1, 180), steps=10)
    info = desk.until("a moved clip", lambda info: clips(info, 1)[0]["start_frame"] > start + RATE // 2)
    app.press("Mute loop_mehackit1", "check box")
    return desk.until("a muted track", lambda info: info["tracks"][2]["mute"])


def _record_a_take(desk: Desk) -> None:
    app = desk.app
    app.press("Record on vocadito_1", "check box")
    desk.until("an armed track", lambda info: info["tracks"][3]["armed"])
    app.keys("ctrl+grave")  # count-in of two bars
    app.keys("ctrl+grave")  # none
    for number in range(2, 2 + TRIES):
        app.keys("Home", "r")
        time.sleep(3.0)
        app.keys("space")
        info = desk.until("a take", lambda info, n=number: len(clips(info, 3)[0].get("takes", ())) == n)
        if _loudest(desk, info) > 0.05:
            return
    raise AssertionError("the loopback was never recorded")


def _loudest(desk: Desk, info: dict[str, Any]) -> float:
    """The peak of the newest recording. The virtual card of a busy machine may deliver nothing for a while."""
    newest = clips(info, 3)[0]["takes"][-1]["media"]
    file = next(media["file"] for media in info["media"] if media["id"] == newest)
    sound, rate = soundfile.read(desk.song / file)
    assert rate == RATE
    assert len(sound) > 1.5 * RATE
    return float(np.abs(sound).max())


def _undo_and_redo_everything(desk: Desk) -> None:
    before = _shape(desk.info())
    desk.app.keys(*["ctrl+z"] * 16)
    desk.until("an empty song", lambda info: not info["tracks"])
    desk.app.keys(*["ctrl+shift+z"] * 16)
    desk.until("everything again", lambda info: _shape(info) == before)


def _edit_then_kill(desk: Desk) -> None:
    desk.app.keys("m")
    desk.until("a marker", lambda info: info["markers"])


def _export_is_what_is_played(desk: Desk, card: SoundCard) -> None:
    app = desk.app
    out = app.home / "mix.wav"
    report = _studio(app.home, "bounce", str(desk.song), str(out), "--bits", "32f")
    exported, rate = soundfile.read(out, dtype="float32")
    assert (rate, report["frames"]) == (RATE, len(exported))
    heard = 0.0
    for _ in range(TRIES):
        monitor = Monitor(card)
        app.keys("Home", "space")
        monitor.wait(7 * RATE)
        app.keys("space")
        heard = max(heard, _share_found(exported[: 5 * RATE], monitor.stop()))
        if heard > 0.9:
            return
    raise AssertionError(f"only {heard:.0%} of the exported mix was heard when it was played")


def _share_found(mix: Floats, played: Floats) -> float:
    """How much of a mix, in quarters of a second, occurs sample for sample in what was played."""
    size = RATE // 4
    parts = [mix[at : at + size] for at in range(RATE // 4, len(mix) - size, size)]
    return sum(_occurs(part, played) for part in parts) / len(parts)


def _occurs(part: Floats, whole: Floats) -> bool:
    """Whether a part stands somewhere in a recording: found by the least squared difference of the left channel."""
    size, length = len(part), 1 << (len(part) + len(whole)).bit_length()
    match = np.fft.irfft(np.fft.rfft(whole[:, 0], length) * np.conj(np.fft.rfft(part[:, 0], length)), length)
    energy = np.concatenate([[0.0], np.cumsum(whole[:, 0].astype(np.float64) ** 2)])
    places = len(whole) - size
    at = int(np.argmin((energy[size:] - energy[:-size])[:places] - 2 * match[:places]))
    found = whole[at : at + size]
    return bool(min(np.abs(found - part).max(), np.abs(found - np.clip(part, -1, 1)).max()) < 1e-3)
