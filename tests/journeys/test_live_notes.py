"""Notes played by hand, heard on the virtual sound card."""

from __future__ import annotations

import secrets
from pathlib import Path

import numpy as np
import pytest

from listening import RATE, Ear, playing_on, undisturbed, until
from rooms import Room, room
from sound import SoundCard, sound_card
from studio.document.edits import mix
from studio.document.edits.tracks import add_tracks
from studio.document.instruments import Instrument
from studio.document.project import Track
from studio.engine.audio.instruments.changing import make_instrument, with_values
from studio.engine.audio.instruments.making import make_synth
from studio.engine.audio.instruments.soundfont import find_fonts
from studio.engine.audio.livenotes import LiveNotes
from studio.engine.audio.player import Player
from tone import Tones

__all__ = ["room", "sound_card"]

pytestmark = pytest.mark.skipif(not find_fonts(), reason="no SoundFont is installed")
ORGAN = Instrument(program=16)


def loudest(sound: np.ndarray) -> float:
    """The strongest frequency, in Hz."""
    spectrum = np.abs(np.fft.rfft(sound[:, 0] * np.hanning(len(sound)), 1 << 18))
    return float(spectrum.argmax() * RATE / (1 << 18))


def press(player: Player, pitch: int, seconds: float) -> np.ndarray:
    """What is heard while a key is held, and for half a second after it."""
    ear = Ear(player)
    before = ear._frames()  # an ear begins with the second that was kept
    player.note(pitch, 100)
    ear.wait(round(seconds * RATE))
    player.note(pitch, 0)
    ear.wait(RATE // 2)
    return ear.stop()[before:]


@pytest.mark.parametrize("playing", [False, True])
@undisturbed
def test_a_key_is_heard_at_its_pitch_and_ends_when_it_is_let_go(sound_card: SoundCard, playing: bool) -> None:
    with playing_on(Tones(a=0.0, level=0.0)) as player:
        player.play_live(LiveNotes("track", make_synth(ORGAN, RATE, by_hand=True)))
        if playing:
            player.play()
            until(lambda: player.status().position > 10_000, "it plays")
        sound = press(player, 69, 0.5)
        loud = np.flatnonzero(np.abs(sound[:, 0]) > 0.005)
        assert len(loud) and np.abs(sound[-4000:]).max() < 0.003
        assert RATE * 0.4 < loud[-1] - loud[0] < RATE * 1.3
        middle = sound[loud[0] + 5000 : loud[0] + 20_000]
        assert min(abs(loudest(middle) / 440 - ratio) for ratio in (0.5, 1.0, 2.0, 3.0)) < 0.02


@undisturbed
def test_a_preview_is_heard_beside_it(sound_card: SoundCard, testdata: Path) -> None:
    with playing_on(Tones(a=0.0, level=0.0)) as player:
        player.play_live(LiveNotes("track", make_synth(ORGAN, RATE, by_hand=True)))
        ear = Ear(player)
        player.preview(testdata / "samples_cc0" / "loop_compus.flac")
        player.note(69, 60)
        ear.wait(RATE)
        player.note(69, 0)
        player.stop_preview()
        ear.wait(RATE // 2)
        sound = ear.stop()
    assert np.abs(sound).max() > 0.1 and np.abs(sound[-2000:]).max() < 0.003


@undisturbed
def test_the_track_that_was_chosen_is_played_with_its_instrument_and_fader(sound_card: SoundCard, room: Room) -> None:
    organ = Track("track-1", "Organ", "#ffffff", "instrument", "musical", instrument=ORGAN)
    session, player = room.new("Hand"), room.workspace.player
    session.document.apply(add_tracks((organ,)))
    room.until(lambda: player.status().device == "running")
    session.playback.play_by_hand("track-1", session.document.project)
    room.until(lambda: player._thread._live is not None)
    loud = np.abs(press(player, 60, 0.3)).max()
    session.document.apply(mix.set_gain("track-1", 0.1))
    room.until(lambda: session.playback.settled(session.document.project))
    assert np.abs(press(player, 60, 0.3)).max() == pytest.approx(0.1 * loud, rel=0.2)
    room.workspace.close_project()
    room.until(lambda: player._thread._live is None)


@undisturbed
def test_an_instrument_is_tried_on_the_keys_before_it_is_in_the_song(sound_card: SoundCard, room: Room) -> None:
    organ = make_instrument("synth", "Organ")
    track = Track("track-1", "Lead", "#ffffff", "instrument", "musical", instrument=organ)
    session, player = (
        room.new(f"Knob {secrets.token_hex(4)}"),
        room.workspace.player,
    )  # another one if the card stumbles
    session.document.apply(add_tracks((track,)))
    room.until(lambda: player.status().device == "running")
    session.play_by_hand("track-1")
    room.until(lambda: player._thread._live is not None)
    live, before = player._thread._live, session.document.project
    loud = np.abs(press(player, 60, 0.3)).max()
    session.try_instrument("track-1", with_values(organ, {"level_db": -40.0}))
    room.until(lambda: not session.playback.settled(before))
    soft = np.abs(press(player, 60, 0.3)).max()
    session.try_instrument("track-1", None)
    room.until(lambda: session.playback.settled(before))
    assert soft == pytest.approx(loud / 100, rel=0.3)
    assert np.abs(press(player, 60, 0.3)).max() == pytest.approx(loud, rel=0.2)
    assert player._thread._live is live and session.document.project is before


@undisturbed
def test_keys_without_a_device_are_forgotten(room: Room) -> None:
    player = room.workspace.player
    player.play_live(LiveNotes("track", make_synth(ORGAN, RATE, by_hand=True)))
    for _ in range(100):
        player.note(60, 100)
    room.until(lambda: player._thread._live is not None and not player._thread._live._due)
