"""How each drum sounds: functions from a few knobs to a body and what a harder stroke adds to it.

All of them return two float64 arrays of one length at the rate of the knobs, the body and the bright part.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from ....document.general_midi import BESIDE
from ..biquad import Section, highpass, lowpass
from ..sosfilt import sosfilt
from .presets import Values

Sound = npt.NDArray[np.float64]
Sounds = tuple[Sound, Sound]

METAL = (205.3, 304.4, 369.6, 522.7, 540.0, 800.0)
"""Frequencies of the six square waves of the TR-808's cymbals, in Hz."""

SILENCE_DB = 66.0
"""Sounds end when they have fallen by this."""


class Knobs(msgspec.Struct):
    """What a drum is made with. `tune`: factor of frequencies; `decay`: factor of times; `tone`: 0 dull to 1 bright."""

    rate: int
    random: np.random.Generator
    values: Values
    tune: float
    decay: float
    tone: float

    def time(self, seconds: float) -> Sound:
        """Seconds since the stroke, until a decay by 60 dB in `seconds` has come to silence."""
        return np.arange(int(seconds * self.decay * SILENCE_DB / 60 * self.rate) + 64) / self.rate

    def fall(self, t: Sound, seconds: float) -> Sound:
        """An envelope that falls by 60 dB in so many seconds, times `decay`."""
        return np.exp(t * (-math.log(1000) / (seconds * self.decay)))

    def noise(self, like: Sound) -> Sound:
        """White noise with a standard deviation of 0.3."""
        return self.random.standard_normal(len(like)) * 0.3

    def filtered(self, sound: Sound, *sections: Section) -> Sound:
        """A sound through second-order sections."""
        out = np.ascontiguousarray(sound)[None].copy()
        sosfilt(np.stack(sections), out, np.zeros((1, len(sections), 2)))
        return np.asarray(out[0])

    def band(self, sound: Sound, low: float, high: float, q: float = 0.7071) -> Sound:
        """A sound between two frequencies in Hz."""
        top = self.rate * 0.45
        return self.filtered(sound, highpass(min(low, top), q, self.rate), lowpass(min(high, top), 0.7071, self.rate))

    def glide(self, t: Sound, frequency: float, semitones: float, seconds: float) -> Sound:
        """A sine that comes down to `frequency` (Hz) from so many semitones above."""
        at = frequency * self.tune * 2 ** (semitones / 12 * np.exp(-t / seconds))
        return np.asarray(np.sin(2 * math.pi * (np.cumsum(at) - at[0]) / self.rate))

    def click(self, t: Sound, seconds: float) -> Sound:
        """A short burst of noise."""
        return self.noise(t) * np.exp(-t / seconds)


def kick(k: Knobs, low: float = 1.0) -> Sounds:
    """A bass drum of the chosen model."""
    model = round(k.values["kick_model"])
    semitones, seconds = k.values["kick_glide"], k.values["kick_glide_ms"] / 1000
    frequency, length, drive = ((49.0, 1.1, 1.2), (52.0, 0.55, 2.2), (58.0, 0.38, 1.5))[model]
    t = k.time(length)
    body = k.glide(t, frequency * low, semitones, seconds) * k.fall(t, length)
    if model == 2:
        body += 0.35 * k.glide(t, frequency * low * 1.59, semitones, seconds) * k.fall(t, length * 0.5)
    body = np.tanh(body * (drive + k.tone)) / math.tanh(drive + k.tone)
    cut = (2500.0, 8000.0, 4500.0)[model] * 2 ** (2 * k.tone - 1)
    click = k.filtered(k.click(t, 0.003), lowpass(min(cut, 0.45 * k.rate), 0.7071, k.rate))
    return body, click * (0.25 + 1.5 * k.tone)


def snare(k: Knobs, low: float = 1.0) -> Sounds:
    """A snare drum of the chosen model."""
    model = round(k.values["snare_model"])
    first, second, length, wires = ((185.0, 330.0, 0.22, 0.20), (200.0, 355.0, 0.20, 0.28), (175.0, 310.0, 0.3, 0.4))[
        model
    ]
    t = k.time(max(length, wires))
    body = k.glide(t, first * low, (3.0, 8.0, 4.0)[model], 0.012) * k.fall(t, length)
    body += 0.6 * k.glide(t, second * low, 2.0, 0.01) * k.fall(t, length * 0.7)
    noise = k.band(k.noise(t), 900.0 + 1200.0 * k.tone, 7000.0 + 5000.0 * k.tone) * k.fall(t, wires)
    if model == 2:
        noise += 0.5 * k.band(k.noise(t), 300.0, 1800.0) * k.fall(t, wires * 0.5)
    return body * (1.0 - 0.6 * k.tone) + noise * 0.5, noise * (0.5 + k.tone) + k.click(t, 0.002) * k.tone


def rim(k: Knobs) -> Sounds:
    """A stroke on the rim, or side stick."""
    t = k.time(0.09)
    body = k.glide(t, 455.0, 2.0, 0.004) * k.fall(t, 0.07) + k.glide(t, 1667.0, 1.0, 0.004) * k.fall(t, 0.05)
    return body, k.band(k.click(t, 0.004), 1500.0, 9000.0)


def clap(k: Knobs) -> Sounds:
    """Hands: three bursts and a tail."""
    t = k.time(0.32)
    shape = 0.5 * k.fall(t, 0.3) * (t >= 0.030)
    for start in (0.0, 0.011, 0.021, 0.030):
        shape += np.where(t >= start, np.exp(-np.maximum(t - start, 0.0) / 0.0045), 0.0)
    noise = k.noise(t)
    centre = 1100.0 * k.tune
    dull = k.band(noise, centre * 0.75, centre * 1.6, 1.5) * shape
    return dull, k.band(noise, centre * 1.5, 9000.0) * shape * (0.2 + 0.8 * k.tone)


def metal(k: Knobs, t: Sound, ratio: float = 1.0) -> Sound:
    """Six square waves that do not go together."""
    steps = np.zeros_like(t)
    for frequency in METAL:
        steps += np.sign(np.sin(2 * math.pi * frequency * ratio * k.tune * t + 0.1))
    return steps / len(METAL)


def hat(k: Knobs, seconds: float) -> Sounds:
    """A hi-hat, closed or open."""
    t = k.time(seconds)
    mixed = metal(k, t, 1.5) * 0.7 + k.noise(t) * 0.9
    fall = k.fall(t, seconds)
    dull = k.band(mixed, 5500.0 + 2500.0 * k.tone, 9000.0 + 8000.0 * k.tone) * fall
    return dull, k.band(mixed, 8500.0, 18_000.0) * fall * (0.3 + k.tone)


def cymbal(k: Knobs, seconds: float, low: float, ring: float = 0.0, ratio: float = 1.0) -> Sounds:
    """Crash, ride, splash: `low` (Hz) bounds it below, `ring` is how much of a bell there is."""
    t = k.time(seconds)
    fall = 0.65 * k.fall(t, seconds) + 0.35 * k.fall(t, seconds * 0.25)
    mixed = metal(k, t, ratio) * 0.5 + k.noise(t)
    body = k.band(mixed, low, 6000.0 + 9000.0 * k.tone) * fall
    for partial, amount in ((1.0, 1.0), (1.483, 0.7), (2.31, 0.6), (3.87, 0.4)):
        body += ring * 0.25 * amount * k.glide(t, 621.0 * ratio * partial, 0.0, 1.0) * k.fall(t, seconds * 0.6)
    return body, k.band(mixed, 6500.0, 17_000.0) * k.fall(t, seconds * 0.5) * (0.3 + 0.7 * k.tone)


def skin(k: Knobs, frequency: float, seconds: float, slide: float = 4.0, breath: float = 0.15) -> Sounds:
    """Toms, congas, bongos, timbales: a skin of `frequency` (Hz)."""
    t = k.time(seconds)
    body = k.glide(t, frequency, slide, 0.03) * k.fall(t, seconds)
    body += 0.3 * k.glide(t, frequency * 1.59, slide, 0.02) * k.fall(t, seconds * 0.4)
    body += k.band(k.noise(t), 200.0, 2000.0 + 4000.0 * k.tone) * k.fall(t, seconds * 0.25) * breath
    return body, k.band(k.click(t, 0.004), 600.0, 3000.0 + 6000.0 * k.tone) * (0.2 + 0.8 * k.tone)


def bars(k: Knobs, frequencies: tuple[float, ...], seconds: float, square: float = 0.0) -> Sounds:
    """Cowbell, agogo, clave, wood block, triangle: partials of these frequencies in Hz; `square`: edge to them."""
    t = k.time(seconds)
    body = np.zeros_like(t)
    for at, frequency in enumerate(frequencies):
        tone = k.glide(t, frequency, 0.0, 1.0)
        if square:
            tone = np.tanh(tone * (1 + 6 * square))
        body += tone * k.fall(t, seconds / (1 + 0.3 * at)) / (1 + 0.5 * at)
    if square:
        body = k.band(body, frequencies[0] * k.tune * 0.7, frequencies[-1] * k.tune * 6)
    return body, k.band(k.click(t, 0.003), 2000.0, 12_000.0) * k.tone


def shaken(k: Knobs, seconds: float, rise: float, low: float = 4500.0, grain: float = 0.0) -> Sounds:
    """Shaker, maracas, cabasa, tambourine, guiro: noise that swells for `rise` seconds; `grain` (Hz): its rattle."""
    t = k.time(seconds)
    shape = np.minimum(t / rise, 1.0) * k.fall(np.maximum(t - rise, 0.0), seconds)
    if grain:
        shape *= 0.25 + 0.75 * np.abs(np.sin(math.pi * grain * k.tune * t))
    noise = k.noise(t)
    dull = k.band(noise, low * k.tune, 8000.0 + 6000.0 * k.tone) * shape
    return dull, k.band(noise, 8000.0, 17_000.0) * shape * (0.2 + 0.8 * k.tone)


def whistle(k: Knobs, seconds: float, frequency: float, semitones: float = 0.0) -> Sounds:
    """A samba whistle; with semitones, a cuica."""
    t = k.time(seconds)
    shape = np.minimum(t / 0.012, 1.0) * k.fall(t, seconds * 2) * np.clip((t[-1] - t) / 0.02, 0.0, 1.0)
    wobble = 1.0 if semitones else 0.7 + 0.3 * np.cos(2 * math.pi * 28 * t)
    body = k.glide(t, frequency, semitones, seconds * 0.3) * shape * wobble
    return body, k.band(k.noise(t), 2000.0, 8000.0) * shape * 0.1 * k.tone


class Drum(msgspec.Struct, frozen=True):
    """What a pitch plays: the group whose knobs hold, the level (dBFS peak at velocity 100), the place from -1 (left)
    to 1, the function and its arguments. Drums of one `choke` silence each other."""

    group: str
    level: float
    pan: float
    make: Callable[..., Sounds]
    arguments: dict[str, Any] = {}
    choke: int = 0


DRUMS: dict[int, Drum] = {
    35: Drum("kick", -11, 0.0, kick, {"low": 0.88}),
    36: Drum("kick", -11, 0.0, kick),
    37: Drum("snare", -15, 0.1, rim),
    38: Drum("snare", -12, 0.0, snare),
    39: Drum("clap", -13, -0.1, clap),
    40: Drum("snare", -12, 0.0, snare, {"low": 1.12}),
    42: Drum("hat", -18, 0.25, hat, {"seconds": 0.09}, 1),
    44: Drum("hat", -20, 0.25, hat, {"seconds": 0.06}, 1),
    46: Drum("hat", -18, 0.25, hat, {"seconds": 0.7}, 1),
    49: Drum("cymbal", -14, -0.4, cymbal, {"seconds": 2.2, "low": 2500.0}),
    51: Drum("cymbal", -17, 0.4, cymbal, {"seconds": 1.6, "low": 4500.0, "ring": 0.3}),
    52: Drum("cymbal", -15, -0.5, cymbal, {"seconds": 1.3, "low": 1200.0, "ratio": 0.8}),
    53: Drum("cymbal", -17, 0.4, cymbal, {"seconds": 1.4, "low": 5000.0, "ring": 1.5, "ratio": 1.3}),
    54: Drum("perc", -17, 0.3, shaken, {"seconds": 0.25, "rise": 0.004, "low": 6000.0, "grain": 45.0}),
    55: Drum("cymbal", -15, 0.5, cymbal, {"seconds": 0.7, "low": 4000.0, "ratio": 1.3}),
    56: Drum("perc", -15, 0.2, bars, {"frequencies": (540.0, 800.0), "seconds": 0.35, "square": 1.0}),
    57: Drum("cymbal", -14, 0.5, cymbal, {"seconds": 2.0, "low": 3000.0, "ratio": 1.15}),
    58: Drum("perc", -16, -0.3, shaken, {"seconds": 0.9, "rise": 0.002, "low": 1500.0, "grain": 22.0}),
    59: Drum("cymbal", -17, 0.45, cymbal, {"seconds": 1.4, "low": 4000.0, "ring": 0.4, "ratio": 1.1}),
    60: Drum("perc", -14, -0.3, skin, {"frequency": 400.0, "seconds": 0.14, "breath": 0.1}),
    61: Drum("perc", -14, -0.2, skin, {"frequency": 290.0, "seconds": 0.2, "breath": 0.1}),
    62: Drum("perc", -14, 0.3, skin, {"frequency": 330.0, "seconds": 0.08, "breath": 0.3}),
    63: Drum("perc", -14, 0.3, skin, {"frequency": 285.0, "seconds": 0.3, "slide": 1.5}),
    64: Drum("perc", -14, 0.2, skin, {"frequency": 190.0, "seconds": 0.38, "slide": 1.5}),
    65: Drum("perc", -14, -0.3, skin, {"frequency": 360.0, "seconds": 0.4, "slide": 1.0, "breath": 0.4}),
    66: Drum("perc", -14, -0.2, skin, {"frequency": 250.0, "seconds": 0.5, "slide": 1.0, "breath": 0.4}),
    67: Drum("perc", -16, 0.4, bars, {"frequencies": (860.0, 1310.0), "seconds": 0.4, "square": 0.4}),
    68: Drum("perc", -16, 0.4, bars, {"frequencies": (640.0, 980.0), "seconds": 0.45, "square": 0.4}),
    69: Drum("perc", -18, -0.4, shaken, {"seconds": 0.08, "rise": 0.025}),
    70: Drum("perc", -18, -0.4, shaken, {"seconds": 0.06, "rise": 0.006}),
    71: Drum("perc", -18, 0.3, whistle, {"seconds": 0.15, "frequency": 2300.0}),
    72: Drum("perc", -18, 0.3, whistle, {"seconds": 0.5, "frequency": 2250.0}),
    73: Drum("perc", -17, -0.2, shaken, {"seconds": 0.1, "rise": 0.01, "low": 2500.0, "grain": 60.0}),
    74: Drum("perc", -17, -0.2, shaken, {"seconds": 0.4, "rise": 0.06, "low": 2500.0, "grain": 55.0}),
    75: Drum("perc", -15, 0.2, bars, {"frequencies": (2500.0,), "seconds": 0.09}),
    76: Drum("perc", -15, -0.3, bars, {"frequencies": (1150.0, 1930.0), "seconds": 0.1}),
    77: Drum("perc", -15, -0.3, bars, {"frequencies": (780.0, 1310.0), "seconds": 0.12}),
    78: Drum("perc", -17, 0.1, whistle, {"seconds": 0.12, "frequency": 720.0, "semitones": -4.0}),
    79: Drum("perc", -17, 0.1, whistle, {"seconds": 0.22, "frequency": 480.0, "semitones": 6.0}),
    80: Drum("perc", -18, 0.4, bars, {"frequencies": (4100.0, 6650.0, 9300.0), "seconds": 0.09}, 2),
    81: Drum("perc", -18, 0.4, bars, {"frequencies": (4100.0, 6650.0, 9300.0), "seconds": 1.4}, 2),
    **{
        pitch: Drum("tom", -13, pan, skin, {"frequency": frequency, "seconds": seconds, "slide": 5.0})
        for pitch, frequency, seconds, pan in (
            (41, 82.0, 0.65, 0.45),
            (43, 98.0, 0.6, 0.3),
            (45, 117.0, 0.55, 0.15),
            (47, 139.0, 0.5, -0.05),
            (48, 165.0, 0.45, -0.2),
            (50, 196.0, 0.4, -0.35),
        )
    },
}

_LIKE = {
    **BESIDE, 27: 79, 28: 39, 29: 73, 30: 74, 31: 75, 32: 37, 33: 76, 34: 56, 82: 70, 83: 54, 84: 81, 85: 75, 86: 43,
    87: 41,
}  # fmt: skip
"""Drums of General MIDI 2 and of drum pads, and the ones that sound in their place."""

DRUMS |= {pitch: DRUMS[like] for pitch, like in _LIKE.items()}
