"""The kinds of instruments that the studio synthesises itself, as data: parameters, units, ranges, presets.

Nothing heavy is imported here. An editor can be made from what stands here.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ....document.instruments import Instrument
from ..effects import Parameter

Values = Mapping[str, float]


class Group(msgspec.Struct, frozen=True):
    """Parameters that belong together, by name. `pitch` is a key that they are heard on, -1 where any will do."""

    title: str
    parameters: tuple[str, ...]
    pitch: int = -1


class InstrumentKind(msgspec.Struct, frozen=True):
    """An instrument by name. A preset says what differs from the defaults; the first one is the usual one.

    `groups` is how an editor arranges the parameters; those that no group names stand in one of their own. A parameter
    in `choices` takes whole values only: `low` is the first of these names, and so on.
    """

    name: str
    title: str
    parameters: tuple[Parameter, ...]
    presets: Mapping[str, Values]
    groups: tuple[Group, ...] = ()
    choices: Mapping[str, tuple[str, ...]] = {}

    def parameter(self, name: str) -> Parameter | None:
        """The parameter of this name."""
        return next((parameter for parameter in self.parameters if parameter.name == name), None)


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

_DRUM_KEYS = {"kick": 36, "snare": 38, "clap": 39, "hat": 42, "tom": 45, "cymbal": 49, "perc": 56}
_DRUM_MODELS = ("808", "909", "Acoustic")


def _drum_group(group: str) -> Group:
    own = {"kick": ("kick_model", "kick_glide", "kick_glide_ms"), "snare": ("snare_model",)}.get(group, ())
    common = tuple(f"{group}_{what}" for what in ("tune", "decay", "tone", "level"))
    return Group(DRUM_GROUPS[group], (*own, *common), _DRUM_KEYS[group])


DRUMS = InstrumentKind(
    "drums",
    "Drum machine",
    (
        Parameter("kick_model", "Kick: model", "", 0.0, 2.0, 0.0),
        Parameter("kick_glide", "Kick: glide", "st", 0.0, 48.0, 18.0),
        Parameter("kick_glide_ms", "Kick: glide time", "ms", 5.0, 500.0, 30.0, True),
        Parameter("snare_model", "Snare: model", "", 0.0, 2.0, 0.0),
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
    (*(_drum_group(group) for group in DRUM_GROUPS), Group("All drums", ("crush",))),
    {"kick_model": _DRUM_MODELS, "snare_model": _DRUM_MODELS},
)


def _time(name: str, title: str, default: float, low: float = 1.0, high: float = 10_000.0) -> Parameter:
    return Parameter(f"{name}_ms", title, "ms", low, high, default, True)


def _operators(n: int) -> tuple[Parameter, ...]:
    return (
        _share(f"fm{n}_level", f"FM {n}: level", 0.0),
        Parameter(f"fm{n}_ratio", f"FM {n}: ratio", ":1", 0.25, 16.0, 1.0, True),
        Parameter(f"fm{n}_index", f"FM {n}: index", "", 0.0, 12.0, 2.0),
        _time(f"fm{n}_decay", f"FM {n}: decay", 1000.0),
    )


_OPERATOR = ("level", "ratio", "index", "decay_ms")

SYNTH = InstrumentKind(
    "synth",
    "Synthesiser",
    (
        _share("saw", "Saw", 1.0),
        _share("square", "Square", 0.0),
        _share("triangle", "Triangle", 0.0),
        _share("sub", "Sub", 0.0),
        _share("sine_1", "Sine 8'", 0.0),
        _share("sine_2", "Sine 4'", 0.0),
        _share("sine_3", "Sine 2 2/3'", 0.0),
        _share("sine_4", "Sine 2'", 0.0),
        Parameter("unison", "Unison", "", 1.0, 7.0, 1.0),
        Parameter("detune", "Detune", "st", 0.0, 1.0, 0.1),
        _share("spread", "Spread", 0.7),
        Parameter("cutoff_hz", "Cutoff", "Hz", 20.0, 20_000.0, 20_000.0, True),
        _share("resonance", "Resonance", 0.0),
        _share("key_track", "Filter: keys", 0.5),
        Parameter("velocity_cutoff", "Filter: velocity", "st", 0.0, 60.0, 0.0),
        Parameter("filter_env", "Filter: envelope", "st", -96.0, 96.0, 0.0),
        _time("filter_attack", "Filter: attack", 1.0),
        _time("filter_decay", "Filter: decay", 500.0),
        _share("filter_sustain", "Filter: sustain", 0.0),
        _time("attack", "Attack", 3.0),
        _time("decay", "Decay", 500.0),
        _share("sustain", "Sustain", 1.0),
        _time("release", "Release", 150.0, 5.0),
        *(parameter for n in (1, 2) for parameter in _operators(n)),
        Parameter("mono", "One voice", "", 0.0, 1.0, 0.0),
        Parameter("glide_ms", "Glide", "ms", 0.0, 2000.0, 0.0),
        Parameter("bend", "Bend", "st", 0.0, 24.0, 2.0),
        Parameter("vibrato", "Vibrato: depth", "st", 0.0, 2.0, 0.5),
        Parameter("vibrato_hz", "Vibrato: speed", "Hz", 0.1, 12.0, 5.5),
        _level("level_db", "Level"),
    ),
    {
        "Bass": {
            "square": 0.4,
            "sub": 0.5,
            "cutoff_hz": 260.0,
            "resonance": 0.3,
            "filter_env": 30.0,
            "filter_decay_ms": 350.0,
            "velocity_cutoff": 18.0,
            "decay_ms": 900.0,
            "sustain": 0.7,
            "release_ms": 90.0,
            "level_db": 3.2,
        },
        "Sub bass": {
            "saw": 0.0,
            "sine_1": 1.0,
            "sine_2": 0.12,
            "sine_3": 0.05,
            "attack_ms": 6.0,
            "release_ms": 120.0,
            "mono": 1.0,
            "glide_ms": 60.0,
        },
        "Lead": {
            "square": 0.3,
            "unison": 3.0,
            "detune": 0.09,
            "spread": 0.5,
            "cutoff_hz": 2600.0,
            "resonance": 0.25,
            "filter_env": 14.0,
            "filter_sustain": 0.5,
            "velocity_cutoff": 12.0,
            "attack_ms": 6.0,
            "sustain": 0.85,
            "release_ms": 180.0,
            "mono": 1.0,
            "glide_ms": 70.0,
        },
        "Pad": {
            "unison": 3.0,
            "detune": 0.18,
            "spread": 1.0,
            "cutoff_hz": 900.0,
            "resonance": 0.1,
            "filter_env": 16.0,
            "filter_attack_ms": 1500.0,
            "filter_decay_ms": 3000.0,
            "filter_sustain": 0.6,
            "attack_ms": 450.0,
            "decay_ms": 2000.0,
            "sustain": 0.85,
            "release_ms": 1400.0,
            "level_db": 0.8,
        },
        "Pluck": {
            "square": 0.3,
            "unison": 2.0,
            "detune": 0.06,
            "cutoff_hz": 400.0,
            "resonance": 0.25,
            "filter_env": 48.0,
            "filter_decay_ms": 280.0,
            "velocity_cutoff": 18.0,
            "decay_ms": 900.0,
            "sustain": 0.0,
            "release_ms": 250.0,
            "level_db": 2.0,
        },
        "Keys": {
            "saw": 0.35,
            "triangle": 1.0,
            "cutoff_hz": 1400.0,
            "filter_env": 24.0,
            "filter_decay_ms": 900.0,
            "velocity_cutoff": 24.0,
            "decay_ms": 3500.0,
            "sustain": 0.0,
            "release_ms": 220.0,
        },
        "E-piano": {
            "saw": 0.0,
            "fm1_level": 0.8,
            "fm1_ratio": 1.0,
            "fm1_index": 1.4,
            "fm1_decay_ms": 2200.0,
            "fm2_level": 0.25,
            "fm2_ratio": 14.0,
            "fm2_index": 1.2,
            "fm2_decay_ms": 320.0,
            "attack_ms": 2.0,
            "decay_ms": 4500.0,
            "sustain": 0.0,
            "release_ms": 250.0,
        },
        "Bell": {
            "saw": 0.0,
            "fm1_level": 0.7,
            "fm1_ratio": 3.5,
            "fm1_index": 3.0,
            "fm1_decay_ms": 3500.0,
            "fm2_level": 0.3,
            "fm2_ratio": 1.41,
            "fm2_index": 2.0,
            "fm2_decay_ms": 1500.0,
            "attack_ms": 1.0,
            "decay_ms": 5000.0,
            "sustain": 0.0,
            "release_ms": 1500.0,
        },
        "Organ": {
            "saw": 0.0,
            "sub": 0.6,
            "sine_1": 1.0,
            "sine_2": 0.7,
            "sine_3": 0.6,
            "sine_4": 0.35,
            "attack_ms": 4.0,
            "release_ms": 40.0,
            "vibrato": 0.25,
            "vibrato_hz": 6.7,
        },
        "Brass": {
            "unison": 2.0,
            "detune": 0.07,
            "spread": 0.6,
            "cutoff_hz": 700.0,
            "resonance": 0.15,
            "filter_env": 26.0,
            "filter_attack_ms": 60.0,
            "filter_decay_ms": 700.0,
            "filter_sustain": 0.6,
            "velocity_cutoff": 24.0,
            "attack_ms": 35.0,
            "decay_ms": 400.0,
            "sustain": 0.85,
            "release_ms": 140.0,
            "level_db": 1.3,
        },
    },
    (
        Group("Oscillators", ("saw", "square", "triangle", "sub", "sine_1", "sine_2", "sine_3", "sine_4")),
        Group("Unison", ("unison", "detune", "spread")),
        Group("Filter", ("cutoff_hz", "resonance", "key_track", "velocity_cutoff", "filter_env")),
        Group("Filter envelope", ("filter_attack_ms", "filter_decay_ms", "filter_sustain")),
        Group("Envelope", ("attack_ms", "decay_ms", "sustain", "release_ms")),
        *(Group(f"FM {n}", tuple(f"fm{n}_{what}" for what in _OPERATOR)) for n in (1, 2)),
        Group("Voice", ("mono", "glide_ms", "bend", "level_db")),
        Group("Vibrato", ("vibrato", "vibrato_hz")),
    ),
    {"unison": tuple("1234567"), "mono": ("Off", "On")},
)

SAMPLER = InstrumentKind(
    "sampler",
    "Sampler",
    (
        _time("attack", "Attack", 0.1, 0.1),
        _time("decay", "Decay", 500.0),
        _share("sustain", "Sustain", 1.0),
        _time("release", "Release", 60.0),
        _tune("tune", "Tune"),
        Parameter("bend", "Bend range", "st", 0.0, 24.0, 2.0),
        _share("velocity", "Velocity", 1.0),
        Parameter("voices", "Voices", "", 1.0, 64.0, 32.0),
        _level("level_db", "Level"),
    ),
    {
        "Sampler": {},
        "Soft sampler": {"attack_ms": 120.0, "release_ms": 900.0},
        "Short sampler": {"decay_ms": 180.0, "sustain": 0.0, "release_ms": 90.0},
    },
    (
        Group("Envelope", ("attack_ms", "decay_ms", "sustain", "release_ms")),
        Group("Voice", ("tune", "bend", "velocity", "voices", "level_db")),
    ),
    {"voices": tuple(str(count) for count in range(1, 65))},
)

KINDS: Mapping[str, InstrumentKind] = {kind.name: kind for kind in (DRUMS, SYNTH, SAMPLER)}


def values_of(instrument: Instrument, kind: InstrumentKind | None = None) -> dict[str, float]:
    """The parameters of an instrument of a known kind: its own ones within their ranges, else those of its preset,
    else defaults. A preset that is not known is the usual one. `kind` is given for one that is not in KINDS."""
    kind = kind or KINDS[instrument.kind]
    usual = next(iter(kind.presets.values()))
    given = {**kind.presets.get(instrument.preset, usual), **dict(instrument.parameters)}
    return {p.name: p.clamp(given.get(p.name, p.default)) for p in kind.parameters}
