"""Parameters with their units as people read and type them, and where they stand on a knob."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...engine.audio.effects import Parameter

_UNITS = ("khz", "hz", "ms", "db", "st", ":1", "%", "s", "k")


def is_share(parameter: Parameter) -> bool:
    """Whether a parameter is a part of a whole, shown in percent."""
    return not parameter.unit and (parameter.low, parameter.high) == (0.0, 1.0)


def quantity_text(parameter: Parameter, value: float) -> str:
    """A value with its unit: "2.60 kHz", "350 ms", "+3.0 dB", "40 %"."""
    if is_share(parameter):
        return f"{value * 100:.0f} %"
    match parameter.unit:
        case "Hz" | "ms":
            text = _large(value, *(("kHz", "Hz") if parameter.unit == "Hz" else ("s", "ms")))
        case "dB" | "st":
            sign = "+" if parameter.low < 0 < round(value, 1) else ""
            digits = 2 if parameter.high - parameter.low <= 2 else 1
            text = f"{sign}{round(value, digits) + 0.0:g} {parameter.unit}"
        case "%":
            text = f"{value:.0f} %"
        case "%":
            text = f"{value:.0f} %"
        case ":1":
            text = f"{value:.2f}:1"
        case unit:
            text = f"{value:.2f} {unit}".strip()
    return text.replace("-", "−")


def _large(value: float, thousands: str, ones: str) -> str:
    if value >= 1000:
        return f"{value / 1000:.2f} {thousands}"
    return f"{value:.0f} {ones}" if value >= 20 else f"{value:.1f} {ones}"


def parse_quantity(parameter: Parameter, text: str) -> float | None:
    """The value of typed text, with or without a unit, within the range; None if it is not a number."""
    plain = text.strip().lower().replace("−", "-").replace(",", ".")
    unit = next((unit for unit in _UNITS if plain.endswith(unit)), "")
    try:
        value = float(plain.removesuffix(unit).strip())
    except ValueError:
        return None
    if math.isnan(value):
        return None
    if is_share(parameter):
        value /= 100
    elif (parameter.unit == "Hz" and unit in {"khz", "k"}) or (parameter.unit == "ms" and unit == "s"):
        value *= 1000
    return parameter.clamp(value)


def way_of(parameter: Parameter, value: float) -> float:
    """Where a value stands on its way, 0 to 1."""
    low, high = parameter.low, parameter.high
    if parameter.steep and low > 0:
        return math.log(max(value, low) / low) / math.log(high / low)
    return (value - low) / (high - low)


def value_on(parameter: Parameter, way: float) -> float:
    """The value at a place 0 to 1 of its way, rounded to what people would choose."""
    value = parameter.between(parameter.low, parameter.high, way)
    return parameter.clamp(float(f"{value:.3g}"))
