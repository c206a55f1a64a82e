"""Songs of one instrument track, and what is heard of them: shared by the tests of the instruments."""

from __future__ import annotations

import numpy as np
from msgspec.structs import replace

from mixes import RATE, Floats, even, rendering, stream
from studio.document.blocks import control_blocks, note_blocks
from studio.document.instruments import Instrument
from studio.document.notes import Control, Note, NoteClip
from studio.document.project import Strip, Track, new_project
from studio.engine.audio.compiler import compile_plan
from studio.engine.audio.plan import RenderPlan

BEAT = RATE // 2


def song(
    notes: tuple[Note, ...], instrument: Instrument, controls: tuple[Control, ...] = (), **strip: object
) -> RenderPlan:
    """The plan of a song of one instrument track at 120 BPM."""
    clip = NoteClip("c", "c", 0, 96_000, 0, 0, note_blocks(notes), control_blocks(controls))
    part = Strip(**strip)  # type: ignore[arg-type]
    track = Track("t", "t", "#ffffff", "instrument", "musical", part, (clip,), instrument=instrument)
    return compile_plan(replace(new_project("Notes", RATE), tracks=(track,)), {})


def played(plan: RenderPlan, position: int, blocks: list[int]) -> Floats:
    """The master from a song frame on."""
    with rendering(plan) as renderer:
        renderer.reset(position)
        return stream(renderer, position, blocks)


def heard(instrument: Instrument, *notes: Note, controls: tuple[Control, ...] = (), seconds: float = 2.0) -> Floats:
    """What notes sound like from the start on."""
    return played(song(notes, instrument, controls), 0, even(int(seconds * RATE)))


def cuts(frames: int, seed: int) -> list[int]:
    """Blocks of odd sizes, of so many frames at least."""
    random, blocks = np.random.default_rng(seed), list[int]()
    while sum(blocks) < frames:
        blocks.append(int(random.integers(1, random.choice([70, 2000, 20_000]))))
    return blocks


def pitch(sound: Floats) -> float:
    """The strongest frequency, in Hz."""
    spectrum = np.abs(np.fft.rfft(sound.mean(0) * np.hanning(sound.shape[1]), 1 << 18))
    return float(spectrum.argmax() * RATE / (1 << 18))


def centroid(sound: Floats) -> float:
    """The centre of the spectrum's energy, in Hz."""
    energy = np.abs(np.fft.rfft(sound.mean(0))) ** 2
    return float((np.fft.rfftfreq(sound.shape[1], 1 / RATE) * energy).sum() / energy.sum())


def peak_db(sound: Floats) -> float:
    """The largest magnitude in dBFS."""
    return float(20 * np.log10(max(np.abs(sound).max(), 1e-9)))


def length(sound: Floats, below_db: float = 40.0) -> float:
    """Seconds until it stays so far below its loudest."""
    magnitude = np.abs(sound).max(0)
    return float(np.flatnonzero(magnitude > magnitude.max() * 10 ** (-below_db / 20))[-1] / RATE)
