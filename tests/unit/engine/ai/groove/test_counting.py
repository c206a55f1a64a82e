"""The baselines cost what counting says, and the figures say what they are named after."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from studio.engine.ai.groove.copying import Known
from studio.engine.ai.groove.counting import BASELINES, count, load_counts, save_counts
from studio.engine.ai.groove.hits import Hits, Performance, perform
from studio.engine.ai.groove.statistics import figures, likeness, swing, syncopation
from studio.errors import StudioError


def beat(bars: int = 8, loud: int = 100, late: float = 0.0) -> Performance:
    rows = [(bar * 16 + step + late, 36 if step % 8 == 0 else 38) for bar in range(bars) for step in (0, 4, 8, 12)]
    return perform([t for t, _ in rows], [p for _, p in rows], [loud] * len(rows))[0]


def hits(*rows: tuple[int, int, int, int]) -> Hits:
    columns = np.array(sorted(rows), np.int64).reshape(-1, 4)
    return Hits(*(columns[:, n] for n in range(4)))


def test_every_choice_alike_costs_the_logarithm_of_the_choices() -> None:
    performance = beat(8)
    bits = count([performance]).judge("uniform", [performance])[0]
    assert bits.step == pytest.approx((32 + 8) * math.log2(17)), "the lines at the ends of the bars are paid for"
    assert bits.lane == pytest.approx(32 * math.log2(12))
    assert bits.fine == pytest.approx(32 * math.log2(24)) and bits.velocity == pytest.approx(32 * 4)


def test_unigrams_cost_their_frequencies_mixed_with_the_unknown() -> None:
    performance = beat(8)
    bits = count([performance]).judge("unigram", [performance])[0]
    share = (16 + 2 / 12) / (32 + 2)
    assert bits.lane == pytest.approx(-32 * math.log2(share))


def test_longer_contexts_know_a_repeated_bar_better() -> None:
    performance = beat(16)
    counts = count([performance])
    totals = [counts.judge(name, [performance])[0].total for name in ("uniform", *BASELINES)]
    assert totals[0] > totals[1] > totals[2] and totals[3] < totals[1]


def test_counts_are_kept_and_read(tmp_path: Path) -> None:
    counts = count([beat(8), beat(3, 60, 0.2)])
    save_counts(counts, tmp_path / "counts.npz")
    found = load_counts(tmp_path / "counts.npz")
    for name in BASELINES:
        assert found.judge(name, [beat(5, 80)])[0] == counts.judge(name, [beat(5, 80)])[0]
    (tmp_path / "counts.npz").write_bytes(b"no counts at all")
    with pytest.raises(StudioError, match="does not hold the counts"):
        load_counts(tmp_path / "counts.npz")
    with pytest.raises(StudioError, match="no drum hits"):
        count([])


def test_syncopation_is_none_on_the_beat_and_more_off_it() -> None:
    on = hits(*((step, 0, 12, 10) for step in (0, 4, 8, 12)))
    off = hits(*((step, 0, 12, 10) for step in (0, 3, 6, 11)))
    assert syncopation(on, 1) == 0 < syncopation(off, 1)


def test_swing_is_where_the_second_eighth_falls() -> None:
    even = hits(*((step, 3, 12, 10) for step in range(0, 16, 2)))
    assert swing(even) == pytest.approx(50.0)
    late = hits(*((step, 3, 12 if step % 4 == 0 else 20, 10) for step in range(0, 16, 2)))
    assert swing(late) == pytest.approx(50 + 100 * 8 / 24 / 4)
    assert swing(hits((0, 0, 12, 10))) is None


def test_likeness_of_bars_is_what_they_share() -> None:
    assert likeness(hits((0, 0, 12, 9), (4, 1, 12, 9), (16, 0, 3, 1), (20, 1, 5, 2)), 2) == 1.0
    assert likeness(hits((0, 0, 12, 9), (4, 1, 12, 9), (16, 0, 12, 9), (21, 1, 12, 9)), 2) == pytest.approx(1 / 3)


def test_figures_are_means_of_stretches_and_silence_does_not_break_them() -> None:
    one = hits((0, 0, 12, 10), (4, 1, 14, 10), (16, 0, 12, 10), (20, 1, 14, 10))
    found = figures([(one, 2), (hits(), 2)])
    assert (found.stretches, found.hits, found.lanes["kick"], found.lanes["snare"]) == (1, 2.0, 1.0, 1.0)
    assert found.timing == pytest.approx(1 / 24 / 4, abs=1e-4) and found.dynamics == 0.0 and found.likeness == 1.0
    assert figures([]).hits == 0.0


def test_copies_are_found_and_what_is_new_is_not() -> None:
    def random(seed: int) -> Hits:
        rng = np.random.default_rng(seed)
        rows = {
            (int(step), int(lane)) for step, lane in zip(rng.integers(0, 64, 60), rng.integers(0, 12, 60), strict=True)
        }
        return hits(*((step, lane, 12, int(rng.integers(0, 16))) for step, lane in rows))

    trained = random(1)
    known = Known([trained, random(2)])
    copied = known.compare([trained.between(1, 3)])
    assert copied.same_places == copied.same_touch == 1.0 and copied.longest_run == trained.between(1, 3).count
    quieter = Hits(trained.steps, trained.lanes, trained.fines, (trained.velocities + 8) % 16)
    assert known.compare([quieter]).same_places == 1.0 and known.compare([quieter]).same_touch == 0.0
    new = known.compare([random(3)])
    assert new.same_places == 0.0 and new.longest_run <= 3
