"""ACE-Step learns from a few sounds, on a tiny model through the real classes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models import TinyModels
from neural import Heard
from studio.engine.ai.attaching import Style, attached
from studio.engine.ai.forms import read_values
from studio.engine.ai.loading import Loaded, load
from studio.engine.ai.music import make_music
from studio.engine.ai.specs import ModelSpec
from studio.engine.ai.training.loop import Outcome, train
from studio.engine.ai.training.music import MusicExample, music_task
from studio.engine.ai.training.settings import Settings, read_settings
from studio.engine.jobs import Cancelled
from studio.errors import StudioError

RATE = 48_000
ACE = "AceStepPipeline"
SETTINGS = Settings(steps=20, rank=2, alpha=4, learning_rate=5e-3, validate_every=5, checkpoint_every=5, patience=0)


@pytest.fixture(scope="module")
def ace(tiny_models: TinyModels) -> Loaded:
    spec = ModelSpec(
        name="tiny", title="Tiny", task="music", loader=ACE, licence="MIT", commercial=True, attribution="", repo="a/b",
    )  # fmt: skip
    return load(spec, tiny_models.folder(ACE))


def example(pitch: float, seconds: float = 0.12) -> MusicExample:
    t = np.arange(round(seconds * RATE)) / RATE
    sound = np.stack([np.sin(2 * np.pi * pitch * t), np.sin(2 * np.pi * pitch * 1.5 * t)]).astype(np.float32)
    return MusicExample(lambda: 0.5 * sound, f"{pitch:.0f}" * 4, "a calm tone", bpm=120, key="A minor")


SEEN, JUDGED = [example(220), example(440, 0.2)], [example(275)]


def trained(ace: Loaded, folder: Path, settings: Settings = SETTINGS, stage: str = "") -> Outcome:
    with music_task(ace, settings, SEEN, JUDGED, Heard()) as task:
        return train(task, settings, folder, Heard(stage))


def piece(ace: Loaded) -> np.ndarray[Any, Any]:
    values = read_values("music", {"prompt": "a calm tone", "seconds": 1, "steps": 1})
    return make_music(ace, "music", values, 5, None, Heard())


def test_it_learns_and_the_adapter_works_and_the_model_is_as_before(ace: Loaded, tmp_path: Path) -> None:
    before = piece(ace)
    outcome = trained(ace, tmp_path)
    assert outcome.better
    assert np.array_equal(piece(ace), before)
    with attached(ace, [Style(outcome.adapter)]):
        assert not np.array_equal(piece(ace), before)
        told = [getattr(module, "scaling", None) for module in ace.model.transformer.modules()]
        scalings = {value for scaling in told if isinstance(scaling, dict) for value in scaling.values()}
    assert scalings == {2.0}
    assert np.array_equal(piece(ace), before)
    assert not any(tensor.requires_grad and "lora" in name for name, tensor in ace.model.transformer.named_parameters())


def test_ten_and_ten_steps_are_twenty(ace: Loaded, tmp_path: Path) -> None:
    whole = trained(ace, tmp_path / "whole")
    with pytest.raises(Cancelled):
        trained(ace, tmp_path / "parts", stage="Step 10 ")
    rest = trained(ace, tmp_path / "parts")
    assert rest.adapter.read_bytes() == whole.adapter.read_bytes()
    assert rest.progress == whole.progress


def test_memory_can_be_saved_without_another_result(ace: Loaded, tmp_path: Path) -> None:
    few = {**{name: getattr(SETTINGS, name) for name in SETTINGS.__struct_fields__}, "steps": 4}
    plain = trained(ace, tmp_path / "plain", read_settings(few))
    saved = trained(ace, tmp_path / "saved", read_settings({**few, "save_memory": True}))
    for one, other in zip(plain.progress.losses, saved.progress.losses, strict=True):
        assert one.loss == pytest.approx(other.loss, rel=1e-4)
    half = trained(ace, tmp_path / "half", read_settings({**few, "precision": "bfloat16", "dropout": 0.1}))
    assert half.ending == "steps"


def test_what_cannot_be_taught_is_told(ace: Loaded, tiny_models: TinyModels, tmp_path: Path) -> None:
    short = example(440, 0.01)
    with pytest.raises(StudioError, match="too short"), music_task(ace, SETTINGS, [short], [], Heard()):
        pass
    wrong = read_settings({"targets": ["nothing_here"]})
    with pytest.raises(StudioError, match="none of the modules"), music_task(ace, wrong, SEEN, [], Heard()):
        pass
    with pytest.raises(Cancelled), music_task(ace, SETTINGS, SEEN, [], Heard("Reading 2")):
        pass
    assert not [name for name, _ in ace.model.transformer.named_parameters() if "lora" in name]
