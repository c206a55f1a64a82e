"""The loop of a training: steps, validation at fixed seeds, checkpoints, the best kept, an early end.

It knows no model: a `Task` brings the parameters and the loss. All chance is a function of seed and step, so that ten
steps, a crash and ten more are bit for bit twenty.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from ....errors import StudioError
from ...jobs import Cancelled, Work
from . import checkpoints
from .chance import chance_at, items_at
from .checkpoints import Point, Progress
from .settings import Settings, rate_at

HEART = 0.02
"""A validation loss so much above the best, as a share of it, while the training loss falls, is learning by heart."""

BARS = 40
"""How many losses a running training shows."""

MARGIN = 0.002
"""The share of a validation loss by which it has to fall to be called better."""

WINDOW = 20
"""Points over which the training loss is averaged when it is judged."""

POINTS = 2000
"""At most so many points are kept of the training loss."""

Ending = Literal["steps", "patience", "broken"]


class Task(Protocol):
    """What is trained. The thread that runs models calls all of it."""

    subject: str
    """What is trained on what, by content: a checkpoint of another subject is not gone on with."""

    count: int
    """How many items there are to learn from."""

    validations: int
    """How many items there are to be judged by; 0 for none."""

    def parameters(self) -> Mapping[str, Any]:
        """The tensors that are trained, by name, always in the same order."""

    def loss(self, items: Sequence[int], chance: Any) -> Any:
        """The mean loss of some items to learn from, with gradients; `chance` is a generator of torch's."""

    def validate(self, item: int, chance: Any) -> float:
        """The loss of an item to be judged by, without gradients."""

    def keep(self, folder: Path) -> Path:
        """Writes the parameters as they are now as an adapter; returns the file."""

    def sample(self, step: int) -> None:
        """Makes something with the adapter as it is now, for a person to judge."""


class Outcome(msgspec.Struct, frozen=True):
    """What came of a training: the adapter's file, how it went, why it ended, and a sentence of it."""

    adapter: Path
    progress: Progress
    ending: Ending
    said: str
    base: float | None
    """The validation loss before the first step; None without items to be judged by."""

    @property
    def best(self) -> float | None:
        """The best validation loss."""
        return min((point.loss for point in self.progress.validations), default=None)

    @property
    def better(self) -> bool:
        """Whether the adapter is better than none on the items to be judged by, by more than `MARGIN` of it."""
        return self.base is not None and self.best is not None and self.best < self.base * (1 - MARGIN)


def train(task: Task, settings: Settings, folder: Path, work: Work) -> Outcome:
    """Trains in a folder of its own, in which a training that was interrupted goes on. The thread that runs models.

    A cancelled one leaves a checkpoint. Raises StudioError where nothing could be learned, and Cancelled.
    """
    if task.count < 1:
        raise StudioError("There is nothing to learn from; add items to the dataset and freeze it.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StudioError(f"The training has no place to work in ({error.strerror}); check the disk.") from error
    return _Loop(task, settings, folder, work).run()


class _Loop:
    def __init__(self, task: Task, settings: Settings, folder: Path, work: Work) -> None:
        import torch

        self._torch, self._task, self._settings, self._folder, self._work = torch, task, settings, folder, work
        self._told = msgspec.to_builtins(settings)
        self._parameters = dict(task.parameters())
        self._optimizer = torch.optim.AdamW(
            self._parameters.values(), lr=settings.learning_rate, weight_decay=settings.weight_decay
        )
        self._mean = {name: tensor.detach().clone() for name, tensor in self._parameters.items()}
        self._progress = Progress()
        self._kept = 0

    def run(self) -> Outcome:
        """Steps until one of the ends."""
        self._take_up()
        settings = self._settings
        ending: Ending | None = None
        try:
            while ending is None:
                self._work.check()
                self._look()
                if settings.patience and self._progress.waited >= settings.patience:
                    ending = "patience"
                elif self._progress.step >= settings.steps:
                    ending = "steps"
                elif not self._step():
                    ending = "broken"
        except Cancelled:
            self._checkpoint()
            raise
        return self._end(ending)

    def _look(self) -> None:
        """Judges, samples and keeps where this step wants it. What a cancel cut short is done when it goes on."""
        step, seen = self._progress.step, self._progress.validations
        if self._due(self._settings.validate_every) and not (seen and seen[-1].step == step):
            self._validate()
        if step and self._settings.sample_every and self._due(self._settings.sample_every):
            with self._judged():
                self._task.sample(step)
        if step and self._due(self._settings.checkpoint_every):
            self._checkpoint()

    # -- the state -----------------------------------------------------------------------------------------------

    def _take_up(self) -> None:
        found = checkpoints.latest(self._folder, self._told, self._task.subject)
        if found is None:
            return
        self._progress, tensors = found
        self._kept = self._progress.step
        with self._torch.no_grad():
            for name, tensor in self._parameters.items():
                tensor.copy_(tensors[f"now/{name}"])
                self._mean[name].copy_(tensors[f"mean/{name}"])
                if f"first/{name}" in tensors:
                    self._optimizer.state[tensor] = {
                        "step": tensors[f"step/{name}"],
                        "exp_avg": tensors[f"first/{name}"].to(tensor.device),
                        "exp_avg_sq": tensors[f"second/{name}"].to(tensor.device),
                    }
        self._work.report(self._progress.step / self._settings.steps, f"Going on from step {self._progress.step}")

    def _checkpoint(self) -> None:
        if self._kept == self._progress.step:
            return
        tensors: dict[str, Any] = {}
        for name, tensor in self._parameters.items():
            tensors |= {f"now/{name}": tensor, f"mean/{name}": self._mean[name]}
            state = self._optimizer.state.get(tensor)
            if state:
                tensors |= {f"step/{name}": self._torch.as_tensor(state["step"]), f"first/{name}": state["exp_avg"]}
                tensors[f"second/{name}"] = state["exp_avg_sq"]
        checkpoints.write(self._folder, self._progress, self._told, self._task.subject, tensors)
        self._kept = self._progress.step

    # -- a step --------------------------------------------------------------------------------------------------

    def _due(self, every: int) -> bool:
        return self._progress.step % every == 0 or self._progress.step == self._settings.steps

    def _step(self) -> bool:
        """One step; False where the loss or the gradient is no number, and nothing is changed then."""
        settings, step = self._settings, self._progress.step
        self._optimizer.zero_grad(set_to_none=True)
        total = 0.0
        for turn in range(settings.accumulation):
            first = (step * settings.accumulation + turn) * settings.batch
            items = items_at(self._task.count, settings.seed, first, settings.batch)
            with chance_at(settings.seed, step, turn) as chance:
                loss = self._task.loss(items, chance) / settings.accumulation
                loss.backward()
            total += float(loss.detach())
        size = self._torch.nn.utils.clip_grad_norm_(self._parameters.values(), settings.clip or math.inf)
        if not (math.isfinite(total) and bool(self._torch.isfinite(size))):
            return False
        for group in self._optimizer.param_groups:
            group["lr"] = rate_at(settings, step)
        self._optimizer.step()
        with self._torch.no_grad():
            for name, tensor in self._parameters.items():
                self._mean[name].lerp_(tensor, 1.0 - settings.ema)
        if step % math.ceil(settings.steps / POINTS) == 0:
            self._progress = replace(self._progress, losses=(*self._progress.losses, Point(step + 1, total)))
        self._progress = replace(self._progress, step=step + 1)
        self._work.report((step + 1) / settings.steps, f"Step {step + 1} of {settings.steps}, loss {total:.4f}")
        return True

    # -- judging -------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _judged(self) -> Iterator[None]:
        """While this lasts, the parameters are those that would be kept: the running mean, where there is one."""
        if not self._settings.ema:
            yield
            return
        now = {name: tensor.detach().clone() for name, tensor in self._parameters.items()}
        self._put(self._mean)
        try:
            yield
        finally:
            self._put(now)

    def _put(self, tensors: Mapping[str, Any]) -> None:
        with self._torch.no_grad():
            for name, tensor in self._parameters.items():
                tensor.copy_(tensors[name])

    def _validate(self) -> None:
        if self._task.validations:
            self._note_validation()
            if self._progress.best == self._progress.step > 0:
                with self._judged():
                    self._task.keep(self._folder / "best")
        self._work.show(_bars(self._progress.validations or self._progress.losses))

    def _note_validation(self) -> None:
        """Measures, at seeds that are the same each time, and notes what that says."""
        losses = []
        with self._judged(), self._torch.no_grad():
            for item in range(self._task.validations):
                self._work.check()
                with chance_at(self._settings.seed, "validation", item) as chance:
                    losses.append(self._task.validate(item, chance))
        before, loss = self._progress.validations, sum(losses) / len(losses)
        best = min((point.loss for point in before), default=math.inf)
        better = loss < best
        self._progress = replace(
            self._progress,
            validations=(*before, Point(self._progress.step, loss)),
            best=self._progress.step if better else self._progress.best,
            waited=0 if better else self._progress.waited + 1,
            overtrained=self._by_heart(loss, best),
        )

    def _by_heart(self, loss: float, best: float) -> int | None:
        """From which step on it learns by heart, if it does: what it has seen gets better, what it has not, worse."""
        losses = [point.loss for point in self._progress.losses]
        if self._progress.overtrained is not None or loss <= best * (1 + HEART) or len(losses) < 2 * WINDOW:
            return self._progress.overtrained
        falls = sum(losses[-WINDOW:]) < sum(losses[-2 * WINDOW : -WINDOW])
        return self._progress.best if falls else None

    def _end(self, ending: Ending) -> Outcome:
        """The best adapter there was, or the last where nothing could judge."""
        best = self._folder / "best"
        if self._task.validations and self._progress.best:
            (file,) = best.glob("*.safetensors")
        elif ending == "broken" and not self._progress.step:
            raise StudioError("The loss is no number from the first step on; take a lower rate or other items.")
        else:
            with self._judged():
                file = self._task.keep(best)
        first = self._progress.validations[0].loss if self._progress.validations else None
        return Outcome(file, self._progress, ending, _said(self._progress, ending), first)


def _bars(points: Sequence[Point]) -> npt.NDArray[np.float32]:
    """The latest losses beside one another, 0..1 of the largest, as a job shows levels."""
    losses = np.array([point.loss for point in points[-BARS:]], np.float32)
    finite = np.nan_to_num(losses, nan=0.0, posinf=0.0)
    return finite / max(float(finite.max(initial=0.0)), 1e-12)


def _said(progress: Progress, ending: Ending) -> str:
    """How it ended, in a sentence."""
    kept = f"step {progress.best} is kept" if progress.best else "it was no better than without until then"
    if ending == "broken":
        return f"The loss was no number at step {progress.step + 1} and the training stopped; {kept}."
    if ending == "patience":
        return f"It got no better any more and ended at step {progress.step}; {kept}."
    if not progress.validations:
        return f"All {progress.step} steps are done; there was nothing to judge them by."
    if not progress.best:
        return f"After {progress.step} steps it is no better than without."
    return f"After {progress.step} steps, step {progress.best} is the best and is kept."
