"""Instruments of a known kind with other parameters. Only what differs from the preset is kept in the instrument."""

from __future__ import annotations

import math
from collections.abc import Mapping

from msgspec.structs import replace

from ....document.instruments import DRUM_BANK, Instrument
from ....errors import StudioError
from .plugins import plugin_kind
from .presets import KINDS, InstrumentKind, values_of


def kind_of(instrument: Instrument) -> InstrumentKind | None:
    """The kind of an instrument, None for one whose parameters are not known here. That of a plug-in is its own."""
    return KINDS.get(instrument.kind) or plugin_kind(instrument)


def make_instrument(kind: str, preset: str = "") -> Instrument:
    """An instrument of a known kind on one of its presets, the usual one where none is named.

    Raises StudioError where there is none of that name.
    """
    known = KINDS.get(kind)
    if known is None:
        raise StudioError(f"There is no instrument “{kind}”; choose one of {', '.join((*KINDS, 'soundfont'))}.")
    names = {name.casefold(): name for name in known.presets}
    found = names.get(preset.casefold(), "") if preset else next(iter(known.presets), "")
    if preset and not found:
        raise StudioError(f"{known.title} has no preset “{preset}”; choose one of {', '.join(known.presets)}.")
    return Instrument(kind, found, bank=DRUM_BANK if kind == "drums" else 0)


def preset_values(instrument: Instrument) -> dict[str, float]:
    """The parameters as the preset of an instrument has them. KeyError where its kind is not known."""
    return values_of(replace(instrument, parameters=()), _known(instrument))


def with_values(instrument: Instrument, values: Mapping[str, float]) -> Instrument:
    """The instrument with these parameters, within their ranges; choices become whole.

    Raises StudioError for a parameter that its kind does not have, and for what is not a number.
    """
    kind = _known(instrument)
    usual, now = preset_values(instrument), values_of(instrument, kind)
    for name, value in values.items():
        parameter = kind.parameter(name)
        if parameter is None:
            raise StudioError(f"{kind.title} has no parameter “{name}”; `studio instruments` lists them.")
        if math.isnan(value):
            raise StudioError(f"“{name}” must be a number from {parameter.low:g} to {parameter.high:g}.")
        inside = parameter.clamp(value)
        now[name] = float(round(inside)) if name in kind.choices else inside
    changed = [(name, value) for name, value in now.items() if value != usual[name]]
    kept = [(name, value) for name, value in instrument.parameters if kind.parameter(name) is None]
    return replace(instrument, parameters=tuple(sorted(changed + kept)))


def changed_names(instrument: Instrument) -> frozenset[str]:
    """The parameters that are not as the preset has them."""
    usual, now = preset_values(instrument), values_of(instrument, _known(instrument))
    return frozenset(name for name, value in now.items() if value != usual[name])


def _known(instrument: Instrument) -> InstrumentKind:
    kind = kind_of(instrument)
    if kind is None:
        raise KeyError(instrument.kind)
    return kind
