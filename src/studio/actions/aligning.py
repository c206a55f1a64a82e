"""Sounds held against the grid and the key of the song, and brought onto the grid: stretched to its tempo and moved so
that the first strong beat stands on a bar. The sound itself is never changed: the clip shows a stretched copy.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
from msgspec.structs import replace

from ..document.edits.aligning import align_clip, nearest_bar
from ..document.harmony import Key, key_at
from ..document.project import AudioClip, Media, Project, clip_start
from ..engine.audio.decode import decode_blocks
from ..engine.audio.fades import Floats
from ..engine.audio.onsets import find_onsets
from ..engine.audio.stretching import stretch_file
from ..engine.jobs import Job, Work
from ..engine.music.harmony.spelling import key_name
from ..errors import StudioError
from ..storage.locations import cache_folder
from ..storage.names import safe_name
from .checking import SURE_KEY, SURE_TEMPO, Asked, check_sound, read_key
from .importing import Imported, discard, import_sound
from .session import Session

LOOKED_S = 90
"""Seconds of a clip that are measured."""

STRONG = 0.5
"""How much of the strongest onset one must have to be a strong beat."""

SAME_TEMPO, SAME_END_S, SAME_PLACE_S = 0.002, 0.02, 0.008
"""A tempo so near the song's is the song's, and one by which the clip's end drifts so little: in short sounds tempos
are measured less exactly. A beat so near a bar line is on it."""

FARTHEST = 1.42
"""How many times as fast a sound is played at the most: beyond, the tempo is counted in doubles or halves."""


class Fit(msgspec.Struct, frozen=True):
    """How a clip of sound fits the song at its place. Tempos in BPM, the clip's counted as near the song's as doubling
    and halving goes; None and "" where nothing sure was heard, or the song does not say. `beat` is the frame of the
    song on which the clip's first strong beat falls, `bar` that of the bar line nearest to it. `seconds` were heard."""

    clip: str
    song_bpm: float
    bpm: float | None = None
    sure_of_bpm: float = 0.0
    song_key: str = ""
    key: str = ""
    sure_of_key: float = 0.0
    beat: int | None = None
    bar: int | None = None
    rate: int = 48_000
    seconds: float = 60.0

    @property
    def pace(self) -> float:
        """How many times as fast the clip is to be played; 1 where it is at the song's tempo, or its tempo not sure."""
        if self.bpm is None or self.sure_of_bpm < SURE_TEMPO:
            return 1.0
        pace = self.song_bpm / self.bpm
        same = abs(pace - 1) <= max(SAME_TEMPO, SAME_END_S / max(self.seconds, SAME_END_S))
        return 1.0 if same or not 1 / FARTHEST <= pace <= FARTHEST else pace

    @property
    def late(self) -> float:
        """Seconds by which the first strong beat comes after the bar, negative where before it."""
        return (self.beat - self.bar) / self.rate if self.beat is not None and self.bar is not None else 0.0

    @property
    def semitones(self) -> int:
        """By how many semitones the clip is to be moved to be in the song's key; 0 where it is, or its key not sure."""
        heard, song = read_key(self.key), read_key(self.song_key)
        if heard is None or song is None or self.sure_of_key < SURE_KEY:
            return 0
        shifts = sorted(range(-5, 7), key=abs)
        return next((n for n in shifts if _together(replace(heard, tonic=(heard.tonic + n) % 12), song)), 0)

    @property
    def on_grid(self) -> bool:
        """Whether there is nothing to align."""
        return self.pace == 1.0 and abs(self.late) <= SAME_PLACE_S

    @property
    def told(self) -> tuple[str, ...]:
        """What was measured of tempo and beat, where it differs from the song, in sentences."""
        found = []
        if self.pace != 1.0:
            sure = f"{self.sure_of_bpm:.0%} sure"
            found.append(f"It sounds like {self.bpm:.1f} BPM ({sure}); the song is at {self.song_bpm:g}.")
        if abs(self.late) > SAME_PLACE_S:
            side = "after" if self.late > 0 else "before"
            found.append(f"Its first strong beat comes {abs(self.late) * 1000:.0f} ms {side} the bar.")
        return tuple(found)

    @property
    def key_told(self) -> str:
        """What was measured of the key, where it differs from the song, in a sentence."""
        told = f"It sounds like {self.key} ({self.sure_of_key:.0%} sure); the song is in {self.song_key}."
        return told if self.semitones else ""


def _together(heard: Key, song: Key) -> bool:
    """Whether one of two keys has all the notes of the other."""
    return heard.pitch_classes <= song.pitch_classes or song.pitch_classes <= heard.pitch_classes


def measure_fit(session: Session, clip_id: str, then: Callable[[Fit], object]) -> Job:
    """Measures a clip of sound against the song, as a job; `then` gets what was found. Main thread. Raises StudioError
    where it is no clip of sound, or its sound is missing."""
    project, clip = session.document.project, _clip(session.document.project, clip_id)
    path = _file(session, project, clip)

    def task(work: Work) -> Fit:
        return fit_of(project, clip, _read(path, clip.source, min(clip.length, LOOKED_S * project.rate)), work.check)

    def done(job: Job) -> None:
        if job.state == "done":
            then(job.result)

    return session.start("measure", f"Listen to “{clip.name}”", task, done)


def fit_of(project: Project, clip: AudioClip, sound: Floats, check: Callable[[], None] = lambda: None) -> Fit:
    """How what a clip plays, float32 (channels, frames), fits the song at its place. Worker threads."""
    rate, start = project.rate, int(clip_start(clip, project.time))
    tick = int(project.time.tick(start))
    facts = check_sound(sound, rate, Asked(), check=check)
    key, song_bpm = key_at(project.keys, tick), project.time.bpm_at(tick)
    fit = Fit(clip.id, round(song_bpm, 3), song_key=key_name(key) if key is not None else "", key=facts.key,
              sure_of_key=facts.sure_of_key, rate=rate, seconds=sound.shape[1] / rate)  # fmt: skip
    if facts.bpm:
        near = facts.bpm * 2 ** round(math.log2(song_bpm / facts.bpm))
        fit = replace(fit, bpm=round(near, 2), sure_of_bpm=facts.sure_of_bpm)
    beat = first_beat(sound, rate)
    if beat is not None and fit.bpm is not None and fit.sure_of_bpm >= SURE_TEMPO:
        there = start + round(beat / fit.pace)
        fit = replace(fit, beat=there, bar=nearest_bar(project, there))
    return fit


def first_beat(sound: Floats, rate: int) -> int | None:
    """The frame of the first strong onset of float32 (channels, frames), None where there is none."""
    onsets = find_onsets(sound[:, : LOOKED_S * rate], rate)
    return next((one.frame for one in onsets if one.strength >= STRONG), None)


def transpose(session: Session, fit: Fit, then: Callable[[str], object] = lambda _: None) -> Job:
    """Has a clip sound in the song's key, as a job and one undo step; see `align`."""
    return _made_to_fit(session, fit.clip, Change(1.0, fit.semitones, fit.song_key, False), 0, then)


def align(session: Session, fit: Fit, until: int = 0, then: Callable[[str], object] = lambda _: None) -> Job:
    """Stretches and moves a clip as a measurement says, as a job and one undo step; `then` gets the clip's id.

    A clip that is cut out of its sound keeps its room; one that shows all of it may grow to the frame `until`, where
    that is not 0, and otherwise to the next clip. Main thread. Raises StudioError where the clip is gone.
    """
    return _made_to_fit(session, fit.clip, Change(fit.pace, 0, f"{fit.song_bpm:g} BPM", True), until, then)


class Change(msgspec.Struct, frozen=True):
    """What is done to a clip: its pace, by how many semitones it is moved, what its sound is called after, and whether
    its first strong beat goes onto the bar."""

    pace: float
    semitones: int
    name: str
    onto_bar: bool


def _made_to_fit(session: Session, clip_id: str, how: Change, until: int, then: Callable[[str], object]) -> Job:
    if session.read_only:
        raise StudioError(session.read_only)
    project, clip = session.document.project, _clip(session.document.project, clip_id)
    path, media = _file(session, project, clip), project.medium(clip.media)
    assert media is not None

    def task(work: Work) -> tuple[Imported | None, int | None]:
        made = _stretched(path, media, how, project.rate, work.part(0.0, 0.6))
        item = import_sound(session.bundle, made, project.rate, work.part(0.6, 1.0)) if made != path else None
        if not how.onto_bar:
            return item, None
        source, length = round(clip.source / how.pace), round(clip.length / how.pace)
        return item, first_beat(_read(made, source, min(length, LOOKED_S * project.rate)), project.rate)

    def done(job: Job) -> None:
        if job.state != "done":
            return
        item, beat = job.result
        try:
            if item is not None:
                session.waveforms.put(item.media.id, item.peaks)
            made = replace(item.media, key=media.key, pace=media.pace) if item is not None else media
            session.document.apply(align_clip(clip, made, how.pace, beat, until))
            session.document.close_gesture()
        except StudioError as error:
            if item is not None:
                discard(session.bundle, item.media, project.rate)
            session.tell(error)
        else:
            then(clip.id)

    return session.start("align", f"Fit “{clip.name}” into the song", task, done)


def _clip(project: Project, clip_id: str) -> AudioClip:
    found = next((clip for track in project.tracks for clip in track.clips if clip.id == clip_id), None)
    if not isinstance(found, AudioClip):
        raise StudioError("Only a plain clip of sound can be aligned; select one, without takes.")
    if found.correction is not None:
        raise StudioError("The pitch of this clip is corrected; align it before, or take the correction off.")
    return found


def _file(session: Session, project: Project, clip: AudioClip) -> Path:
    media = project.medium(clip.media)
    path = session.playable(media) if media is not None else None
    if path is None:
        raise StudioError(f"The sound of “{clip.name}” is missing; find its file first.")
    return path


def _read(path: Path, first: int, frames: int) -> Floats:
    """Frames of a playable file, float32 (channels, frames); fewer at its end."""
    blocks, at, last = [], 0, first + frames
    for block in decode_blocks(path):
        if at + block.shape[1] > first:
            blocks.append(block[:, max(first - at, 0) : last - at])
        at += block.shape[1]
        if at >= last:
            break
    return np.concatenate(blocks, axis=1) if blocks else np.zeros((1, 0), np.float32)


def _stretched(path: Path, media: Media, how: Change, rate: int, work: Work) -> Path:
    """The sound at another pace or in another key, made once for each and kept in the studio's cache; the sound itself
    where nothing is to be done."""
    if how.pace == 1.0 and not how.semitones:
        return path
    name = safe_name(f"{media.name[:80]} ({how.name})", "Sound")
    folder = cache_folder() / "stretched" / f"{media.digest or media.id}-{how.pace:.6f}-{how.semitones}-{rate}"
    out = folder / f"{name}.wav"
    if not out.is_file():
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StudioError(f"The folder {folder} cannot be made: {error.strerror or error}.") from error

        def progress(share: float) -> None:
            work.check()
            work.report(share, "Stretching")

        stretch_file(path, out, rate, how.pace, float(how.semitones), progress)
    return out
