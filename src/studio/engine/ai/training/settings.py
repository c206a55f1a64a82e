"""How an adapter is trained: plain values with bounds, and the rate of learning at each step."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

from ....errors import StudioError
from ..forms import SEED_LIMIT
from ..specs import Dtype, TimestepRule

Schedule = Literal["constant", "linear", "cosine"]


def _between(least: float, most: float) -> Any:
    return msgspec.Meta(ge=least, le=most)


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a training is told. Steps are steps of the optimizer; each sees `batch` x `accumulation` items.

    `targets` empty are those of the model's entry, `timesteps` empty the rule of it. `warm_up` is a share of the steps.
    `ema` is how much of the running mean is kept at each step, 0 for none; the mean is what is judged and kept then.
    `patience` is how many validations without a better one end the training, 0 for none.
    """

    steps: Annotated[int, _between(1, 1_000_000)] = 400
    rank: Annotated[int, _between(1, 512)] = 8
    alpha: Annotated[int, _between(1, 4096)] = 8
    targets: Annotated[tuple[str, ...], msgspec.Meta(max_length=100)] = ()
    learning_rate: Annotated[float, _between(1e-7, 1e-1)] = 1e-4
    schedule: Schedule = "cosine"
    warm_up: Annotated[float, _between(0.0, 0.5)] = 0.05
    weight_decay: Annotated[float, _between(0.0, 1.0)] = 0.0
    clip: Annotated[float, _between(0.0, 1000.0)] = 1.0
    batch: Annotated[int, _between(1, 256)] = 1
    accumulation: Annotated[int, _between(1, 256)] = 1
    precision: Dtype = "float32"
    save_memory: bool = False
    ema: Annotated[float, _between(0.0, 0.99999)] = 0.0
    dropout: Annotated[float, _between(0.0, 0.9)] = 0.0
    timesteps: TimestepRule = ""
    validate_every: Annotated[int, _between(1, 1_000_000)] = 20
    sample_every: Annotated[int, _between(0, 1_000_000)] = 0
    checkpoint_every: Annotated[int, _between(1, 1_000_000)] = 50
    patience: Annotated[int, _between(0, 10_000)] = 5
    seed: Annotated[int, _between(0, SEED_LIMIT - 1)] = 0


def read_settings(values: Mapping[str, Any]) -> Settings:
    """Settings from plain values, words among them as a command line gives them. Raises StudioError naming the one that
    is wrong."""
    try:
        return msgspec.convert(dict(values), Settings, strict=False)
    except msgspec.ValidationError as error:
        raise StudioError(f"These settings cannot be trained with: {error}.") from error


def rate_at(settings: Settings, step: int) -> float:
    """The rate of learning of a step, counted from 0: it rises over the warm-up, then follows the schedule."""
    warm = round(settings.warm_up * settings.steps)
    if step < warm:
        return settings.learning_rate * (step + 1) / warm
    share = (step - warm) / max(settings.steps - warm, 1)
    if settings.schedule == "linear":
        return settings.learning_rate * (1.0 - share)
    if settings.schedule == "cosine":
        return settings.learning_rate * (1.0 + math.cos(math.pi * share)) / 2
    return settings.learning_rate
