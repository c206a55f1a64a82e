"""From an instrument of the document to one at work."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import numpy as np

from ....document.instruments import Instrument
from ....errors import StudioError
from ..samples import Sample
from ..score import ON, Score
from . import drums, polysynth
from .drums import DrumSynth
from .layered import Layered
from .plugin import LIVE_GRID as PLUGIN_GRID
from .plugin import PluginSynth
from .plugins import KIND as PLUGIN
from .polysynth import PolySynth
from .presets import SAMPLER
from .sampler import Sampler
from .soundfont import NO_FONT, SoundFontSynth, find_fonts
from .synth import SilentSynth, Synth

_OWN: Mapping[str, Callable[[int, Instrument], Synth]] = {"drums": DrumSynth, "synth": PolySynth}
"""The instruments that need no files."""

LIVE_GRID = 256
"""Frames that a synthesiser played by hand computes ahead."""


def live_step(instrument: Instrument) -> int:
    """How many frames an instrument that is made to be played by hand computes ahead, 1 for none."""
    return {"synth": LIVE_GRID, PLUGIN: PLUGIN_GRID}.get(instrument.kind, 1)


def foresee(instrument: Instrument, rate: int, score: Score) -> None:
    """Makes what an instrument will need for the notes of a score, as far as that can be known. Compiler thread; others
    may be playing the instrument meanwhile."""
    if instrument.kind in _OWN:
        _foresee(instrument, rate, tuple(np.unique(score.number[score.kind == ON]).tolist()))


@lru_cache(maxsize=256)
def _foresee(instrument: Instrument, rate: int, pitches: tuple[int, ...]) -> None:
    with suppress(StudioError):  # it is silent, and has said why
        {"drums": drums.foresee, "synth": polysynth.foresee}[instrument.kind](rate, instrument, pitches)


def make_synth(
    instrument: Instrument,
    rate: int,
    font: Path | None = None,
    by_hand: bool = False,
    samples: Iterable[Sample] = (),
) -> Synth:
    """An instrument, or silence with a notice where it cannot be made. `font`: the SoundFont, None for the usual one.

    `samples` are the sounds that its zones play. Not on the render thread: it reads files.
    """
    if instrument.kind == SAMPLER.name:
        return Sampler(rate, instrument, samples)
    own = _of_kind(instrument, rate, font, by_hand)
    if not instrument.zones:
        return own
    covered = {pitch for zone in instrument.zones for pitch in range(zone.low, zone.high + 1)}
    return Layered(Sampler(rate, instrument, samples), own, covered)


def _of_kind(instrument: Instrument, rate: int, font: Path | None, by_hand: bool) -> Synth:
    try:
        if by_hand and instrument.kind == "synth":
            return PolySynth(rate, instrument, LIVE_GRID)
        make = _OWN.get(instrument.kind)
        if make is not None:
            return make(rate, instrument)
        if instrument.kind == PLUGIN:
            return PluginSynth(rate, instrument, by_hand)
        if instrument.kind != "soundfont":
            raise StudioError(f"The instrument “{instrument.kind}” is not known to this version; it is silent.")
        fonts = [font] if font is not None else find_fonts()
        if not fonts:
            raise StudioError(NO_FONT)
        return SoundFontSynth(fonts[0], rate, instrument, by_hand)
    except StudioError as error:
        return SilentSynth(str(error))
