"""Instruments with other parameters than their presets have."""

from __future__ import annotations

import math

import pytest

from studio.document.instruments import DRUM_BANK, Instrument
from studio.engine.audio.instruments.changing import changed_names, make_instrument, with_values
from studio.engine.audio.instruments.presets import KINDS, values_of
from studio.errors import StudioError


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_groups_and_choices_name_parameters_that_exist(kind) -> None:
    grouped = [name for group in kind.groups for name in group.parameters]
    assert len(grouped) == len(set(grouped))
    if kind.groups:
        assert set(grouped) == {parameter.name for parameter in kind.parameters}
    for name, names in kind.choices.items():
        parameter = kind.parameter(name)
        assert parameter.high - parameter.low == len(names) - 1


def test_only_what_differs_from_the_preset_is_kept() -> None:
    lead = make_instrument("synth", "lead")
    assert lead == Instrument("synth", "Lead")
    usual = values_of(lead)["cutoff_hz"]
    changed = with_values(lead, {"cutoff_hz": 900.0, "resonance": 0.25})
    assert changed.parameters == (("cutoff_hz", 900.0),)
    assert changed_names(changed) == {"cutoff_hz"}
    assert values_of(changed)["cutoff_hz"] == 900.0
    assert with_values(changed, {"cutoff_hz": usual}) == lead


def test_values_stay_in_their_ranges_and_choices_are_whole() -> None:
    kit = make_instrument("drums")
    assert (kit.preset, kit.bank) == ("808", DRUM_BANK)
    changed = with_values(kit, {"kick_model": 1.4, "kick_tune": 99.0, "crush": -math.inf})
    assert dict(changed.parameters) == {"kick_model": 1.0, "kick_tune": 24.0}


def test_what_does_not_exist_is_refused_with_a_sentence() -> None:
    with pytest.raises(StudioError, match="no instrument “tuba”; choose one of"):
        make_instrument("tuba")
    with pytest.raises(StudioError, match="no preset “Tuba”; choose one of Bass"):
        make_instrument("synth", "Tuba")
    with pytest.raises(StudioError, match="no parameter “wobble”"):
        with_values(make_instrument("synth"), {"wobble": 1.0})
    with pytest.raises(StudioError, match="must be a number from 20 to 20000"):
        with_values(make_instrument("synth"), {"cutoff_hz": math.nan})
