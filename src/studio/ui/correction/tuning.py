"""What the editor of a correction shows and changes: one clip or take, its sung notes, and which of them are chosen."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal

from ...actions.correcting import Sung, listen_to
from ...document.bounds import MAX_SHIFT
from ...document.correction import Correction, TunedNote
from ...document.document import Announcement
from ...document.edits import correction as edits
from ...document.harmony import Key, key_at
from ...document.project import AudioClip, Clip, Comp, Media, Take, clip_start
from ...engine.jobs import Job, Work
from ...engine.voice.correction import lift, sounding
from ...errors import StudioError

Line = npt.NDArray[np.float64]

NO_SONG = "Open a song or start one; then correct a voice here."
NO_CLIP = "Select a clip with one voice on the timeline, then choose Correct Pitch… in its menu."
GONE = "The clip that was corrected here is no longer in the song. Select another one."
LISTENING = "Listening to the voice…"
MAKING = "Making the corrected sound; what was sung is heard until it is there."

AROUND = 1.0
"""Seconds beyond what is seen for which lines are worked out: a correction depends on its neighbours."""

CENTS = 0.05
"""Semitones by which a key moves a note freely."""


class Tuning(QObject):
    """Main thread. `shown()` follows every change of what is seen, `selected()` another choice of notes,
    `told(sentence)` what should be known of the sound, `failed(error)` an edit that was refused."""

    shown = Signal()
    selected = Signal()
    told = Signal(str)
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session: Any = None
        self.clip_id = self.take_id = ""
        self.sung: Sung | None = None
        self.sentence = NO_SONG
        self.selection: frozenset[int] = frozenset()
        self.job = ""
        self._preview: Correction | None = None
        self._plain = Correction(())
        self._drawn: tuple[Correction, tuple[int, int], tuple[Line, Line, Line]] | None = None
        self._forget: Callable[[], None] | None = None

    # -- what is shown -------------------------------------------------------------------------------------------

    def set_session(self, session: Any) -> None:
        """Shows a song, or none."""
        if self._forget is not None:
            self._forget()
            self._forget = None
        self.session = session
        if session is not None:
            self._forget = session.document.subscribe(self._hear)
        self._close(NO_SONG if session is None else NO_CLIP)

    def open(self, clip_id: str, take_id: str = "") -> None:
        """Shows a clip, of a comp the take that sounds longest or the one that is named, once it has been heard."""
        clip = self._clip(clip_id)
        if isinstance(clip, Comp):
            take_id = take_id or _longest(clip)
        if (clip_id, take_id) == (self.clip_id, self.take_id) and self.sung is not None:
            return
        self._close(NO_CLIP)
        self.clip_id, self.take_id = clip_id, take_id
        media = self.media
        if media is None:
            self._close(NO_CLIP)
            return
        self.sentence = LISTENING
        project, bundle = self.session.document.project, self.session.bundle

        def arrived(job: Job) -> None:
            if self.job == job.id:
                self._arrived(job)

        def task(work: Work) -> Sung | str:
            """What is sung, or why nothing can be corrected: the editor says so, which is no failure of the program."""
            try:
                return listen_to(bundle, project, media, work)
            except StudioError as error:
                work.check()
                return str(error)

        self.job = self.session.start("listen", f"Listen to {media.name}", task, arrived).id
        self.shown.emit()

    def tell_progress(self, share: float) -> None:
        """Shows how far the listening is, 0..1."""
        sentence = f"{LISTENING} {share:.0%}"
        if self.job and sentence != self.sentence:
            self.sentence = sentence
            self.shown.emit()

    def _arrived(self, job: Job) -> None:
        self.job = ""
        if isinstance(job.result, Sung):
            self.sung, self.sentence = job.result, ""
            key = self.key
            scale = tuple(sorted(key.pitch_classes)) if key is not None else ()
            self._plain, self._drawn = Correction(job.result.notes, scale=scale), None
            for notice in job.result.notices:
                self.told.emit(notice)
            if not self.visible:
                self.sentence = "No sung notes are heard in this clip. Choose one voice alone, sung rather than spoken."
        else:
            self.sentence = job.result or job.error or NO_CLIP
        self.shown.emit()
        self.selected.emit()

    def _close(self, sentence: str) -> None:
        self.clip_id = self.take_id = self.job = ""
        self.sung, self._preview, self.selection = None, None, frozenset()
        self._plain, self._drawn = Correction(()), None
        self.sentence = sentence
        self.shown.emit()
        self.selected.emit()

    def _hear(self, announcement: Announcement) -> None:
        if not self.clip_id:
            return
        if self.part is None:
            self._close(GONE)
            return
        self._preview = None
        count = len(self.notes)
        if any(number >= count for number in self.selection):
            self.select(())
        self.shown.emit()

    def _clip(self, clip_id: str) -> Clip | None:
        return self.session.document.clip(clip_id) if self.session is not None and clip_id else None

    @property
    def part(self) -> AudioClip | Take | None:
        """The clip or take that is corrected."""
        clip = self._clip(self.clip_id)
        if isinstance(clip, Comp):
            return clip.take(self.take_id)
        return clip if isinstance(clip, AudioClip) and not self.take_id else None

    @property
    def media(self) -> Media | None:
        """The sound of the part."""
        part = self.part
        return self.session.document.project.medium(part.media) if part is not None else None

    @property
    def name(self) -> str:
        """What the part is called."""
        part = self.part
        return part.name if part is not None else ""

    @property
    def rate(self) -> int:
        """Frames a second."""
        return int(self.session.document.project.rate) if self.session is not None else 48_000

    @property
    def correction(self) -> Correction:
        """The correction as it is seen: that of the song, or what a gesture makes of it."""
        if self._preview is not None:
            return self._preview
        part = self.part
        if part is not None and part.correction is not None:
            return part.correction
        return self._plain

    @property
    def notes(self) -> tuple[TunedNote, ...]:
        """The notes of the whole media; those of a clip are the `visible` ones."""
        return self.correction.notes

    @property
    def window(self) -> tuple[int, int]:
        """The media frames that the part shows: first, after the last."""
        part = self.part
        return (part.source, part.source + part.length) if part is not None else (0, 0)

    @property
    def visible(self) -> list[int]:
        """The numbers of the notes that lie in the part."""
        first, last = self.window
        return [n for n, note in enumerate(self.notes) if note.start < last and note.end > first]

    @property
    def chosen(self) -> list[int]:
        """The numbers of the selected notes; of all, where none is selected."""
        return sorted(self.selection) or self.visible

    @property
    def may_write(self) -> bool:
        """Whether something can be changed."""
        return self.sung is not None and self.part is not None and not self.session.document.read_only

    @property
    def waits(self) -> bool:
        """Whether the corrected sound is still being made."""
        part = self.part
        return part is not None and bool(self.session.corrections.waits(part.sound))

    @property
    def key(self) -> Key | None:
        """The key of the song where the part begins, None where its lane says none."""
        clip = self._clip(self.clip_id)
        if clip is None:
            return None
        project = self.session.document.project
        keys = project.keys
        return key_at(keys, int(project.time.tick(clip_start(clip, project.time)))) or (keys[0] if keys else None)

    def lines(self, begin: float = 0.0, end: float = math.inf) -> tuple[Line, Line, Line]:
        """Seconds of the media, the sung pitch and the corrected one, in semitones; NaN where nothing is sung.

        Those of the part that lie between two seconds of the media, and a little more.
        """
        if self.sung is None:
            return np.zeros(0), np.zeros(0), np.zeros(0)
        first, last = (frame / self.rate for frame in self.window)
        track, step = self.sung.track, self.sung.track.step
        correction = self.correction
        low = max(int((max(first, begin) - AROUND - track.start) / step), 0)
        high = max(min(int((min(last, end) + AROUND - track.start) / step) + 1, len(track)), low)
        if self._drawn is not None and self._drawn[0] is correction and self._drawn[1] == (low, high):
            return self._drawn[2]
        part = track.between(track.start + low * step, track.start + high * step)
        line = self.sung.line[low : low + len(part)]
        moved = line + lift(part, line, correction, self.rate)
        quiet = ~(part.voiced & sounding(part, line, correction, self.rate))
        found = part.times, np.where(quiet, np.nan, line), np.where(quiet, np.nan, moved)
        self._drawn = correction, (low, high), found
        return found

    # -- what is chosen and changed ------------------------------------------------------------------------------

    def select(self, numbers: Iterable[int]) -> None:
        """Selects exactly these notes."""
        wanted = frozenset(numbers)
        if wanted != self.selection:
            self.selection = wanted
            self.selected.emit()
            self.shown.emit()

    def preview(self, correction: Correction | None) -> None:
        """Shows a correction that is not made yet, or the song's for None."""
        self._preview = correction
        self.shown.emit()

    def apply(self, correction: Correction | None, label: str, merge: str = "") -> bool:
        """Gives the part a correction, as one undo step, or as one with those of the same `merge`.

        False, and `failed`, where that is refused.
        """
        self._preview = None
        try:
            self.session.document.apply(edits.correct(self.clip_id, self.take_id, correction, label, merge))
        except StudioError as error:
            self.failed.emit(error)
            self.shown.emit()
            return False
        if not merge:
            self.session.document.close_gesture()
        return True

    def moved(self, numbers: Sequence[int], by: float, free: bool) -> Correction:
        """The correction with notes moved by semitones from where they are seen."""
        now = self.correction
        places = {n: now.notes[n].pitch + _bounded(now.moved(now.notes[n]) + by) for n in numbers}
        notes = tuple(edits.placed(note, places[n], free) if n in places else note for n, note in enumerate(now.notes))
        return replace(now, notes=notes)

    def step(self, by: int, free: bool) -> None:
        """Moves the selected notes to the next note of the scale, or by a few cents."""
        if not self.may_write or not self.selection:
            return
        now = self.correction
        if free:
            self.apply(self.moved(sorted(self.selection), by * CENTS, True), "Move notes")
            return
        notes = tuple(
            edits.placed(note, _next(now, note, by), False) if n in self.selection else note
            for n, note in enumerate(now.notes)
        )
        self.apply(replace(now, notes=notes), "Move notes")

    def change(self, label: str, change: Callable[[TunedNote], TunedNote]) -> None:
        """Changes the chosen notes as one undo step."""
        if self.may_write and self.chosen:
            now = self.correction
            self.apply(replace(now, notes=edits.changed(now.notes, self.chosen, change)), label)

    def centre(self) -> None:
        """Puts the chosen notes on the nearest notes of the scale."""
        self.change("Centre notes", lambda note: replace(note, centre=1.0))

    def reset(self) -> None:
        """Leaves the chosen notes as they were sung."""
        self.change("Notes as sung", edits.as_sung)

    def split(self, number: int, frame: int) -> None:
        """Splits a note at a media frame."""
        now = self.correction
        self._shape(lambda: edits.split(now.notes, number, frame, int(edits.MIN_NOTE * self.rate)), "Split note")

    def merge(self) -> None:
        """Makes one note of the selected ones."""
        now = self.correction
        self._shape(lambda: edits.merge(now.notes, self.selection), "Merge notes")

    def _shape(self, make: Callable[[], tuple[TunedNote, ...]], label: str) -> None:
        if not self.may_write:
            return
        try:
            notes = make()
        except StudioError as error:
            self.failed.emit(error)
            return
        self.select(())
        self.apply(replace(self.correction, notes=notes), label)

    def bypass(self, bypassed: bool) -> None:
        """Lets the part be heard as it was sung, or corrected again."""
        if self.may_write and self.correction.bypassed != bypassed:
            self.apply(
                replace(self.correction, bypassed=bypassed), "Bypass correction" if bypassed else "Correct pitch"
            )

    def remove(self) -> None:
        """Takes the correction away."""
        part = self.part
        if self.may_write and part is not None and part.correction is not None:
            self.apply(None, "Remove correction")


def _bounded(shift: float) -> float:
    return min(max(shift, -MAX_SHIFT), MAX_SHIFT)


def _next(correction: Correction, note: TunedNote, by: int) -> float:
    """The next note of the scale above or below where a note is seen."""
    place = note.pitch + correction.moved(note)
    allowed = correction.scale or range(12)
    near = [n for n in range(int(place) - 13, int(place) + 15) if n % 12 in allowed]
    beyond = [n for n in near if (n - place) * by > 0.01]
    return note.pitch + _bounded(min(beyond, key=lambda n: abs(n - place)) - note.pitch)


def _longest(comp: Comp) -> str:
    """The take that most of a comp is made of."""
    lengths = {take.id: 0 for take in comp.takes}
    begin = 0
    for span in comp.spans:
        seen = min(span.end, comp.lead + comp.length) - max(begin, comp.lead)
        if span.take:
            lengths[span.take] += max(seen, 0)
        begin = span.end
    return max(lengths, key=lambda take_id: lengths[take_id])
