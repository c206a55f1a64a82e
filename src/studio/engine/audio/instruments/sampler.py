"""The sampler: zones of sound on keys, played from a score."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from ....document.instruments import Instrument
from ....document.notes import BEND_RANGE, PRESSURE
from ..fades import DECLICK, Floats
from ..samples import Pool, Sample, pool_of
from ..score import BEND, CONTROL, OFF, ON, Event, Score
from .presets import SAMPLER, values_of
from .samplevoices import Envelope, Voice, load, mix

STEAL_SECONDS = 0.003
CHOKE_SECONDS = 0.005
NO_SOUND = "The sampler has no sound yet; drop a sound file on the track's name."

LEAST_MS = 0.1
"""An attack as short as this is none at all: the sound begins as it is."""

VOLUME, PAN, EXPRESSION, PEDAL = 7, 10, 11, 64
SOUND_OFF, DEFAULTS, NOTES_OFF = 120, 121, 123
_START = {VOLUME: 100, PAN: 64, EXPRESSION: 127, PEDAL: 0}


class Sampler:
    """Plays the zones of an instrument. See Synth.

    Envelope, level and tuning hold from the next note on; other zones need another sampler. It plays what it can: where
    sounds are missing `notice` names the first.
    """

    def __init__(self, rate: int, instrument: Instrument, samples: Iterable[Sample]) -> None:
        self._rate = rate
        self._zones = instrument.zones
        self._pool: Pool = pool_of(instrument.zones, samples, rate)
        self.notice = next(iter(self._pool.notices), "") if self._zones else NO_SOUND
        self._voices: list[Voice] = []
        self._ramp = 0
        load()
        self._clear()
        self.set(instrument)

    @property
    def active(self) -> bool:
        """See Synth."""
        return bool(self._voices)

    def set(self, instrument: Instrument) -> None:
        """See Synth. Beside the sounds of another kind, zones play as the sampler does by itself."""
        values = values_of(instrument if instrument.kind == SAMPLER.name else Instrument(SAMPLER.name))
        self._values = values

        def frames(name: str) -> int:
            return round(values[name] / 1000 * self._rate) if values[name] > LEAST_MS else 0

        self._envelope = Envelope(frames("attack_ms"), frames("decay_ms"), values["sustain"], frames("release_ms"))

    def reset(self, score: Score, position: int) -> None:
        """See Synth."""
        self._voices = []
        self._clear()
        for event in score.chased(position):
            self._take(event)
        self._gains, self._ramp = self._wanted(), 0

    def release(self) -> None:
        """See Synth. One-shots ring on."""
        for voice in self._voices:
            self._key_up(voice, pedal=False)

    def play(self, score: Score, first: int, last: int) -> Floats:
        """See Synth."""
        out, at = np.zeros((2, last - first), np.float32), first
        for event in score.between(first, last):
            if event.frame > at:
                self._mix(out[:, at - first : event.frame - first])
                at = event.frame
            self._take(event)
        self._mix(out[:, at - first :])
        return out

    def _mix(self, out: Floats) -> None:
        """The next frames of all voices, as loud as the controllers have it."""
        frames = out.shape[1]
        if frames and self._voices:
            self._voices = mix(self._voices, self._pool.sound, frames, out)
            count = min(self._ramp, frames)
            if count:
                way = np.arange(DECLICK - self._ramp + 1, DECLICK - self._ramp + count + 1, dtype=np.float32) / DECLICK
                out[:, :count] *= self._before + (self._gains - self._before) * way
            if (self._gains != 1.0).any():
                out[:, count:] *= self._gains
        self._ramp = max(self._ramp - frames, 0)

    def _clear(self) -> None:
        self._controls = dict(_START)
        self._bend = 0.0
        self._gains = self._before = self._wanted()

    def _wanted(self) -> Floats:
        """float32 (2, 1): left and right gain as the controllers have it, 1 where they stand at first."""
        controls = self._controls
        gain = (controls[VOLUME] / 100) ** 2 * (controls[EXPRESSION] / 127) ** 2
        if controls[PAN] == _START[PAN]:
            return np.full((2, 1), gain, np.float32)
        angle = min(controls[PAN] / 64, 127 / 64) * math.pi / 4
        return np.array([[math.cos(angle)], [math.sin(angle)]], np.float32) * np.float32(math.sqrt(2) * gain)

    def _take(self, event: Event) -> None:
        if event.kind == ON:
            self._note_on(event.number, event.value)
        elif event.kind == OFF:
            for voice in self._voices:
                if voice.key == event.number and voice.held:
                    self._key_up(voice, pedal=self._controls[PEDAL] >= 64)
        elif event.kind == BEND:
            self._bend = event.value / BEND_RANGE * self._values["bend"]
            for voice in self._voices:
                voice.bend(self._bend)
        elif event.kind == CONTROL and event.number <= PRESSURE:
            self._control(event.number, event.value)

    def _note_on(self, pitch: int, velocity: int) -> None:
        values = self._values
        loud = (velocity / 100) ** (1.5 * values["velocity"]) * 10 ** (values["level_db"] / 20)
        for zone, stretch in zip(self._zones, self._pool.stretches, strict=True):
            if stretch is None or not zone.covers(pitch):
                continue
            if zone.choke:
                for other in self._voices:
                    if other.choke == zone.choke and other.age:
                        other.end(round(CHOKE_SECONDS * self._rate))
            self._steal()
            voice = Voice(zone, stretch, pitch, loud * zone.gain, self._envelope)
            voice.pitch += values["tune"]
            voice.bend(self._bend)
            self._voices.append(voice)

    def _steal(self) -> None:
        """Let one voice end within milliseconds where there are too many: one that is released, else the oldest."""
        staying = [voice for voice in self._voices if not voice.ending]
        if len(staying) >= round(self._values["voices"]):
            victim = next((voice for voice in staying if voice.released >= 0), staying[0])
            victim.end(round(STEAL_SECONDS * self._rate))

    def _key_up(self, voice: Voice, pedal: bool) -> None:
        voice.held = False
        if not pedal and not voice.one_shot:
            voice.let_go()

    def _control(self, number: int, value: int) -> None:
        if number == SOUND_OFF:
            for voice in self._voices:
                voice.end(round(STEAL_SECONDS * self._rate))
        elif number == NOTES_OFF:
            for voice in self._voices:
                self._key_up(voice, pedal=False)
        elif number == DEFAULTS:
            self._take(Event(0, BEND, 0, 0))
            self._control(EXPRESSION, 127)
            self._control(PEDAL, 0)
        elif number in self._controls:
            self._controls[number] = value
            self._turn()
        if number == PEDAL and value < 64:
            for voice in self._voices:
                if not voice.held:
                    self._key_up(voice, pedal=False)

    def _turn(self) -> None:
        """Move to the gains that the controllers ask for."""
        wanted = self._wanted()
        if not np.array_equal(wanted, self._gains):
            way = np.float32(1 - self._ramp / DECLICK)
            self._before = self._before + (self._gains - self._before) * way if self._ramp else self._gains
            self._gains, self._ramp = wanted, DECLICK
