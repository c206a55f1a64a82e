"""Practising a song in another key, slower or faster: what sounds, where the playhead stands, what is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from rooms import Room, room
from studio.actions.placing import Target
from studio.document.edits.song import set_loop
from studio.document.practice import Practice
from studio.errors import StudioError

__all__ = ["room"]

RATE = 48_000
SLOW = Practice(2, 0.8)


def brought(room: Room, folder: Path, name: str = "tone", hz: float = 440.0, seconds: float = 4.0) -> None:
    """Puts a tone on a track of its own from the song's beginning on."""
    time = np.arange(round(seconds * RATE)) / RATE
    soundfile.write(folder / f"{name}.wav", 0.3 * np.sin(2 * np.pi * hz * time), RATE, subtype="FLOAT")
    room.over(room.session.import_files([folder / f"{name}.wav"], Target(frame=0, name=name)))


def practise(room: Room, practice: Practice) -> str:
    """Chooses a practice and waits until the song is played so; what it said."""
    said: list[str] = []
    room.session.practise(practice, said.append)
    room.until(lambda: said)
    room.until(lambda: room.session.playback.settled(room.session.document.project))
    room.until(lambda: room.workspace.player.pace == practice.pace)
    return said[0]


def played(room: Room, frames: int) -> tuple[int, np.ndarray]:
    """The first rendered frame from the playhead on, and that much sound."""
    blocks: list[tuple[int, Any]] = []
    player = room.workspace.player
    player.set_tap(lambda at, block: blocks.append((at, block.copy())))
    player.play()
    room.until(lambda: sum(block.shape[1] for _, block in blocks) >= frames)
    player.set_tap(None)
    player.stop()
    room.until(lambda: not player.status().playing)
    return blocks[0][0], np.concatenate([block for _, block in blocks], axis=1)[0, :frames]


def pitch_of(sound: np.ndarray) -> float:
    """The strongest frequency, in Hz."""
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound)), 4 * len(sound)))
    return float(spectrum.argmax()) * RATE / (4 * len(sound))


def test_the_backing_follows_and_positions_stay_those_of_the_song(room: Room, tmp_path: Path) -> None:
    room.new()
    brought(room, tmp_path)
    player = room.workspace.player
    assert practise(room, SLOW) == ""
    player.locate(2 * RATE)
    room.until(lambda: player.status().position == 2 * RATE)
    first, sound = played(room, RATE)
    assert first == round(2 * RATE / 0.8)
    assert 12 * np.log2(pitch_of(sound) / 440) == pytest.approx(2, abs=0.1)
    assert np.sqrt((sound**2).mean()) == pytest.approx(0.3 / 2**0.5 / 2**0.5, rel=0.1)
    assert 2 * RATE <= player.status().position <= 2 * RATE + round(1.2 * RATE)
    player.locate(0)
    assert practise(room, Practice()) == ""
    first, sound = played(room, RATE)
    assert first == 0
    assert pitch_of(sound) == pytest.approx(440, abs=1)


def test_a_loop_of_the_song_is_gone_round_in_the_practice(room: Room, tmp_path: Path) -> None:
    room.new()
    brought(room, tmp_path)
    room.session.document.apply(set_loop(960, 2 * 960, True))
    practise(room, Practice(0, 0.5))
    room.workspace.player.locate(RATE // 2)
    blocks: list[tuple[int, int]] = []
    room.workspace.player.set_tap(lambda at, block: blocks.append((at, block.shape[1])))
    room.workspace.player.play()
    room.until(lambda: sum(length for _, length in blocks) > 3 * RATE)
    room.workspace.player.set_tap(None)
    assert blocks[0][0] == RATE
    assert {at for at, _ in blocks if at < RATE} == set()
    assert max(at + length for at, length in blocks) == 2 * RATE


def test_what_comes_into_the_song_is_made_ready_too(room: Room, tmp_path: Path) -> None:
    room.new()
    practise(room, SLOW)
    brought(room, tmp_path)
    room.until(lambda: not room.workspace.jobs.running())
    room.until(lambda: room.session.playback.settled(room.session.document.project))
    _, sound = played(room, RATE)
    assert 12 * np.log2(pitch_of(sound) / 440) == pytest.approx(2, abs=0.1)


def test_copies_that_nobody_uses_do_not_fill_the_disk(room: Room, tmp_path: Path) -> None:
    room.new()
    brought(room, tmp_path, seconds=0.2)
    for key in range(-6, 7):
        practise(room, Practice(key))
    copies = [file for file in (room.session.bundle.folder / "cache").iterdir() if "-k" in file.name]
    assert 1 < len(copies) <= 9


def test_what_cannot_be_is_refused(room: Room) -> None:
    room.new()
    for practice in (Practice(13), Practice(0, 0.4), Practice(0, 1.6)):
        with pytest.raises(StudioError, match="50 to 150 %"):
            room.session.practise(practice)
