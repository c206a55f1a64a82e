"""The drum machine, measured."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mixes import RATE, even, rendering, stream
from playing import BEAT, centroid, cuts, heard, length, peak_db, pitch, played, song
from studio.document.instruments import Instrument
from studio.document.notes import Controller, Note
from studio.engine.audio.instruments import drums
from studio.engine.audio.instruments.drumsounds import DRUMS
from studio.engine.audio.instruments.making import make_synth
from studio.engine.audio.instruments.presets import KINDS, values_of
from studio.engine.audio.score import SILENT_SCORE

KITS = tuple(KINDS["drums"].presets)


def drum(number: int, kit: str = "808", velocity: int = 100, **values: float) -> np.ndarray:
    return heard(
        Instrument("drums", kit, parameters=tuple(sorted(values.items()))), Note("a", 0, 240, number, velocity)
    )


@pytest.mark.parametrize("kit", KITS)
def test_every_drum_of_every_kit_sounds_at_its_level_and_ends(kit: str) -> None:
    for number in range(35, 82):
        if number in DRUMS:
            sound = heard(Instrument("drums", kit), Note("a", 0, 240, number), seconds=4.0)
            assert -21 < peak_db(sound) < -9, number
            assert np.isfinite(sound).all()
            assert not sound[:, -RATE // 10 :].any(), number
    assert not heard(Instrument("drums", kit), Note("a", 0, 240, 20), Note("b", 0, 240, 100)).any()


def test_a_stroke_begins_at_the_frame_of_its_note() -> None:
    for number in (36, 38, 42, 49):
        sound = heard(Instrument("drums"), Note("a", 960, 240, number))
        first = int(np.flatnonzero(sound.any(0))[0])
        assert BEAT <= first <= BEAT + 2


def test_the_kick_is_tuned_and_glides() -> None:
    low, fifth = (drum(36, kick_tune=tune)[:, RATE // 8 : RATE] for tune in (0.0, 7.0))
    assert pitch(low) == pytest.approx(49.0, rel=0.01)
    assert pitch(fifth) / pitch(low) == pytest.approx(2 ** (7 / 12), rel=0.01)
    slow = drum(36, kick_glide=24.0, kick_glide_ms=200.0)
    assert pitch(slow[:, 2000:6000]) > 1.8 * pitch(slow[:, 40_000:60_000])


def test_decay_tone_and_level_are_heard() -> None:
    assert length(drum(36, kick_decay=0.5)) < 0.7 * length(drum(36))
    assert centroid(drum(38, snare_tone=0.9)) > 1.5 * centroid(drum(38, snare_tone=0.1))
    assert peak_db(drum(42)) - peak_db(drum(42, hat_level=-12.0)) == pytest.approx(12.0, abs=0.1)
    assert centroid(drum(42, "Lo-fi")) < 0.6 * centroid(drum(42))


def test_velocity_makes_louder_and_brighter() -> None:
    soft, hard = drum(38, velocity=30), drum(38, velocity=120)
    assert peak_db(hard) - peak_db(soft) > 12
    assert centroid(hard) > 1.1 * centroid(soft)


def test_a_closed_hat_silences_the_open_one_without_a_click() -> None:
    open_hat, closed = Note("a", 0, 240, 46), Note("b", 240, 240, 42)
    alone = heard(Instrument("drums"), open_hat)
    both = heard(Instrument("drums"), open_hat, closed)
    shut = heard(Instrument("drums"), closed)
    rest = both - shut
    at = BEAT // 4
    assert np.abs(alone[:, at + 500 : at + 4000]).max() > 0.01
    assert np.abs(rest[:, at + 500 :]).max() < 1e-6
    assert np.abs(rest[:, at : at + 384]).max() > 0.002
    assert np.abs(np.diff(rest[:, at - 1 : at + 500])).max() < 1.1 * np.abs(np.diff(alone[:, : at + 500])).max()


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    strokes=st.lists(st.tuples(st.integers(0, 3500), st.integers(35, 81), st.integers(1, 127)), max_size=90),
    kit=st.sampled_from(KITS),
    position=st.integers(0, 2 * BEAT),
    seed=st.integers(0, 99),
)
def test_any_split_gives_the_same_samples(
    strokes: list[tuple[int, int, int]], kit: str, position: int, seed: int
) -> None:
    notes = tuple(Note(f"n{at}", start, 60, number, force) for at, (start, number, force) in enumerate(strokes))
    controls = (Controller(800, 7, 60), Controller(1200, 10, 20), Controller(1900, 11, 90), Controller(2500, 123, 0))
    plan, blocks = song(notes, Instrument("drums", kit), controls), cuts(2 * RATE, seed)
    whole = played(plan, position, even(sum(blocks)))
    assert np.array_equal(played(plan, position, blocks), whole)
    with rendering(plan) as renderer:
        renderer.reset(0)
        stream(renderer, 0, even(30_000, 1024))
        renderer.reset(position)
        assert np.array_equal(stream(renderer, position, blocks), whole)


def test_values_are_the_instruments_own_then_the_presets_then_the_defaults_within_their_ranges() -> None:
    values = values_of(Instrument("drums", "909", parameters=(("kick_tune", 3.0), ("snare_tune", 900.0))))
    assert (values["kick_tune"], values["kick_model"], values["snare_tune"]) == (3.0, 1.0, 24.0)
    assert values_of(Instrument("drums", "gone")) == values_of(Instrument("drums", "808"))
    for kind in KINDS.values():
        names = {p.name: p for p in kind.parameters}
        for preset in kind.presets.values():
            assert all(names[name].clamp(value) == value for name, value in preset.items())


def test_every_knob_at_its_ends_gives_a_sound_and_no_notice() -> None:
    for parameter in KINDS["drums"].parameters:
        for value in (parameter.low, parameter.high):
            for number in (36, 38, 39, 42, 45, 49, 56):
                if parameter.name.startswith(DRUMS[number].group) or parameter.name == "crush":
                    sound = drum(number, **{parameter.name: value})
                    assert np.isfinite(sound).all()
                    assert np.abs(sound).max() < 1.2
    synth = make_synth(Instrument("drums"), RATE)
    assert synth.notice == ""
    assert not synth.active
    assert not synth.play(SILENT_SCORE, 0, 100).any()


def test_a_score_is_prepared_so_that_nothing_is_made_while_it_plays(monkeypatch: pytest.MonkeyPatch) -> None:
    notes = tuple(Note(f"n{at}", 97 * at, 60, 35 + at % 47) for at in range(200))
    plan = song(notes, Instrument("drums", "909", parameters=(("tom_tune", 3.25),)))
    with rendering(plan) as renderer:
        stroke = drums.stroke
        before = stroke.cache_info().misses
        assert stream(renderer, 0, even(12 * BEAT)).any()
        assert stroke.cache_info().misses == before
