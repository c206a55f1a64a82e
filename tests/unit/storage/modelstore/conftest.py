"""A small model on a loopback hub, and a store that asks there."""

from __future__ import annotations

import json
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hub import Hub
from studio.engine.ai.specs import ModelSpec
from studio.engine.jobs import Work
from studio.storage.modelstore import ModelStore
from studio.storage.modelstore.fetching import Patience

QUICK = Patience(silence=5.0, tries=3, pause=0.001)


def weights(numbers: int, fill: int = 0) -> bytes:
    """A safetensors file with this many numbers."""
    header = {"x": {"dtype": "F32", "shape": [numbers], "data_offsets": [0, 4 * numbers]}}
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + bytes([fill]) * (4 * numbers)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A model as a hub has it, with things that are never to be loaded."""
    folder = tmp_path / "hub"
    (folder / "unet").mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    (folder / "LICENSE").write_text("Do as you like.")
    (folder / "unet" / "model.safetensors").write_bytes(weights(60_000))
    (folder / "more.safetensors").write_bytes(weights(1_000, 1))
    for name in ("model.bin", "model.ckpt", "run.py", "unet/model.pt"):
        (folder / name).write_bytes(b"pickle")
    return folder


@pytest.fixture
def hub(repository: Path) -> Iterator[Hub]:
    with Hub() as server:
        server.add("maker/model", repository)
        yield server


@pytest.fixture
def spec(hub: Hub) -> ModelSpec:
    return ModelSpec(
        name="model",
        title="The Model",
        task="music",
        loader="AceStepPipeline",
        licence="MIT",
        commercial=True,
        attribution="somebody",
        repo="maker/model",
        revision=hub.repositories["maker/model"].commit,
    )


@pytest.fixture
def store(hub: Hub, spec: ModelSpec, tmp_path: Path) -> ModelStore:
    made = ModelStore(tmp_path / "models", hub.endpoint, patience=QUICK)
    made.accept(spec)
    return made


@pytest.fixture
def work() -> Work:
    return Work(lambda *_: None, threading.Event())


@pytest.fixture
def stopping() -> Callable[[float], Work]:
    """A work that the user cancels once it has come so far."""

    def make(at: float) -> Work:
        cancel = threading.Event()

        def hear(progress: float, _: str) -> None:
            if progress >= at:
                cancel.set()

        return Work(hear, cancel)

    return make
