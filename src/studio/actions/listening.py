"""Singing to the coach: the microphone is followed while the coach is open, and tones show the singer the pitch."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from ..document.document import Edit
from ..document.notes import NoteClip
from ..document.project import AudioClip, Project, Track, clip_start
from ..document.sounding import clip_notes
from ..engine.audio.instruments.changing import make_instrument
from ..engine.audio.instruments.making import live_step, make_synth
from ..engine.audio.livenotes import LiveNotes
from ..engine.audio.player import Player
from ..engine.jobs import Job
from ..engine.voice.aims import Aim
from ..engine.voice.livering import Listening
from ..engine.voice.targets import Target, target_of_notes
from ..errors import StudioError
from .aims import aim_of_file
from .importing import Brought
from .placing import Target as Place
from .placing import place_sounds
from .session import Session

if TYPE_CHECKING:
    from .workspace import Workspace

TONE = ("synth", "Organ")
"""The instrument of reference tones and drones."""

LOUD = 84
"""The velocity of reference tones."""


class Microphone:
    """What comes in, followed while it is open. Main thread."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._listening: Listening | None = None
        self._player: Player | None = None

    @property
    def listening(self) -> Listening | None:
        """What is heard, None while it is closed."""
        return self._listening

    def open(self, channel: int) -> Listening:
        """Follows an input channel from now on; goes on where it is followed already."""
        player = self._workspace.player
        now = self._listening
        if now is not None and self._player is player and now.channel == channel and not now.error:
            return now
        self.close()
        player.set_round_trip(self._workspace.round_trip())
        self._player = player
        self._listening = Listening(player.rate, channel, player.sung_at, lambda: _deep(player))
        self._listening.start()
        player.listen(self._listening.hear)
        return self._listening

    def close(self) -> None:
        """Listens no longer."""
        if self._listening is not None:
            self._listening.close()
        self._listening = self._player = None


def _deep(player: Player) -> AbstractContextManager[None]:
    return player.raise_ring()


def input_channel(project: Project | None, selected: str = "") -> int:
    """The input to sing into: that of the first armed audio track, else of the selected one, else the first."""
    tracks: list[Track] = [track for track in project.tracks if track.kind == "audio"] if project is not None else []
    chosen = [track for track in tracks if track.armed] or [track for track in tracks if track.id == selected]
    return chosen[0].inputs[0] if chosen and chosen[0].inputs else 0


class Tones:
    """Tones that show a pitch, heard beside the song and never recorded by it. Main thread."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._player: Player | None = None
        self._sounding: set[int] = set()

    @property
    def sounding(self) -> frozenset[int]:
        """The notes that sound."""
        return frozenset(self._sounding)

    def begin(self, pitch: int) -> None:
        """Begins a tone; the first one makes the instrument, which takes some milliseconds."""
        player = self._workspace.player
        if self._player is not player:
            instrument = make_instrument(*TONE)
            synth = make_synth(instrument, player.rate, by_hand=True)
            player.play_aside(LiveNotes("", synth, live_step(instrument)))
            self._player, self._sounding = player, set()
        self._sounding.add(pitch)
        player.note_aside(pitch, LOUD)

    def end(self, pitch: int) -> None:
        """Ends a tone."""
        if pitch in self._sounding and self._player is not None:
            self._sounding.discard(pitch)
            self._player.note_aside(pitch, 0)

    def end_all(self) -> None:
        """Ends every tone."""
        for pitch in tuple(self._sounding):
            self.end(pitch)


def target_of_clip(project: Project, clip_id: str) -> Target:
    """What a clip of notes has to be sung, in seconds of the song. Raises StudioError where there is none."""
    for track in project.tracks:
        for clip in track.clips:
            if clip.id == clip_id and isinstance(clip, NoteClip):
                played = clip_notes(clip)
                words = {note.start: note.note.text for note in played if note.note.text}
                return target_of_notes(clip.name or track.name, played, project.time, words)
    raise StudioError("Select a clip of notes on the timeline: its melody is what you will sing.")


def open_target_file(session: Session, path: Path, then: Callable[[Aim], None], failed: Callable[[str], None]) -> Job:
    """Reads a file to sing from, as a job: an UltraStar song, a MIDI file, or a recording of one voice.

    The sound beside an UltraStar song is put on a track of its own from the song's beginning on, one undo step; `then`
    gets the aim on the main thread once it is there. `failed` gets a sentence.
    """

    def arrived(job: Job) -> None:
        if job.state == "failed":
            failed(job.error or "It could not be read.")
        elif job.state == "done":
            try:
                _bring_sound(session, path, job.result, then)
            except StudioError as error:
                failed(str(error))

    return session.start("coach", f"Read {path.name}", lambda work: aim_of_file(path, work), arrived)


def _bring_sound(session: Session, path: Path, aim: Aim, then: Callable[[Aim], None]) -> None:
    song = aim.song
    sound = path.parent / song.audio if song is not None and song.audio else None
    if song is None or sound is None or not sound.is_file() or _has(session.document.project, sound):
        then(aim)
        return
    place = Place(frame=0, name=song.title)

    def placed(project: Project, brought: Brought) -> tuple[Edit, tuple[str, ...]]:
        return place_sounds(project, [item.media for item in brought.sounds], place)

    session.import_with([sound], placed, lambda _: then(aim))


def _has(project: Project, sound: Path) -> bool:
    """Whether the song begins with this sound already."""
    known = {media.id for media in project.media if media.name == sound.stem}
    return any(
        isinstance(clip, AudioClip) and clip.media in known and clip_start(clip, project.time) == 0
        for track in project.tracks
        for clip in track.clips
    )
