"""The SoundFont player: FluidSynth, made to give the same samples however it is called."""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from weakref import ReferenceType, ref

import numpy as np

from ....document.general_midi import BESIDE
from ....document.instruments import DRUM_BANK, Instrument
from ....errors import StudioError
from ..fades import Floats
from ..score import BEND, CONTROL, OFF, ON, Event, Score
from .fluidlib import QUANTUM, Fluid

FOLDERS = (
    "/usr/share/sounds/sf2",
    "/usr/share/sounds/sf3",
    "/usr/share/soundfonts",
    "/opt/homebrew/share/fluid-synth/sf2",
    "/usr/local/share/fluid-synth/sf2",
)
NO_FONT = "There is no General MIDI SoundFont: run start.py once more, or choose one in the preferences."

PRESSURE = 128
SPARES = 2
EARLY = QUANTUM // 2
"""Frames by which an event may come before its time, so that it comes at the nearest border of quanta."""


def find_fonts() -> list[Path]:
    """The SoundFonts of this system, the usual General MIDI ones first."""
    found = {font.resolve() for folder in FOLDERS if Path(folder).is_dir() for font in Path(folder).glob("*.sf[23]")}
    return sorted((font for font in found if font.exists()), key=lambda font: ("GM" not in font.name, font.name))


class SoundFontSynth:
    """Plays a sound of a SoundFont. See Synth.

    FluidSynth renders quanta of 64 frames, and events take effect between them. While nothing sounds, quanta are not
    rendered and the next one begins at the very frame of the next event; while something does, an event takes effect at
    the nearest border, at most 0.7 ms early or late. After a reset it does not play the same samples as a new one, so a
    reset takes a new one that another thread has made meanwhile; only when resets follow each other faster than that
    does it reset the one in use.

    Played `by_hand` nothing is known ahead: then events take effect at the next border, at most 1.3 ms late.

    Raises StudioError where font or library are missing or broken.
    """

    notice = ""

    def __init__(self, font: Path, rate: int, instrument: Instrument, by_hand: bool = False) -> None:
        self._early = 0 if by_hand else EARLY
        self._font, self._rate, self._instrument = font, rate, instrument
        self._fluid = Fluid(font, rate)
        self._spares: deque[Fluid] = deque()
        self._used = False
        self._left: Floats = np.zeros((2, 0), np.float32)
        self._told = 0
        self._held: set[int] = set()
        self._fluid.select(instrument.bank, instrument.program)
        _maker.keep(self)

    @property
    def active(self) -> bool:
        """See Synth."""
        return self._fluid.voices > 0 or bool(self._left.any())

    def set(self, instrument: Instrument) -> None:
        """See Synth."""
        if (instrument.bank, instrument.program) != (self._instrument.bank, self._instrument.program):
            self._used = True
            self._fluid.select(instrument.bank, instrument.program)
        self._instrument = instrument

    def reset(self, score: Score, position: int) -> None:
        """See Synth."""
        if self._used:
            if self._spares:
                _maker.retire(self._fluid, self)
                self._fluid = self._spares.popleft()
            else:
                self._fluid.reset()
            self._fluid.select(self._instrument.bank, self._instrument.program)
        self._left = np.zeros((2, 0), np.float32)
        self._told = position
        self._held.clear()
        chased = score.chased(position)
        self._used = bool(chased)
        for event in chased:
            self._tell(event)

    def release(self) -> None:
        """See Synth."""
        for pitch in self._held:
            self._fluid.note_off(pitch)
        self._held.clear()
        self._told = -1

    def play(self, score: Score, first: int, last: int) -> Floats:
        """See Synth."""
        self._used = True
        if self._told < 0:
            self._told = first
        parts, at = [self._left], first + self._left.shape[1]
        due = deque(score.between(self._told, last + self._early))
        while at < last:
            while due and due[0].frame <= at + (self._early if self._fluid.voices else 0):
                self._tell(due.popleft())
            if self._fluid.voices:
                # One quantum at a time near what comes next, so that silence is noticed at the same border for any
                # split into blocks.
                until = due[0].frame - self._early if due else last
                parts.append(self._fluid.render(max((until - at) // QUANTUM, 1)))
            else:
                parts.append(np.zeros((2, min(due[0].frame if due else last, last) - at), np.float32))
            at += parts[-1].shape[1]
        self._told = due[0].frame if due else last + self._early
        whole = np.concatenate(parts, axis=1)
        self._left = whole[:, last - first :]
        return np.ascontiguousarray(whole[:, : last - first])

    def renew(self) -> None:
        """Make spares until there are enough. Any thread but the render thread."""
        while len(self._spares) < SPARES:
            self._spares.append(Fluid(self._font, self._rate))

    def _pitch(self, pitch: int) -> int:
        """The key that is struck: kits have none for the edges of a hi-hat that pads send."""
        return BESIDE.get(pitch, pitch) if self._instrument.bank == DRUM_BANK else pitch

    def _tell(self, event: Event) -> None:
        fluid = self._fluid
        if event.kind == ON:
            pitch = self._pitch(event.number)
            fluid.note_on(pitch, event.value)
            self._held.add(pitch)
        elif event.kind == OFF:
            pitch = self._pitch(event.number)
            fluid.note_off(pitch)
            self._held.discard(pitch)
        elif event.kind == BEND:
            fluid.bend(event.value)
        elif event.kind == CONTROL and event.number == PRESSURE:
            fluid.pressure(event.value)
        elif event.kind == CONTROL:
            fluid.control(event.number, event.value)
        else:
            fluid.select(event.number, event.value)


class _Maker:
    """A thread that makes new synths for those that are used up, and frees these."""

    def __init__(self) -> None:
        self._wanted: SimpleQueue[tuple[Fluid | None, ReferenceType[SoundFontSynth]]] = SimpleQueue()
        self._thread: Thread | None = None

    def keep(self, synth: SoundFontSynth) -> None:
        """See that a synth has spares. Starts the thread with the first; not on the render thread."""
        if self._thread is None:
            self._thread = Thread(target=self._run, name="soundfonts", daemon=True)
            self._thread.start()
        self._wanted.put((None, ref(synth)))

    def retire(self, used: Fluid, synth: SoundFontSynth) -> None:
        """Free a synth and make another. Returns at once."""
        self._wanted.put((used, ref(synth)))

    def _run(self) -> None:
        while True:
            used, owner = self._wanted.get()
            if used is not None:
                used.close()
            synth = owner()
            if synth is not None:
                with suppress(StudioError):  # the font has gone: what is loaded plays on
                    synth.renew()
            del used, synth


_maker = _Maker()
