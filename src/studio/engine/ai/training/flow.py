"""What every family here learns: the way from noise to an item (flow matching). At x = (1-t) z + t n the model is to
say n - z. Items are encoded once; a family brings how, and how its transformer is asked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from ...jobs import Work
from ..guarded import told
from ..loading import Loaded
from .loop import Task
from .lora import Adapter, adapting, precise, timesteps
from .settings import Settings

LOOKS = 4
"""Times at which an item is judged, spread evenly: a single one would say more of chance than of the adapter."""

Sampled = Callable[[int], None]
"""Gets a step at which something is to be made with the adapter on."""

Velocity = Callable[[Any, Any, Any], Any]
"""What the transformer says at a noisy item and a time: of an encoded item, the noisy latents, float (1,)."""

Example = TypeVar("Example", bound=msgspec.Struct)


class Encoded(msgspec.Struct, frozen=True):
    """An item as the transformer sees it: its latents, and what it is told beside them, by name."""

    latents: Any
    told: Mapping[str, Any]


class FlowTask:
    """A Task of the loop: see there. Made by `flow_task`."""

    def __init__(
        self,
        loaded: Loaded,
        settings: Settings,
        adapter: Adapter,
        velocity: Velocity,
        seen: Sequence[Encoded],
        judged: Sequence[Encoded],
        visited: Any,
        subject: str,
        sampled: Sampled,
    ) -> None:
        self._loaded, self._settings, self._adapter, self._velocity = loaded, settings, adapter, velocity
        self._seen, self._judged, self._visited, self._sampled = seen, judged, visited, sampled
        self._rule = settings.timesteps or loaded.spec.timestep_rule or "uniform"
        self.subject, self.count, self.validations = subject, len(seen), len(judged)

    def parameters(self) -> Mapping[str, Any]:
        return self._adapter.parameters()

    def loss(self, items: Sequence[int], chance: Any) -> Any:
        times = timesteps(self._rule, len(items), chance, self._visited)
        losses = [self._at(self._seen[item], time, chance) for item, time in zip(items, times, strict=True)]
        return sum(losses) / len(losses)

    def validate(self, item: int, chance: Any) -> float:
        times = [(look + 0.5) / LOOKS for look in range(LOOKS)]
        return sum(float(self._at(self._judged[item], time, chance)) for time in times) / LOOKS

    def keep(self, folder: Path) -> Path:
        return self._adapter.keep(folder)

    def sample(self, step: int) -> None:
        self._sampled(step)

    def _at(self, item: Encoded, time: Any, chance: Any) -> Any:
        """The loss of one item at one time; items differ in length and go one by one."""
        import torch

        clean = item.latents
        noise = torch.randn(clean.shape, generator=chance).to(clean)
        when = torch.as_tensor(time).reshape(1).to(clean)
        with precise(self._loaded, self._settings):
            guess = self._velocity(item, (1 - when) * clean + when * noise, when)
        return torch.nn.functional.mse_loss(guess.float(), (noise - clean).float())


@contextmanager
def flow_task(
    loaded: Loaded,
    settings: Settings,
    seen: Sequence[Example],
    judged: Sequence[Example],
    encode: Callable[[Loaded, Example], Encoded],
    velocity: Velocity,
    identity: Callable[[Example], Any],
    work: Work,
    sampled: Sampled,
    visited: Any = None,
) -> Iterator[Task]:
    """A fresh adapter on the model, to be trained on `seen` and judged by `judged`; it is gone afterwards.

    `identity` says of an example what makes it another one; `visited` are the times that the sampler visits. The thread
    that runs models. Raises StudioError for what cannot be learned from, and Cancelled.
    """
    examples = [*seen, *judged]
    with told(loaded):
        encoded = []
        for number, example in enumerate(examples):
            work.report(number / len(examples), f"Reading {number + 1} of {len(examples)}")
            work.check()
            encoded.append(encode(loaded, example))
        text = msgspec.json.encode([loaded.spec.name, loaded.spec.revision, len(seen), [*map(identity, examples)]])
        subject = hashlib.sha256(text).hexdigest()
        with adapting(loaded, settings) as adapter:
            first, rest = encoded[: len(seen)], encoded[len(seen) :]
            yield FlowTask(loaded, settings, adapter, velocity, first, rest, visited, subject, sampled)
