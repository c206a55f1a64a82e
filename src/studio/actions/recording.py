"""Recording on the armed tracks: sound with files and journal before the first frame and takes as one edit after the
last, notes as they come."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from ..document.document import Edit
from ..document.edits import takes
from ..document.edits.song import sequence
from ..document.edits.tracks import add_tracks, fresh_track
from ..document.practice import Practice, practised_time
from ..document.project import Media, Project, Track, new_id
from ..engine.audio.metronome import Clicks, count_in
from ..engine.audio.player import Player
from ..engine.audio.riff import Bext, playable_layout
from ..engine.audio.rolling import Rolling
from ..engine.audio.take import ArmedTrack, RecordedTrack, Recording
from ..engine.audio.take import Pass as Played
from ..engine.audio.wavefile import repair
from ..errors import StudioError
from ..storage.bundle import RecordingRow
from .hands import Touch
from .notetake import NoteTake
from .playback import played_in
from .session import Session
from .song import OpenSong, open_song

Tell = Callable[[StudioError], None]
Lead = tuple[int, Clicks] | None

PLAIN = Practice()
CLOSING = 10.0
"""Seconds that the files of a take have to be closed in."""


class Recorder:
    """Records into the open song: sound on armed audio tracks, notes on armed instrument tracks. Main thread."""

    def __init__(self, session: Session, player: Player, round_trip: Callable[[], int], tell: Tell) -> None:
        self._session, self._player = session, player
        self._round_trip, self._tell = round_trip, tell
        self._recording: Recording | None = None
        self._rolling: Rolling | None = None
        self._notes: NoteTake | None = None
        self._merge = ""
        self._rows: dict[str, RecordingRow] = {}
        self._hushed: tuple[str, ...] = ()
        self._practice = Practice()

    @property
    def running(self) -> bool:
        """Whether a recording goes on."""
        return self._recording is not None or self._notes is not None

    @property
    def taking_notes(self) -> bool:
        """Whether notes are being recorded now, the count-in over."""
        return self._notes is not None and self._notes.begun

    def start(self, count_in_bars: int, overdub: bool = True, step: int = 0) -> None:
        """Records on every armed track from the playhead on, after a count-in when nothing plays yet.

        `overdub` and `step` are for notes: see `NoteTake`. Raises StudioError that says what is missing: an armed
        track, an input, a song that can be written.
        """
        if self.running:
            return
        project = self._session.document.project
        if self._session.read_only:
            raise StudioError(self._session.read_only)
        armed = [track for track in project.tracks if track.armed and track.kind == "audio"]
        played = tuple(track.id for track in played_in(project))
        if not armed and not played:
            raise StudioError("No track is armed: press R on the header of the track to record on, then record again.")
        status = self._player.status()
        practice = self._session.practising.heard
        lead: Lead = None
        if count_in_bars and not status.playing:
            start = round(status.position / practice.pace)
            lead = count_in(practised_time(project, practice), project.signatures, start, count_in_bars)
        self._merge = new_id("record")
        if armed:
            self._start_sound(project, armed, status.position, lead)
        if played:
            self._start_notes(played, lead, overdub, step)

    def _start_sound(self, project: Project, armed: list[Track], position: int, lead: Lead) -> None:
        self._practice = self._session.practising.heard
        latency = self._round_trip()
        self._player.set_round_trip(latency)
        requests = tuple(self._armed(track) for track in armed)
        self._recording = self._player.record(requests, lead)
        for request in requests:
            self._rows[request.track] = self._note(request, project, position, latency)
        self._hush(tuple(request.track for request in requests))
        self._session.show_growing(dict(self._recording.peaks))

    def _start_notes(self, played: tuple[str, ...], lead: Lead, overdub: bool, step: int) -> None:
        along: Recording | Rolling | None = self._recording
        if along is None:
            along = self._rolling = self._player.roll(lead)
        player, rolling = self._player, along
        self._notes = NoteTake(played, lambda at: player.heard_at(at, rolling), self._write, self._merge, overdub, step)
        if not overdub:
            self._player.keep_hands(True)
            self._hush((*self._hushed, *played))

    def hear(self, touch: Touch) -> None:
        """Takes something that was played in; before `poll`."""
        if self._notes is not None:
            self._notes.hear(self._session.document.project, touch)

    def stop(self) -> None:
        """Ends the recording where it is heard now; `poll` keeps the takes. Does nothing when none runs."""
        if self._recording is not None:
            self._player.stop_recording()
        elif self._rolling is not None:
            self._player.end_roll(self._rolling)

    def poll(self) -> None:
        """Writes what was played, and keeps the takes of a recording that has ended, for whatever reason.

        Called with each tick of the window.
        """
        if self._notes is not None:
            self._notes.poll(self._session.document.project, time.perf_counter())
        sound = self._recording is not None and self._recording.done
        if self._notes is not None and (self._notes.done or (sound and not self._notes.begun)):
            self._end_notes()
        if sound:
            assert self._recording is not None
            recording, rows = self._recording, self._rows
            self._recording, self._rows = None, {}
            self._hush(self._notes.tracks if self._notes is not None and not self._notes.overdub else ())
            if recording.error:
                self._tell(StudioError(recording.error))
            self._keep(recording, rows)
        if not self.running and self._merge:
            self._merge = ""
            self._session.document.close_gesture()

    def finish(self) -> None:
        """Ends a recording and keeps its takes before the song is closed; waits for the files to close."""
        if self._notes is not None:
            self._notes.finish(self._session.document.project)
        if self._recording is not None:
            self.stop()
            self._recording.wait(CLOSING)
        self.poll()

    def _end_notes(self) -> None:
        notes, self._notes, self._rolling = self._notes, None, None
        if notes is not None and not notes.overdub:
            self._hush(tuple(key for key in self._hushed if key not in notes.tracks))
            self._player.keep_hands(False)

    def _write(self, edit: Edit) -> bool:
        try:
            self._session.document.apply(edit)
        except StudioError as error:
            self._tell(error)
            return False
        return True

    def _hush(self, tracks: tuple[str, ...]) -> None:
        """Keeps what is on these tracks already from sounding beside what is being recorded over it."""
        for key in (*self._hushed, *tracks):
            track = self._session.document.project.track(key)
            if track is not None:
                self._player.set_strip(key, mute=key in tracks or track.strip.mute)
        self._hushed = tracks

    def _armed(self, track: Track) -> ArmedTrack:
        path = self._session.bundle.recording_path(track.name)
        return ArmedTrack(track.id, track.inputs, path, Bext(description=track.name))

    def _note(self, request: ArmedTrack, project: Project, position: int, latency: int) -> RecordingRow:
        loop = (project.time.frame(project.loop.start), project.time.frame(project.loop.end))
        return self._session.bundle.begin_recording(
            RecordingRow(
                id="",
                file=self._session.bundle.relative(request.path),
                track=request.track,
                position=position,
                latency=0,
                channels=len(request.channels),
                rate=project.rate,
                started=time.time(),
                loop=loop if project.loop.on else None,
            )
        )

    def _keep(self, recording: Recording, rows: dict[str, RecordingRow]) -> None:
        """Turns what was recorded into takes, one undo step for all tracks, and closes the journal."""
        project, edits, recorded = self._session.document.project, list[Edit](), list[Media]()
        for result in recording.results:
            media = _media(self._session.bundle.relative(result.path), result, project, self._practice)
            edit = _edit(project, media, result)
            if edit is not None:
                self._session.waveforms.put(media.id, recording.peaks[result.track].finish())
                edits.append(edit)
                recorded.append(media)
        if edits:
            try:
                self._session.document.apply(_together(edits, self._merge))
            except StudioError as error:
                self._tell(error)
                return
            self._session.keep_in_library(recorded)
        self._session.show_growing({})
        for row in rows.values():
            with contextlib.suppress(StudioError):
                self._session.bundle.end_recording(row.id)


def _together(edits: list[Edit], merge: str) -> Edit:
    whole = edits[0] if len(edits) == 1 else sequence(f"Record {len(edits)} tracks", edits)
    return Edit(whole.label, whole.change, merge)


def _media(file: str, result: RecordedTrack, project: Project, practice: Practice = PLAIN) -> Media:
    return Media(
        id=new_id("media"),
        name=Path(file).stem,
        file=file,
        frames=result.frames,
        channels=result.channels,
        rate=project.rate,
        source_channels=result.channels,
        origin="recording",
        key=practice.key,
        pace=practice.pace,
    )


def _edit(project: Project, media: Media, result: RecordedTrack) -> Edit | None:
    """The edit that puts a recorded track into the song; None where nothing of it is long enough to keep."""
    passes = list(passes_of(result.passes, result.dropouts))
    if not passes:
        return None
    if project.track(result.track) is not None:
        return takes.record_passes(result.track, media, passes)
    track = fresh_track(project, "Recovered")
    return sequence("Record", [add_tracks((track,)), takes.record_passes(track.id, media, passes)])


def passes_of(played: Iterable[Played], dropouts: tuple[int, ...]) -> Iterable[takes.Pass]:
    """One pass of a take for each round of the loop. Pieces of a round that the device broke up are bridged.

    A pass shorter than a 64-frame fade is nothing anybody played; what lies before the song's start is cut off.
    """
    rounds: dict[int, list[Played]] = {}
    for piece in played:
        rounds.setdefault(piece.number, []).append(piece)
    for pieces in rounds.values():
        first, last = pieces[0], pieces[-1]
        early = max(0, -first.song)
        length = last.media + last.length - first.media - early
        if length >= 64:
            source = first.media + early
            lost = tuple(frame for frame in dropouts if source <= frame < source + length)
            yield takes.Pass(first.song + early, source, length, lost)


def recover(song: OpenSong) -> list[StudioError]:
    """Turns the recordings that a crash left behind into takes, each one undoable edit. Returns what is to be told."""
    told: list[StudioError] = []
    if song.document.read_only:
        return told
    for row in song.bundle.unfinished_recordings():
        path = song.bundle.media.path(row.file)
        try:
            if path.exists() and repair(path) > 0:
                song.document.apply(_recovered(song.project, row, playable_layout(path).frames))
                told.append(StudioError(f"A recording that was cut off was recovered: {path.name}."))
        except StudioError as error:
            told.append(error)
            continue
        song.bundle.end_recording(row.id)
    return told


def open_to_write(folder: Path) -> OpenSong:
    """Opens a song to change it; recordings that a crash left behind are recovered. Raises StudioError if it cannot."""
    song = open_song(folder)
    if song.document.read_only:
        reason = song.document.read_only
        song.close()
        raise StudioError(reason)
    recover(song)
    return song


def _recovered(project: Project, row: RecordingRow, frames: int) -> Edit:
    played = [Played(0, 0, row.position, frames)]
    if row.loop and row.loop[0] <= row.position < row.loop[1]:
        played = list(_rounds(row.position, row.loop, frames))
    result = RecordedTrack(row.track, Path(row.file), frames, row.channels, tuple(played), row.dropouts)
    edit = _edit(project, _media(row.file, result, project), result)
    if edit is None:
        raise StudioError(f"The recording {Path(row.file).name} is too short to keep; its file stays in the song.")
    return Edit("Recover recording", edit.change)


def _rounds(position: int, loop: tuple[int, int], frames: int) -> Iterable[Played]:
    """The rounds of a loop that a recording of this length went through."""
    media, song, number = 0, position, 0
    while media < frames:
        length = min(loop[1] - song, frames - media)
        yield Played(number, media, song, length)
        media, song, number = media + length, loop[0], number + 1
