"""Pictures by tiny models: the same for a seed, stopped at every stage, in tiles when memory is short, cropped."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from models import TinyModels
from neural import Heard, Shelf
from studio.engine.ai.forms import read_values
from studio.engine.ai.loading import Loaded
from studio.engine.ai.pictures import cropped, make_picture
from studio.engine.jobs import Cancelled
from studio.errors import StudioError

FAMILIES = ("Flux2KleinPipeline", "ZImagePipeline")


@pytest.fixture(scope="module")
def shelf(tiny_models: TinyModels) -> Shelf:
    return Shelf(tiny_models)


@pytest.fixture(params=FAMILIES)
def painter(shelf: Shelf, request: pytest.FixtureRequest) -> Loaded:
    return shelf.get(request.param, "cover")


def paint(painter: Loaded, seed: int = 3, work: Heard | None = None, prompt: str = "a red boat", **values: Any) -> Any:
    given = read_values("cover", {"prompt": prompt, "steps": 4, **values}) | {"size": "64"}
    return make_picture(painter, given, seed, work or Heard())


def test_the_same_seed_paints_the_same_and_another_does_not(painter: Loaded) -> None:
    import torch

    before = torch.random.get_rng_state()
    work = Heard()
    one = paint(painter, work=work)
    assert one.shape == (64, 64, 3) and one.dtype == np.uint8 and one.std() > 5
    assert np.array_equal(one, paint(painter)) and not np.array_equal(one, paint(painter, seed=4))
    assert not np.array_equal(one, paint(painter, prompt="a green hill"))
    assert torch.equal(before, torch.random.get_rng_state())
    assert work.progress == sorted(work.progress) and work.progress[-1] == 1.0 and "Step 4 of 4" in work.messages
    assert [small.dtype for small in work.shown] == [np.uint8] and work.shown[0].shape[2] == 3


def test_the_model_paints_what_its_maker_s_pipeline_paints(painter: Loaded) -> None:
    import torch

    with torch.inference_mode():
        bare = painter.model(
            prompt="a red boat", height=64, width=64, num_inference_steps=4,
            guidance_scale=1.0 if painter.spec.loader == FAMILIES[0] else 0.0,
            generator=torch.Generator("cpu").manual_seed(3), output_type="np",
        ).images[0]  # fmt: skip
    assert np.abs(paint(painter).astype(float) - np.clip(bare, 0, 1) * 255).max() <= 1


def test_the_same_text_is_encoded_once(painter: Loaded, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    encode = type(painter.model).encode_prompt
    monkeypatch.setattr(type(painter.model), "encode_prompt", lambda *a, **k: calls.append(1) or encode(*a, **k))
    paint(painter, prompt="seen once", seed=1)
    paint(painter, prompt="seen once", seed=2)
    assert len(calls) == 1 and "encode_prompt" not in vars(painter.model)


@pytest.mark.parametrize("stage", ["Reading", "Step 1", "Step 3", "Decoding"])
def test_it_stops_at_every_stage(painter: Loaded, stage: str) -> None:
    work = Heard(stage)
    with pytest.raises(Cancelled):
        paint(painter, work=work, prompt=f"stop at {stage}")
    assert work.messages[-1].startswith(stage)
    assert not painter.model.vae.decoder._forward_pre_hooks


def test_when_memory_is_short_the_picture_is_decoded_in_tiles(painter: Loaded, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    whole = paint(painter)
    decode, most = painter.model.vae.decoder.forward, 7

    def short(latents: Any, *rest: Any, **named: Any) -> Any:
        if latents.shape[-1] > most:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")
        return decode(latents, *rest, **named)

    vae = painter.model.vae
    monkeypatch.setattr(vae, "tile_latent_min_size", 4)
    monkeypatch.setattr(vae, "tile_sample_min_size", 32)
    monkeypatch.setattr(vae.decoder, "forward", short)
    tiled = paint(painter)
    assert tiled.shape == whole.shape and not vae.use_tiling
    most = 2
    with pytest.raises(torch.OutOfMemoryError):
        paint(painter)
    assert not vae.use_tiling


def test_what_a_model_cannot_do_is_said(shelf: Shelf, painter: Loaded, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StudioError, match="cannot be told “guidance”"):
        paint(shelf.get(FAMILIES[0], "cover"), guidance=5.0)
    with pytest.raises(StudioError, match="makes no pictures"):
        make_picture(shelf.get("AutoModelForCausalLM", "chat"), {}, 0, Heard())
    monkeypatch.setattr(painter.model.text_encoder, "forward", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):  # a mistake of the studio's own is not dressed up
        paint(painter, prompt="broken")
    monkeypatch.setattr(painter.model.text_encoder, "forward", lambda *_, **__: {}["nothing"])
    with pytest.raises(StudioError, match="could not do that"):
        paint(painter, prompt="broken")


def test_a_picture_is_cropped_to_its_middle() -> None:
    picture = np.zeros((40, 60, 3), np.uint8)
    picture[:, 10:50] = 200
    assert (cropped(picture, 40) == 200).all()
    small = cropped(picture, 10)
    assert small.shape == (10, 10, 3) and small.dtype == np.uint8 and (small == 200).all()
    stripes = np.tile(np.array([[0], [255]], np.uint8).repeat(3, 1)[:, None].repeat(64, 1), (32, 1, 1))
    assert np.abs(cropped(stripes, 16).astype(int) - 127).max() < 12
    assert cropped(picture, 90).shape == (90, 90, 3)
    with pytest.raises(StudioError, match="no picture to crop"):
        cropped(picture[:0], 10)
