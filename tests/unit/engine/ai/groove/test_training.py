"""A training repeats itself: by its seed, and when it is interrupted and goes on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from studio.engine.ai.groove.batches import Stream, varied
from studio.engine.ai.groove.hits import Performance, perform
from studio.engine.ai.groove.keeping import Card, load_network, read_card, save_network
from studio.engine.ai.groove.network import Shape
from studio.engine.ai.groove.training import Plan, Training
from studio.engine.ai.weights import WeightsError
from studio.errors import StudioError

PLAN = Plan(steps=20, seed=3, rows=2, length=32, warm_up=4, shape=Shape(width=16, heads=2, layers=1, readers=1))


def beats(count: int = 4) -> list[Performance]:
    made = []
    for n in range(count):
        places = [(bar * 16 + step, pitch) for bar in range(6) for step, pitch in ((0, 36), (4, 38), (8, 36), (12, 38))]
        hats = [(bar * 16 + step, 42) for bar in range(6) for step in range(0, 16, 2)]
        notes = sorted(places + hats)
        made.append(perform([t for t, _ in notes], [p for _, p in notes], [60 + 10 * n] * len(notes), bpm=100.0)[0])
    return made


def weights(training: Training) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in training.network.state_dict().items()}


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(tensor, other[name]) for name, tensor in one.items())


def test_the_same_seed_gives_the_same_weights_and_another_seed_others() -> None:
    runs = []
    for plan in (PLAN, PLAN, Plan(**{**{name: getattr(PLAN, name) for name in PLAN.__struct_fields__}, "seed": 4})):
        training = Training(beats(), plan)
        training.run(20)
        runs.append(weights(training))
    assert same(runs[0], runs[1]) and not same(runs[0], runs[2])


def test_ten_and_ten_steps_are_twenty(tmp_path: Path) -> None:
    whole = Training(beats(), PLAN)
    told: list[float] = []
    whole.run(20, lambda _, bits: told.append(bits))
    first = Training(beats(), PLAN)
    first.run(10)
    first.save(tmp_path / "kept.safetensors")
    torch.manual_seed(99)
    second = Training(beats(), PLAN)
    second.resume(tmp_path / "kept.safetensors")
    assert second.done == 10
    second.run(100)
    assert second.done == 20 and same(weights(whole), weights(second))
    assert np.mean(told[-5:]) < np.mean(told[:5]) - 0.5, "it learns"


def test_what_was_kept_of_another_plan_is_refused(tmp_path: Path) -> None:
    training = Training(beats(), PLAN)
    training.save(tmp_path / "kept.safetensors")
    other = Training(beats(), Plan(steps=21, seed=3, rows=2, length=32, warm_up=4, shape=PLAN.shape))
    with pytest.raises(WeightsError, match="another training"):
        other.resume(tmp_path / "kept.safetensors")


def test_a_training_that_goes_astray_stops_with_a_sentence() -> None:
    training = Training(beats(), PLAN)
    with torch.no_grad():
        next(training.network.parameters()).fill_(float("nan"))
    with pytest.raises(StudioError, match="went astray at step 1"):
        training.run(1)


def test_nothing_to_train_on_is_told() -> None:
    with pytest.raises(StudioError, match="no drum hits"):
        Training([], PLAN)


def test_batches_follow_from_the_step_alone() -> None:
    one, other = Stream(beats(), 2, 32, 5), Stream(beats(), 2, 32, 5)
    for step in (0, 1, 40):
        one.batch(step)
    assert np.array_equal(one.batch(7).arrays["places"], other.batch(7).arrays["places"])
    assert not np.array_equal(one.batch(7).arrays["places"], other.batch(8).arrays["places"])


def test_varying_keeps_the_music() -> None:
    before = beats(1)[0]
    after = varied(before, np.random.default_rng(1))
    assert np.abs(after.times - before.times).max() <= 1.5 / 24 + 1e-9 and after.count == before.count
    assert np.ptp(after.velocities - before.velocities) == 0 and (after.lanes == before.lanes).all()


def test_weights_are_kept_in_half_precision_with_their_card(tmp_path: Path) -> None:
    training = Training(beats(), PLAN)
    file = tmp_path / "groove.safetensors"
    save_network(training.network, file, Card("Test", bits=7.5, seed=3))
    network, card = load_network(file)
    assert card.bits == 7.5 and network.shape == PLAN.shape and not network.training
    for name, tensor in network.state_dict().items():
        assert tensor.dtype == torch.float32
        assert torch.equal(tensor, training.network.state_dict()[name].half().float())
    again = tmp_path / "again.safetensors"
    save_network(training.network, again, Card("Test", bits=7.5, seed=3))
    assert again.read_bytes() == file.read_bytes(), "the same weights are the same file"


@pytest.mark.parametrize("harm", ["absent", "cut", "other", "nan", "shape"])
def test_files_that_are_no_groove_model_are_refused_with_a_sentence(tmp_path: Path, harm: str) -> None:
    from safetensors.torch import load_file, save_file

    training = Training(beats(), PLAN)
    file = tmp_path / "groove.safetensors"
    save_network(training.network, file, Card())
    tensors, told = load_file(file), file.read_bytes()
    if harm == "absent":
        file.unlink()
    elif harm == "cut":
        file.write_bytes(told[: len(told) // 2])
    elif harm == "other":
        save_file(tensors, file, {"format": "pt"})
    elif harm == "nan":
        with torch.no_grad():
            next(training.network.parameters()).fill_(float("nan"))
        save_network(training.network, file, Card())
    else:
        file.write_bytes(told.replace(b'\\"heads\\":2', b'\\"heads\\":3'))
        assert file.read_bytes() != told
    with pytest.raises(StudioError, match=r"groove\.safetensors"):
        read_card(file)
