"""How right the coach hears a voice, beside other trackers in the same run: the tables of docs/coach-accuracy.md."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from studio.engine.audio.decode import decode_blocks, probe
from studio.engine.voice.grading import grade_freely, sustained
from studio.engine.voice.livepitch import LivePitch
from studio.engine.voice.notes import find_notes
from studio.engine.voice.pitchtrack import VOICED
from studio.engine.voice.tracking import HOP, detector, track_pitch
from studio.engine.voice.tracking import RATE as HEARD

pytestmark = pytest.mark.bench
Row = Callable[..., None]
Reals = np.ndarray

OFFLINE, LIVE, NOTES, OCTAVES = 0.965, 0.95, 0.85, 0.005

PYIN = 22_050
"""The rate at which pyin does best on this voice."""


class Contour(NamedTuple):
    """Times in seconds, pitches in Hz, and which of them are voiced."""

    times: Reals
    hz: Reals
    voiced: Reals


def mono(path: Path) -> Reals:
    return np.concatenate([block.mean(axis=0) for block in decode_blocks(path)]).astype(np.float32)


@pytest.fixture(scope="module")
def clip(testdata: Path) -> Path:
    return testdata / "singing_annotated" / "vocadito"


@pytest.fixture(scope="module")
def truth(clip: Path) -> Contour:
    times, hz = np.loadtxt(clip / "Annotations/F0/vocadito_1_f0.csv", delimiter=",", unpack=True)
    return Contour(times, hz, hz > 0)


def scores(truth: Contour, found: Contour) -> dict[str, float]:
    """mir_eval's melody scores at 50 cents; octave errors are what folding octaves away would win."""
    import mir_eval

    hz = np.where(found.voiced, found.hz, -found.hz)
    return dict(mir_eval.melody.evaluate(truth.times, truth.hz, found.times, hz))


def tell(row: Row, name: str, truth: Contour, found: Contour, budget: float = 0.0) -> None:
    got = scores(truth, found)
    right, octave = got["Overall Accuracy"], got["Raw Chroma Accuracy"] - got["Raw Pitch Accuracy"]
    measured = (
        f"overall {right:.3f}, pitch {got['Raw Pitch Accuracy']:.3f}, voicing {got['Voicing Recall']:.3f} / "
        f"{got['Voicing False Alarm']:.3f}, octave errors {octave:.2%}"
    )
    limit = f"overall {budget:g}, octave errors {OCTAVES:.1%}" if budget else ""
    row(name, measured, limit, (right >= budget and octave < OCTAVES) if budget else None)


def ours(sound: Reals, rate: int) -> Contour:
    track = track_pitch([sound], rate)
    return Contour(track.times, track.hz, track.voiced)


def plain(sound: Reals, rate: int) -> Contour:
    found = detector().detect(at_network_rate(sound, rate), HEARD)
    return Contour(np.arange(len(found.pitch_hz)) * HOP / HEARD, found.pitch_hz, found.confidence >= 0.5)


def at_network_rate(sound: Reals, rate: int) -> Reals:
    import soxr

    return np.asarray(soxr.resample(sound, rate, HEARD))


def live(sound: Reals, rate: int) -> tuple[Contour, Contour, Contour]:
    """What is hinted, what is answered first, and what takes its place, fed in pieces of 10 ms."""
    listening, size = LivePitch(rate), rate // 100
    hints, first, last = (dict[int, tuple[float, float]]() for _ in range(3))
    for at in range(0, len(sound), size):
        for frame in listening.push(at, sound[at : at + size]):
            answer = frame.hz, frame.confidence
            hints.setdefault(frame.at, answer)
            if not frame.hint:
                (last if frame.final else first).setdefault(frame.at, answer)
                first.setdefault(frame.at, answer)
    return contour(hints, rate), contour(first, rate), contour(last, rate)


def contour(frames: dict[int, tuple[float, float]], rate: int) -> Contour:
    """The frames on the even grid on which they stand; those that were never answered are silent."""
    numbers = {round(at * HEARD / (rate * HOP)): answer for at, answer in frames.items()}
    hz, sure = np.array([numbers.get(n, (0.0, 0.0)) for n in range(max(numbers) + 1)]).T
    return Contour(np.arange(len(hz)) * HOP / HEARD, hz, sure >= VOICED)


def test_pitch_on_an_annotated_voice(row: Row, clip: Path, truth: Contour) -> None:
    import librosa

    path = clip / "Audio/vocadito_1.wav"
    rate, sound = probe(path).rate, mono(path)
    tell(row, "the coach, after the take", truth, ours(sound, rate), OFFLINE)
    began = time.perf_counter()
    ours(sound, rate)
    row("the same, speed", f"{len(sound) / rate / (time.perf_counter() - began):.0f} x real time")
    hints, first, last = live(sound, rate)
    tell(row, "the coach, live, hints", truth, hints)
    tell(row, "the coach, live, first answers", truth, first, LIVE)
    tell(row, "the coach, live, answers that stay", truth, last, LIVE)
    tell(row, "swift-f0 alone, whole file", truth, plain(sound, rate))
    heard = librosa.resample(sound, orig_sr=rate, target_sr=PYIN)
    hz, voiced, _ = librosa.pyin(heard, fmin=65, fmax=1000, sr=PYIN, frame_length=1024, hop_length=256, fill_na=None)
    times = np.arange(len(hz)) * 256 / PYIN
    tell(row, "librosa.pyin 1024/256", truth, Contour(times, hz, voiced))


@pytest.mark.parametrize("decibels", [30, 20, 10])
def test_pitch_in_noise(row: Row, clip: Path, truth: Contour, decibels: int) -> None:
    path = clip / "Audio/vocadito_1.wav"
    rate, sound = probe(path).rate, mono(path)
    power = float(np.mean(sound**2)) / 10 ** (decibels / 10)
    hiss = np.random.default_rng(1).normal(0, np.sqrt(power), len(sound)).astype(np.float32)
    tell(row, f"the coach, white noise {decibels} dB below the voice", truth, ours(sound + hiss, rate))


def test_notes_on_an_annotated_voice(row: Row, clip: Path) -> None:
    from swift_f0 import segment_notes

    path = clip / "Audio/vocadito_1.wav"
    rate, sound = probe(path).rate, mono(path)
    first, second = (annotated(clip / f"Annotations/Notes/vocadito_1_notesA{n}.csv") for n in (1, 2))
    sung = find_notes(track_pitch([sound], rate))
    mine = np.array([(note.start, note.end) for note in sung]), np.array([note.hz for note in sung])
    score = matched(first, mine)
    row("notes of the coach, F1 of onset and pitch", f"{score:.3f}", f"{NOTES}", score >= NOTES)
    found = segment_notes(detector().detect(at_network_rate(sound, rate), HEARD))
    theirs = np.array([(one.start, one.end) for one in found]), np.array([one.pitch_hz for one in found])
    row("notes of swift-f0 alone", f"{matched(first, theirs):.3f}")
    row("the second human annotator", f"{matched(first, second):.3f}")


def annotated(path: Path) -> tuple[Reals, Reals]:
    start, hz, length = np.loadtxt(path, delimiter=",", unpack=True)
    return np.stack([start, start + length], axis=1), hz


def matched(truth: tuple[Reals, Reals], found: tuple[Reals, Reals]) -> float:
    import mir_eval

    *_, score, _ = mir_eval.transcription.precision_recall_f1_overlap(*truth, *found, offset_ratio=None)
    return float(score)


def test_what_is_no_singing(row: Row, testdata: Path) -> None:
    rng = np.random.default_rng(1)
    sounds = {
        "silence, 60 s": np.zeros(60 * HEARD, np.float32),
        "white noise, 60 s": rng.normal(0, 0.1, 60 * HEARD).astype(np.float32),
        "brown noise, 60 s": brown(rng, 60 * HEARD),
    }
    for name, sound in sounds.items():
        track = track_pitch([sound], HEARD)
        count = len(find_notes(track))
        row(f"notes heard in {name}", str(count), "none", count == 0)
    for name in ("speech-female", "singing-female", "vocadito_10"):
        path = testdata / "singing_plain" / f"{name}.wav"
        track = track_pitch([mono(path)], probe(path).rate)
        sure = grade_freely(track, find_notes(track)).scores.confidence
        speech = name.startswith("speech")
        row(
            f"confidence shown for {name}",
            f"{sure:.2f} ({sustained(track):.0%} of the voice held)",
            "below 0.5" if speech else "above 0.5",
            (sure < 0.5) == speech,
        )


def brown(rng: np.random.Generator, frames: int) -> Reals:
    from scipy.signal import lfilter

    walk = lfilter([1.0], [1.0, -0.999], rng.normal(0, 1, frames))
    return np.asarray(0.1 * walk / np.std(walk), np.float32)
