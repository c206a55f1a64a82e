"""Inserts at work: batches, moving parameters, and what happens when an effect goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest

from mixes import RATE, Floats, noise
from studio.document.project import Insert
from studio.engine.audio.chain import Chain, Node, peaks
from studio.engine.audio.effects import KINDS, EffectKind, values_of
from studio.engine.audio.processors import MAKERS

Answer = Callable[[Floats, int], Floats]


class Faulty:
    """A processor that answers as it is told; `resets` counts how often it was reset."""

    hold = 0

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.calls = self.resets = 0

    def set(self, values: Mapping[str, float]) -> None:
        pass

    def reset(self) -> None:
        self.resets += 1

    def process(self, block: Floats) -> Floats:
        self.calls += 1
        return self._answer(block, self.calls)


def faulty(answer: Answer, may_mute: bool = False) -> Node:
    return Node(EffectKind("faulty", "Faulty", (), may_mute=may_mute), Faulty(answer), {}, RATE)


def real(kind: str, **values: float) -> Node:
    insert = Insert(kind, kind, tuple(sorted(values.items())))
    return Node(KINDS[kind], MAKERS[kind](RATE), values_of(insert), RATE)


def nan(block: Floats, _: int) -> Floats:
    return np.full_like(block, np.nan)


def silence(block: Floats, _: int) -> Floats:
    return np.zeros_like(block)


def test_batches_sound_like_single_effects() -> None:
    kinds = ("highpass", "peak", "compressor", "gain", "delay", "low_shelf", "chorus", "limiter", "clipping")
    chain, singles = Chain([real(kind) for kind in kinds], RATE), [Chain([real(kind)], RATE) for kind in kinds]
    assert len(chain.runs) < len(kinds)
    for seed in range(5):
        block = noise(3000, seed=seed)
        expected = block
        for single in singles:
            expected = single.process(expected)
        assert np.array_equal(chain.process(block), expected)


def test_filters_keep_their_state_when_the_chain_is_made_anew() -> None:
    nodes, others = [real("highpass"), real("peak", gain_db=6.0)], [real("highpass"), real("peak", gain_db=6.0)]
    first, whole = noise(1000), noise(1000, seed=1)
    Chain(nodes, RATE).process(first)
    steady = Chain(others, RATE)
    steady.process(first)
    assert np.array_equal(Chain(nodes, RATE).process(whole), steady.process(whole))


def test_a_mono_block_becomes_stereo_and_the_input_is_left_alone() -> None:
    block = noise(500, channels=1)
    before = block.copy()
    out = Chain([real("gain", gain_db=6.0)], RATE).process(block)
    assert out.shape == (2, 500)
    assert np.array_equal(out[0], out[1])
    assert np.array_equal(block, before)


def test_not_a_number_resets_once_and_then_bypasses() -> None:
    node = faulty(nan)
    chain = Chain([real("highpass"), node, real("gain", gain_db=-6.0)], RATE)
    out = chain.process(noise(2048))
    assert np.isfinite(out).all()
    assert np.isfinite(chain.top).all()
    assert node.bypassed
    assert "Faulty" in chain.notice
    healthy = Chain([real("highpass"), real("gain", gain_db=-6.0)], RATE)
    chain.reset()
    for seed in range(3):
        block = noise(2048, seed=seed)
        assert np.array_equal(chain.process(block), healthy.process(block))


def test_a_passing_fault_is_healed_by_a_reset() -> None:
    node = faulty(lambda block, call: np.full_like(block, np.inf) if call in {3, 4} else block * np.float32(0.5))
    chain = Chain([node], RATE)
    for seed in range(8):
        block = noise(1024, seed=seed)
        assert np.array_equal(chain.process(block), block * np.float32(0.5))
    assert (node.faults, node.bypassed, chain.notice) == (1, False, "")
    assert node.processor.resets == 3  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", ["reverb", "compressor", "phaser", "delay", "highpass", "limiter"])
def test_a_number_too_large_does_not_stay(kind: str) -> None:
    chain = Chain([real(kind)], RATE)
    with np.errstate(all="ignore"):
        chain.process(np.full((2, 1000), 3e38, np.float32))
        chain.process(np.full((2, 1000), 3e38, np.float32))
    chain.reset()
    for seed in range(4):
        out = chain.process(noise(4000, seed=seed))
        assert np.isfinite(out).all()
        assert np.abs(out).max() < 10


def test_an_effect_that_falls_silent_is_reset_and_then_bypassed() -> None:
    node = faulty(silence)
    chain = Chain([real("gain"), node], RATE)
    heard = [np.abs(chain.process(noise(4800, seed=n))).max() for n in range(40)]
    assert not any(heard[:10])
    assert all(heard[24:])
    assert node.bypassed
    assert "bypassed" in chain.notice


def test_a_gate_may_be_silent() -> None:
    chain = Chain([real("gate", threshold_db=0.0, ratio=100.0), faulty(silence, may_mute=True)], RATE)
    for n in range(40):
        chain.process(noise(4800, seed=n))
    assert not chain.notice
    assert all(node.faults == 0 for node in chain.nodes)


def test_silence_in_is_no_fault() -> None:
    chain = Chain([faulty(silence)], RATE)
    for _ in range(40):
        chain.process(np.zeros((2, 4800), np.float32))
    assert chain.nodes[0].faults == 0


def test_a_parameter_moves_without_a_step() -> None:
    node = real("gain", gain_db=0.0)
    chain = Chain([node], RATE)
    ones = np.ones((2, 2048), np.float32)
    chain.process(ones)
    node.aim({"gain_db": -12.0})
    out = chain.process(ones)[0]
    end = 10 ** (-12 / 20)
    assert out[0] > 0.85
    assert out[-1] == pytest.approx(end)
    assert np.abs(np.diff(out)).max() < 0.09
    assert np.flatnonzero(np.diff(out)).max() < 0.021 * RATE
    assert np.allclose(chain.process(ones), end)


def test_a_moving_filter_does_not_disturb_the_others() -> None:
    node, still = real("peak", gain_db=-6.0, frequency_hz=300.0), real("compressor")
    chain = Chain([real("highpass"), node, still], RATE)
    tone = (0.3 * np.sin(2 * np.pi * 440 * np.arange(20_000) / RATE)).astype(np.float32)[None].repeat(2, axis=0)
    chain.process(tone[:, :4000])
    node.aim({"gain_db": 6.0, "frequency_hz": 3000.0, "q": 1.0})
    out = chain.process(tone[:, 4000:])
    assert np.abs(np.diff(out)).max() < 0.05
    assert node.values == {"gain_db": 6.0, "frequency_hz": 3000.0, "q": 1.0}


def test_peaks() -> None:
    assert peaks(np.array([[0.5, -0.75], [0.1, 0.2]], np.float32)) == pytest.approx((0.75, 0.2))
    assert peaks(np.array([[0.5, -0.75]], np.float32)) == (0.75, 0.75)
    assert not np.isfinite(peaks(np.array([[np.nan], [0]], np.float32))[0])
