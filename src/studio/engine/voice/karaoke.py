"""The score of UltraStar Deluxe by its own rules, so that singers can compare."""

from __future__ import annotations

import msgspec
import numpy as np

from .pitchtrack import PitchTrack
from .ultrastar import UltraStarSong

NOTES, LINES = 9000.0, 1000.0
"""What the notes of a song are worth, and its lines beside them."""

WEIGHTS = {"freestyle": 0, "normal": 1, "golden": 2, "rap": 1, "golden rap": 2}
TOLERANCE = {"easy": 2, "medium": 1, "hard": 0}
"""Semitones that a beat may be off, octaves folded away."""

RANKS = (
    (9010, "Ultrastar"),
    (8510, "Hit singer"),
    (7510, "Superstar"),
    (6010, "Lead singer"),
    (5010, "Rising star"),
    (4010, "Wannabe"),
    (2010, "Amateur"),
    (0, "Tone deaf"),
)


class KaraokeScore(msgspec.Struct, frozen=True):
    """Points of 10,000, of which `line_bonus` for whole lines, and the rank that they give."""

    points: int
    line_bonus: int
    rank: str


def karaoke_score(
    track: PitchTrack, song: UltraStarSong, offset: float = 0.0, difficulty: str = "medium", voice: int = 0
) -> KaraokeScore:
    """Judges each beat of each note by the pitch at its middle. The song begins `offset` seconds into the sound."""
    beat = 15.0 / song.bpm
    target = song.voices[voice]
    total = sum(WEIGHTS[note.kind] * _beats(note.length, beat) for note in target.notes)
    if not total:
        return KaraokeScore(0, 0, RANKS[-1][1])
    points = bonus = 0.0
    judged = [line for line in target.lines if any(WEIGHTS[note.kind] for note in line.notes)]
    for line in judged:
        reached = most = 0.0
        for note in line.notes:
            worth = NOTES * WEIGHTS[note.kind] / total
            for n in range(_beats(note.length, beat)):
                most += worth
                rap = note.kind in {"rap", "golden rap"}
                if _hit(track, offset + note.start + (n + 0.5) * beat, note.pitch, TOLERANCE[difficulty], rap):
                    reached += worth
        points += reached
        bonus += LINES / len(judged) * min(max(reached / (most - 2), 0.0), 1.0) if most > 2 else 0.0
    whole = round(points + bonus)
    return KaraokeScore(whole, round(bonus), next(name for least, name in RANKS if whole >= least))


def _beats(length: float, beat: float) -> int:
    return max(round(length / beat), 1)


def _hit(track: PitchTrack, at: float, pitch: float, tolerance: int, any_pitch: bool) -> bool:
    frame = round((at - track.start) / track.step)
    if not 0 <= frame < len(track) or not track.voiced[frame]:
        return False
    if any_pitch:
        return True
    tone = round(69.0 + 12.0 * float(np.log2(track.hz[frame] / 440.0)))
    away = (tone - round(pitch)) % 12
    return min(away, 12 - away) <= tolerance
