"""Chords in the window: typed, suggested, detected, with the commands on the lane."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTextEdit

from studio.document.edits import clips, tracks
from studio.document.edits.harmony import set_chords, set_key
from studio.document.edits.notes import make_note, make_note_clip
from studio.document.harmony import Chord, Key
from studio.document.instruments import Instrument
from studio.document.project import Project
from studio.ui.harmony.detect_dialog import DetectDialog
from studio.ui.harmony.dialog import ChordDialog
from studio.ui.shell import MainWindow
from windows import begin, idle, open_window, window

__all__ = ["open_window", "window"]

BAR = 3840
CHORDS = ((48, 60, 64, 67), (53, 60, 65, 69), (45, 60, 64, 69))


@pytest.fixture
def song(window: MainWindow, qtbot: Any) -> MainWindow:
    """A window with a song that has an instrument track with three chords from bar 2 on."""
    begin(window, qtbot)
    document = window.session.document
    track = tracks.fresh_track(document.project, "Keys", "instrument", instrument=Instrument("synth"))
    notes = [make_note(n * BAR, BAR, pitch, 90) for n, chord in enumerate(CHORDS) for pitch in chord]
    document.apply(tracks.add_tracks((track,)))
    document.apply(clips.add_clips(track.id, (make_note_clip("Part", BAR, 3 * BAR, notes),)))
    return window


def project(window: MainWindow) -> Project:
    return window.session.document.project


def symbols(window: MainWindow) -> list[tuple[int, int, str]]:
    return [(chord.start, chord.length, chord.symbol) for chord in project(window).chords]


def clip_id(window: MainWindow) -> str:
    return project(window).tracks[0].clips[0].id


@pytest.fixture
def dialog(song: MainWindow, qtbot: Any) -> ChordDialog:
    made = ChordDialog(song, song.session, 2 * BAR + 50)
    qtbot.addWidget(made)
    made.show()
    return made


def marked(dialog: ChordDialog) -> list[str]:
    found: list[QTextEdit.ExtraSelection] = dialog.field.extraSelections()
    return [one.cursor.selectedText() for one in found]


def test_what_is_typed_is_read_at_once_and_written_in_one_step(song: MainWindow, dialog: ChordDialog) -> None:
    song.session.document.apply(set_chords([Chord("a", 3 * BAR, BAR, 0, symbol="C")]))
    dialog.field.setPlainText("Am7 | F | C G/B")
    assert dialog.understood.toPlainText() == "3:  Am7 | F | C  G/B    (vi7 | IV | I  V/7)"
    assert dialog.hint.text() == "4 chords in 3 bars. 1 that stands there gives way." and dialog.go.isEnabled()
    before, revisions = project(song), len(song.session.document.revisions)
    dialog.go.click()
    assert [symbol for _, _, symbol in symbols(song)] == ["Am7", "F", "C", "G/B"]
    assert symbols(song)[0][:2] == (2 * BAR, BAR) and len(song.session.document.revisions) == revisions + 1
    song.session.document.undo()
    assert project(song).chords == before.chords


def test_what_is_no_chord_is_marked_where_it_stands(song: MainWindow, dialog: ChordDialog) -> None:
    before = project(song)
    dialog.field.setPlainText("Am7 | Fx | C")
    assert marked(dialog) == ["Fx"] and dialog.hint.text().startswith("“Fx” in bar 4 is not a chord")
    assert dialog.hint.property("role") == "error" and not dialog.go.isEnabled()
    assert dialog.understood.toPlainText() == ""
    dialog.field.setPlainText("Am7 | F | C")
    assert marked(dialog) == [] and dialog.go.isEnabled()
    dialog.reject()
    assert project(song) is before


def test_the_chosen_key_spells_reads_and_is_set(song: MainWindow, dialog: ChordDialog, qtbot: Any) -> None:
    dialog.tonic.choose(10)
    dialog.tonic.activated.emit(10)
    dialog.field.setPlainText("ii7 | V7 | I")
    assert dialog.understood.toPlainText() == "3:  Cm7 | F7 | Bb    (ii7 | V7 | I)"
    qtbot.keyClick(dialog.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert not dialog.isVisible()
    assert [symbol for _, _, symbol in symbols(song)] == ["Cm7", "F7", "Bb"]
    assert project(song).keys == (Key(2 * BAR, 10),)
    song.session.document.undo()
    assert (project(song).keys, project(song).chords) == ((), ())


def test_suggestions_follow_the_text_and_a_click_adds_one_and_plays_it(
    song: MainWindow, dialog: ChordDialog, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    song.session.play_by_hand(project(song).tracks[0].id)
    heard: list[tuple[int, int]] = []
    note = song.session.note
    monkeypatch.setattr(
        song.session, "note", lambda pitch, velocity: (heard.append((pitch, velocity)), note(pitch, velocity))
    )
    dialog.field.setPlainText("Dm7 | G7")
    qtbot.waitUntil(lambda: dialog.list.count() > 0 and "comes home from G7" in dialog.list.item(0).text())
    assert dialog.list.item(0).text() == "Cmaj7\tImaj7: comes home from G7"
    dialog.list.itemClicked.emit(dialog.list.item(0))
    assert dialog.field.toPlainText() == "Dm7 | G7 | Cmaj7"
    assert {pitch % 12 for pitch, velocity in heard if velocity} == {0, 4, 7, 11}
    dialog.reject()
    assert sorted(pitch for pitch, velocity in heard if not velocity) == sorted(p for p, v in heard if v)


def test_chords_of_a_clip_are_shown_with_how_sure_they_are_and_then_written(song: MainWindow, qtbot: Any) -> None:
    dialog = DetectDialog(song, song.session, clip_id(song))
    qtbot.addWidget(dialog)
    dialog.show()
    assert not dialog.go.isEnabled()
    qtbot.waitUntil(dialog.go.isEnabled)
    rows = [[dialog.table.item(row, column).text() for column in range(3)] for row in range(3)]
    assert [row[:2] for row in rows] == [["2.1", "C"], ["3.1", "F"], ["4.1", "Am"]]
    assert all(row[2].endswith("%") for row in rows) and project(song).chords == ()
    dialog.least.setValue(100)
    assert dialog.least.value() == 95
    dialog.least.setValue(0)
    assert "F major" in dialog.key.text()
    dialog.key.setChecked(True)
    dialog.go.click()
    assert symbols(song) == [(BAR, BAR, "C"), (2 * BAR, BAR, "F"), (3 * BAR, BAR, "Am")]
    assert project(song).keys == (Key(BAR, 5),)
    idle(song, qtbot)


def test_closing_while_it_listens_cancels(song: MainWindow, qtbot: Any, tmp_path: Any) -> None:
    file = tmp_path / "long.wav"
    soundfile.write(file, 0.2 * np.random.default_rng(1).standard_normal((300 * 48_000, 1)).astype(np.float32), 48_000)
    song.song.import_paths([file])
    idle(song, qtbot)
    sound = next(clip.id for track in project(song).tracks for clip in track.clips if clip.id != clip_id(song))
    dialog = DetectDialog(song, song.session, sound)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: any(job.kind == "chords" and job.state == "running" for job in song.workspace.jobs.jobs()))
    dialog.reject()
    idle(song, qtbot)
    assert [job.state for job in song.workspace.jobs.jobs() if job.kind == "chords"] == ["cancelled"]
    assert project(song).chords == ()


def test_a_clip_of_drums_is_refused_with_the_reason(song: MainWindow, qtbot: Any) -> None:
    document = song.session.document
    track = tracks.fresh_track(project(song), "Drums", "instrument", instrument=Instrument("drums"))
    clip = make_note_clip("Beat", 0, BAR, [make_note(0, 100, 36, 90)])
    document.apply(tracks.add_tracks((track,)))
    document.apply(clips.add_clips(track.id, (clip,)))
    dialog = DetectDialog(song, song.session, clip.id)
    qtbot.addWidget(dialog)
    qtbot.waitUntil(lambda: dialog.hint.text().startswith("Drums play no chords"))
    assert not dialog.go.isEnabled()


def test_the_commands_work_on_the_chord_at_the_playhead(song: MainWindow) -> None:
    commands, timeline = song.commands, song.panels["timeline"]
    assert not commands.run("chords.delete") and not commands.run("chords.next") and not commands.run("chords.detect")
    song.session.document.apply(set_key(0, 0))
    song.session.document.apply(set_chords([Chord("a", 0, BAR, 0, symbol="C"), Chord("b", BAR, BAR, 7, symbol="G")]))
    assert commands.run("chords.next") and timeline.chords.current.symbol == "G"
    assert commands.run("chords.shorter") and symbols(song)[1] == (BAR, BAR - 960, "G")
    assert commands.run("chords.later") and symbols(song)[1] == (BAR + 960, BAR - 960, "G")
    assert commands.run("chords.earlier") and commands.run("chords.longer")
    assert symbols(song) == [(0, BAR, "C"), (BAR, BAR, "G")]
    assert commands.run("chords.delete") and symbols(song) == [(0, BAR, "C")]
    assert not song.commands.conflicts


def test_chords_are_typed_from_the_selected_clip_on(song: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    monkeypatch.setattr(ChordDialog, "exec", lambda self: shown.append(self.windowTitle() + str(self._bar)))
    assert song.commands.run("chords.type")
    song.panels["timeline"].stage.select((clip_id(song),))
    assert song.commands.run("chords.type")
    song.panels["timeline"].chords_requested.emit(5 * BAR)
    assert shown == ["Chords1", "Chords2", "Chords6"]
