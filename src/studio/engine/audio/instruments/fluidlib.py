"""FluidSynth's library: the dozen functions that the SoundFont player needs.

pyfluidsynth renders 16-bit samples only, so the library is called directly. Calls that only pass a message keep the
interpreter lock, for giving it away costs more than they do; rendering and loading let other threads run.
"""

from __future__ import annotations

import ctypes
from ctypes import c_char_p, c_double, c_int, c_void_p
from ctypes.util import find_library
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from ....errors import StudioError
from ..fades import Floats

QUANTUM = 64
"""Frames that FluidSynth renders at once; messages take effect between them."""

NOT_INSTALLED = "SoundFonts need the FluidSynth library: run start.py once more, or install FluidSynth."

_SIGNATURES: dict[str, tuple[Any, ...]] = {
    "new_fluid_settings": (c_void_p,),
    "delete_fluid_settings": (None, c_void_p),
    "fluid_settings_setint": (c_int, c_void_p, c_char_p, c_int),
    "fluid_settings_setnum": (c_int, c_void_p, c_char_p, c_double),
    "new_fluid_synth": (c_void_p, c_void_p),
    "delete_fluid_synth": (None, c_void_p),
    "fluid_synth_sfload": (c_int, c_void_p, c_char_p, c_int),
    "fluid_synth_get_sfont_by_id": (c_void_p, c_void_p, c_int),
    "fluid_sfont_iteration_start": (None, c_void_p),
    "fluid_sfont_iteration_next": (c_void_p, c_void_p),
    "fluid_preset_get_name": (c_char_p, c_void_p),
    "fluid_preset_get_banknum": (c_int, c_void_p),
    "fluid_preset_get_num": (c_int, c_void_p),
    "fluid_set_log_function": (c_void_p, c_int, c_void_p, c_void_p),
    "fluid_synth_write_float": (c_int, c_void_p, c_int, *(c_void_p, c_int, c_int) * 2),
}
_QUICK: dict[str, tuple[Any, ...]] = {
    "fluid_synth_noteon": (c_int, c_void_p, c_int, c_int, c_int),
    "fluid_synth_noteoff": (c_int, c_void_p, c_int, c_int),
    "fluid_synth_cc": (c_int, c_void_p, c_int, c_int, c_int),
    "fluid_synth_channel_pressure": (c_int, c_void_p, c_int, c_int),
    "fluid_synth_pitch_bend": (c_int, c_void_p, c_int, c_int),
    "fluid_synth_program_select": (c_int, c_void_p, c_int, c_int, c_int, c_int),
    "fluid_synth_all_notes_off": (c_int, c_void_p, c_int),
    "fluid_synth_system_reset": (c_int, c_void_p),
    "fluid_synth_get_active_voice_count": (c_int, c_void_p),
}


class _Library:
    """The functions by name."""

    def __init__(self, file: str) -> None:
        for opened, table in ((ctypes.CDLL(file), _SIGNATURES), (ctypes.PyDLL(file), _QUICK)):
            for name, (result, *arguments) in table.items():
                function = getattr(opened, name)
                function.restype, function.argtypes = result, arguments
                setattr(self, name, function)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)


@cache
def library() -> Any:
    """The library, loaded. Raises StudioError where it is not installed. Not on the render thread."""
    for name in ("fluidsynth", "fluidsynth-3", "libfluidsynth-3"):
        file = find_library(name)
        if file:
            try:
                loaded = _Library(file)
            except (OSError, AttributeError):
                continue
            for level in range(5):
                loaded.fluid_set_log_function(level, None, None)
            return loaded
    raise StudioError(NOT_INSTALLED)


class Preset:
    """A sound of a SoundFont: `bank` (128 is drums), `program` and `name`."""

    __slots__ = ("bank", "name", "program")

    def __init__(self, bank: int, program: int, name: str) -> None:
        self.bank, self.program, self.name = bank, program, name


class Fluid:
    """A FluidSynth with one SoundFont on one channel, its own effects off. Made on any thread, then used by one.

    Raises StudioError when the library or the SoundFont is not there or cannot be read. Synths share a font's samples.
    """

    def __init__(self, font: Path, rate: int, polyphony: int = 128) -> None:
        self._library = library()
        self._settings = self._library.new_fluid_settings()
        for name, number in (
            (b"synth.reverb.active", 0),
            (b"synth.chorus.active", 0),
            (b"synth.polyphony", polyphony),
            (b"synth.threadsafe-api", 0),
            (b"synth.lock-memory", 0),
        ):
            self._library.fluid_settings_setint(self._settings, name, number)
        self._library.fluid_settings_setnum(self._settings, b"synth.sample-rate", float(rate))
        self._library.fluid_settings_setnum(self._settings, b"synth.gain", 0.5)
        self._synth = self._library.new_fluid_synth(self._settings)
        self._font = -1
        if self._synth:
            self._font = self._library.fluid_synth_sfload(self._synth, str(font).encode(), 1)
        if self._font < 0:
            self.close()
            raise StudioError(f"The SoundFont “{font.name}” cannot be read: choose another one in the preferences.")
        self._presets = {(preset.bank, preset.program) for preset in self.presets()}

    def close(self) -> None:
        """Free it. Not on the render thread."""
        if self._synth:
            self._library.delete_fluid_synth(self._synth)
            self._synth = None
        if self._settings:
            self._library.delete_fluid_settings(self._settings)
            self._settings = None

    __del__ = close

    def presets(self) -> list[Preset]:
        """What the font offers."""
        font = self._library.fluid_synth_get_sfont_by_id(self._synth, self._font)
        self._library.fluid_sfont_iteration_start(font)
        found = []
        while preset := self._library.fluid_sfont_iteration_next(font):
            name = (self._library.fluid_preset_get_name(preset) or b"").decode("utf-8", "replace").strip()
            bank, program = (
                self._library.fluid_preset_get_banknum(preset),
                self._library.fluid_preset_get_num(preset),
            )
            found.append(Preset(bank, program, name))
        return found

    def select(self, bank: int, program: int) -> None:
        """Play this sound; where the font has none of this bank, that of bank 0; for drums, the first kit."""
        wanted = ((bank, program), (128, 0) if bank == 128 else (0, program), (0, 0))
        known = next((one for one in wanted if one in self._presets), None)
        if known is not None:
            self._library.fluid_synth_program_select(self._synth, 0, self._font, *known)

    def note_on(self, pitch: int, velocity: int) -> None:
        """Begin a note."""
        self._library.fluid_synth_noteon(self._synth, 0, pitch, velocity)

    def note_off(self, pitch: int) -> None:
        """Release a note."""
        self._library.fluid_synth_noteoff(self._synth, 0, pitch)

    def control(self, number: int, value: int) -> None:
        """Set a controller, 0 to 127."""
        self._library.fluid_synth_cc(self._synth, 0, number, value)

    def pressure(self, value: int) -> None:
        """Set the channel's pressure, 0 to 127."""
        self._library.fluid_synth_channel_pressure(self._synth, 0, value)

    def bend(self, value: int) -> None:
        """Set the pitch wheel, -8192 to 8191."""
        self._library.fluid_synth_pitch_bend(self._synth, 0, value + 8192)

    def release_all(self) -> None:
        """Release every note."""
        self._library.fluid_synth_all_notes_off(self._synth, 0)

    def reset(self) -> None:
        """Be silent at once and forget all controllers. The sound must be selected again."""
        self._library.fluid_synth_system_reset(self._synth)

    @property
    def voices(self) -> int:
        """How many voices sound."""
        return int(self._library.fluid_synth_get_active_voice_count(self._synth))

    def render(self, quanta: int) -> Floats:
        """float32 (2, quanta * QUANTUM): what comes next."""
        frames = quanta * QUANTUM
        out = np.empty((2, frames), np.float32)
        left = out.ctypes.data
        self._library.fluid_synth_write_float(self._synth, frames, left, 0, 1, left + 4 * frames, 0, 1)
        return out
