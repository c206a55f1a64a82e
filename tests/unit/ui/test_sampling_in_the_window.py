"""Samples in the window: dropped on tracks and lanes, chosen from menus, made of clips."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu, QWidget

from studio.actions.placing import Target
from studio.actions.sampling import Slicing
from studio.document.edits.notes import add_notes, make_note
from studio.document.edits.tracks import add_tracks, fresh_track
from studio.document.instruments import DRUM_BANK, Instrument, Zone
from studio.document.notes import NoteClip
from studio.document.project import Track
from studio.ui.sampling import Sampling
from studio.ui.shell import MainWindow
from studio.ui.slice_dialog import SliceDialog
from studio.ui.timeline.drops import ASSETS
from studio.ui.timeline.instruments import choose
from studio.ui.timeline.menus import clip_menu, track_menu
from windows import begin, idle, open_window, window

__all__ = ["open_window", "window"]

KICK, SNARE = 36, 38


@pytest.fixture
def samples(testdata: Path) -> Path:
    return testdata / "samples_cc0"


@pytest.fixture
def song(window: MainWindow, qtbot: Any, samples: Path) -> MainWindow:
    """A window with a drum track, a clip of notes on it, and a loop on an audio track."""
    begin(window, qtbot)
    document = window.session.document
    kit = fresh_track(document.project, "Kit", "instrument", instrument=Instrument("drums", "808", bank=DRUM_BANK))
    document.apply(add_tracks((kit,)))
    window.panels["timeline"].stage.pick_track(kit.id)
    window.commands.run("track.add_notes")
    window.session.import_files([samples / "loop_breakbeat.flac"], Target())
    idle(window, qtbot)
    qtbot.waitUntil(lambda: len(document.project.tracks) == 2)
    return window


def track(window: MainWindow, index: int = 0) -> Track:
    return window.session.document.project.tracks[index]


def zones(window: MainWindow, index: int = 0) -> tuple[Zone, ...]:
    instrument = track(window, index).instrument
    assert instrument is not None
    return instrument.zones


def dropped(widget: QWidget, at: QPoint, files: Sequence[Path], library: bool = False) -> bool:
    """Drops files on a place of a widget, from the file manager or the library; whether it took them."""
    data = QMimeData()
    if library:
        data.setData(ASSETS, json.dumps([str(file) for file in files]).encode())
    else:
        data.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(at, copy, data, left, none)
    QApplication.sendEvent(widget, enter)
    assert enter.isAccepted()
    widget.repaint()
    event = QDropEvent(QPointF(at), copy, data, left, none)
    QApplication.sendEvent(widget, event)
    return event.isAccepted()


def header(window: MainWindow, index: int) -> QPoint:
    headers = window.panels["timeline"].headers
    return headers.box(window.panels["timeline"].stage.scene.row(track(window, index).id)).center()


def lane(window: MainWindow, pitch: int) -> QPoint:
    view = window.panels["notes"].drums
    row = int(view.canvas.rows.of_pitch[pitch])
    return QPoint(20, round((view.canvas.y(row) + view.canvas.rows.height / 2) / view.stage.axis.ratio))


def entry(menu: QMenu, text: str) -> QAction:
    return next(action for action in menu.actions() if action.text() == text)


@pytest.mark.parametrize("library", [False, True])
def test_a_sound_dropped_on_the_name_of_an_instrument_track_makes_it_a_sampler(
    song: MainWindow, qtbot: Any, samples: Path, library: bool
) -> None:
    headers = song.panels["timeline"].headers
    assert dropped(headers, header(song, 0), [samples / "bass_dnb_f.flac"], library)
    qtbot.waitUntil(lambda: track(song).instrument.kind == "sampler", timeout=20_000)
    assert [(zone.low, zone.high, zone.root) for zone in zones(song)] == [(0, 127, 29)]
    song.commands.run("edit.undo")
    assert track(song).instrument == Instrument("drums", "808", bank=DRUM_BANK)
    assert not dropped(headers, header(song, 1), [samples / "bass_dnb_f.flac"]), "an audio track has no instrument"


def test_a_sound_dropped_on_a_lane_is_what_the_lane_plays(song: MainWindow, qtbot: Any, samples: Path) -> None:
    notes = song.panels["notes"]
    notes.open(track(song).clips[0].id)
    side = notes.drums.side
    plain = side.grab().toImage()
    assert dropped(side, lane(song, SNARE), [samples / "sn_dolf.flac"])
    qtbot.waitUntil(lambda: bool(zones(song)), timeout=20_000)
    assert [zone.low for zone in zones(song)] == [SNARE]
    assert track(song).instrument.kind == "drums"
    marked = side.grab().toImage()
    y = lane(song, SNARE).y() * side.devicePixelRatioF()
    x = (side.width() - 49) * side.devicePixelRatioF()
    assert marked.pixel(round(x), round(y)) != plain.pixel(round(x), round(y)), "the lane shows that it has a sample"
    qtbot.waitUntil(lambda: song.session.playback.settled(song.session.document.project), timeout=20_000)
    menu = side.menu(int(notes.drums.canvas.rows.of_pitch[SNARE]))
    entry(menu, "Remove Sample").trigger()
    assert zones(song) == ()
    assert not entry(side.menu(int(notes.drums.canvas.rows.of_pitch[KICK])), "Remove Sample").isEnabled()
    song.commands.run("edit.undo")
    assert [zone.low for zone in zones(song)] == [SNARE]
    song.commands.run("edit.undo")
    assert zones(song) == ()
    assert len(song.session.document.project.media) == 1, "the sound went with its zone"


def test_a_sound_is_chosen_for_a_lane_by_its_menu_and_by_the_keyboard(
    song: MainWindow, qtbot: Any, samples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes, clip = song.panels["notes"], track(song).clips[0]
    notes.open(clip.id)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(samples / "bd_haus.flac"), ""))
    entry(notes.drums.side.menu(int(notes.drums.canvas.rows.of_pitch[KICK])), "Sample…").trigger()
    qtbot.waitUntil(lambda: [zone.low for zone in zones(song)] == [KICK], timeout=20_000)
    note = make_note(0, 240, SNARE)
    song.session.document.apply(add_notes(clip.id, (note,)))
    assert not song.commands.command("notes.sample").enabled()
    notes.stage.select((note.id,))
    song.commands.run("notes.sample")
    qtbot.waitUntil(lambda: [zone.low for zone in zones(song)] == [KICK, SNARE], timeout=20_000)
    song.commands.run("notes.remove_sample")
    assert [zone.low for zone in zones(song)] == [KICK]


def test_several_sounds_for_a_track_become_a_kit(
    song: MainWindow, qtbot: Any, samples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = [str(samples / name) for name in ("bd_haus.flac", "sn_dolf.flac")]
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: (chosen, ""))
    song.panels["timeline"].stage.pick_track(track(song).id)
    entry(track_menu(song.panels["timeline"], track(song)), "Sample on Track…").trigger()
    qtbot.waitUntil(lambda: [zone.low for zone in zones(song)] == [36, 37], timeout=20_000)
    view = song.panels["timeline"]
    choose(view, track(song).id, Instrument("sampler", "Soft sampler"))
    assert (len(zones(song)), track(song).instrument.bank) == (2, DRUM_BANK), "a preset leaves the sounds"
    choose(view, track(song).id, Instrument("synth", "Bass"))
    assert zones(song) == ()


def test_root_key_and_playing_to_the_end_stand_in_the_menu_of_the_track(
    song: MainWindow, qtbot: Any, samples: Path
) -> None:
    view = song.panels["timeline"]
    assert not any("Root Key" in action.text() for action in track_menu(view, track(song)).actions())
    song.findChild(Sampling).sample([samples / "bass_dnb_f.flac"], track(song).id)
    qtbot.waitUntil(lambda: bool(zones(song)), timeout=20_000)
    menu = track_menu(view, track(song))
    octave = next(a for a in entry(menu, "Root Key: F1").menu().actions() if a.text() == "C3 to B3")
    entry(octave.menu(), "D3").trigger()
    assert zones(song)[0].root == 50
    once = entry(track_menu(view, track(song)), "Play Samples to Their End")
    assert not once.isChecked()
    once.trigger()
    assert zones(song)[0].one_shot


def test_another_kit_keeps_the_samples_on_its_lanes(song: MainWindow, qtbot: Any, samples: Path) -> None:
    song.findChild(Sampling).sample([samples / "bd_haus.flac"], track(song).id, KICK)
    qtbot.waitUntil(lambda: bool(zones(song)), timeout=20_000)
    choose(song.panels["timeline"], track(song).id, Instrument("drums", "909", bank=DRUM_BANK))
    assert [zone.low for zone in zones(song)] == [KICK]


def test_a_clip_is_sliced_as_the_dialog_says_and_its_notes_are_shown(
    song: MainWindow, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    view, clip = song.panels["timeline"], track(song, 1).clips[0]
    view.stage.select((clip.id,))
    said: list[str] = []

    def answer(dialog: SliceDialog) -> int:
        dialog.show()
        qtbot.waitUntil(dialog.go.isEnabled, timeout=20_000)
        said.append(dialog.found.text())
        dialog.sensitivity.setValue(100)
        assert not dialog.go.isEnabled()
        qtbot.waitUntil(dialog.go.isEnabled, timeout=20_000)
        said.append(dialog.found.text())
        dialog.by.choose("grid")
        dialog.by.activated.emit(1)
        qtbot.waitUntil(dialog.go.isEnabled, timeout=20_000)
        said.append(dialog.found.text())
        assert dialog.slicing == Slicing("grid", 1.0, 480)
        dialog.done(1)
        return 1

    monkeypatch.setattr(SliceDialog, "exec", answer)
    entry(clip_menu(view), "Slice to Sampler…").trigger()
    qtbot.waitUntil(lambda: len(song.session.document.project.tracks) == 3, timeout=20_000)
    counts = [int(text.split()[0]) for text in said]
    assert counts[0] < counts[1]
    made = song.session.document.project.tracks[2]
    notes = song.panels["notes"]
    assert made.instrument.kind == "sampler"
    assert counts[2] == len(made.instrument.zones) == 8
    assert view.stage.track_id == made.id
    assert notes.stage.clip_id == made.clips[0].id
    assert notes.view is notes.drums
    assert [row.name for row in notes.drums.canvas.rows.rows][-1] == "Slice 1"
    song.commands.run("edit.undo")
    assert len(song.session.document.project.tracks) == 2


def test_the_dialog_says_what_cannot_be_sliced(song: MainWindow, qtbot: Any) -> None:
    clip = track(song, 1).clips[0]
    dialog = SliceDialog(song, song.session, clip.id)
    qtbot.addWidget(dialog)
    dialog.by.choose("grid")
    dialog.step.choose(4 * 960)
    dialog.by.activated.emit(1)
    qtbot.waitUntil(lambda: "nothing to cut" in dialog.found.text(), timeout=20_000)
    assert not dialog.go.isEnabled()
    dialog.reject()


def test_a_sampler_is_made_of_a_clip_and_offered_for_sound_only(song: MainWindow, qtbot: Any) -> None:
    view = song.panels["timeline"]
    view.stage.select((track(song).clips[0].id,))
    assert isinstance(view.editing.chosen()[0], NoteClip)
    assert not any(action.text() == "Make Sampler from Clip" for action in clip_menu(view).actions())
    view.stage.select((track(song, 1).clips[0].id,))
    entry(clip_menu(view), "Make Sampler from Clip").trigger()
    qtbot.waitUntil(lambda: len(song.session.document.project.tracks) == 3, timeout=20_000)
    assert view.stage.track_id == track(song, 2).id
    assert len(zones(song, 2)) == 1
