"""A song to sing: two lines of four notes at 120 BPM, voices that sing them more or less in tune, and takes of them."""

from __future__ import annotations

from pathlib import Path
from threading import Event

import numpy as np
import numpy.typing as npt
import soundfile

import voices
from studio.actions.importing import import_sound
from studio.actions.song import create_song
from studio.document.edits.clips import add_clips
from studio.document.edits.song import put_media, sequence
from studio.document.edits.takes import Pass, record_passes
from studio.document.edits.tracks import add_tracks, fresh_track
from studio.document.notes import Block, Note, NoteClip
from studio.document.project import Track
from studio.engine.audio.instruments.changing import make_instrument
from studio.engine.jobs import Work

Floats = npt.NDArray[np.float32]

RATE = 48_000
PITCHES = (57, 59, 60, 62, 64, 62, 60, 57)
WORDS = ("Walk ", "in ", "the ", "rain", "home ", "and ", "dry ", "again")
BEATS = (0, 1, 2, 3, 7, 8, 9, 10)
SECONDS = 7
"""The length of a take."""

PPQ = 960


def sung(*cents: float, late: float = 0.0, lively: bool = False) -> Floats:
    """A take of which each line is off by so many cents; a `lively` voice scoops and swings."""
    sound = np.zeros(SECONDS * RATE, np.float32)
    times = np.arange(round(0.46 * RATE)) / RATE
    motion = -0.7 * np.exp(-times / 0.04) + 0.25 * np.sin(2 * np.pi * 5.7 * times) * (times > 0.12)
    for n, (beat, pitch) in enumerate(zip(BEATS, PITCHES, strict=True)):
        line = np.full(len(times), pitch + cents[n // 4] / 100) + (motion if lively else 0.0)
        first = round((beat * 0.5 + late) * RATE)
        sound[first : first + len(times)] = voices.sung(line, RATE)
    return sound


def melody() -> tuple[Track, NoteClip]:
    """The notes to sing, and an instrument track for them."""
    notes = tuple(
        Note(f"n{n}", beat * PPQ, PPQ - 60, pitch, text=WORDS[n])
        for n, (beat, pitch) in enumerate(zip(BEATS, PITCHES, strict=True))
    )
    lead = Track("lead", "Lead", "#5aa9e6", "instrument", "musical", instrument=make_instrument("synth"))
    return lead, NoteClip("melody", "Melody", 0, 14 * PPQ, note_blocks=(Block(1, notes),))


def make_sung_song(folder: Path, *takes: Floats) -> str:
    """Makes a song with the melody and one clip of these takes below it; returns the id of that clip."""
    opened = create_song(folder, RATE)
    document = opened.document
    lead, clip = melody()
    document.apply(add_tracks((lead,)))
    document.apply(add_clips(lead.id, (clip,)))
    file = folder.parent / f"{folder.stem}.wav"
    soundfile.write(file, np.concatenate(takes), RATE, subtype="FLOAT")
    media = import_sound(opened.bundle, file, RATE, Work(lambda *_: None, Event())).media
    voice = fresh_track(document.project, "Voice", base="time")
    document.apply(sequence("Takes", [put_media((media,)), add_tracks((voice,))]))
    passes = [Pass(0, n * SECONDS * RATE, SECONDS * RATE) for n in range(len(takes))]
    document.apply(record_passes(voice.id, media, passes))
    made = document.project.tracks[-1].clips[0].id
    opened.close()
    return made
