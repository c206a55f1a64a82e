"""Both families for pictures learn from a few, on tiny models through the real classes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models import TinyModels
from neural import Heard
from studio.engine.ai.attaching import Style, attached
from studio.engine.ai.forms import read_values
from studio.engine.ai.loading import Loaded, load
from studio.engine.ai.pictures import Picture, make_picture
from studio.engine.ai.specs import ModelSpec
from studio.engine.ai.training.loop import train
from studio.engine.ai.training.pictures import PictureExample, picture_task
from studio.engine.ai.training.settings import Settings
from studio.errors import StudioError

SETTINGS = Settings(
    steps=12,
    rank=2,
    alpha=2,
    learning_rate=1e-2,
    schedule="constant",
    validate_every=4,
    patience=0,
    timesteps="uniform",
)


@pytest.fixture(scope="module", params=["Flux2KleinPipeline", "ZImagePipeline"])
def painter(request: pytest.FixtureRequest, tiny_models: TinyModels) -> Loaded:
    spec = ModelSpec(
        name="tiny", title="Tiny", task="cover", loader=request.param, licence="MIT", commercial=True, attribution="",
        repo="a/b",
    )  # fmt: skip
    return load(spec, tiny_models.folder(request.param))


def example(shade: int) -> PictureExample:
    picture = np.zeros((70, 64, 3), np.uint8)
    picture[:32, :, 0] = shade
    picture[:, 20:40, 2] = 255 - shade
    return PictureExample(lambda: picture, f"{shade:02x}" * 4, "a red square at night")


def painted(loaded: Loaded) -> Picture:
    return make_picture(loaded, read_values("cover", {"prompt": "a square", "size": "512", "steps": 1}), 3, Heard())


def test_it_learns_and_the_adapter_works_and_the_model_is_as_before(painter: Loaded, tmp_path: Path) -> None:
    before = painted(painter)
    seen = [example(250), example(120)]
    with picture_task(painter, SETTINGS, seen, [example(200)], Heard()) as task:
        outcome = train(task, SETTINGS, tmp_path, Heard())
    assert outcome.better, [point.loss for point in outcome.progress.validations]
    assert np.array_equal(painted(painter), before)
    with attached(painter, [Style(outcome.adapter, 4.0)]):
        assert not np.array_equal(painted(painter), before)
    assert np.array_equal(painted(painter), before)


def test_what_cannot_be_learned_from_is_told(painter: Loaded) -> None:
    small = PictureExample(lambda: np.zeros((5, 5, 3), np.uint8), "00", "nothing")
    with pytest.raises(StudioError, match="too small"), picture_task(painter, SETTINGS, [small], [], Heard()):
        pass
