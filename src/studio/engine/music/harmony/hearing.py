"""From sound to pitch classes: a spectrum for each cell, tuned, explained as a sum of notes, folded into an octave.

After M. Mauch and S. Dixon, Approximate note transcription for the improved identification of difficult chords, ISMIR
2010: the spectrum on a logarithmic axis, freed from its background, is explained by notes with harmonics.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Blocks = Iterable[npt.NDArray[np.float32]]

RATE = 11_025
"""Frames a second of the sound that is looked at."""

WINDOW, HOP = 4096, 512
_LOWEST, _HIGHEST, _HIGHEST_NOTE = 28, 108, 92
"""Ends of the axis and of the notes that explain it, in semitones as MIDI counts them."""

_PARTS = 3
"""Places of the axis in a semitone."""

_HARMONICS, _FALL = 12, 0.7
_ROUNDS = 80
_EVEN = 0.7
"""Loud and soft notes are brought nearer to each other by this power."""

_QUIET = 10 ** (-45 / 20)
"""Below the loudest cell by this much, a cell is silent."""


class Heard(NamedTuple):
    """Pitch classes of cells, C first: `classes` in all and `low` in the bass, (cells, 12) float64, not negative.

    `cents` is how far the tuning is above A at 440 Hz, -50 to 50.
    """

    classes: Floats
    low: Floats
    cents: float


def hear(blocks: Blocks, edges: Sequence[float], check: Callable[[float], None] = lambda _: None) -> Heard:
    """What sounds between `edges`, rising seconds, in mono blocks at RATE. Silent cells are all zero.

    `check` gets the seconds heard so far and may raise to stop. Job threads.
    """
    spectra = _spectra(blocks, np.asarray(edges, np.float64), check)
    loud = np.sqrt(np.sum(spectra**2, axis=1))
    sounds = loud > max(loud.max(initial=0.0) * _QUIET, 1e-6)
    cents = _tuning(spectra[sounds])
    found = np.zeros((len(spectra), len(_pitches())))
    found[sounds] = _explained(_salient(np.sqrt(spectra[sounds]) @ _axis(round(cents)).T))
    return Heard(_folded(found * _share(28, 40, 76, 92)) ** _EVEN, _folded(found * _share(20, 28, 43, 55)), cents)


def _spectra(blocks: Blocks, edges: Floats, check: Callable[[float], None]) -> npt.NDArray[np.float32]:
    """The mean magnitude spectrum of each cell; one too short for a frame of its own has that of the one before."""
    total = np.zeros((len(edges) - 1, WINDOW // 2 + 1), np.float32)
    count = np.zeros(len(total), np.float32)
    heard = 0.0
    for middles, spectra in _frames(blocks):
        cells = np.searchsorted(edges, middles, side="right") - 1
        for cell in np.unique(cells[(cells >= 0) & (cells < len(total))]):
            total[cell] += spectra[cells == cell].sum(axis=0)
            count[cell] += np.count_nonzero(cells == cell)
        heard = float(middles[-1])
        check(heard)
    total /= np.maximum(count, 1)[:, None]
    for cell in np.nonzero(count == 0)[0]:
        if cell and edges[cell] < heard:
            total[cell] = total[cell - 1]
    return total


def _frames(blocks: Blocks) -> Iterator[tuple[Floats, Floats]]:
    """Seconds and magnitude spectra of frames, some at a time. The first has its middle at the beginning."""
    window = (np.hanning(WINDOW + 1)[:-1] / (WINDOW / 2)).astype(np.float32)
    held, at = np.zeros(WINDOW // 2, np.float32), -(WINDOW // 2)
    for block in chain(blocks, (np.zeros(WINDOW // 2, np.float32),)):
        held = np.concatenate((held, block))
        if len(held) < WINDOW:
            continue
        cut = np.lib.stride_tricks.sliding_window_view(held, WINDOW)[::HOP]
        middles = (at + WINDOW // 2 + HOP * np.arange(len(cut))) / RATE
        yield middles, np.abs(np.fft.rfft(cut * window, axis=1))
        held, at = held[len(cut) * HOP :], at + len(cut) * HOP


def _places() -> Floats:
    """Pitches of the places of the axis, in semitones."""
    return np.arange(_LOWEST * _PARTS - 1, _HIGHEST * _PARTS + 2) / _PARTS


def _pitches() -> range:
    return range(_LOWEST, _HIGHEST_NOTE + 1)


@lru_cache(maxsize=16)
def _axis(cents: int) -> Floats:
    """What each bin of a spectrum gives to each place, (places, bins), for music tuned `cents` too high."""
    bins = np.arange(1, WINDOW // 2 + 1) * RATE / WINDOW
    pitches = 69 + 12 * np.log2(bins / 440) - cents / 100
    places = _places()
    step = RATE / WINDOW / (440 * 2 ** ((places - 69) / 12)) * 12 / np.log(2)
    reach = np.maximum(step, 1 / _PARTS)[:, None]
    share = np.maximum(1 - np.abs(pitches[None, :] - places[:, None]) / reach, 0)
    return np.concatenate((np.zeros((len(places), 1)), share), axis=1)


@lru_cache(maxsize=1)
def _notes() -> Floats:
    """What notes look like on the axis, (notes, places): falling harmonics, each as wide as the window makes it."""
    bins = np.arange(WINDOW // 2 + 1)
    seen = []
    for pitch in _pitches():
        spectrum = np.zeros(len(bins))
        for number in range(1, _HARMONICS + 1):
            away = bins - number * 440 * 2 ** ((pitch - 69) / 12) * WINDOW / RATE
            lobe = np.sinc(away) + 0.5 * (np.sinc(away - 1) + np.sinc(away + 1))
            spectrum += _FALL ** (number - 1) * np.abs(np.where(np.abs(away) < 2, lobe, 0))
        note = _axis(0) @ spectrum
        seen.append(note / np.sqrt(np.sum(note**2)))
    return np.array(seen)


def _tuning(spectra: Floats) -> float:
    """Cents above A at 440 Hz: where in a semitone most of the sound stands, as the phase of one turn a semitone."""
    if not len(spectra):
        return 0.0
    places = _places()
    clear = places >= 48
    sound = _salient(spectra @ _axis(0).T)[:, clear].sum(axis=0)
    turn = complex(np.sum(sound * np.exp(2j * np.pi * places[clear])))
    return float(np.angle(turn) / (2 * np.pi) * 100) if abs(turn) > 0.02 * sound.sum() else 0.0


def _salient(spectra: Floats) -> Floats:
    """What stands out of its surroundings of an octave, measured by how much they vary."""
    reach = 12 * _PARTS // 2
    padded = np.pad(spectra, ((0, 0), (reach + 1, reach)), mode="reflect")
    mean, power = (_running(sound, 2 * reach + 1) for sound in (padded, padded**2))
    spread = np.sqrt(np.sqrt(np.maximum(power - mean**2, 0)))
    return np.asarray(np.divide(np.maximum(spectra - mean, 0), spread, out=np.zeros_like(spectra), where=spread > 0))


def _running(rows: Floats, places: int) -> Floats:
    """The mean of so many places, for each place after the first ones."""
    sums = np.cumsum(rows, axis=1)
    return np.asarray((sums[:, places:] - sums[:, :-places]) / places)


def _explained(salient: Floats) -> Floats:
    """How much of each note explains the spectra, (cells, notes), by multiplicative updates (Lee and Seung, 1999)."""
    notes = _notes()
    wanted, shared = salient @ notes.T, notes @ notes.T
    found = wanted.copy()
    for _ in range(_ROUNDS):
        found *= wanted / (found @ shared + 1e-9)
    return found


def _share(silent: int, full: int, until: int, gone: int) -> Floats:
    """The weight of each note: none at `silent` and `gone`, whole from `full` to `until`."""
    return np.asarray(np.interp(np.array(_pitches()), [silent, full, until, gone], [0.0, 1.0, 1.0, 0.0]))


def _folded(found: Floats) -> Floats:
    classes = np.zeros((len(found), 12))
    for n, pitch in enumerate(_pitches()):
        classes[:, pitch % 12] += found[:, n]
    return classes
