"""The kinds of effects an insert may be, as data: names, parameters, units, ranges. Nothing heavy is imported here.

Every kind here returns the same samples however its input is cut into blocks; the tests prove it for each.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

import msgspec

from ...document.project import Insert

Unit = Literal["dB", "Hz", "ms", ":1", "%", "st", ""]


class Parameter(msgspec.Struct, frozen=True):
    """A value of an effect, from `low` to `high`. `steep`: ears (and knobs) follow its logarithm."""

    name: str
    title: str
    unit: Unit
    low: float
    high: float
    default: float
    steep: bool = False

    def clamp(self, value: float) -> float:
        """The nearest allowed value; the default for what is not a number."""
        return self.default if math.isnan(value) else min(max(value, self.low), self.high)

    def between(self, start: float, end: float, way: float) -> float:
        """The value at `way` (0..1) of a smooth move."""
        if self.steep and start > 0 and end > 0:
            return float(start * (end / start) ** way)
        return start + (end - start) * way


class EffectKind(msgspec.Struct, frozen=True):
    """An effect by name. `lookahead`: it delays its output, which is measured and made up for.

    `may_mute`: it may rightly answer a loud input with silence, as a gate does.
    """

    name: str
    title: str
    parameters: tuple[Parameter, ...]
    lookahead: bool = False
    may_mute: bool = False


def _frequency(default: float, title: str = "Frequency") -> Parameter:
    return Parameter("frequency_hz", title, "Hz", 20.0, 20_000.0, default, True)


def _q(default: float = 0.7071) -> Parameter:
    return Parameter("q", "Q", "", 0.1, 18.0, default, True)


def _level(name: str, title: str, low: float, high: float, default: float) -> Parameter:
    return Parameter(name, title, "dB", low, high, default)


def _time(name: str, title: str, low: float, high: float, default: float) -> Parameter:
    return Parameter(name, title, "ms", low, high, default, True)


def _share(name: str, title: str, default: float, high: float = 1.0, low: float = 0.0) -> Parameter:
    return Parameter(name, title, "", low, high, default)


_BELL = (_frequency(1000.0), _level("gain_db", "Gain", -24.0, 24.0, 0.0), _q(1.0))
_SHELF = _level("gain_db", "Gain", -24.0, 24.0, 0.0)

KINDS: Mapping[str, EffectKind] = {
    kind.name: kind
    for kind in (
        EffectKind("gain", "Gain", (_level("gain_db", "Gain", -60.0, 24.0, 0.0),)),
        EffectKind("highpass", "High-pass", (_frequency(80.0), _q()), may_mute=True),
        EffectKind("lowpass", "Low-pass", (_frequency(12_000.0), _q()), may_mute=True),
        EffectKind("peak", "Bell", _BELL, may_mute=True),
        EffectKind("low_shelf", "Low shelf", (_frequency(120.0), _SHELF, _q()), may_mute=True),
        EffectKind("high_shelf", "High shelf", (_frequency(8000.0), _SHELF, _q()), may_mute=True),
        EffectKind(
            "compressor",
            "Compressor",
            (
                _level("threshold_db", "Threshold", -60.0, 0.0, -18.0),
                Parameter("ratio", "Ratio", ":1", 1.0, 20.0, 3.0, True),
                _time("attack_ms", "Attack", 0.1, 200.0, 8.0),
                _time("release_ms", "Release", 5.0, 2000.0, 120.0),
                _level("makeup_db", "Make-up", 0.0, 24.0, 0.0),
            ),
        ),
        EffectKind(
            "limiter",
            "Limiter",
            (_level("ceiling_db", "Ceiling", -24.0, 0.0, -1.0), _time("release_ms", "Release", 5.0, 1000.0, 80.0)),
            lookahead=True,
        ),
        EffectKind(
            "gate",
            "Noise gate",
            (
                _level("threshold_db", "Threshold", -100.0, 0.0, -50.0),
                Parameter("ratio", "Ratio", ":1", 1.0, 100.0, 10.0, True),
                _time("attack_ms", "Attack", 0.1, 200.0, 1.0),
                _time("release_ms", "Release", 5.0, 2000.0, 100.0),
            ),
            may_mute=True,
        ),
        EffectKind(
            "reverb",
            "Reverb",
            (
                _share("room_size", "Room", 0.5),
                _share("damping", "Damping", 0.5),
                _share("width", "Width", 1.0),
                _share("mix", "Mix", 0.3),
            ),
        ),
        EffectKind(
            "delay",
            "Delay",
            (
                _time("time_ms", "Time", 10.0, 2000.0, 375.0),
                _share("feedback", "Feedback", 0.35, 0.95),
                _share("mix", "Mix", 0.3),
            ),
            may_mute=True,
        ),
        EffectKind(
            "chorus",
            "Chorus",
            (
                Parameter("rate_hz", "Rate", "Hz", 0.05, 20.0, 1.0, True),
                _share("depth", "Depth", 0.25),
                _time("delay_ms", "Delay", 1.0, 50.0, 7.0),
                _share("feedback", "Feedback", 0.0, 0.95, -0.95),
                _share("mix", "Mix", 0.5),
            ),
        ),
        EffectKind(
            "phaser",
            "Phaser",
            (
                Parameter("rate_hz", "Rate", "Hz", 0.05, 20.0, 1.0, True),
                _share("depth", "Depth", 0.5),
                _frequency(1300.0, "Centre"),
                _share("feedback", "Feedback", 0.0, 0.95, -0.95),
                _share("mix", "Mix", 0.5),
            ),
        ),
        EffectKind("saturation", "Saturation", (_level("drive_db", "Drive", 0.0, 48.0, 12.0),)),
        EffectKind("clipping", "Clipping", (_level("threshold_db", "Threshold", -48.0, 0.0, -6.0),)),
    )
}


def values_of(insert: Insert) -> dict[str, float]:
    """The parameters of an insert of a known kind: the given ones within their ranges, defaults for the rest."""
    given = dict(insert.parameters)
    return {p.name: p.clamp(given.get(p.name, p.default)) for p in KINDS[insert.kind].parameters}
