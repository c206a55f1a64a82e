"""The kinds of instruments that the studio synthesises itself, as data: parameters, units, ranges, presets.

Nothing heavy is imported here. An editor can be made from what stands here.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ....document.instruments import Instrument
from ..effects import Parameter

Values = Mapping[str, float]


class InstrumentKind(msgspec.Struct, frozen=True):
    """An instrument by name. A preset says what differs from the defaults; the first one is the usual one."""

    name: str
    title: str
    parameters: tuple[Parameter, ...]
    presets: Mapping[str, Values]


def _tune(name: str, title: str) -> Parameter:
    return Parameter(name, title, "st", -24.0, 24.0, 0.0)


def _level(name: str, title: str) -> Parameter:
    return Parameter(name, title, "dB", -48.0, 12.0, 0.0)


def _decay(name: str, title: str) -> Parameter:
    return Parameter(name, title, "", 0.1, 4.0, 1.0, True)


def _share(name: str, title: str, default: float) -> Parameter:
    return Parameter(name, title, "", 0.0, 1.0, default)


def _drum(group: str, title: str) -> tuple[Parameter, ...]:
    return (
        _tune(f"{group}_tune", f"{title}: tune"),
        _decay(f"{group}_decay", f"{title}: decay"),
        _share(f"{group}_tone", f"{title}: tone", 0.5),
        _level(f"{group}_level", f"{title}: level"),
    )


DRUM_GROUPS = {
    "kick": "Kick",
    "snare": "Snare",
    "clap": "Clap",
    "hat": "Hi-hat",
    "tom": "Toms",
    "cymbal": "Cymbals",
    "perc": "Percussion",
}

DRUMS = InstrumentKind(
    "drums",
    "Drum machine",
    (
        Parameter("kick_model", "Kick: model (808, 909, acoustic)", "", 0.0, 2.0, 0.0),
        Parameter("kick_glide", "Kick: glide", "st", 0.0, 48.0, 18.0),
        Parameter("kick_glide_ms", "Kick: glide time", "ms", 5.0, 500.0, 30.0, True),
        Parameter("snare_model", "Snare: model (808, 909, acoustic)", "", 0.0, 2.0, 0.0),
        *(parameter for group, title in DRUM_GROUPS.items() for parameter in _drum(group, title)),
        _share("crush", "Crush", 0.0),
    ),
    {
        "808": {},
        "909": {
            "kick_model": 1.0,
            "kick_glide": 30.0,
            "kick_glide_ms": 22.0,
            "kick_decay": 0.9,
            "snare_model": 1.0,
            "snare_tone": 0.6,
            "hat_tone": 0.7,
            "hat_decay": 0.9,
        },
        "Acoustic": {
            "kick_model": 2.0,
            "kick_glide": 7.0,
            "kick_glide_ms": 18.0,
            "snare_model": 2.0,
            "hat_tone": 0.35,
            "hat_decay": 1.2,
            "tom_tone": 0.7,
            "cymbal_decay": 1.2,
        },
        "Lo-fi": {
            "kick_model": 2.0,
            "kick_glide": 10.0,
            "kick_tone": 0.25,
            "snare_model": 2.0,
            "snare_tone": 0.35,
            "snare_decay": 0.8,
            "hat_tone": 0.1,
            "hat_decay": 0.7,
            "cymbal_tone": 0.2,
            "perc_tone": 0.3,
            "crush": 0.5,
        },
    },
)

KINDS: Mapping[str, InstrumentKind] = {kind.name: kind for kind in (DRUMS,)}


def values_of(instrument: Instrument) -> dict[str, float]:
    """The parameters of an instrument of a known kind: its own ones within their ranges, else those of its preset,
    else defaults. A preset that is not known is the usual one."""
    kind = KINDS[instrument.kind]
    usual = next(iter(kind.presets.values()))
    given = {**kind.presets.get(instrument.preset, usual), **dict(instrument.parameters)}
    return {p.name: p.clamp(given.get(p.name, p.default)) for p in kind.parameters}
