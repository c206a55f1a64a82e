"""Every kind of effect: same samples for any split, good as new after a reset, finite over all its ranges."""

from __future__ import annotations

import numpy as np
import pytest

from mixes import RATE, Floats, noise
from studio.document.project import Insert
from studio.engine.audio.chain import Chain, Node
from studio.engine.audio.effects import KINDS, values_of
from studio.engine.audio.processors import LARGEST, MAKERS

FRAMES = 60_000


def node(kind: str, **values: float) -> Node:
    insert = Insert("i", kind, tuple(sorted(values.items())))
    return Node(KINDS[kind], MAKERS[kind](RATE), values_of(insert), RATE)


def loud_parts() -> Floats:
    """Bursts, silence, a long decay: what makes state small, and gates and limiters move."""
    sound = noise(FRAMES, seed=5, level=0.4)
    sound[:, 9000:21_000] = 0
    sound[:, 30_000:] *= np.exp(-np.arange(FRAMES - 30_000) / 1500).astype(np.float32)
    return sound


def through(chain: Chain, sound: Floats, seed: int, largest: int) -> Floats:
    random, parts, at = np.random.default_rng(seed), [], 0
    while at < sound.shape[1]:
        frames = int(random.integers(1, largest + 1))
        parts.append(chain.process(sound[:, at : at + frames]))
        at += frames
    return np.concatenate(parts, axis=1)


def test_every_kind_can_be_made() -> None:
    assert KINDS.keys() == MAKERS.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_the_split_does_not_show(kind: str) -> None:
    sound = loud_parts()
    whole = through(Chain([node(kind)], RATE), sound, 0, LARGEST)
    assert np.array_equal(through(Chain([node(kind)], RATE), sound, 1, 700), whole)
    assert np.array_equal(through(Chain([node(kind)], RATE), sound, 2, 9), whole)
    assert np.array_equal(through(Chain([node(kind)], RATE), sound, 3, 20_000), whole)


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_as_good_as_new_after_a_reset(kind: str) -> None:
    sound = loud_parts()[:, :40_000]
    fresh = through(Chain([node(kind)], RATE), sound, 0, 2048)
    chain = Chain([node(kind)], RATE)
    through(chain, noise(33_333, seed=9), 4, 5000)
    chain.reset()
    assert np.array_equal(through(chain, sound, 0, 2048), fresh)


@pytest.mark.parametrize("kind", KINDS)
def test_every_end_of_every_range_is_finite_and_not_faulty(kind: str) -> None:
    sound = noise(30_000, level=0.9)
    for parameter in KINDS[kind].parameters:
        for value in (parameter.low, parameter.high):
            chain = Chain([node(kind, **{parameter.name: value})], RATE)
            out = through(chain, sound, 1, 4096)
            assert np.isfinite(out).all()
            assert not chain.notice
            assert chain.nodes[0].faults == 0


@pytest.mark.parametrize("kind", KINDS)
def test_all_rates(kind: str) -> None:
    for rate in (22_050, 192_000):
        chain = Chain([Node(KINDS[kind], MAKERS[kind](rate), values_of(Insert("i", kind)), rate)], rate)
        assert np.isfinite(chain.process(noise(5000))).all()


def test_values_are_clamped() -> None:
    values = values_of(Insert("i", "peak", (("frequency_hz", 1e9), ("gain_db", float("nan")), ("nonsense", 3.0))))
    assert values == {"frequency_hz": 20_000.0, "gain_db": 0.0, "q": 1.0}


def test_the_limiter_holds_its_ceiling_and_its_latency_is_measured() -> None:
    chain = Chain([node("limiter", ceiling_db=-6.0)], RATE)
    assert chain.latency > 0
    out = chain.process(noise(8000, level=0.8))
    assert 0.45 < np.abs(out).max() <= 10 ** (-6 / 20) + 1e-6
    quiet = noise(4000, level=0.01)
    chain.reset()
    out = chain.process(quiet)
    assert np.allclose(out[:, chain.latency :], quiet[:, : -chain.latency], atol=1e-6)


def test_the_delay_repeats() -> None:
    chain = Chain([node("delay", time_ms=100.0, feedback=0.5, mix=0.5)], RATE)
    impulse = np.zeros((2, 20_000), np.float32)
    impulse[:, 0] = 1
    out = chain.process(impulse)
    assert np.flatnonzero(out[0]).tolist() == [0, 4800, 9600, 14_400, 19_200]
    assert out[0, [0, 4800, 9600, 14_400]] == pytest.approx([0.5, 0.5, 0.25, 0.125])


def test_a_dry_reverb_is_the_input() -> None:
    sound = noise(5000)
    assert np.allclose(Chain([node("reverb", mix=0.0)], RATE).process(sound), sound, atol=1e-6)


def test_gain_is_in_decibels() -> None:
    sound = noise(1000)
    assert np.allclose(Chain([node("gain", gain_db=-6.0)], RATE).process(sound), sound * 10 ** (-6 / 20), atol=1e-6)
