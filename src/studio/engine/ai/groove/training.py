"""Training from scratch: a number of steps by a seed, stopped and gone on with as if it had never stopped.

Every batch and every chance of a step follows from the seed and the step's number, so nothing but weights and moments
has to be kept. On one machine with one thread the same seed gives the same weights.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from ....errors import StudioError
from ..weights import WeightsError, read_header
from .batches import Stream
from .hits import Performance
from .keeping import save_tensors, told_by
from .network import GrooveNetwork, Shape, losses

Told = Callable[[int, float], None]
"""Hears of each step's number, counted from 1, and its bits per hit."""


KIND = "studio-groove-training"


class Plan(msgspec.Struct, frozen=True):
    """All that decides what a training makes of its data. `rate` falls from `rate` to nothing over `steps`."""

    steps: int = 8000
    seed: int = 1
    rows: int = 4
    length: int = 256
    rate: float = 2e-3
    warm_up: int = 100
    decay: float = 0.05
    shape: Shape = Shape()


class Training:
    """A training under way. One thread; torch's number of threads is the caller's to choose."""

    def __init__(self, performances: Sequence[Performance], plan: Plan) -> None:
        import torch

        if sum(one.count for one in performances) < 2:
            raise StudioError("There are no drum hits to train on; choose a folder with drum MIDI files in 4/4.")
        self.plan, self.done = plan, 0
        self._stream = Stream(performances, plan.rows, plan.length, plan.seed)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(plan.seed)
            self.network = GrooveNetwork(plan.shape)
        named = dict(self.network.named_parameters())
        plain = [one for name, one in named.items() if one.ndim < 2 or "norm" in name]
        shrunk = [one for name, one in named.items() if not (one.ndim < 2 or "norm" in name)]
        groups = [{"params": shrunk, "weight_decay": plan.decay}, {"params": plain, "weight_decay": 0.0}]
        self._optimizer = torch.optim.AdamW(groups, lr=plan.rate, betas=(0.9, 0.98))

    def run(self, steps: int, told: Told | None = None) -> None:
        """Takes up to `steps` steps of those that are left. Raises StudioError where a loss is not a number."""
        self.network.train()
        for _ in range(min(steps, self.plan.steps - self.done)):
            bits = self._step(self.done)
            self.done += 1
            if told is not None:
                told(self.done, bits)

    def rate(self, step: int) -> float:
        """The learning rate of a step: up over the warm-up, then down along a cosine."""
        plan = self.plan
        if step < plan.warm_up:
            return plan.rate * (step + 1) / plan.warm_up
        way = (step - plan.warm_up) / max(plan.steps - plan.warm_up, 1)
        return plan.rate * 0.5 * (1.0 + math.cos(math.pi * min(way, 1.0)))

    def _step(self, step: int) -> float:
        import torch

        rows = self._stream.batch(step)
        given, wanted, scored = rows.given(), rows.wanted(), rows.scored()
        for group in self._optimizer.param_groups:
            group["lr"] = self.rate(step)
        with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.manual_seed((self.plan.seed << 32) + step)
            with torch.autocast("cpu", torch.bfloat16):
                parts = losses(self.network, given, wanted, scored)
            hits = max(int((scored & (wanted.fines < 24)).sum()), 1)
            loss = torch.stack([part.sum() for part in parts]).sum() / hits
            self._optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
        size = torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        if not math.isfinite(float(size)):
            raise StudioError(
                f"The training went astray at step {step + 1}; lower its rate and go on from what was kept."
            )
        self._optimizer.step()
        return float(loss.detach()) / math.log(2)

    # -- keeping and going on ------------------------------------------------------------------------------------

    def save(self, file: Path) -> None:
        """Keeps everything that is needed to go on."""
        tensors = {f"network.{name}": tensor for name, tensor in self.network.state_dict().items()}
        for name, one in self.network.named_parameters():
            state = self._optimizer.state.get(one, {})
            tensors |= {f"{kind}.{name}": state[kind] for kind in ("exp_avg", "exp_avg_sq") if kind in state}
        save_tensors(tensors, file, {"kind": KIND, "plan": self.plan, "done": self.done})

    def resume(self, file: Path) -> None:
        """Goes on from what was kept. Raises StudioError where it belongs to another plan."""
        import torch
        from safetensors.torch import load_file

        told = told_by(read_header(file))
        if told.get("kind") != KIND or told.get("plan") != msgspec.to_builtins(self.plan):
            raise WeightsError(f"“{file.name}” belongs to another training; start anew in another folder.")
        tensors: dict[str, Any] = load_file(file)
        found = {name.removeprefix("network."): one for name, one in tensors.items() if name.startswith("network.")}
        self.network.load_state_dict(found)
        self.done = int(told["done"])
        for name, one in self.network.named_parameters():
            if f"exp_avg.{name}" in tensors:
                state: dict[str, Any] = {"step": torch.tensor(float(self.done))}
                state |= {kind: tensors[f"{kind}.{name}"] for kind in ("exp_avg", "exp_avg_sq")}
                self._optimizer.state[one] = state
