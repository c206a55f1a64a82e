"""What a singer reads while singing: one note at a time, without octave jumps and silent where nothing is sung."""

from __future__ import annotations

from collections import deque

import msgspec
import numpy as np

from .livepitch import LiveFrame
from .octaves import OCTAVE
from .pitchtrack import VOICED, cents_off, name_of, semitone_of
from .tracking import HOP, RATE
from .vibrato import Vibrato, find_vibrato

STEP = HOP / RATE
"""Seconds between two frames of the live trace."""

QUIET = -55.0
"""Decibels re full scale below which nothing counts as sung: breath and the room are there."""

SMOOTHED = 5
"""Frames whose median is shown."""

SWING = 1.0
"""Seconds of an unbroken tone in which a vibrato is looked for."""

AFTER = 0.12
"""Seconds for which a note stays after the last frame that was sung: consonants are shorter."""


class Reading(msgspec.Struct, frozen=True):
    """What is sung at input frame `at`; `semitone` on the scale of MIDI notes, None where nothing is sung."""

    at: int = 0
    semitone: float | None = None
    hz: float = 0.0
    confidence: float = 0.0
    loudness: float = -120.0
    vibrato: Vibrato | None = None

    @property
    def name(self) -> str:
        """The nearest note with its octave, empty where nothing is sung."""
        return name_of(self.semitone) if self.semitone is not None else ""

    @property
    def cents(self) -> float:
        """Cents above (negative: below) the nearest note."""
        return cents_off(self.semitone) if self.semitone is not None else 0.0


class Steady:
    """Makes readings of the first answers of `LivePitch`, in order. One thread; vibrato takes some milliseconds."""

    def __init__(self) -> None:
        self._shown: deque[float] = deque(maxlen=SMOOTHED)
        self._tone: deque[float] = deque(maxlen=round(SWING / STEP))
        self._strange = 0
        self._silent = 0
        self._turn = 0
        self._vibrato: Vibrato | None = None

    def read(self, frame: LiveFrame) -> Reading:
        """The reading after another frame."""
        sung = frame.confidence >= VOICED and frame.loudness > QUIET and frame.hz > 0
        if sung:
            self._silent = 0
            self._hear(semitone_of(frame.hz))
        else:
            self._strange = 0
            self._silent += 1
            if self._silent * STEP > AFTER:
                self._shown.clear()
                self._tone.clear()
                self._vibrato = None
        if not self._shown:
            return Reading(frame.at, confidence=frame.confidence, loudness=frame.loudness)
        middle = float(np.median(self._shown))
        hz = 440.0 * 2.0 ** ((middle - 69.0) / 12.0)
        return Reading(frame.at, middle, hz, frame.confidence, frame.loudness, self._swing())

    def _hear(self, heard: float) -> None:
        if self._shown:
            apart = heard - float(np.median(self._shown))
            octaves = round(apart / 12)
            if octaves and abs(apart - 12 * octaves) < 1.0:
                self._strange += 1
                if self._strange * STEP < OCTAVE:
                    heard -= 12 * octaves
                else:
                    self._begin()
            else:
                self._strange = 0
                if abs(apart) > 1.5:
                    self._begin()
        self._shown.append(heard)
        self._tone.append(heard)

    def _begin(self) -> None:
        """Another note: what was heard of the one before does not count for it."""
        self._strange = 0
        self._shown.clear()
        self._tone.clear()

    def _swing(self) -> Vibrato | None:
        """The vibrato of the tone, looked for eight times a second once it lasts long enough."""
        if len(self._tone) < 0.5 * SWING / STEP:
            self._vibrato = None
            return None
        self._turn += 1
        if self._turn % 8 == 0:
            self._vibrato = find_vibrato(np.asarray(self._tone), STEP)
        return self._vibrato
