"""The editor of instruments in the real window: opened from everywhere, following the chosen track."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from studio.document.edits import tracks
from studio.document.instruments import Instrument
from studio.ui.shell import MainWindow
from windows import begin, open_window, window

__all__ = ["open_window", "window"]


def test_the_instrument_opens_from_header_menu_and_notes(window: MainWindow, qtbot: Any) -> None:
    begin(window, qtbot)
    for _ in range(2):
        window.commands.run("track.add_instrument")
    document = window.session.document
    first, second = document.project.tracks
    document.apply(tracks.set_instrument(first.id, Instrument("synth", "Organ")))
    timeline, panel, dock = window.panels["timeline"], window.panels["instrument"], window.docks["instrument"]
    assert not dock.in_front
    row = timeline.stage.scene.row(first.id)
    headers = timeline.headers
    place = headers.parts(row).instrument.translated(headers.box(row).topLeft())
    assert place.width() > 40
    QTest.mouseDClick(headers, Qt.MouseButton.LeftButton, pos=place.center())
    qtbot.waitUntil(lambda: dock.in_front)
    assert panel.track_id == first.id and panel.board is not None
    timeline.stage.pick_track(first.id)
    timeline.stage.pick_track(second.id)
    qtbot.waitUntil(lambda: panel.track_id == second.id)
    assert panel.board is None and panel.sounds.isVisible()
    dock.hide()
    timeline.stage.pick_track(first.id)
    window.commands.run("track.instrument")
    qtbot.waitUntil(lambda: dock.in_front)
    assert panel.track_id == first.id
    window.show_dock("notes")
    window.commands.run("track.add_notes")
    timeline.stage.pick_track(second.id)
    QTest.mouseClick(window.panels["notes"].instrument, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dock.in_front and panel.track_id == first.id)
    document.apply(tracks.remove_tracks((first.id,)))
    assert panel.track is None


def test_a_turned_knob_reaches_the_engine_and_leaves_the_song(window: MainWindow, qtbot: Any) -> None:
    begin(window, qtbot)
    window.commands.run("track.add_instrument")
    document, playback = window.session.document, window.session.playback
    (track,) = document.project.tracks
    document.apply(tracks.set_instrument(track.id, Instrument("synth", "Organ")))
    window.commands.run("track.instrument")
    panel, before = window.panels["instrument"], document.project
    qtbot.waitUntil(lambda: playback.settled(before) and bool(playback._hand))
    panel._turn("resonance", 0.9)
    qtbot.waitUntil(lambda: not playback.settled(before))
    assert dict(playback._hand[-1].parameters) == {"resonance": 0.9}
    panel._turn("resonance", 0.0)
    qtbot.waitUntil(lambda: playback.settled(before))
    assert document.project is before
