"""MIDI files in the window: imported as a job, shown on the timeline and in the mixer, exported."""

from __future__ import annotations

from pathlib import Path

from midibytes import meta, midi, off, on, track
from studio.document.project import Project
from studio.engine.music.midifile import read_midi
from studio.ui.shell import MainWindow
from windows import begin, idle, open_window, window

__all__ = ["open_window", "window"]


def _file(path: Path) -> Path:
    keys = track((0, meta(3, b"Keys")), (0, on(60)), (480, off(60)), (0, on(64)), (480, off(64)))
    drums = track((0, meta(3, b"Kit")), (0, on(36, 100, 9)), (240, off(36, 9)))
    path.write_bytes(midi([keys, drums]))
    return path


def _project(window: MainWindow) -> Project:
    assert window.session is not None
    return window.session.document.project


def test_a_dropped_midi_file_becomes_instrument_tracks_and_one_undo_step(
    window: MainWindow, qtbot, tmp_path: Path
) -> None:
    begin(window, qtbot)
    window.song.import_paths([_file(tmp_path / "a.mid")], frame=0)
    qtbot.waitUntil(lambda: len(_project(window).tracks) == 2, timeout=20_000)
    assert [(t.name, t.kind) for t in _project(window).tracks] == [("Keys", "instrument"), ("Kit", "instrument")]
    qtbot.waitUntil(lambda: window.panels["mixer"] is not None)
    window.grab()
    window.commands.run("edit.undo")
    assert _project(window).tracks == ()


def test_a_bad_midi_file_is_named(window: MainWindow, qtbot, tmp_path: Path) -> None:
    begin(window, qtbot)
    (tmp_path / "bad.mid").write_bytes(b"no midi")
    window.song.import_paths([tmp_path / "bad.mid"])
    qtbot.waitUntil(lambda: any("not a MIDI file" in notice.text for notice in window.notices.all()), timeout=20_000)
    assert _project(window).tracks == ()


def test_the_notes_of_a_song_are_exported(window: MainWindow, qtbot, tmp_path: Path) -> None:
    begin(window, qtbot)
    window.song.import_paths([_file(tmp_path / "a.mid")], frame=0)
    qtbot.waitUntil(lambda: len(_project(window).tracks) == 2, timeout=20_000)
    window.song.start_midi_export(tmp_path / "out.mid", False)
    idle(window, qtbot)
    qtbot.waitUntil(lambda: any("3 notes on 2 tracks" in notice.text for notice in window.notices.all()))
    assert [(t.name, len(t.notes)) for t in read_midi(tmp_path / "out.mid").tracks] == [("Keys", 2), ("Kit", 1)]
