"""Notes played in: by the computer's keys in the real window, and by real MIDI ports, beside the metronome."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
from msgspec.structs import replace

from keyboards import MidiHub, midi_hub
from listening import RATE, Ear, undisturbed
from rooms import Room, room
from screen import App, Screen, screen
from sound import SoundCard, sound_card
from studio.actions.song import create_song, open_song
from studio.document.edits.tracks import add_tracks, arm
from studio.document.notes import Controller, Note, NoteClip
from studio.document.project import Track
from studio.engine.audio.instruments.changing import make_instrument

__all__ = ["midi_hub", "room", "screen", "sound_card"]

ORGAN = Track("organ", "Organ", "#ffffff", "instrument", "musical", instrument=make_instrument("synth", "Organ"))
BEAT = RATE // 2


def clips(room: Room) -> list[NoteClip]:
    return [clip for clip in room.session.document.project.tracks[0].clips if isinstance(clip, NoteClip)]


def notes(room: Room) -> list[Note]:
    return [note for clip in clips(room) for note in clip.notes]


def ready(room: Room, count_in: int = 1) -> None:
    """A song with an armed organ on the card that runs."""
    session, workspace = room.new("Played"), room.workspace
    session.document.apply(add_tracks((ORGAN,)))
    session.document.apply(arm("organ", True))
    workspace.set_click(True, count_in)
    room.until(lambda: workspace.poll().device == "running")
    room.until(lambda: session.playback.settled(session.document.project) and workspace.player._thread._hands)


def plugged(room: Room, hub: MidiHub, title: str = "Grand") -> object:
    keyboard = hub.plug(title)
    room.until(lambda: any(port.open and port.name == keyboard.name for port in room.workspace.midi.ports))
    return keyboard


@undisturbed
def test_keys_struck_with_the_clicks_that_are_heard_lie_on_the_beats(
    sound_card: SoundCard, midi_hub: MidiHub, room: Room
) -> None:
    ready(room)
    workspace, keyboard = room.workspace, plugged(room, midi_hub)
    workspace.start_recording()
    room.until(lambda: workspace.poll().recording)
    for beat in range(1, 6):
        room.until(lambda beat=beat: workspace.poll().position >= beat * BEAT)
        keyboard.send(0x90, 60 + beat, 40 + beat)
        keyboard.send(0xB0, 1, beat)
        room.until(lambda beat=beat: workspace.poll().position >= beat * BEAT + BEAT // 2)
        keyboard.send(0x80, 60 + beat, 0)
    workspace.player.stop()
    room.until(lambda: not workspace.recorder.running)
    found = notes(room)
    assert [(note.pitch, note.velocity) for note in found] == [(60 + beat, 40 + beat) for beat in range(1, 6)]
    assert max(abs(note.start - 960 * beat) for beat, note in enumerate(found, 1)) < 60, "within 30 ms"
    assert max(abs(note.length - 480) for note in found) < 60
    assert [c.value for c in clips(room)[0].controls if isinstance(c, Controller)] == [1, 2, 3, 4, 5]
    session = room.session
    session.document.undo()
    assert not clips(room)


@undisturbed
def test_what_is_played_is_heard_and_recorded_beside_its_own_sound(
    sound_card: SoundCard, midi_hub: MidiHub, room: Room
) -> None:
    """The sound of the keys, recorded on an audio track, begins where the notes do, later by the short ring."""
    ready(room, count_in=0)
    workspace, keyboard = room.workspace, plugged(room, midi_hub)
    workspace.set_click(False, 0)
    voice = Track("voice", "Voice", "#ffffff", armed=True)
    room.session.document.apply(add_tracks((voice,)))
    room.over(workspace.measure_round_trip(lambda _: None))
    assert workspace.round_trip() > 0
    workspace.start_recording()
    room.until(lambda: workspace.poll().taking > RATE // 2)
    for pitch in (60, 64):
        keyboard.send(0x90, pitch, 120)
        target = workspace.poll().position + RATE // 3
        room.until(lambda target=target: workspace.poll().position > target)
        keyboard.send(0x80, pitch, 0)
        room.until(lambda target=target: workspace.poll().position > target + RATE // 2)
    workspace.player.stop()
    room.until(lambda: not workspace.recorder.running)
    (take,) = room.session.document.project.tracks[1].clips
    time_of = room.session.document.project.time
    bundle = room.session.bundle
    import soundfile

    media = room.session.document.media(take.media)
    sound = np.abs(soundfile.read(bundle.media.path(media.file), dtype="float32", always_2d=True)[0][:, 0])
    begins = [time_of.frame(note.start) for note in notes(room)]
    assert len(begins) == 2
    for begin in begins:
        at = begin - take.offset + take.source
        heard = np.flatnonzero(sound[at - RATE // 20 : at + RATE // 3] > 0.02)[0] - RATE // 20
        assert 0 <= heard < 0.09 * RATE, f"{heard * 1000 / RATE:.0f} ms after the note"
    assert room.session.document.revision.label.startswith("Record")
    room.session.document.undo()
    assert not notes(room) and not room.session.document.project.tracks[1].clips, "both in one step"


@undisturbed
def test_a_keyboard_that_is_unplugged_leaves_no_note_behind(
    sound_card: SoundCard, midi_hub: MidiHub, room: Room
) -> None:
    ready(room, count_in=0)
    workspace, keyboard = room.workspace, plugged(room, midi_hub)
    workspace.set_click(False, 0)
    ear = Ear(workspace.player)
    workspace.start_recording()
    room.until(lambda: workspace.poll().recording)
    keyboard.send(0x90, 60, 120)
    keyboard.send(0xB0, 64, 127)
    room.until(lambda: workspace.hands.held == {60})
    room.until(lambda: max(workspace.poll().meters.get("organ", (0.0, 0.0))) > 0.05)
    keyboard.unplug()
    room.until(lambda: not workspace.hands.held)
    room.until(lambda: any("is gone" in str(said) for said in room.told))
    ear.wait(RATE)
    sound = np.abs(ear.stop())
    assert sound.max() > 0.05 and sound[-RATE // 8 :].max() < 1e-3, "it was heard, and is silent now"
    assert workspace.poll().recording, "the recording goes on"
    workspace.player.stop()
    room.until(lambda: not workspace.recorder.running)
    (note,) = notes(room)
    assert note.length < 4 * 960 and clips(room)[0].controls[-1].value == 0
    again = plugged(room, midi_hub)
    again.send(0x90, 62, 100)
    room.until(lambda: workspace.hands.held == {62})


def song_on_disk(folder: Path) -> None:
    song = create_song(folder, RATE)
    song.document.apply(add_tracks((replace(ORGAN, armed=True),)))
    song.close()


def written(folder: Path) -> list[Note]:
    song = open_song(folder, read_only=True)
    try:
        return [note for track in song.project.tracks for clip in track.clips for note in clip.notes]
    finally:
        song.close()


def until(condition: Callable[[], object], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "this never happened"
        time.sleep(0.1)


@undisturbed
def test_the_computers_keys_are_recorded_in_the_window_and_survive_a_kill(
    screen: Screen, sound_card: SoundCard, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    song = home / "projects" / "Keys.studio"
    song.parent.mkdir(parents=True)
    song_on_disk(song)
    app = App(screen, home, str(song), environment=sound_card.environment)
    try:
        app.window("Keys")
        app.seen("Sound device", seconds=60)
        app.keys("ctrl+alt+k")
        app.seen("What is played in, and where it sounds")
        app.keys("r")
        app.seen("Recording")
        pressed = []
        for letter in "adgk":
            pressed.append(time.perf_counter())
            screen.xdotool("keydown", letter)
            time.sleep(0.3)
            screen.xdotool("keyup", letter)
            time.sleep(0.35)
        until(lambda: len(written(song)) == 4)
    finally:
        app.kill()
    found = sorted(written(song), key=lambda note: note.start)
    assert [note.pitch for note in found] == [60, 64, 67, 72]
    seconds = [(b.start - a.start) / 1920 for a, b in pairwise(found)]
    meant = [b - a for a, b in pairwise(pressed)]
    assert max(abs(a - b) for a, b in zip(seconds, meant, strict=True)) < 0.08
    assert all(300 < note.length < 1_200 for note in found)
    assert "Traceback" not in app.output(), app.output()
