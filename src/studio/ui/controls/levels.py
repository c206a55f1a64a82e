"""Decibels as faders and meters show them: conversions, scales, texts."""

from __future__ import annotations

import math
from bisect import bisect_right

TOP = 12.0
"""The highest setting of a fader, in dB."""

FLOOR = -80.0
"""At and below this many dB a fader is silent."""

_TAPER_DB = (FLOOR, -60.0, -40.0, -30.0, -20.0, -10.0, -5.0, 0.0, 6.0, TOP)
_TAPER_AT = (0.0, 0.05, 0.16, 0.25, 0.375, 0.55, 0.66, 0.78, 0.9, 1.0)
_METER_DB = (-70.0, -60.0, -50.0, -40.0, -30.0, -20.0, 6.0)
_METER_AT = tuple(percent / 115 for percent in (0.0, 2.5, 7.5, 15.0, 30.0, 50.0, 115.0))
_SILENT_WORDS = {"-inf", "inf", "-∞", "∞", "-infinity", "off"}


def decibels(gain: float) -> float:
    """The level of a linear gain in dB; minus infinity for silence."""
    return 20 * math.log10(gain) if gain > 0 else -math.inf


def gain_of(level: float) -> float:
    """The linear gain of a level in dB; 0.0 at and below `FLOOR`."""
    return 10 ** (level / 20) if level > FLOOR else 0.0


def _between(value: float, source: tuple[float, ...], target: tuple[float, ...]) -> float:
    if value <= source[0]:
        return target[0]
    if value >= source[-1]:
        return target[-1]
    n = bisect_right(source, value) - 1
    return target[n] + (value - source[n]) / (source[n + 1] - source[n]) * (target[n + 1] - target[n])


def fader_position(level: float) -> float:
    """Where on its way a fader stands for a level in dB: 0 at the bottom (silence), 1 at the top."""
    return _between(level, _TAPER_DB, _TAPER_AT)


def fader_level(position: float) -> float:
    """The level in dB at a position 0..1: the inverse of `fader_position`."""
    return _between(position, _TAPER_AT, _TAPER_DB)


def meter_position(gain: float) -> float:
    """How much of a peak meter is lit, 0..1, for a linear peak: scale of IEC 60268-18 with 6 dB above full scale."""
    return _between(20 * math.log10(gain), _METER_DB, _METER_AT) if gain > 0.0003 else 0.0


def level_text(level: float) -> str:
    """A level as people read it: "-6.0", "+1.5", "-∞", with a true minus sign."""
    if level <= FLOOR:
        return "−∞"
    rounded = round(level, 1) + 0.0
    return (f"{rounded:+.1f}" if rounded else "0.0").replace("-", "−")


def parse_level(text: str) -> float | None:
    """The level in dB that a person typed ("-6", "+1,5 dB", "-inf"), at most `TOP`; None if it is not one."""
    plain = text.strip().lower().replace("−", "-").replace(",", ".").removesuffix("db").strip()
    if plain in _SILENT_WORDS:
        return -math.inf
    try:
        level = float(plain)
    except ValueError:
        return None
    return min(level, TOP) if not math.isnan(level) else None


def pan_text(pan: float) -> str:
    """A pan as people read it: "C", "L30", "R100"."""
    percent = round(abs(pan) * 100)
    return f"{'L' if pan < 0 else 'R'}{percent}" if percent else "C"


def parse_pan(text: str) -> float | None:
    """The pan -1..1 that a person typed ("C", "L30", "30R", "-30"); None if it is not one."""
    plain = text.strip().upper().replace("−", "-").removesuffix("%")
    if plain in {"C", "CENTRE", "CENTER", ""}:
        return 0.0 if plain else None
    side = -1 if "L" in plain else 1
    try:
        percent = float(plain.strip("LR "))
    except ValueError:
        return None
    return max(-1.0, min(1.0, side * percent / 100)) if not math.isnan(percent) else None
