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
    `key` is that in which exercises are proposed. `voice` is which of the song's voices `target` is.
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
    voice: int = 0

    def at_tempo(self, bpm: float) -> Aim:
        """At so many musical beats a minute, of which a target says how many it has; a notice says what that makes.

        An UltraStar song counts faster than it is felt: see `UltraStarSong.tempo`. Raises StudioError for a tempo that
        is none.
        """
        if not SLOWEST <= bpm <= FASTEST:
            raise StudioError(f"{bpm:g} is not a tempo; give one from {SLOWEST:g} to {FASTEST:g} BPM.")
        if self.target is None or not self.target.beat:
            return replace(self, beat=60.0 / bpm)
        own = 60.0 / self.target.beat
        said = f"“{self.target.title}” has {own:g} beats a minute; at {bpm:g} it is {100 * bpm / own:.0f} % as fast."
        return replace(self._at_pace(bpm / own), beat=60.0 / bpm, notices=(*self.notices, said))

    def practised(self, key: int, pace: float) -> Aim:
        """As it is sung in a practice: `key` semitones higher, `pace` times as fast, its offset with it."""
        aim = self._at_pace(pace) if pace != 1.0 else self
        aim = replace(aim, offset=aim.offset / pace)
        if not key:
            return aim
        song, target, own = aim.song, aim.target, aim.key
        if song is not None:
            song = replace(song, voices=tuple(voice.shifted(key) for voice in song.voices))
        return replace(
            aim,
            target=target.shifted(key) if target is not None else None,
            song=song,
            classes=frozenset((one + key) % 12 for one in aim.classes),
            key=replace(own, tonic=(own.tonic + key) % 12) if own is not None else None,
        )

    def of_voice(self, number: int) -> Aim:
        """The part of a singer of a duet, 1 or 2. Raises StudioError where the song has no such part."""
        voices = self.song.voices if self.song is not None else ()
        if number == 1:
            return self if not voices else replace(self, target=voices[0])
        if not 1 <= number <= len(voices):
            raise StudioError("This target has one voice; only the duets among UltraStar songs have a second one.")
        return replace(self, target=voices[number - 1], voice=number - 1)

    def _at_pace(self, pace: float) -> Aim:
        factor, song = 1.0 / pace, self.song
        if song is not None:
            voices = tuple(voice.stretched(factor) for voice in song.voices)
            song = replace(song, bpm=song.bpm * pace, gap=song.gap * factor, voices=voices)
        target = self.target.stretched(factor) if self.target is not None else None
        return replace(self, beat=self.beat * factor, target=target, song=song)

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
            karaoke = karaoke_score(track, aim.song, aim.offset, allowed.difficulty, aim.voice)
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
