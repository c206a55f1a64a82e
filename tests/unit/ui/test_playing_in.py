"""The computer's keys as a keyboard of notes, in the real window; the MIDI page and the status line."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLineEdit

from studio.document.edits.tracks import add_tracks, arm
from studio.document.instruments import Instrument
from studio.document.project import Track
from studio.engine.audio.midiports import NO_PORT, NO_SERVICE, Port
from studio.ui.midi_page import MidiPage
from studio.ui.shell import MainWindow
from windows import begin, open_window, window

__all__ = ["open_window", "window"]

Key = Qt.Key
ORGAN = Track("organ", "Organ", "#ffffff", "instrument", "musical", instrument=Instrument("synth"))


def key(window: MainWindow, code: Qt.Key, down: bool = True, repeat: bool = False, scan: int = 0) -> None:
    """One event at the widget that has the keyboard, as the window system sends it."""
    target = QApplication.focusWidget() or window
    held, none = Qt.KeyboardModifier.NoModifier, QEvent.Type.KeyPress if down else QEvent.Type.KeyRelease
    text = chr(code).lower() if code < 128 else ""
    if down and not repeat:
        over = QKeyEvent(QEvent.Type.ShortcutOverride, code, held, scan, 0, 0, text)
        over.ignore()
        QApplication.sendEvent(target, over)
    QApplication.sendEvent(target, QKeyEvent(none, code, held, scan, 0, 0, text, repeat))


@pytest.fixture
def playing(window: MainWindow, qtbot: Any) -> MainWindow:
    """A window with a song that has an instrument track, and the keys switched on."""
    begin(window, qtbot)
    window.session.document.apply(add_tracks((ORGAN,)))
    window.panels["timeline"].setFocus()
    window.commands.run("play.keyboard")
    assert window.playing_in.keys is not None and window.playing_in.keys.on
    return window


def held(window: MainWindow) -> frozenset[int]:
    return window.workspace.hands.held


def test_letters_are_the_keys_of_a_piano(playing: MainWindow) -> None:
    for code, pitch in ((Key.Key_A, 60), (Key.Key_W, 61), (Key.Key_K, 72), (Key.Key_P, 75)):
        key(playing, code)
        assert held(playing) == {pitch}
        key(playing, code, repeat=True)
        key(playing, code, down=False, repeat=True)
        assert held(playing) == {pitch}, "auto-repeat is no key"
        key(playing, code, down=False)
        assert not held(playing)


def test_octave_and_velocity_are_chosen_by_keys_and_a_held_note_ends_where_it_began(playing: MainWindow) -> None:
    keys = playing.playing_in.keys
    key(playing, Key.Key_A)
    key(playing, Key.Key_X)
    key(playing, Key.Key_A, down=False)
    assert not held(playing)
    key(playing, Key.Key_A)
    assert held(playing) == {72}
    key(playing, Key.Key_A, down=False)
    for _ in range(20):
        key(playing, Key.Key_V)
    assert keys.velocity == 120
    for _ in range(20):
        key(playing, Key.Key_C)
        key(playing, Key.Key_Z)
    assert (keys.velocity, keys.octave) == (8, 0)
    key(playing, Key.Key_A)
    assert held(playing) == {12}


def test_another_layout_keeps_the_shape_of_the_piano(playing: MainWindow) -> None:
    key(playing, Key.Key_Z, scan=8 + 21)  # the key that says Z on a German keyboard stands where Y does
    assert held(playing) == {68}
    key(playing, Key.Key_Z, down=False, scan=8 + 21)
    assert not held(playing) and playing.playing_in.keys.octave == 4


def test_text_fields_keep_their_letters_and_commands_their_keys(playing: MainWindow, qtbot: Any) -> None:
    field = QLineEdit(playing.middle)
    field.show()
    key(playing, Key.Key_A)
    field.setFocus()
    assert not held(playing), "a key that is held is let go when the focus goes to text"
    qtbot.keyClicks(field, "asdf")
    assert field.text() == "asdf" and not held(playing)
    playing.panels["timeline"].setFocus()
    key(playing, Key.Key_A)
    assert held(playing) == {60}
    QApplication.sendEvent(playing, QEvent(QEvent.Type.WindowDeactivate))
    assert not held(playing)


def test_switched_off_letters_are_commands_again(playing: MainWindow) -> None:
    key(playing, Key.Key_A)
    playing.commands.run("play.keyboard")
    assert not held(playing)
    key(playing, Key.Key_A)
    assert not held(playing)


def test_the_status_line_says_what_is_played_and_where(playing: MainWindow, qtbot: Any) -> None:
    chip, tick = playing.status.hands, playing.playing_in.tick
    tick()
    assert chip.isVisible() and "select or arm an instrument track" in chip.text()
    playing.panels["timeline"].stage.pick_track("organ")
    qtbot.waitUntil(lambda: playing.session.playback.by_hand == "organ")
    tick()
    assert chip.text() == "Keys play “Organ”, C4, velocity 88"
    playing.session.document.apply(arm("organ", True))
    playing.workspace.hands.midi(0.0, "Grand", bytes([0x90, 60, 90]))
    playing.workspace.hands.poll()
    tick()
    assert chip.text() == "Grand plays “Organ”"
    playing.commands.run("play.keyboard")
    playing.commands.run("play.release")
    assert not held(playing)


def test_recording_choices_are_remembered(playing: MainWindow) -> None:
    assert playing.commands.action("record.overdub").isChecked()
    playing.commands.run("record.overdub")
    playing.commands.run("record.quantise.1-16T")
    chosen = playing.workspace.preferences
    assert (chosen.overdub, chosen.input_quantise) == (False, "1/16T")
    playing.commands.refresh()
    assert playing.commands.action("record.quantise.1-16T").isChecked()
    assert not playing.commands.action("record.overdub").isChecked()


def test_the_midi_page_lists_ports_and_says_what_is_missing(playing: MainWindow, qtbot: Any) -> None:
    midi = playing.workspace.midi
    page = MidiPage(playing)
    qtbot.addWidget(page)
    qtbot.waitUntil(lambda: bool(midi.problem))
    page.look()
    assert page.problem.text() in (NO_SERVICE, NO_PORT) and page.boxes == {}
    midi.close()
    midi.ports, midi.problem = (Port("Grand", open=True), Port("Pads", error="“Pads” cannot be opened.")), ""
    page.look()
    assert list(page.boxes) == ["Grand", "Pads"] and all(box.isChecked() for box in page.boxes.values())
    page.boxes["Pads"].setChecked(False)
    assert playing.workspace.preferences.midi_off == ("Pads",)
    page.boxes["Pads"].setChecked(True)
    assert playing.workspace.preferences.midi_off == ()
