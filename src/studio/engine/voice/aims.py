"""What a take is judged by: a song, notes, a scale, a beat, or nothing but the singer's own tuning."""

from __future__ import annotations

import re

import msgspec
from msgspec.structs import replace

from ...document.harmony import SCALES, Key
from ...errors import StudioError
from .advice import Advice, advise
from .grading import Graded, Tolerance, grade, grade_freely
from .karaoke import KaraokeScore, karaoke_score
from .notes import SungNote
from .phrases import Phrase, phrases_of
from .pitchtrack import PitchTrack
from .targets import Target
from .ultrastar import UltraStarSong

SLOWEST, FASTEST = 10.0, 999.0
"""Beats a minute that can be asked for."""


class Aim(msgspec.Struct, frozen=True):
    """What to judge by. `offset` is the second of the sound at which the target, or the first beat, begins.

    `song` is the UltraStar song that `target` is of, where it is one; `classes` are the pitch classes of a scale (0 is
    C). With `on_timeline` the seconds are those of the song, not of the sound. `beat` is a length in seconds, or 0;
    `key` is that in which exercises are proposed.
    """

    title: str = ""
    target: Target | None = None
    song: UltraStarSong | None = None
    classes: frozenset[int] = frozenset()
    beat: float = 0.0
    offset: float = 0.0
    on_timeline: bool = False
    notices: tuple[str, ...] = ()
    key: Key | None = None

    def at_tempo(self, bpm: float) -> Aim:
        """At another tempo. Raises StudioError for one that is none."""
        if not SLOWEST <= bpm <= FASTEST:
            raise StudioError(f"{bpm:g} is not a tempo; give one from {SLOWEST:g} to {FASTEST:g} BPM.")
        beat = 60.0 / bpm
        if self.target is None or not self.target.beat:
            return replace(self, beat=beat)
        factor = beat / self.target.beat
        song = self.song
        if song is not None:
            voices = tuple(voice.stretched(factor) for voice in song.voices)
            song = replace(song, bpm=song.bpm / factor, gap=song.gap * factor, voices=voices)
        return replace(self, beat=beat, target=self.target.stretched(factor), song=song)

    def moved(self, seconds: float) -> Aim:
        """Begun later in the sound, or earlier."""
        return replace(self, offset=self.offset + seconds)


class Judged(msgspec.Struct, frozen=True):
    """What a take is worth. `karaoke` is there for UltraStar songs."""

    notes: tuple[SungNote, ...]
    graded: Graded
    phrases: tuple[Phrase, ...]
    karaoke: KaraokeScore | None
    advice: Advice


def judge(
    track: PitchTrack, notes: tuple[SungNote, ...], aim: Aim, tolerance: Tolerance | None = None, trust: float = 1.0
) -> Judged:
    """Judges a take. Any thread; the sound is not needed. `trust` (0 to 1) is how far the sound can be believed."""
    allowed = tolerance or Tolerance()
    karaoke = None
    if aim.target is not None:
        graded = grade(track, notes, aim.target, offset=aim.offset, tolerance=allowed)
        if aim.song is not None:
            karaoke = karaoke_score(track, aim.song, aim.offset, allowed.difficulty)
    else:
        graded = grade_freely(track, notes, aim.beat, aim.offset, classes=aim.classes, tolerance=allowed)
    sure = replace(graded.scores, confidence=graded.scores.confidence * trust)
    graded = replace(graded, scores=sure)
    advice = advise(graded, notes, aim.key, allowed)
    return Judged(notes, graded, tuple(phrases_of(graded)), karaoke, advice)


_SCALE = re.compile(r"\s*(.+?)\s+(scale|arpeggio)\s*", re.IGNORECASE)


def scale_words(text: str) -> tuple[str, bool] | None:
    """The key that a text such as "A minor scale" names, and whether its arpeggio is meant; None for other texts."""
    found = _SCALE.fullmatch(text)
    return (found[1], found[2].casefold() == "arpeggio") if found else None


def scale_aim(key: Key, arpeggio: bool = False) -> Aim:
    """The tones of a scale, or of the triad on its tonic, in any octave and order."""
    steps = tuple(SCALES[key.mode])
    if arpeggio:
        steps = (0, 3 if 3 in steps and 4 not in steps else 4, 6 if 6 in steps and 7 not in steps else 7)
    return Aim(classes=frozenset((key.tonic + step) % 12 for step in steps), key=key)
