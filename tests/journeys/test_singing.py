"""The coach on the virtual card: a tone is played into the loop, and the window shows what it is."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from msgspec.structs import replace

import voices
from listening import undisturbed
from rooms import Room, room
from sound import SoundCard, sound_card
from studio.actions.aims import read_aim
from studio.actions.coaching import coach_file, coach_in
from studio.actions.placing import Target as Place
from studio.document.edits.mix import set_pan
from studio.document.edits.tracks import add_tracks, fresh_track
from studio.engine.jobs import Work
from studio.engine.voice.pitchtrack import VOICED
from studio.engine.voice.targets import Target
from studio.ui.coach.panel import CoachPanel
from studio.ui.coach.picture import Picture

__all__ = ["room", "sound_card"]

RATE = 48_000
SONGS = Path(__file__).resolve().parents[3] / "shared" / "testdata" / "ultrastar"
needs_songs = pytest.mark.skipif(not SONGS.is_dir(), reason="the folder shared/testdata/ultrastar is not there")
WORK = Work(lambda *_: None, threading.Event())


class Studio:
    """The coach on a workspace, ticked as the window does."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.panel = CoachPanel(room.workspace)
        self.panel.resize(700, 700)
        self.panel.set_session(room.session)
        self.panel.show()
        self.seen: list[tuple[float, Picture]] = []
        self.panel.view.painted = lambda picture: self.seen.append((time.perf_counter(), picture))

    def until(self, condition: object, seconds: float = 40.0) -> None:
        """Lets window and engine work until something is true."""
        assert callable(condition)

        def ticked() -> bool:
            self.panel.tick(self.room.workspace.poll())
            return bool(condition())

        self.room.until(ticked, seconds)

    def fresh(self) -> None:
        """A song of its own for each attempt."""
        if self.room.session.document.project.tracks:
            self.room.new(f"Sung {time.monotonic_ns()}")
            self.panel.set_session(self.room.session)

    def ready(self) -> None:
        """Waits until the coach listens."""
        workspace = self.room.workspace
        self.room.until(lambda: workspace.poll().device == "running")
        self.room.over(workspace.measure_round_trip(lambda _: None))
        microphone = self.panel.microphone
        self.until(lambda: microphone.listening is not None and microphone.listening.ready, 90.0)
        self.until(lambda: microphone.listening is not None and len(microphone.listening.trace.last(20)) == 20)


@pytest.fixture
def studio(sound_card: SoundCard, room: Room) -> Iterator[Studio]:
    room.new("Sung")
    made = Studio(room)
    yield made
    made.panel.hide()
    made.panel.deleteLater()


@undisturbed
def test_singing_is_followed_while_nothing_plays_and_tones_are_heard(studio: Studio) -> None:
    studio.ready()
    panel = studio.panel
    panel.give_tone()
    tonic = panel._tonic()
    name = f"C{tonic // 12 - 1}"
    studio.until(lambda: panel.view.picture.reading.name == name and len(panel.view.picture.trace.time) > 20)
    assert not studio.room.workspace.poll().playing
    assert abs(panel.view.picture.reading.cents) < 12
    studio.until(lambda: not panel.tones.sounding)
    studio.until(lambda: panel.view.picture.reading.semitone is None)


FIRST, LAST, LATE = 10.0, 19.5, 0.060
"""Seconds of the song between which it is sung, and how late the singer is."""


def on_the_run(studio: Studio, folder: Path) -> Path:
    """The song in a folder of its own, with as much of its sound as is heard."""
    source = next(SONGS.glob("Joshua Morin*"))
    sound, rate = soundfile.read(source / "audio.ogg", frames=22 * 44_100)
    soundfile.write(folder / "audio.ogg", sound, rate, format="OGG", subtype="VORBIS")
    shutil.copy(source / "song.txt", folder)
    return folder / "song.txt"


def voice_of(target: Target, folder: Path) -> Path:
    """A singer who is in tune but late: the notes up to LAST, as a sound from the beginning of the song on."""
    sound = np.zeros(round(22 * RATE), np.float32)
    for note in target.notes:
        if note.end < LAST:
            tone = voices.note(note.pitch - 12, note.length, RATE)
            at = round((note.start + LATE) * RATE)
            sound[at : at + len(tone)] += tone
    soundfile.write(folder / "voice.wav", sound, RATE, subtype="FLOAT")
    return folder / "voice.wav"


def lateness(target: Target, seconds: np.ndarray, semitones: np.ndarray) -> np.ndarray:
    """How late each note that was sung begins in a trace, in seconds."""
    found = []
    for note in target.notes:
        near = (seconds > note.start - 0.1) & (seconds < note.start + 0.25)
        there = seconds[near & (np.abs(semitones + 12 - note.pitch) < 0.7)]
        if note.end < LAST and len(there):
            found.append(there.min() - note.start)
    return np.array(found)


@needs_songs
@undisturbed
def test_a_song_is_sung_with_its_backing_judged_live_and_after_the_take(studio: Studio, tmp_path: Path) -> None:
    studio.fresh()
    panel, room = studio.panel, studio.room
    workspace, session = room.workspace, room.session
    panel.open_file(on_the_run(studio, tmp_path))
    studio.until(lambda: panel.target is not None)
    target = panel.target
    assert target is not None
    sung = voice_of(target, tmp_path)
    room.over(workspace.import_files([sung], Place(frame=0, name="Singer")))
    backing, singer = session.document.project.tracks
    mine = replace(fresh_track(session.document.project, "Mine"), armed=True, inputs=(0,))
    for edit in (set_pan(backing.id, 1.0), set_pan(singer.id, -1.0), add_tracks((mine,))):
        session.document.apply(edit)
    workspace.update_preferences(count_in_bars=0)
    studio.ready()
    player = workspace.player
    player.locate(round(FIRST * RATE))
    room.until(lambda: session.playback.settled(session.document.project))
    workspace.start_recording()
    told: list[tuple[float, float, float]] = []

    def over() -> bool:
        status = workspace.player.status()
        if status.playing and panel.view.picture.target is not None:
            told.append((panel.view.picture.now, status.position / RATE, float(len(panel.view.picture.trace.time))))
        return status.position > (LAST + 0.6) * RATE

    studio.until(over)
    assert panel.microphone.listening is not None
    seen = panel.microphone.listening.trace.last(1_200)
    player.stop()
    studio.until(lambda: len(session.document.project.tracks[-1].clips) == 1)
    voiced = seen.confidence >= VOICED
    late = lateness(target, seen.song[voiced], 69 + 12 * np.log2(seen.hz[voiced] / 440))
    assert len(late) >= 15
    assert abs(float(np.median(late)) - LATE) < 0.03
    assert max(abs(shown - heard) for shown, heard, _ in told) < 0.08
    assert panel.following is not None and len(panel.following.judged) >= 2
    live = panel.following.score
    assert live is not None

    clip = session.document.project.tracks[-1].clips[0]
    after = coach_in(session.bundle, session.document.project, clip.id, session.playable, panel.aim(), WORK)
    alone = coach_file(sung, read_aim(str(tmp_path / "song.txt"), None, 0.0, WORK), WORK)
    inside = [note for note in alone.judged.graded.notes if note.target.end < LAST]
    cents = [note.cents for note in inside if note.cents is not None]
    errors = {round(note.target.start, 2): note for note in after.judged.graded.notes if note.cents is not None}
    assert len(errors) >= 0.9 * len(cents)
    ours = np.mean([errors[key].pitch_credit for key in errors])
    theirs = np.mean([note.pitch_credit for note in inside])
    assert abs(ours - theirs) < 0.06
    assert abs(live / 100 - theirs) < 0.1
    onsets = [note.onset for note in errors.values() if note.onset is not None]
    assert abs(float(np.median(onsets)) - LATE) < 0.03
