"""The Groove MIDI files: read, and brought into songs."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import mido
import pytest

from studio.actions.midi import open_midi, place_midi
from studio.actions.placing import Target
from studio.document.document import Document
from studio.document.project import new_project
from studio.engine.music.midifile import read_midi
from studio.engine.music.midiwrite import write_midi

pytestmark = pytest.mark.bench


def test_importing_the_groove_files(row: Callable[..., None], testdata: Path, tmp_path: Path) -> None:
    files = sorted((testdata / "groove_midi").rglob("*.mid"))
    begin = time.process_time()
    read = sum(len(track.notes) for file in files for track in read_midi(file).tracks)
    reading = time.process_time() - begin
    begin = time.process_time()
    for file in files:
        document = Document(new_project("Song"))
        edit, _ = place_midi(document.project, [open_midi(file)], Target())
        document.apply(edit)
    importing = time.process_time() - begin
    begin = time.process_time()
    for file in files:
        mido.MidiFile(file, clip=True)
    peer = time.process_time() - begin
    begin = time.process_time()
    write_midi(document.project, tmp_path / "out.mid")
    writing = time.process_time() - begin
    row(
        f"{len(files):,} Groove MIDI files, {read:,} notes, read and made edits of songs",
        f"{importing:.1f} s",
        "20 s",
        importing < 20,
    )
    row("the same, read only", f"{reading:.1f} s")
    row("peer: mido reads them", f"{peer:.1f} s")
    row("the last of them written", f"{writing * 1000:.0f} ms")
