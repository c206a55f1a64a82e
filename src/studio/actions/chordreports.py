"""Chords by the headless door: listed, typed into a song, or detected in a file, each as a JSON-ready report."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ..document.harmony import Chord
from ..document.project import Project
from ..document.time import bar_beat, bar_tick
from ..engine.jobs import Work
from ..engine.music.chordnames import spell_chord
from ..engine.music.harmony.spelling import key_name
from ..errors import StudioError
from .harmony import detect_in_file, put_reading, read_text
from .recording import open_to_write
from .song import open_song

Report = dict[str, Any]
Progress = Callable[[float, str], None]


def list_chords(folder: Path) -> Report:
    """The chords of a song. Opens it to read."""
    song = open_song(folder, read_only=True)
    try:
        return {"project": str(song.bundle.folder), "chords": _rows(song.project, song.project.chords)}
    finally:
        song.close()


def write_chords(folder: Path, text: str, bar: int) -> Report:
    """Types chords into a song from a bar on, counted from 1. What is no chord leaves the song as it was."""
    if bar < 1:
        raise StudioError("Bars are counted from 1; give --at a number from 1 on.")
    song = open_to_write(folder)
    try:
        reading = read_text(song.project, text, int(bar_tick(song.project.signatures, bar)))
        song.document.apply(put_reading(reading))
        song.save()
        written = [chord for chord in song.project.chords if reading.start <= chord.start < reading.end]
        return {
            "project": str(song.bundle.folder),
            "bars": reading.bars,
            "written": len(written),
            "chords": _rows(song.project, written),
        }
    finally:
        song.close()


def hear_chords(file: Path, tempo: float | None, progress: Progress) -> Report:
    """Detects the chords and the key of a sound file or a MIDI file."""
    if file.is_dir():
        raise StudioError(f"“{file.name}” is a folder; --detect takes a sound file or a MIDI file.")
    if not file.exists():
        raise StudioError(f"There is no file {file}; check its name.")
    found, seconds = detect_in_file(file, tempo, Work(progress, threading.Event()))
    key = found.key
    return {
        "file": str(file),
        "key": None if key is None else {"name": key_name(key.key), "confidence": round(key.confidence, 3)},
        "cents": round(found.cents, 1),
        "chords": [
            {
                "symbol": one.chord.symbol,
                "start_seconds": round(begin, 3),
                "end_seconds": round(end, 3),
                "confidence": one.confidence,
            }
            for one, begin, end in zip(found.chords, seconds[::2], seconds[1::2], strict=True)
        ],
    }


def _rows(project: Project, chords: Sequence[Chord]) -> list[Report]:
    rows: list[Report] = []
    for chord in chords:
        spot = bar_beat(project.signatures, chord.start)
        begin, end = project.time.seconds_of([chord.start, chord.start + chord.length]).tolist()
        place = {"bar": spot.bar, "beat": spot.beat, "start": chord.start, "length": chord.length}
        seconds = {"start_seconds": round(begin, 3), "end_seconds": round(end, 3)}
        rows.append({"symbol": spell_chord(chord), **place, **seconds})
    return rows
