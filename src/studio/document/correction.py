"""Pitch correction of a sung recording: which notes were heard in it, and where each is to go.

Frames count in the media, not in the clip, so trimming, splitting and moving a clip leave its correction alone.
"""

from __future__ import annotations

import hashlib
import math

import msgspec

SAME = 5e-4
"""Semitones; what is moved by less stays as it is."""

MADE_BY = 1
"""Goes up when the same correction is to sound otherwise, so that what is in caches is made anew."""

_OUTWARD = (0, *(way * step for step in range(1, 13) for way in (1, -1)))
"""Steps away from a note, the nearest first; of two as near, the one towards the pitch."""

MARK = "~"
"""Stands in the name of a corrected sound between its media and its correction."""


class TunedNote(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A note from media frame `start` to before `end`, sung at `pitch` (scale of MIDI notes), and what becomes of it.

    `shift` moves it by semitones. `centre` (0..1) then draws it to the nearest note of the scale, `drift` (0..1) takes
    away how it wanders, `vibrato` (0..2) scales its swing; 1 keeps it.
    """

    start: int
    end: int
    pitch: float
    shift: float = 0.0
    centre: float = 0.0
    drift: float = 0.0
    vibrato: float = 1.0


class Correction(msgspec.Struct, frozen=True, gc=False):
    """What a clip's sound is corrected by. `notes` follow one another without overlapping.

    `strength` (0..1) scales `centre` and `drift` of all notes. `speed` is how many milliseconds the way from one note's
    correction to the next takes. `scale` holds the pitch classes that notes are centred on, 0 for C; empty: all.
    """

    notes: tuple[TunedNote, ...]
    strength: float = 1.0
    speed: float = 80.0
    scale: tuple[int, ...] = ()
    bypassed: bool = False

    def nearest(self, pitch: float) -> int:
        """The note of the scale that is nearest to a pitch, the lower of two."""
        found = math.ceil(pitch - 0.5)
        if not self.scale:
            return found
        near = (found + (step if pitch > found else -step) for step in _OUTWARD)
        return next(one for one in near if one % 12 in self.scale)

    def moved(self, note: TunedNote) -> float:
        """How many semitones a note is lifted as a whole."""
        if not note.centre or not self.strength:
            return note.shift
        aimed = note.pitch + note.shift
        return note.shift + self.strength * note.centre * (self.nearest(aimed) - aimed)

    def changes(self, note: TunedNote) -> bool:
        """Whether a note will sound otherwise than it was sung."""
        bent = self.strength * note.drift > 0.0 or note.vibrato != 1.0
        return bent or abs(self.moved(note)) >= SAME

    @property
    def sounds(self) -> bool:
        """Whether anything will sound otherwise than it was sung."""
        return not self.bypassed and any(map(self.changes, self.notes))


_known: dict[int, tuple[Correction, str]] = {}
_MOST = 256


def digest(correction: Correction) -> str:
    """Names what a correction does to a sound: 16 hexadecimal digits, "" where it does nothing. Any thread."""
    found = _known.get(id(correction))
    if found is not None and found[0] is correction:
        return found[1]
    made = ""
    if correction.sounds:
        content = (MADE_BY, correction.strength, correction.speed, correction.scale, correction.notes)
        made = hashlib.sha256(msgspec.msgpack.encode(content)).hexdigest()[:16]
    if len(_known) >= _MOST:
        _known.clear()
    _known[id(correction)] = (correction, made)
    return made


def sound_id(media: str, correction: Correction | None) -> str:
    """The sound that a media id gives under a correction: an id of its own, or the media's where nothing changes."""
    made = digest(correction) if correction is not None else ""
    return f"{media}{MARK}{made}" if made else media


def raw_id(sound: str) -> str:
    """The media id that a sound was made of."""
    return sound.rpartition(MARK)[0] or sound
