"""Models stay warm while there is room, go by least recent use, and a lack of memory costs time, not the job."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from models import TinyModels
from studio.engine.ai.hardware import Accelerator, free_memory, room_for
from studio.engine.ai.loading import Loaded, is_memory_short
from studio.engine.ai.runtime import MARGIN, MemoryShort, Runtime, weights_bytes
from studio.engine.ai.specs import ModelSpec

CPU = Accelerator("cpu", "the processor")
ACE, CHAT, WAN, CODEC = "AceStepPipeline", "AutoModelForCausalLM", "WanPipeline", "PocketTTSAudioTokenizerModel"


class Machine:
    """A runtime with tiny models, whose memory holds so many bytes of weights and whose clock is set by hand."""

    def __init__(self, models: TinyModels, memory: int = 2**40) -> None:
        self.models, self.memory, self.now = models, memory, 0.0
        self.runtime = Runtime(CPU, idle=100.0, free=self.free, clock=lambda: self.now)

    def free(self, _: str) -> int:
        return self.memory - sum(warm.loaded.bytes for warm in self.runtime.warm.values())

    def entry(self, loader: str) -> ModelSpec:
        return ModelSpec(
            name=loader.lower(), title=loader, task="music", loader=loader, licence="MIT", commercial=True,
            attribution="", repo="a/b",
        )  # fmt: skip

    def use(self, loader: str) -> Loaded:
        self.now += 1.0
        with self.runtime.lease(self.entry(loader), self.models.folder(loader)) as loaded:
            return loaded

    def run(self, loader: str, task: Any) -> Any:
        return self.runtime.run(self.entry(loader), self.models.folder(loader), task)

    @property
    def names(self) -> list[str]:
        return list(self.runtime.warm)


def test_a_warm_model_is_not_loaded_again(tiny_models: TinyModels) -> None:
    machine = Machine(tiny_models)
    first = machine.use(CHAT)
    assert machine.use(CHAT) is first and first.model is not None
    assert weights_bytes(tiny_models.folder(CHAT), "float32") == pytest.approx(first.bytes, rel=0.2)
    assert weights_bytes(tiny_models.folder(CHAT), "bfloat16") * 2 == weights_bytes(tiny_models.folder(CHAT), "float32")


def test_the_longest_unused_goes_first_and_a_leased_one_stays(tiny_models: TinyModels) -> None:
    machine = Machine(tiny_models)
    for loader in (CHAT, CODEC, WAN, CHAT):
        machine.use(loader)
    assert machine.names == [CODEC.lower(), WAN.lower(), CHAT.lower()]
    used = sum(warm.loaded.bytes for warm in machine.runtime.warm.values())
    machine.memory = used + round(weights_bytes(tiny_models.folder(ACE), "float32") * MARGIN) - 50_000
    with machine.runtime.lease(machine.entry(CODEC), tiny_models.folder(CODEC)):
        gone = machine.runtime.warm[WAN.lower()].loaded
        machine.use(ACE)
        assert machine.names == [CODEC.lower(), CHAT.lower(), ACE.lower()]
        assert gone.model is None


def test_a_model_that_memory_cannot_hold_is_told_before_it_is_loaded(tiny_models: TinyModels) -> None:
    machine = Machine(tiny_models, memory=100_000)
    with pytest.raises(MemoryShort, match=r"“AceStepPipeline” needs 0\.0 GB of memory, .* choose a smaller model"):
        machine.use(ACE)
    assert machine.names == []


def test_what_is_idle_for_long_goes(tiny_models: TinyModels) -> None:
    machine = Machine(tiny_models)
    machine.use(CHAT)
    machine.now += 60
    machine.use(CODEC)
    assert machine.runtime.unload_idle() == ()
    machine.now += 50
    assert machine.runtime.unload_idle() == (CHAT.lower(),)
    with machine.runtime.lease(machine.entry(CODEC), tiny_models.folder(CODEC)):
        machine.now += 1000
        assert machine.runtime.unload_idle() == ()
        machine.runtime.unload()
        assert machine.names == [CODEC.lower()]
    machine.runtime.unload(CODEC.lower())
    assert machine.names == []


def test_a_lack_of_memory_is_met_step_by_step_and_the_job_goes_on(tiny_models: TinyModels) -> None:
    machine = Machine(tiny_models)
    machine.use(CHAT)
    seen: list[tuple[list[str], bool]] = []

    def task(loaded: Loaded) -> str:
        seen.append((machine.names, loaded.model.vae.use_tiling))
        if len(seen) < 3:
            raise RuntimeError("CUDA out of memory. Tried to allocate 20.00 GiB")
        return "made"

    assert machine.run(ACE, task) == "made"
    assert seen == [([CHAT.lower(), ACE.lower()], False), ([ACE.lower()], False), ([ACE.lower()], True)]
    assert machine.runtime.warm[ACE.lower()].savings == ("tiles",)
    assert machine.runtime.warm[ACE.lower()].leases == 0


def test_when_nothing_helps_the_job_fails_with_a_sentence(tiny_models: TinyModels) -> None:
    machine = Machine(tiny_models)
    calls: list[int] = []

    def task(_: Loaded) -> None:
        calls.append(1)
        raise MemoryError

    with pytest.raises(MemoryShort, match="needs more memory than the processor has left"):
        machine.run(ACE, task)
    assert len(calls) == 2  # as it was, and in tiles: there is nothing else here to give up


def test_other_errors_pass_through_and_give_the_lease_back(tiny_models: TinyModels) -> None:
    machine = Machine(tiny_models)

    def task(_: Loaded) -> None:
        raise RuntimeError("shapes do not fit")

    with pytest.raises(RuntimeError, match="shapes do not fit"):
        machine.run(CHAT, task)
    assert machine.runtime.warm[CHAT.lower()].leases == 0


def test_an_entry_that_changed_is_loaded_anew(tiny_models: TinyModels) -> None:
    machine = Machine(tiny_models)
    first = machine.use(CHAT)
    changed = ModelSpec(
        name=CHAT.lower(), title="Another", task="chat", loader=CHAT, licence="MIT", commercial=True, attribution="",
        repo="a/b",
    )  # fmt: skip
    with machine.runtime.lease(changed, tiny_models.folder(CHAT)) as loaded:
        assert loaded is not first and loaded.spec.title == "Another"
    assert first.model is None


def test_models_belong_to_one_thread(tiny_models: TinyModels) -> None:
    machine = Machine(tiny_models)
    machine.use(CHAT)
    refused: list[str] = []

    def elsewhere() -> None:
        try:
            machine.use(CHAT)
        except RuntimeError as error:
            refused.append(str(error))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert refused == ["models belong to the thread that loaded the first of them"]


def test_a_seed_is_the_same_chance_everywhere() -> None:
    import torch

    one, two = (torch.rand(4, generator=Runtime(CPU).generator(2**53 - 1)) for _ in range(2))
    assert torch.equal(one, two)


@pytest.mark.parametrize(
    ("kind", "memory", "room"),
    [("cuda", 24, "whole"), ("cuda", 16, "parts"), ("cuda", 8, "short"), ("cpu", 23, "short"), ("cpu", 24, "whole")],
)
def test_a_model_is_told_to_fit_or_not(kind: str, memory: int, room: str) -> None:
    spec = ModelSpec(
        name="x", title="X", task="music", loader=ACE, licence="MIT", commercial=True, attribution="", repo="a/b",
        memory=12.0, comfortable=20.0,
    )  # fmt: skip
    device = Accelerator(kind, "it", memory * 10**9)
    assert room_for(spec, device) == room
    assert room_for(replace(spec, memory=0.0, comfortable=0.0), device) == "unknown"
    assert room_for(replace(spec, memory=4000.0, comfortable=0.0), Accelerator("cpu", "it")) == "short"


def test_memory_is_measured(tmp_path: Path) -> None:
    assert 2**20 < free_memory("cpu") < 2**50
    assert is_memory_short(MemoryError()) and not is_memory_short(ValueError("no"))
