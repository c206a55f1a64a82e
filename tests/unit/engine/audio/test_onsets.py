"""Onsets: found where they are, to the attack, among drums, tones and noise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from studio.engine.audio.onsets import find_onsets

RATE = 48_000
DRUMS = (
    "bd_haus", "sn_dolf", "hat_cab", "drum_snare_hard", "drum_bass_hard", "hat_tap", "drum_cowbell", "bd_808",
    "elec_snare", "drum_tom_mid_hard", "sn_generic", "drum_cymbal_closed", "bd_klub", "drum_heavy_kick", "bd_sone",
)  # fmt: skip


def read(folder: Path, name: str) -> np.ndarray:
    """float32 (channels, frames) at 48 kHz."""
    sound, rate = soundfile.read(folder / "samples_cc0" / f"{name}.flac", dtype="float32", always_2d=True)
    return soxr.resample(sound, rate, RATE).T.astype(np.float32)


def laid(hits: list[np.ndarray], random: np.random.Generator, seconds: float = 20.0) -> tuple[np.ndarray, np.ndarray]:
    """Hits one after the other at odd times and levels, and the frames at which they leave a 20th of their peak."""
    out, begins, at, n = np.zeros((2, round(seconds * RATE)), np.float32), list[int](), 2000, 0
    while at < out.shape[1] - RATE:
        hit = hits[n % len(hits)]
        loud = np.abs(hit).max(0)
        out[:, at : at + hit.shape[1]] += hit[:, : out.shape[1] - at] * (random.uniform(0.15, 0.5) / loud.max())
        begins.append(at + int(np.flatnonzero(loud > loud.max() * 0.05)[0]))
        at, n = at + int(RATE * random.uniform(0.12, 0.35)), n + 1
    return out, np.array(begins)


def compared(sound: np.ndarray, begins: np.ndarray) -> tuple[np.ndarray, int]:
    """How far, in ms, each hit is from the onset nearest to it, and how many onsets belong to no hit."""
    found = np.array([onset.frame for onset in find_onsets(sound, RATE)])
    off = np.array([found[np.abs(found - begin).argmin()] - begin for begin in begins]) / RATE * 1000
    strange = sum(np.abs(begins - frame).min() > 0.025 * RATE for frame in found)
    return off, strange


def bed(frames: int) -> np.ndarray:
    """A bass chord that sounds on, and a little noise."""
    time = np.arange(frames) / RATE
    tones = 0.05 * np.sin(2 * np.pi * 55 * time) + 0.05 * np.sin(2 * np.pi * 82.5 * time)
    return (tones + 0.002 * np.random.default_rng(3).standard_normal((2, frames))).astype(np.float32)


@pytest.mark.parametrize("accompanied", [False, True])
def test_drum_hits_are_found_within_two_milliseconds(testdata: Path, accompanied: bool) -> None:
    hits = [read(testdata, name) for name in DRUMS]
    sound, begins = laid(hits, np.random.default_rng(1))
    off, strange = compared(sound + bed(sound.shape[1]) if accompanied else sound, begins)
    assert (np.abs(off) < 2.0).mean() > 0.9, "but for soft hits on the tails of loud ones"
    assert np.abs(np.median(off)) < 0.3
    assert strange <= 3


def test_hits_of_known_shape_are_found_where_they_begin() -> None:
    random, time = np.random.default_rng(5), np.arange(RATE // 4) / RATE
    tick = random.standard_normal((2, RATE // 4)) * np.exp(-time * 60)
    thump = np.tile(np.sin(2 * np.pi * 70 * time) * np.exp(-time * 18), (2, 1))
    pluck = np.tile(np.sign(np.sin(2 * np.pi * 220 * time)) * np.exp(-time * 12), (2, 1))
    sound, begins = laid([tick, thump, pluck], random, 10.0)
    off, strange = compared(sound.astype(np.float32), begins)
    assert np.abs(off).max() < 2.0
    assert strange == 0


@pytest.mark.parametrize(("loop", "count"), [("loop_compus", 26), ("loop_breakbeat", 6), ("loop_mehackit1", 12)])
def test_real_loops_give_their_hits(testdata: Path, loop: str, count: int) -> None:
    onsets = find_onsets(read(testdata, loop), RATE)
    assert abs(len(onsets) - count) <= 1
    assert all(0 < onset.strength <= 1 for onset in onsets)
    frames = [onset.frame for onset in onsets]
    assert frames == sorted(set(frames))


def test_a_higher_sensitivity_finds_more(testdata: Path) -> None:
    loop = read(testdata, "arovane_beat_c")
    counts = [len(find_onsets(loop, RATE, at)) for at in (0.0, 0.5, 1.0)]
    assert counts == sorted(set(counts))


def test_silence_steady_sound_and_nothing_have_no_onsets() -> None:
    assert find_onsets(np.zeros((2, RATE), np.float32), RATE) == []
    assert find_onsets(np.zeros((1, 0), np.float32), RATE) == []
    tone = np.sin(np.arange(2 * RATE) / 20)[None].astype(np.float32)
    (only,) = find_onsets(tone, RATE)
    assert only.frame < 10, "its beginning, and not where it is cut off"
    assert find_onsets(np.ones((1, 3), np.float32), RATE)[0].frame == 0


@pytest.mark.parametrize("rate", [22_050, 96_000])
def test_another_rate_gives_the_same_times(testdata: Path, rate: int) -> None:
    loop = read(testdata, "loop_compus")
    other = soxr.resample(loop.T, RATE, rate).T.astype(np.float32)
    here = np.array([onset.frame / RATE for onset in find_onsets(loop, RATE)])
    there = np.array([onset.frame / rate for onset in find_onsets(other, rate)])
    assert len(here) == len(there)
    assert np.abs(here - there).max() < 0.004
