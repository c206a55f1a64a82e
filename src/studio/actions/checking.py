"""What can be measured of a sound that a model made, beside what was asked for. Facts for a person, never a verdict:
nothing is refused or hidden because of them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

import msgspec
import numpy as np
import numpy.typing as npt
import soxr

from ..document.harmony import SCALES, Key
from ..engine.audio.likeness import nearly_the_same, sound_print
from ..engine.audio.loudness import LoudnessMeter
from ..engine.audio.tempofinding import find_tempo
from ..engine.music.harmony.detecting import key_of
from ..engine.music.harmony.hearing import RATE, hear
from ..engine.music.harmony.spelling import SHARPS, key_name

Floats = npt.NDArray[np.float32]

Subject = Literal["numbers", "silence", "clipping", "loudness", "length", "tempo", "key", "likeness"]

FULL = 0.9999
FLAT = 3
"""Samples in a row at full scale that are clipping; fewer may be a peak."""

SILENT = 1e-3
"""The peak (-60 dBFS) below which a tenth of a second is silent."""

MOSTLY = 0.5
SOFT = -40.0
"""LUFS below which hardly anything is heard at a usual level."""

LENGTH_S, LENGTH_SHARE = 0.5, 0.02
TEMPO_SHARE = 0.02
SURE_TEMPO, SURE_KEY = 0.3, 0.35
"""How sure a measured tempo or key is to be before it is held against the request."""

KEY_CELL_S = 1.0
PIECE = 1 << 16
_FLATS = {"b": -1, "#": 1}


class Asked(msgspec.Struct, frozen=True):
    """What was asked for, as far as it can be measured; None and empty: nothing was. `key` is such as "Eb minor"."""

    seconds: float | None = None
    bpm: float | None = None
    key: str = ""


class Remark(msgspec.Struct, frozen=True):
    """Something worth a look: what it is about, and a sentence."""

    about: Subject
    sentence: str


class Facts(msgspec.Struct, frozen=True):
    """What was measured. Peaks in dBFS and loudness in LUFS, None where there is no sound to measure.

    `broken` counts values that are no numbers, `clipped` stretches flat at full scale, `silence` is the share of
    silent tenths of a second. `bpm` and `key` come with how sure they are, 0 to 1. `made` is the print by which others
    like it are found.
    """

    seconds: float
    broken: int = 0
    clipped: int = 0
    silence: float = 0.0
    peak: float | None = None
    true_peak: float | None = None
    loudness: float | None = None
    bpm: float | None = None
    sure_of_bpm: float = 0.0
    key: str = ""
    sure_of_key: float = 0.0
    made: bytes = b""
    remarks: tuple[Remark, ...] = ()


def check_sound(
    sound: Floats, rate: int, asked: Asked, others: Mapping[str, bytes] | Iterable[tuple[str, bytes]] = (),
    check: Callable[[], None] = lambda: None,
) -> Facts:  # fmt: skip
    """The facts of float32 (channels, frames) with remarks where they differ from what was asked for.

    `others` are the prints of sounds it may be nearly the same as, by name. `check` is called between measurements and
    may raise to stop. Worker threads; takes some hundredths of the sound's length.
    """
    broken = int(np.count_nonzero(~np.isfinite(sound)))
    whole = np.nan_to_num(sound, nan=0.0, posinf=0.0, neginf=0.0) if broken else sound
    facts = msgspec.structs.replace(_levels(whole, rate), broken=broken)
    check()
    if facts.silence < 1.0:
        tempo = find_tempo(whole, rate)
        check()
        key = _key(whole, rate, check)
        facts = msgspec.structs.replace(
            facts,
            bpm=round(float(tempo.bpm), 1) if tempo else None,
            sure_of_bpm=round(float(tempo.confidence), 3) if tempo else 0.0,
            key=key_name(key.key) if key else "",
            sure_of_key=round(float(key.confidence), 3) if key else 0.0,
            made=sound_print(whole, rate),
        )
    return msgspec.structs.replace(facts, remarks=tuple(_remarks(facts, asked, others)))


def _levels(sound: Floats, rate: int) -> Facts:
    channels, frames = sound.shape
    if not frames:
        return Facts(0.0, silence=1.0)
    meter = LoudnessMeter(rate, channels)
    for begin in range(0, frames, PIECE):
        meter.add(np.ascontiguousarray(sound[:, begin : begin + PIECE]))
    peak, loudness = meter.sample_peak, meter.integrated()
    tenth = max(rate // 10, 1)
    edges = np.arange(0, frames, tenth)
    tops = np.maximum.reduceat(np.abs(sound).max(axis=0), edges)
    return Facts(
        seconds=frames / rate,
        clipped=sum(_flat(channel) for channel in sound),
        silence=float(np.mean(tops < SILENT)),
        peak=_decibels(peak),
        true_peak=_decibels(meter.true_peak),
        loudness=round(loudness, 2) if math.isfinite(loudness) else None,
    )


def _decibels(level: float) -> float | None:
    return round(20 * math.log10(level), 2) if level > 0 else None


def _flat(channel: Floats) -> int:
    """How many stretches of a channel are flat at full scale."""
    full = np.abs(channel) >= FULL
    if not full.any():
        return 0
    turns = np.flatnonzero(np.diff(full.astype(np.int8), prepend=0, append=0))
    return int(np.count_nonzero(turns[1::2] - turns[::2] >= FLAT))


def _key(sound: Floats, rate: int, check: Callable[[], None]) -> Any:
    """The key that is heard, None where nothing with a pitch is."""
    mono = np.asarray(soxr.resample(sound.mean(axis=0, dtype=np.float32), rate, RATE), np.float32)
    cells = max(math.ceil(len(mono) / RATE / KEY_CELL_S), 1)
    edges = [cell * KEY_CELL_S for cell in range(cells + 1)]
    blocks = (mono[begin : begin + PIECE] for begin in range(0, len(mono), PIECE))
    return key_of(hear(blocks, edges, lambda _: check()).classes.sum(axis=0))


def _remarks(facts: Facts, asked: Asked, others: Mapping[str, bytes] | Iterable[tuple[str, bytes]]) -> Iterable[Remark]:
    if facts.broken:
        yield Remark(
            "numbers", f"{facts.broken:,} values of the sound are no numbers; make it again with other settings."
        )
    if facts.silence >= 1.0:
        yield Remark("silence", "The sound is silent.")
    elif facts.silence > MOSTLY:
        yield Remark("silence", f"{facts.silence:.0%} of the sound is silent.")
    if facts.clipped:
        yield Remark("clipping", f"The sound clips in {facts.clipped:,} places.")
    if facts.loudness is not None and facts.loudness < SOFT:
        yield Remark("loudness", f"The sound is very soft, at {facts.loudness:.0f} LUFS.")
    if asked.seconds and abs(facts.seconds - asked.seconds) > max(LENGTH_S, LENGTH_SHARE * asked.seconds):
        yield Remark("length", f"It lasts {facts.seconds:.1f} s; {asked.seconds:.1f} s were asked for.")
    if asked.bpm and facts.bpm and facts.sure_of_bpm >= SURE_TEMPO and not same_tempo(facts.bpm, asked.bpm):
        heard = facts.bpm * 2 ** round(math.log2(asked.bpm / facts.bpm))
        yield Remark("tempo", f"It sounds like {heard:.0f} BPM; {asked.bpm:g} BPM were asked for.")
    if asked.key and facts.key and facts.sure_of_key >= SURE_KEY and not same_notes(facts.key, asked.key):
        yield Remark("key", f"It sounds like {facts.key}; {asked.key} was asked for.")
    if facts.made:
        for name, share in nearly_the_same(facts.made, others)[:1]:
            yield Remark("likeness", f"It is nearly the same as “{name}” ({share:.0%} alike).")


def same_tempo(one: float, other: float) -> bool:
    """Whether two tempos are the same, or one is the other counted in halves or doubles."""
    return any(abs(one * factor / other - 1) <= TEMPO_SHARE for factor in (0.25, 0.5, 1.0, 2.0, 4.0))


def same_notes(one: str, other: str) -> bool:
    """Whether two keys such as "Eb major" have the same notes: the same key, or the relative one."""
    first, second = read_key(one), read_key(other)
    return first is not None and second is not None and first.pitch_classes == second.pitch_classes


def read_key(name: str) -> Key | None:
    """The key that a name such as "Eb major" or "D dorian" means; None where it means none."""
    told = re.fullmatch(r"([A-G])([#b]?) (.+)", name)
    if told is None or told[3] not in SCALES:
        return None
    return Key(0, (SHARPS.index(told[1]) + _FLATS.get(told[2], 0)) % 12, told[3])
