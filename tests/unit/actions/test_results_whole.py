"""Results are there whole or not at all, in the folder and in the library: killed, cancelled or out of room."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import soundfile
from pytestqt.qtbot import QtBot

from bundles import fill_up, small_disk
from models import TinyModels
from studio.actions import generating, madefiles
from studio.actions.generating import KIND, Making, Workshop, recipe_of, run_queued
from studio.actions.madefiles import PART, sweep, write_made
from studio.actions.models import open_store
from studio.actions.queue import Queue
from studio.engine.ai.catalogue import Catalogue
from studio.engine.ai.hardware import accelerator
from studio.engine.ai.recipes import Recipe
from studio.engine.ai.runtime import Runtime
from studio.engine.ai.specs import ModelSpec
from studio.engine.ai.tasks import Made
from studio.engine.jobs import Cancelled, JobRunner, Work
from studio.errors import StudioError
from studio.storage.library import Library

TESTS = Path(__file__).resolve().parents[2]
ACE = "AceStepPipeline"
BATCH = Making(task="music", model="tiny", values={"prompt": "slow dub", "seconds": 1.0, "steps": 2, "batch": 2})


def workshop(home: Path, model: Path, library: Library) -> Workshop:
    """A workshop with a tiny model, whose results go to `home/made`."""
    spec = ModelSpec(
        name="tiny", title="Tiny", task="music", loader=ACE, licence="MIT", commercial=True, attribution="nobody",
        folder=str(model),
    )  # fmt: skip
    return Workshop(Catalogue({"tiny": spec}), open_store(), Runtime(accelerator()), library, home / "made")


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    with Library(tmp_path / "library.db") as opened:
        yield opened


@pytest.fixture
def shop(tmp_path: Path, library: Library, tiny_models: TinyModels) -> Workshop:
    return workshop(tmp_path, tiny_models.folder(ACE), library)


def visible(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("[!.]*"))


KILLED = """
import os, signal, sys
from pathlib import Path
import msgspec
from PySide6.QtCore import QCoreApplication
from studio.actions import madefiles
from studio.actions.generating import KIND, run_queued
from studio.actions.queue import Queue
from studio.engine.jobs import JobRunner
from studio.storage.library import Library
from unit.actions.test_results_whole import BATCH, workshop
app = QCoreApplication([])
home, model = Path(sys.argv[1]), Path(sys.argv[2])
library = Library(home / "library.db")
shop = workshop(home, model, library)
queue = Queue(library, {"models": JobRunner(threads=1)}, print)
queue.can(KIND, lambda parameters, results, work: run_queued(shop, parameters, results, work))
write, written = madefiles.write_tags, []
def tags(place, told):
    written.append(place)
    if len(written) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    write(place, told)
madefiles.write_tags = tags
queue.subscribe(lambda job: app.exit() if job.finished else None)
queue.add(KIND, "Dub", msgspec.to_builtins(BATCH))
app.exec()
os._exit(1)
"""


def test_kill_9_while_a_result_is_written(tmp_path: Path, tiny_models: TinyModels, qtbot: QtBot) -> None:
    model, made = tiny_models.folder(ACE), tmp_path / "made"
    paths = os.pathsep.join([str(TESTS), str(TESTS.parent / "src")])
    environment = os.environ | {"PYTHONPATH": paths, "STUDIO_HOME": str(tmp_path / "home")}
    command = [sys.executable, "-c", KILLED, str(tmp_path), str(model)]
    killed = subprocess.run(command, env=environment, timeout=60, capture_output=True, check=False)
    assert killed.returncode == -9, killed.stderr.decode()
    assert visible(made) == ["slow dub.flac"] and recipe_of(made / "slow dub.flac") is not None
    assert len(list(made.glob(f".*{PART}"))) == 1
    sweep(made)
    assert len(list(made.glob(f".*{PART}"))) == 1, "another window may be writing there"
    sweep(made, older=0.0)
    assert not list(made.glob(".*"))
    with Library(tmp_path / "library.db") as library:
        assert library.interrupt_running() == 1 and library.count(tasks=["music"]) == 1
        queue = Queue(library, {"models": JobRunner(threads=1)}, lambda error: pytest.fail(str(error)))
        shop = workshop(tmp_path, model, library)
        queue.can(KIND, lambda parameters, results, work: run_queued(shop, parameters, results, work))
        queue.load(library.load_jobs())
        queue.begin()
        (job,) = queue.jobs()
        assert job.state == "interrupted"
        queue.go_on(job.id)
        qtbot.waitUntil(lambda: queue.job(job.id).state in {"done", "failed"}, timeout=60_000)
        queue.close()
        assert queue.job(job.id).state == "done", queue.job(job.id).error
        assert visible(made) == ["slow dub 2.flac", "slow dub 3.flac", "slow dub.flac"]
        assert library.count(tasks=["music"]) == 3
    first, again = (soundfile.read(made / f"slow dub{n}.flac")[0] for n in ("", " 2"))
    assert np.array_equal(first, again)


def test_a_cancel_while_it_is_measured_leaves_nothing(shop: Workshop, library: Library, tmp_path: Path) -> None:
    stop = threading.Event()
    work = Work(lambda *_: None, stop)
    write = generating.write_made

    def written(made: Made, path: Path, recipe: Recipe) -> Any:
        stop.set()
        return write(made, path, recipe)

    with pytest.MonkeyPatch.context() as patch, pytest.raises(Cancelled):
        patch.setattr(generating, "write_made", written)
        shop.make(BATCH, work)
    assert not list((tmp_path / "made").iterdir())
    assert library.count() == 0 and not library.count(tasks=["music"])


def test_a_cancel_before_the_model_is_loaded_loads_nothing(shop: Workshop, tmp_path: Path) -> None:
    stop = threading.Event()
    with pytest.raises(Cancelled):
        shop.make(BATCH, Work(lambda *_: stop.set(), stop))
    assert not shop.runtime.warm and not (tmp_path / "made").exists()


NOISE = np.random.default_rng(3).normal(0, 0.1, (2, 96_000)).astype(np.float32)
RESULTS: Mapping[str, tuple[str, Made]] = {
    "sound": ("one.flac", Made(seed=1, sound=NOISE, rate=48_000)),
    "stems": ("mix.flac", Made(seed=1, stems={"drums": NOISE[:, :9_000], "bass": NOISE}, rate=48_000)),
    "picture": ("one.png", Made(seed=1, picture=(NOISE[:, :49_152] * 999).astype(np.uint8).reshape(128, 256, 3))),
    "text": ("one.txt", Made(seed=1, text="la " * 200_000)),
    "words": ("one.json", Made(seed=1, text="la " * 200_000)),
}


@pytest.mark.parametrize("kind", RESULTS)
def test_a_full_disk_leaves_nothing_and_says_so(tmp_path: Path, kind: str) -> None:
    name, made = RESULTS[kind]
    recipe = Recipe(task="music", model="tiny", values={"prompt": "slow dub"}, seed=1)
    with small_disk(tmp_path / "disk", 400) as disk:
        (disk / "made").mkdir()
        hog = fill_up(disk)
        with hog.open("r+b") as file:
            file.truncate(hog.stat().st_size - 65_536)
        with pytest.raises(StudioError, match=r"cannot be written: the disk is full; free some space\.") as refused:
            write_made(made, disk / "made" / name, recipe)
        assert str(refused.value).startswith(f"“{name.partition('.')[0]}"), "the name is the one that was asked for"
        assert not list((disk / "made").iterdir())


def test_a_job_that_the_disk_refused_begins_again(
    shop: Workshop, library: Library, tmp_path: Path, qtbot: QtBot
) -> None:
    with small_disk(tmp_path / "made", 600) as disk:
        hog = fill_up(disk)
        queue = Queue(library, {"models": JobRunner(threads=1)}, lambda error: pytest.fail(str(error)))
        queue.can(KIND, lambda parameters, results, work: run_queued(shop, parameters, results, work))
        job = queue.add(KIND, "Dub", msgspec.to_builtins(BATCH))
        qtbot.waitUntil(lambda: queue.job(job.id).state in {"done", "failed"}, timeout=60_000)
        assert queue.job(job.id).error == "“slow dub.flac” cannot be written: the disk is full; free some space."
        assert visible(disk) == ["hog"] and not library.count(tasks=["music"])
        hog.unlink()
        queue.go_on(job.id)
        qtbot.waitUntil(lambda: queue.job(job.id).state in {"done", "failed"}, timeout=60_000)
        queue.close()
        assert len(visible(disk)) == 2 == library.count(tasks=["music"])
        assert madefiles.PART not in "".join(path.name for path in disk.iterdir())
