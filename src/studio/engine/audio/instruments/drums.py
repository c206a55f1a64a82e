"""The drum machine: each stroke is computed whole and mixed from there, so playing it is cheap.

Those that a score holds are computed when its plan is prepared, others when they fall.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterable
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ....document.instruments import Instrument
from ..fades import Floats
from ..score import CONTROL, ON, Event, Score
from .drumsounds import DRUMS, Knobs, Sound
from .presets import values_of

VARIANTS = 3
"""So many strokes of a drum differ in their noise; cymbals ring too long for it to be heard."""

PRIMED = (36, 38, 42, 46, 49, 51)
"""What is made beforehand, because it is in every beat or takes long."""

CHOKE_SECONDS = 0.008
ATTACK_FRAMES, END_FRAMES = 12, 256
MAX_STROKES = 64
VOLUME, PAN, EXPRESSION, SOUND_OFF, DEFAULTS, NOTES_OFF = 7, 10, 11, 120, 121, 123

Setting = tuple[tuple[str, float], ...]
"""The knobs that a drum hears, so that another knob does not make it anew."""


@lru_cache(maxsize=512)
def stroke(pitch: int, variant: int, rate: int, setting: Setting) -> tuple[Floats, Floats]:
    """Body and bright part, float32 (frames,), of a drum; together at their level at velocity 100. Any thread."""
    drum, values = DRUMS[pitch], dict(setting)
    knobs = Knobs(
        rate=rate,
        random=np.random.default_rng((pitch, variant)),
        values=values,
        tune=2 ** (values[f"{drum.group}_tune"] / 12),
        decay=values[f"{drum.group}_decay"],
        tone=values[f"{drum.group}_tone"],
    )
    body, bright = drum.make(knobs, **drum.arguments)
    if values["crush"]:
        body, bright = _crushed(body, values["crush"]), _crushed(bright, values["crush"])
    level = 10 ** ((drum.level + values[f"{drum.group}_level"]) / 20) / max(np.abs(body + bright).max(), 1e-9)
    edges = _edges(len(body)) * level
    return (body * edges).astype(np.float32), (bright * edges).astype(np.float32)


def foresee(rate: int, instrument: Instrument, pitches: Iterable[int]) -> None:
    """Makes the strokes of these drums, so that they take no time when they fall. Not on the render thread."""
    settings = _settings(instrument)
    for pitch in pitches:
        for variant in range(_variants(pitch)) if pitch in DRUMS else ():
            stroke(pitch, variant, rate, settings[pitch])


def _settings(instrument: Instrument) -> dict[int, Setting]:
    """What each drum hears of an instrument."""
    values = values_of(instrument)
    return {
        pitch: tuple(
            (name, value) for name, value in values.items() if name.startswith(f"{drum.group}_") or name == "crush"
        )
        for pitch, drum in DRUMS.items()
    }


def _variants(pitch: int) -> int:
    return 1 if DRUMS[pitch].group == "cymbal" else VARIANTS


def _edges(frames: int) -> Sound:
    """A rise of a quarter of a millisecond and a fall at the end."""
    edges, fall = np.ones(frames), min(END_FRAMES, frames // 2)
    edges[:ATTACK_FRAMES] = np.arange(ATTACK_FRAMES) / ATTACK_FRAMES
    edges[-fall:] *= np.arange(fall)[::-1] / fall
    return edges


def _crushed(sound: Sound, amount: float) -> Sound:
    """Coarse in time and level, as early samplers were."""
    step = 1 + round(amount * 7)
    held = np.repeat(sound[::step], step)[: len(sound)]
    levels = 2 ** (14 - 8 * amount)
    return np.asarray(np.round(held * levels) / levels)


class _Stroke:
    """A drum that sounds: stereo samples from song frame `start` on, let go of at `choked`."""

    __slots__ = ("choke", "choked", "end", "fade", "sound", "start")

    def __init__(self, sound: Floats, start: int, choke: int) -> None:
        self.sound, self.start, self.choke = sound, start, choke
        self.end, self.choked, self.fade = start + sound.shape[1], -1, 1

    def let_go(self, frame: int, fade: int) -> None:
        """Fade out from a song frame on."""
        if self.choked < 0 and frame < self.end:
            self.choked, self.fade, self.end = frame, fade, min(self.end, frame + fade)

    def add(self, out: Floats, first: int, last: int) -> None:
        """Add the song frames `first` to `last` to `out`."""
        begin, stop = max(first, self.start), min(last, self.end)
        if begin >= stop:
            return
        sound = self.sound[:, begin - self.start : stop - self.start]
        if 0 <= self.choked < stop:
            left = self.choked + self.fade - np.arange(begin, stop)
            sound = sound * np.minimum(left / self.fade, 1.0).astype(np.float32)
        out[:, begin - first : stop - first] += sound


class DrumSynth:
    """Plays drums that are computed. See Synth.

    A stroke rings to its end however long its note is; pitches outside of the drums of General MIDI 2 are silent.
    """

    notice = ""

    def __init__(self, rate: int, instrument: Instrument) -> None:
        self._rate = rate
        self._strokes: list[_Stroke] = []
        self._controls: dict[int, int] = {}
        self._jumped = False
        self._at = 0
        self.set(instrument)
        foresee(rate, instrument, PRIMED)

    @property
    def active(self) -> bool:
        """See Synth."""
        return bool(self._strokes)

    def set(self, instrument: Instrument) -> None:
        """See Synth."""
        self._settings = _settings(instrument)

    def reset(self, score: Score, position: int) -> None:
        """See Synth."""
        self._strokes.clear()
        self._controls.clear()
        self._jumped, self._at = False, position
        for event in score.chased(position):
            self._take(event)

    def release(self) -> None:
        """See Synth. Drums that ring on do so; a drummer who stops lets them."""
        self._jumped = True

    def play(self, score: Score, first: int, last: int) -> Floats:
        """See Synth."""
        self._follow(first)
        for event in score.between(first, last):
            self._take(event)
        out = np.zeros((2, last - first), np.float32)
        for one in self._strokes:
            one.add(out, first, last)
        self._strokes = [one for one in self._strokes if one.end > last]
        self._at = last
        return out

    def _follow(self, first: int) -> None:
        """After a jump, what rings goes on from there."""
        if self._jumped:
            for one in self._strokes:
                one.start += first - self._at
                one.end += first - self._at
                one.choked += first - self._at if one.choked >= 0 else 0
        self._jumped = False

    def _take(self, event: Event) -> None:
        if event.kind == ON:
            self._strike(event)
        elif event.kind == CONTROL and event.number in {SOUND_OFF, NOTES_OFF}:
            for one in self._strokes:
                one.let_go(event.frame, self._fade)
        elif event.kind == CONTROL and event.number == DEFAULTS:
            self._controls.clear()
        elif event.kind == CONTROL:
            self._controls[event.number] = event.value

    @property
    def _fade(self) -> int:
        return max(int(CHOKE_SECONDS * self._rate), 1)

    def _strike(self, event: Event) -> None:
        drum = DRUMS.get(event.number)
        if drum is None:
            return
        for one in self._strokes[: -MAX_STROKES + 1] if len(self._strokes) >= MAX_STROKES else ():
            one.let_go(event.frame, self._fade)
        for one in self._strokes:
            if drum.choke and one.choke == drum.choke:
                one.let_go(event.frame, self._fade)
        variant = zlib.crc32(b"%d/%d" % (event.number, event.frame)) % _variants(event.number)
        body, bright = stroke(event.number, variant, self._rate, self._settings[event.number])
        loud = event.value / 100
        mono = body + bright * np.float32(loud)
        gains = self._gains(drum.pan, loud**1.5)
        self._strokes.append(_Stroke(mono * gains, event.frame, drum.choke))

    def _gains(self, pan: float, gain: float) -> npt.NDArray[np.float32]:
        """float32 (2, 1): left and right for a drum at this place."""
        gain *= (self._controls.get(VOLUME, 100) / 100) ** 2 * (self._controls.get(EXPRESSION, 127) / 127) ** 2
        pan = min(max(pan + self._controls.get(PAN, 64) / 64 - 1, -1.0), 1.0)
        angle = (pan + 1) * math.pi / 4
        power = math.sqrt(2) * gain
        return np.array([[math.cos(angle) * power], [math.sin(angle) * power]], np.float32)
