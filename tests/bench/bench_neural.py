"""The neural engine with tiny models: a job against the bare pipeline call, a text that was read before, the window and
playback while a model loads and works.

Shares are of processor time on one thread of torch, in turns, so that what else the machine does falls on both alike.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import QCoreApplication

from gaps import control, heavy_mix, own_gaps
from listening import RATE, hear_frames, playing_on, settle
from models import AceSize, TinyModels, build_ace_step
from screen import ROOT, Screen
from sound import SoundCard, sound_card
from studio.actions import generating
from studio.actions.generating import KIND, Making, Workshop
from studio.actions.models import add_model, open_catalogue, open_store
from studio.actions.neural import Neural
from studio.actions.workspace import RING_PATIENCE
from studio.engine.ai.hardware import accelerator
from studio.engine.ai.runtime import Runtime
from studio.engine.audio.device import DeviceChoice
from studio.engine.audio.player import Player
from studio.engine.audio.renderer import Renderer
from studio.engine.jobs import Work
from studio.storage import locations
from studio.storage.library import Library

__all__ = ["sound_card"]

pytestmark = pytest.mark.bench

SECONDS = float(os.environ.get("STUDIO_BENCH_SECONDS", "15"))
TRACKS = int(os.environ.get("STUDIO_BENCH_TRACKS", "64"))
ACE = "AceStepPipeline"
SIZE = AceSize(hidden=256, layers=8, heads=8)
LENGTH, STEPS, TURNS = 10.0, 100, 4
"""A model, seconds of music and steps whose call takes seconds here, and how often it is made by each."""

LOADING, WORKING = 50.0, 16.0
"""Milliseconds by which the window's timer may be late."""


@pytest.fixture
def home(tmp_path: Path, tiny_models: TinyModels, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder with a tiny model in its catalogue."""
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    locations.create_folders()
    add_model({"name": "tiny", "title": "Tiny", "task": "music", "loader": ACE, "licence": "MIT", "commercial": True,
               "attribution": "nobody", "folder": str(tiny_models.folder(ACE))})  # fmt: skip
    return tmp_path / "home"


@pytest.fixture
def mix(tmp_path: Path) -> Iterator[Renderer]:
    """Stereo tracks of three inserts each, with sound throughout."""
    renderer = heavy_mix(tmp_path, TRACKS, SECONDS)
    yield renderer
    renderer.pages.close()


def making(seed: int, seconds: float, steps: int, model: str = "tiny") -> dict[str, Any]:
    """The parameters of a job of the queue."""
    told = {"prompt": "slow dub", "seconds": seconds, "steps": steps, "seed": seed}
    return msgspec.to_builtins(Making(task="music", model=model, values=told))


@pytest.fixture
def larger(home: Path, tmp_path: Path) -> Path:
    """A model whose call takes seconds in place of the tiny one."""
    import torch

    with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.manual_seed(1)
        build_ace_step(tmp_path / "larger", SIZE)
    add_model({"name": "larger", "title": "Larger", "task": "music", "loader": ACE, "licence": "MIT",
               "commercial": True, "attribution": "nobody", "folder": str(tmp_path / "larger")})  # fmt: skip
    return tmp_path / "larger"


@contextmanager
def neural(player: Player | None = None) -> Iterator[Neural]:
    """What runs the queue, as the program has it."""
    app = QCoreApplication.instance() or QCoreApplication([])
    with Library(locations.library_file()) as library:
        ahead = partial(player.raise_ring, patience=RING_PATIENCE) if player is not None else warnings.catch_warnings
        made = Neural(library, ahead, lambda error: pytest.fail(str(error)))  # type: ignore[arg-type]
        yield made
        made.close()
        app.processEvents()


def run(neural: Neural, parameters: dict[str, Any]) -> None:
    """Has a job made and waits for it."""
    job = neural.queue.add(KIND, "Dub", parameters)
    while (now := neural.queue.job(job.id)).state not in {"done", "failed"}:
        QCoreApplication.processEvents()
        time.sleep(0.02)
    assert now.state == "done", now.error


@contextmanager
def one_thread() -> Iterator[None]:
    """Torch on one thread: where it has more they wait by turning, and the processor's time means nothing."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


class Shares:
    """How much processor time the parts of a job take, by name: seconds of each call."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.taken: dict[str, list[float]] = {}
        for place, name in ((generating.tasks, "make_one"), (generating, "write_made"), (generating, "check_sound")):
            patch.setattr(place, name, self._timed(name, getattr(place, name)))

    def _timed(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*given: Any, **named: Any) -> Any:
            begun = time.process_time()
            try:
                return call(*given, **named)
            finally:
                self.taken.setdefault(name, []).append(time.process_time() - begun)

        return timed


def bare(pipe: Any, seed: int) -> float:
    """Seconds of processor time of the pipeline's own call, as its makers show it."""
    import torch

    begun = time.process_time()
    with torch.inference_mode(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pipe(
            prompt="slow dub",
            lyrics="[Instrumental]",
            audio_duration=LENGTH,
            num_inference_steps=STEPS,
            generator=torch.Generator("cpu").manual_seed(seed),
        )
    return time.process_time() - begun


def test_a_job_against_the_bare_call(larger: Path, row: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    from studio.engine.ai.loading import load

    shares = Shares(monkeypatch)
    with one_thread(), neural() as running:
        run(running, making(0, 1.0, 1, "larger"))
        pipe = load(open_catalogue().spec("larger"), larger).model
        pipe.set_progress_bar_config(disable=True)
        bare(pipe, 0)
        shares.taken.clear()
        alone, whole = [], []
        for seed in range(TURNS):
            alone.append(bare(pipe, seed))
            begun = time.process_time()
            run(running, making(seed, LENGTH, STEPS, "larger"))
            whole.append(time.process_time() - begun)
    call = statistics.median(alone)
    model, file, facts, job = (statistics.median(one) for one in (shares.taken["make_one"], *_parts(shares), whole))
    row(
        f"job of the queue against the bare pipeline call of {call:.1f} s ({LENGTH:g} s of music, {STEPS} steps)",
        f"{100 * (job - file - facts - call) / call:+.1f} %",
        "3 %",
        job - file - facts <= 1.03 * call,
    )
    row("   of it the model's own part", f"{100 * (model - call) / call:+.1f} %")
    row("   beside: the file with its recipe; what is measured of it", f"{1e3 * file:.0f}; {1e3 * facts:.0f} ms")
    row("   the whole job, file and measurements included", f"{100 * (job - call) / call:+.1f} %")


def _parts(shares: Shares) -> tuple[list[float], list[float]]:
    return shares.taken["write_made"], shares.taken["check_sound"]


def test_a_text_that_was_read_before(home: Path, tiny_models: TinyModels, row: Callable[..., None]) -> None:
    from studio.engine.ai import encodings

    shop = Workshop(open_catalogue(), open_store(), Runtime(accelerator()), None, home)
    work = Work(lambda *_: None, threading.Event())
    spent: dict[str, list[float]] = {"first": [], "again": []}

    def encoded(prompt: str) -> float:
        with shop.runtime.lease(shop.catalogue.spec("tiny"), tiny_models.folder(ACE)) as loaded:
            give_back = encodings.remember_encodings(loaded.model, work.check)
            begun = time.perf_counter()
            loaded.model.encode_prompt([prompt], ["[verse]\nla " * 40], loaded.device)
            took = time.perf_counter() - begun
            give_back()
        return took

    encoded("to warm up")
    for n in range(20):
        spent["first"].append(encoded(f"text {n}"))
        spent["again"].append(encoded(f"text {n}"))
    first, again = (1e3 * statistics.median(spent[name]) for name in ("first", "again"))
    row(
        "a text is read by the model; the same text again",
        f"{first:.2f}; {again:.3f} ms",
        "not again",
        again < first / 20,
    )


def test_the_window(tmp_path: Path, tiny_models: TinyModels, row: Callable[..., None]) -> None:
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb is not installed")
    screen = Screen(1700, 1100)
    paths = os.pathsep.join([str(ROOT / "src"), str(ROOT / "tests")])
    environment = {**os.environ, **screen.environment, "PYTHONPATH": paths, "STUDIO_HOME": str(tmp_path / "home")}
    try:
        command = [sys.executable, str(Path(__file__).with_name("neural_window.py")), str(tiny_models.folder(ACE))]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=280, check=False)
    finally:
        screen.close()
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    stages = {"imports and load": LOADING, "load": LOADING, "generation": WORKING, "idle": WORKING}
    for name, budget in (*stages.items(), ("a job begins", 0.0), ("its result is shown", 0.0)):
        late = sorted(found["late"][name])
        measured = f"{late[-1]:.1f} ms, 99th percentile {late[len(late) * 99 // 100]:.1f}"
        measured += f"; a process that only sleeps {found['asleep'][name]:.1f}"
        verdict = late[-1] <= budget if 0.0 < found["asleep"][name] <= budget else None
        row(f"window's timer late: {name} ({len(late)} turns)", measured, f"{budget:g} ms" if budget else "", verdict)


def test_playback(sound_card: SoundCard, mix: Renderer, home: Path, row: Callable[..., None]) -> None:
    with playing_on(mix, DeviceChoice(latency=0.02)) as player, neural(player) as running:
        player.play()
        hear_frames(player, RATE)
        for name in ("imports, load and generation", "generation"):
            player._thread.post(lambda: setattr(player._transport, "lowest", player._transport.depth))
            before, ring = own_gaps(player), settle(player).ring_size
            begun, seed = time.monotonic(), 0
            while not seed or time.monotonic() - begun < SECONDS:
                run(running, making(seed, 5.0, 20))
                seed += 1
            lowest, after = player._thread.shot.lowest, own_gaps(player)
            own, card = after[0] - before[0], after[1] - before[1]
            took = time.monotonic() - begun
            row(f"drop-outs, {TRACKS} tracks, {name}, {took:.0f} s, {seed} jobs", f"{own}", "0", own == 0)
            row("   lowest ring", f"{1000 * lowest / RATE:.0f} of {1000 * ring / RATE:.0f} ms")
            row("   gaps the card reports; of a full ring without the studio", f"{card}; {control(5.0)}")


def test_the_script_for_a_gpu(row: Callable[..., None]) -> None:
    paths = os.pathsep.join([str(ROOT / "src"), str(ROOT / "tests")])
    command = [
        sys.executable,
        str(Path(__file__).with_name("gpu_neural.py")),
        "--size",
        "small",
        "--seconds",
        "5",
        "--json",
    ]
    environment = {**os.environ, "PYTHONPATH": paths}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    spared = found["out_of_memory"]
    assert spared["done"] and (found["kind"] == "cuda" or spared["savings"] == ["tiles"]), spared
    speed = found["speed"]
    row(
        f"a small ACE-Step on {found['device']}: times real time; load; peak of memory",
        f"{speed['times_real_time']} x; {speed['load_s']} s; {speed['peak_gb']} GB",
    )
