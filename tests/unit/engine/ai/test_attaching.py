"""Adapters change what a model makes while they are on it, and nothing afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models import TinyModels
from neural import write_style
from studio.engine.ai.attaching import Style, attached
from studio.engine.ai.loading import Loaded, load
from studio.engine.ai.specs import ModelSpec
from studio.errors import StudioError

ACE = "AceStepPipeline"


def entry(loader: str) -> ModelSpec:
    return ModelSpec(
        name="tiny", title="Tiny", task="music", loader=loader, licence="MIT", commercial=True, attribution="",
        repo="a/b",
    )  # fmt: skip


@pytest.fixture(scope="module")
def ace(tiny_models: TinyModels) -> Loaded:
    return load(entry(ACE), tiny_models.folder(ACE))


@pytest.fixture(scope="module")
def style(tiny_models: TinyModels, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An adapter as training leaves it, of rank 2 with the strength 4."""
    return write_style(tiny_models, tmp_path_factory.mktemp("style"))


def music(loaded: Loaded) -> np.ndarray[Any, Any]:
    import torch

    made = loaded.model(
        prompt="calm piano", lyrics="", audio_duration=0.2, num_inference_steps=2, guidance_scale=1.0,
        generator=torch.Generator().manual_seed(3), output_type="latent",
    )  # fmt: skip
    latents: np.ndarray[Any, Any] = made.audios.numpy()
    return latents


def test_an_adapter_works_while_it_is_on_and_leaves_no_trace(ace: Loaded, style: Path) -> None:
    before = music(ace)
    with attached(ace, [Style(style)]):
        strong = music(ace)
    with attached(ace, [Style(style, 0.5)]):
        weak = music(ace)
    with attached(ace, []):
        none = music(ace)
    assert np.array_equal(before, none) and np.array_equal(before, music(ace))
    assert not np.array_equal(before, strong) and not np.array_equal(strong, weak)
    assert np.abs(weak - before).mean() < np.abs(strong - before).mean()


def test_the_strength_that_was_trained_is_kept(ace: Loaded, style: Path) -> None:
    with attached(ace, [Style(style)]):
        told = [getattr(module, "scaling", None) for module in ace.model.transformer.modules()]
    scalings = {value for scaling in told if isinstance(scaling, dict) for value in scaling.values()}
    assert scalings == {4.0}  # alpha 8 by rank 2


def test_an_adapter_that_fits_only_in_part_is_refused_and_taken_off(ace: Loaded, style: Path, tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    before = music(ace)
    arrays = load_file(style)
    more = {name.replace("layers.0", "layers.7"): array for name, array in arrays.items() if "layers.0" in name}
    save_file({**arrays, **more}, tmp_path / "more.safetensors")
    wide = {name: np.repeat(array, 2, axis=1) if "lora_A" in name else array for name, array in arrays.items()}
    save_file(wide, tmp_path / "wide.safetensors")
    for name in ("more", "wide"):
        with (
            pytest.raises(StudioError, match=rf"“{name}\.safetensors” was not trained on “Tiny”"),
            attached(ace, [Style(style), Style(tmp_path / f"{name}.safetensors")]),
        ):
            pytest.fail("it was attached")
        assert np.array_equal(before, music(ace))


def test_what_cannot_be_meant_is_refused(ace: Loaded, style: Path, tiny_models: TinyModels, tmp_path: Path) -> None:
    chat = load(entry("AutoModelForCausalLM"), tiny_models.folder("AutoModelForCausalLM"))
    pickle = tmp_path / "style.bin"
    pickle.write_bytes(b"pickle")
    for loaded, styles, sentence in (
        (chat, [Style(style)], "takes no adapters"),
        (ace, [Style(style), Style(style)], "chosen twice"),
        (ace, [Style(style, 5.0)], "goes from 0 to 4"),
        (ace, [Style(pickle)], "holds no safetensors"),
        (ace, [Style(tmp_path / "gone.safetensors")], "cannot be read"),
    ):
        with pytest.raises(StudioError, match=sentence), attached(loaded, styles):
            pytest.fail("it was attached")
