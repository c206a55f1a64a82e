"""A model is fetched, makes music for a place of the song, and what it made is found again: by mouse and keys in the
real window, with tiny models that come from a hub on the loopback.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from desk import Desk, clips
from hub import Hub
from models import TinyModels
from screen import ROOT, App, Screen, screen, wait_until

__all__ = ["screen"]

pytestmark = pytest.mark.soundless

RATE = 48_000
BAR = 2 * RATE
NO_CARD = {"PULSE_SERVER": "unix:/nowhere"}


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub() as server:
        yield server


def studio(home: Path, *arguments: str) -> Any:
    """One headless command; what it says as JSON."""
    environment = {**os.environ, "STUDIO_HOME": str(home), "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-m", "studio", *arguments]
    done = subprocess.run(command, check=False, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if "--json" in arguments else None


def add(home: Path, name: str, task: str, loader: str) -> None:
    """A model of one's own, as the guide says."""
    studio(
        home, "models", "add", name, "--title", name.capitalize(), "--task", task, "--loader", loader,
        "--licence", "MIT", "--repo", f"maker/{name}", "--dtype", "float32",
    )  # fmt: skip


def started(screen: Screen, home: Path, hub: Hub, *arguments: str, title: str) -> App:
    app = App(screen, home, *arguments, environment={**NO_CARD, "HF_ENDPOINT": hub.endpoint})
    app.window(title)
    app.seen("Sound device", seconds=60)
    return app


def test_a_model_from_the_hub_to_the_song_and_back(
    screen: Screen, hub: Hub, tiny_models: TinyModels, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    hub.add("maker/tiny", tiny_models.folder("AceStepPipeline"))
    hub.add("maker/brush", tiny_models.folder("Flux2KleinPipeline"))
    home.mkdir()
    add(home, "tiny", "music", "AceStepPipeline")
    add(home, "brush", "cover", "Flux2KleinPipeline")
    studio(home, "models", "pull", "brush", "--accept-licence", "--endpoint", hub.endpoint)
    app = started(screen, home, hub, title="Studio")
    app.keys("ctrl+n")
    app.window("New song")
    app.type("Loopback")
    app.keys("Return")
    app.window("Loopback")
    desk = Desk(app, home / "projects" / "Loopback.studio")
    app.keys("ctrl+alt+g")
    choose(app, "ACE-Step 1.5 XL Turbo · not fetched", "Tiny")
    hub.slow = 0.02
    app.press("Fetch…", "push button")
    app.press("Accept the licence and fetch", "push button")
    wait_until(lambda: len(hub.asked(".safetensors")) > 1, 30)
    time.sleep(1)
    app.kill()
    hub.slow = 0.0
    app = started(screen, home, hub, str(desk.song), title="Loopback")
    desk.app = app
    app.keys("F7")
    app.press("Begin again Fetch Tiny", "push button")
    app.seen("Fetch Tiny: done", seconds=60)
    assert any(part for _, _, part in hub.asked(".safetensors")), "what was there was not fetched again"
    music = _generate_into_the_loop(desk)
    _repaint_two_bars(desk, music)
    _paint_a_cover(desk)
    _queue_six(desk)
    app.close()
    desk.app = app = started(screen, home, hub, str(desk.song), title="Loopback")
    rest = [f"Music from text: number {name}" for name in ("one", "three", "four", "five", "six")]
    wait_until(lambda: {job["label"] for job in _jobs(home, "done")} >= set(rest), 120)
    _find_and_make_again(desk)
    app.close()


def _generate_into_the_loop(desk: Desk) -> Path:
    """Four bars for the loop of a new song, put in as one step; returns the file."""
    app = desk.app
    app.keys("ctrl+alt+m")
    app.seen("Description", "text")
    app.type("slow dub, warm bass")
    app.press("Steps", "text", times=2)
    app.type("2")
    app.press("Put it into the song when it is done", "check box")
    app.press("Make it", "push button")
    info = desk.until("what was made is in the song", lambda info: info["tracks"] and clips(info, 0), 90)
    (clip,) = clips(info, 0)
    assert (clip["start_frame"], clip["length"]) == (0, 4 * BAR)
    app.press("Timeline", "list")
    app.keys("ctrl+z")
    desk.until("one step back is without it", lambda info: not info["tracks"])
    app.keys("ctrl+y")
    desk.until("and forth with it", lambda info: info["tracks"] and clips(info, 0))
    (media,) = info["media"]
    return desk.song / media["file"]


def _repaint_two_bars(desk: Desk, music: Path) -> None:
    """The second and third bar made anew: they differ, what is around them stays."""
    app = desk.app
    app.drag(desk.ruler(5, 4), desk.ruler(4, 4), steps=10)
    app.drag(desk.ruler(1, 4), desk.ruler(2, 4), steps=10)
    desk.until("a loop of two bars", lambda info: (info["loop"]["start"], info["loop"]["end"]) == (3840, 11520))
    app.click(*desk.at(0, desk.bar(2.5)))
    app.keys("ctrl+alt+r")
    app.seen("Put it into the song when it is done", "check box", seconds=60)
    time.sleep(1)
    app.type(", brighter")
    app.press("Make it", "push button")
    info = desk.until("the range is another sound", lambda info: len(info["media"]) > 1, 90)
    (clip,) = clips(info, 0)
    assert (clip["start_frame"], clip["length"], clip["kind"]) == (0, 4 * BAR, "comp")
    out = app.home / "mix.wav"
    studio(app.home, "bounce", str(desk.song), str(out), "--to", "8", "--bits", "32f")
    for now in (_sound(app.home / "data" / "generated" / "slow dub, warm bass, brighter.flac"), _sound(out)):
        then, edge = _sound(music), RATE // 50
        for around in (slice(0, BAR - edge), slice(3 * BAR + edge, 4 * BAR)):
            assert np.allclose(now[around], then[around], atol=1e-6)
        assert not np.allclose(now[BAR : 3 * BAR], then[BAR : 3 * BAR], atol=1e-4)


def _sound(path: Path) -> npt.NDArray[np.float32]:
    sound, rate = soundfile.read(path, dtype="float32", always_2d=True)
    assert rate == RATE
    return sound


def _paint_a_cover(desk: Desk) -> None:
    app = desk.app
    choose(app, "A range made anew", "Cover")
    app.seen("Brush · on this computer", "combo box")
    app.press("Description", "text")
    app.keys("ctrl+a")
    app.type("a lake at night")
    app.press("Make it", "push button")
    app.seen("Cover picture: a lake at night: done", seconds=90)
    app.seen("Picture a lake at night")


def _queue_six(desk: Desk) -> None:
    app = desk.app
    choose(app, "Cover picture", "Music from")
    app.press("Hold the queue", "check box")
    for name in ("one", "two", "three", "four", "five", "six"):
        app.press("Description", "text")
        app.keys("ctrl+a")
        app.type(f"number {name}")
        app.keys("ctrl+Return")
        app.seen(f"Music from text: number {name}: waiting")
    app.press("Sooner Music from text: number three", "push button")
    app.press("Cancel Music from text: number two", "push button")
    app.seen("Music from text: number two: cancelled")
    wanted = [f"Music from text: number {name}" for name in ("one", "three", "four", "five", "six")]
    wait_until(lambda: [job["label"] for job in _jobs(app.home, "waiting")] == wanted)


def _cells(app: App) -> list[str]:
    """What the library shows."""
    items = app.screen.read(app.process.pid)
    return [item["name"] for item in items if item["role"] == "table cell" and item["showing"]]


def _jobs(home: Path, state: str) -> list[dict[str, Any]]:
    """The jobs of the queue in this state, as another program sees them."""
    return [job for job in studio(home, "jobs", "--json")["jobs"] if job["state"] == state]


def _find_and_make_again(desk: Desk) -> None:
    """A result that is found by its words is made anew from its file alone, bit for bit."""
    app, made = desk.app, desk.app.home / "data" / "generated"
    app.press("Search the library", "text")
    app.type("number five")
    wait_until(lambda: [name[:12] for name in _cells(app)] == ["number five,"])
    (file,) = made.glob("number five*.flac")
    x, y, width, height = app.seen("Description", "text")["place"]
    app.drop([file], x + width // 2, y + height // 2)
    app.press("Make It Again", "push button")
    wait_until(lambda: len(list(made.glob("number five*.flac"))) == 2, 60)
    again = next(path for path in made.glob("number five*.flac") if path != file)
    assert again.read_bytes() == file.read_bytes()


def choose(app: App, box: str, option: str) -> None:
    """Chooses in a box that shows `box` now, by typing."""
    app.press(box, "combo box")
    time.sleep(0.3)
    app.type(option)
    app.keys("Return")
