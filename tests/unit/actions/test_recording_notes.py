"""Recording notes in a workspace without a sound device: by the clock, with count-in, as one step, kept on disk."""

from __future__ import annotations

import numpy as np
import pytest

from listening import Tape
from rooms import Room, room
from studio.document.edits.song import set_loop, set_tempo
from studio.document.edits.tracks import add_tracks, arm
from studio.document.instruments import Instrument
from studio.document.notes import NoteClip
from studio.document.project import Track
from studio.engine.audio.score import ON
from studio.errors import StudioError

__all__ = ["room"]

ORGAN = Track("organ", "Organ", "#ffffff", "instrument", "musical", instrument=Instrument("synth"))


def ready(room: Room, count_in: int = 0) -> None:
    """A song with an armed instrument track and no device."""
    session = room.new("Played")
    session.document.apply(add_tracks((ORGAN,)))
    session.document.apply(arm("organ", True))
    room.workspace.update_preferences(count_in_bars=count_in)
    room.workspace.player.close_device()
    room.until(lambda: room.workspace.player.status().device == "clock")
    room.until(lambda: session.playback.settled(session.document.project))


def clips(room: Room) -> list[NoteClip]:
    return [clip for clip in room.session.document.project.tracks[0].clips if isinstance(clip, NoteClip)]


def test_keys_are_recorded_where_they_were_heard_and_undone_in_one_step(room: Room) -> None:
    ready(room)
    workspace, session = room.workspace, room.session
    before = session.document.project
    workspace.start_recording()
    room.until(lambda: workspace.poll().recording)
    room.until(lambda: workspace.poll().position > 24_000)
    pressed = workspace.poll().position
    workspace.hands.press("keys", 60, 81)
    room.until(lambda: clips(room), 5.0)
    room.until(lambda: workspace.poll().position > pressed + 48_000)
    let_go = workspace.poll().position
    workspace.hands.let_go("keys", 60)
    workspace.stop_recording()
    room.until(lambda: not workspace.recorder.running)
    assert workspace.poll().playing, "it was punched out; playback goes on"
    (note,) = clips(room)[0].notes
    tick = session.document.project.time.tick
    assert abs(note.start - tick(pressed)) < 50 and abs(note.start + note.length - tick(let_go)) < 50
    assert note.velocity == 81 and note.pitch == 60
    assert session.document.revision.label == "Record notes"
    session.document.undo()
    assert session.document.project is before


def test_the_count_in_is_not_recorded(room: Room) -> None:
    ready(room, count_in=1)
    workspace = room.workspace
    room.session.document.apply(set_tempo(0, 240.0))
    workspace.start_recording()
    room.until(lambda: workspace.poll().counting_in)
    assert not workspace.poll().recording
    workspace.hands.press("keys", 50, 90)
    workspace.hands.let_go("keys", 50)
    room.until(lambda: workspace.poll().recording)
    workspace.hands.press("keys", 60, 90)
    workspace.player.stop()
    room.until(lambda: not workspace.recorder.running)
    assert [note.pitch for note in clips(room)[0].notes] == [60], "and what is held is closed at the stop"


def test_a_stop_within_the_count_in_ends_it_without_a_trace(room: Room) -> None:
    ready(room, count_in=2)
    workspace, before = room.workspace, room.session.document.project
    workspace.start_recording()
    room.until(lambda: workspace.poll().counting_in)
    workspace.stop_recording()
    workspace.player.stop()
    room.until(lambda: not workspace.recorder.running)
    assert room.session.document.project is before


def test_what_is_recorded_is_on_disk_before_it_ends_and_closing_keeps_the_rest(room: Room) -> None:
    ready(room)
    workspace, session = room.workspace, room.session
    folder = session.bundle.folder
    workspace.start_recording()
    room.until(lambda: workspace.poll().recording)
    workspace.hands.press("keys", 60, 90)
    room.until(lambda: clips(room))
    revision = session.document.revision.number
    room.until(lambda: session.durable >= revision and session.saved, 2.0)
    workspace.hands.press("keys", 64, 90)
    workspace.hands.poll()
    workspace.close_project()
    room.open(folder)
    assert sorted(note.pitch for note in clips(room)[0].notes) == [60, 64]


def test_nothing_armed_is_said(room: Room) -> None:
    ready(room)
    room.session.document.apply(arm("organ", False))
    with pytest.raises(StudioError, match="No track is armed"):
        room.workspace.start_recording()


def test_a_keyboard_that_goes_lets_its_notes_go_and_says_so(room: Room) -> None:
    ready(room)
    workspace = room.workspace
    workspace.start_recording()
    room.until(lambda: workspace.poll().recording)
    workspace.hands.midi(workspace.player._thread.shot.clock[0], "Grand", bytes([0x90, 60, 90]))
    assert workspace.hands.held == {60}
    workspace._midi_gone("Grand")
    assert not workspace.hands.held and "“Grand” is gone" in str(room.told[-1]) and "let go" in str(room.told[-1])
    workspace.player.stop()
    room.until(lambda: not workspace.recorder.running)
    assert ON == 4 and clips(room)[0].notes[0].length < 2 * 960


def test_without_overdub_the_track_is_silent_but_for_what_is_played(room: Room) -> None:
    ready(room)
    workspace, player = room.workspace, room.workspace.player
    workspace.update_preferences(overdub=False)
    room.until(lambda: "organ" in player._thread.transport.source.gains())
    before = player._thread.transport.source.gains()["organ"]
    assert before[0] > 0.5
    workspace.start_recording()
    room.until(lambda: workspace.poll().recording)
    room.until(lambda: player._thread.transport.source.gains()["organ"] == (0.0, 0.0))
    assert player._thread._kept_gains["organ"] == before
    workspace.hands.press("keys", 60, 90)
    room.until(lambda: clips(room))
    assert player._thread.transport.source.gains()["organ"] == (0.0, 0.0), "also after its clip was written"
    player.stop()
    room.until(lambda: not workspace.recorder.running)
    room.until(lambda: player._thread.transport.source.gains()["organ"] == before)
    assert not player._thread._kept_gains


def test_what_was_played_in_one_round_of_a_loop_sounds_in_the_next(room: Room) -> None:
    ready(room)
    workspace, session = room.workspace, room.session
    session.document.apply(set_loop(0, 4 * 960, True))
    session.document.apply(set_tempo(0, 240.0))
    room.until(lambda: session.playback.settled(session.document.project))
    tape = Tape(workspace.player)
    workspace.start_recording()
    room.until(lambda: workspace.poll().recording and workspace.poll().position > 12_000)
    workspace.hands.press("keys", 69, 110)
    room.until(lambda: workspace.poll().position > 24_000)
    workspace.hands.let_go("keys", 69)
    room.until(lambda: len([1 for at, _ in tape.blocks if at == 0]) >= 4)
    workspace.player.stop()
    room.until(lambda: not workspace.recorder.running)
    rounds = [np.abs(block).max() if len(block) else 0.0 for _, block in tape.runs()]
    assert rounds[0] == 0.0 and max(rounds[1:]) > 0.05, rounds
    assert len(clips(room)) == 1 and len(clips(room)[0].notes) == 1
    workspace.player.set_tap(None)
