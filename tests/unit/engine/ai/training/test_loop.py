"""The loop on a task of a few numbers: the same each time, gone on with bit for bit, ended for a reason."""

from __future__ import annotations

import errno
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file

from neural import Heard
from studio.engine.ai.training import checkpoints
from studio.engine.ai.training.chance import chance_at, items_at
from studio.engine.ai.training.loop import Outcome, train
from studio.engine.ai.training.settings import Settings, rate_at, read_settings
from studio.engine.jobs import Cancelled
from studio.errors import StudioError


class Line:
    """Learns a line through points with noise; what it is judged by follows `truth`."""

    def __init__(self, truth: float = 2.0, count: int = 7, at_step: Callable[[int], None] = lambda _: None) -> None:
        self.subject, self.count, self.validations = f"line {truth}", count, 3
        self.slope, self.offset = torch.zeros(1, requires_grad=True), torch.zeros(1, requires_grad=True)
        self.truth, self.seen, self.samples = truth, 0, []
        self._at_step = at_step

    def parameters(self) -> Mapping[str, Any]:
        return {"slope": self.slope, "offset": self.offset}

    def loss(self, items: Sequence[int], chance: Any) -> Any:
        self.seen += 1
        self._at_step(self.seen)
        x = torch.tensor([item / 10 for item in items])
        noise = 0.1 * torch.randn(len(items), generator=chance)
        return ((self.slope * x + self.offset - 2.0 * x - 1.0 - noise) ** 2).mean()

    def validate(self, item: int, chance: Any) -> float:
        x = item / 3 + 0.05 * float(torch.randn(1, generator=chance))
        return float(((self.slope * x + self.offset - self.truth * x - 1.0) ** 2).detach())

    def keep(self, folder: Path) -> Path:
        folder.mkdir(exist_ok=True)
        file = folder / "line.safetensors"
        save_file({name: tensor.detach().numpy().copy() for name, tensor in self.parameters().items()}, file)
        return file

    def sample(self, step: int) -> None:
        self.samples.append(step)


SETTINGS = Settings(
    steps=40, learning_rate=0.05, batch=3, accumulation=2, validate_every=5, checkpoint_every=10, patience=0, ema=0.5
)


def values(outcome: Outcome) -> dict[str, float]:
    return {name: float(value[0]) for name, value in load_file(outcome.adapter).items()}


def test_it_learns_and_says_so(tmp_path: Path) -> None:
    outcome = train(Line(), SETTINGS, tmp_path, Heard())
    assert outcome.better and outcome.ending == "steps"
    assert outcome.best < outcome.base / 10
    assert outcome.progress.best in {point.step for point in outcome.progress.validations}
    assert f"step {outcome.progress.best} is the best" in outcome.said


def test_the_same_training_twice_gives_the_same_bits(tmp_path: Path) -> None:
    files = []
    for name in ("one", "two"):
        torch.rand(3)  # whatever was drawn before makes no difference
        files.append(train(Line(), SETTINGS, tmp_path / name, Heard()).adapter.read_bytes())
    assert files[0] == files[1]
    other = train(Line(), read_settings({**as_dict(SETTINGS), "seed": 1}), tmp_path / "three", Heard())
    assert other.adapter.read_bytes() != files[0]


def as_dict(settings: Settings) -> dict[str, Any]:
    return {name: getattr(settings, name) for name in settings.__struct_fields__}


@pytest.mark.parametrize("at", [1, 7, 20, 39])
def test_what_was_stopped_goes_on_bit_for_bit(tmp_path: Path, at: int) -> None:
    whole = train(Line(), SETTINGS, tmp_path / "whole", Heard())
    with pytest.raises(Cancelled):
        train(Line(), SETTINGS, tmp_path / "parts", Heard(f"Step {at} "))
    rest = train(Line(), SETTINGS, tmp_path / "parts", Heard())
    assert rest.adapter.read_bytes() == whole.adapter.read_bytes()
    assert rest.progress == whole.progress


class Killed(BaseException):
    """Stands for the end of the process: nothing is tidied up on its way."""


@pytest.mark.parametrize("at", [3, 45, 67])
def test_what_died_goes_on_from_its_checkpoint_bit_for_bit(tmp_path: Path, at: int) -> None:
    whole = train(Line(), SETTINGS, tmp_path / "whole", Heard())

    def die(seen: int) -> None:
        if seen == at:
            raise Killed

    with pytest.raises(Killed):
        train(Line(at_step=die), SETTINGS, tmp_path / "parts", Heard())
    again = Line()
    rest = train(again, SETTINGS, tmp_path / "parts", Heard())
    assert rest.adapter.read_bytes() == whole.adapter.read_bytes() and rest.progress == whole.progress
    assert again.seen == 2 * (40 - (at - 1) // 20 * 10)


def test_a_damaged_checkpoint_is_passed_over(tmp_path: Path) -> None:
    whole = train(Line(), SETTINGS, tmp_path / "whole", Heard())
    with pytest.raises(Cancelled):
        train(Line(), SETTINGS, tmp_path / "parts", Heard("Step 25 "))
    newest = tmp_path / "parts" / "step_000025" / checkpoints.TENSORS
    newest.write_bytes(newest.read_bytes()[:-3] + b"xyz")
    rest = train(Line(), SETTINGS, tmp_path / "parts", Heard())
    assert rest.adapter.read_bytes() == whole.adapter.read_bytes()


def test_a_checkpoint_of_other_settings_or_another_subject_is_not_gone_on_with(tmp_path: Path) -> None:
    train(Line(), SETTINGS, tmp_path, Heard())
    assert checkpoints.latest(tmp_path, as_dict(SETTINGS), "line 2.0") is not None
    assert checkpoints.latest(tmp_path, as_dict(SETTINGS), "line 3.0") is None
    assert checkpoints.latest(tmp_path, {**as_dict(SETTINGS), "rank": 3}, "line 2.0") is None
    assert len(list(tmp_path.glob("step_*"))) == checkpoints.KEPT


def test_a_loss_that_is_no_number_stops_it_with_the_best_kept(tmp_path: Path) -> None:
    class Breaking(Line):
        def loss(self, items: Sequence[int], chance: Any) -> Any:
            loss = super().loss(items, chance)
            return loss * math.nan if self.seen > 30 else loss

    task = Breaking()
    outcome = train(task, SETTINGS, tmp_path, Heard())
    assert outcome.ending == "broken" and outcome.progress.step == 15
    assert "no number at step 16" in outcome.said
    assert all(math.isfinite(value) for value in values(outcome).values())
    assert outcome.better
    broken = Breaking()
    broken.seen = 30
    with pytest.raises(StudioError, match="no number from the first step"):
        train(broken, SETTINGS, tmp_path / "other", Heard())


def test_it_ends_early_with_the_best_and_tells_of_learning_by_heart(tmp_path: Path) -> None:
    task = Line(truth=-1.0)  # what it is judged by goes another way soon
    settings = read_settings({**as_dict(SETTINGS), "steps": 400, "patience": 12, "ema": 0.0, "schedule": "constant"})
    outcome = train(task, settings, tmp_path, Heard())
    assert outcome.ending == "patience" and outcome.progress.step < 400
    assert outcome.progress.step == outcome.progress.best + 12 * settings.validate_every
    assert outcome.progress.overtrained is not None
    losses = {point.step: point.loss for point in outcome.progress.validations}
    assert losses[outcome.progress.best] == min(losses.values())


def test_the_best_is_what_is_kept_not_the_last(tmp_path: Path) -> None:
    settings = read_settings({**as_dict(SETTINGS), "steps": 120, "ema": 0.0, "schedule": "constant"})
    outcome = train(Line(truth=-1.0), settings, tmp_path / "all", Heard())
    assert 0 < outcome.progress.best < 120
    again = Line(truth=-1.0)
    with torch.no_grad():
        for name, tensor in again.parameters().items():
            tensor.fill_(values(outcome)[name])
    losses = []
    for item in range(again.validations):
        with chance_at(settings.seed, "validation", item) as chance:
            losses.append(again.validate(item, chance))
    assert sum(losses) / 3 == pytest.approx(outcome.best)


def test_a_full_disk_is_told_and_the_last_checkpoint_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, written = Path.mkdir, []

    def full(self: Path, *arguments: Any, **more: Any) -> None:
        if self.name.startswith(".step_"):
            written.append(self)
            if len(written) == 2:
                raise OSError(errno.ENOSPC, "No space left on device")
        real(self, *arguments, **more)

    monkeypatch.setattr(Path, "mkdir", full)
    with pytest.raises(StudioError, match=r"stopped at step 20.*No space left"):
        train(Line(), SETTINGS, tmp_path, Heard())
    monkeypatch.undo()
    rest = Line()
    train(rest, SETTINGS, tmp_path, Heard())
    assert rest.seen == 2 * 30


def test_without_items_nothing_begins_and_without_a_judge_the_last_is_kept(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="nothing to learn from"):
        train(Line(count=0), SETTINGS, tmp_path, Heard())
    task = Line(count=1)
    task.validations = 0
    outcome = train(task, SETTINGS, tmp_path, Heard())
    assert not outcome.better and outcome.base is None and "nothing to judge" in outcome.said
    assert outcome.adapter.is_file()


def test_samples_come_when_they_are_wanted_and_change_nothing(tmp_path: Path) -> None:
    plain = train(Line(), SETTINGS, tmp_path / "plain", Heard())
    task = Line()
    outcome = train(task, read_settings({**as_dict(SETTINGS), "sample_every": 16}), tmp_path / "more", Heard())
    assert task.samples == [16, 32, 40]
    assert values(outcome) == values(plain)


@given(count=st.integers(1, 30), first=st.integers(0, 500), wanted=st.integers(1, 70), seed=st.integers(0, 9))
def test_every_epoch_has_every_item_once_whatever_the_batches(count: int, first: int, wanted: int, seed: int) -> None:
    row = items_at(count, seed, 0, first + wanted)
    assert items_at(count, seed, first, wanted) == row[first:]
    for begin in range(0, len(row) - count + 1, count):
        assert sorted(row[begin : begin + count]) == list(range(count))


def test_the_rate_rises_and_falls(tmp_path: Path) -> None:
    settings = read_settings({"steps": "100", "learning_rate": "0.001", "warm_up": "0.1", "schedule": "cosine"})
    rates = np.array([rate_at(settings, step) for step in range(100)])
    assert rates[0] == pytest.approx(1e-4) and rates.argmax() in {9, 10} and rates[-1] < 1e-5
    assert np.all(np.diff(rates[10:]) < 0)


@pytest.mark.parametrize("wrong", [{"rank": 0}, {"steps": "many"}, {"learning_rate": 3.0}, {"colour": 1}])
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(StudioError, match="cannot be trained with"):
        read_settings(wrong)
