"""Who drums is chosen in the producer's panel, remembered, and kept when clips are written anew."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt

from studio.actions import drumming
from studio.document.notes import NoteClip
from studio.errors import StudioError
from studio.storage.preferences import Preferences
from studio.ui.producer.panel import ProducerPanel
from studio.ui.shell import MainWindow
from windows import OpenWindow, begin, idle, open_window, window

__all__ = ["open_window", "window"]


@pytest.fixture
def panel(window: MainWindow, qtbot: Any) -> ProducerPanel:
    begin(window, qtbot)
    window.show_dock("producer")
    found = window.panels["producer"]
    assert isinstance(found, ProducerPanel)
    found.controls.choose_engine("groove")
    return found


def drums(window: MainWindow) -> list[NoteClip]:
    project = window.session.document.project
    found = [clip for track in project.tracks for clip in track.clips if isinstance(clip, NoteClip)]
    return [clip for clip in found if clip.recipe is not None and clip.recipe.part == "drums"]


def make(panel: ProducerPanel, window: MainWindow, qtbot: Any) -> None:
    panel.parts.choose(("drums",))
    panel.box.line.clear()
    qtbot.keyClicks(panel.box.line, "rock, 2 bars")
    qtbot.keyClick(panel.box.line, Qt.Key.Key_Return)
    idle(window, qtbot)


def test_the_model_drums_where_it_is_chosen_and_again_when_clips_are_written_anew(
    panel: ProducerPanel, window: MainWindow, qtbot: Any
) -> None:
    make(panel, window, qtbot)
    qtbot.waitUntil(lambda: len(drums(window)) == 1, timeout=60_000)
    (clip,) = drums(window)
    assert clip.recipe is not None and clip.recipe.request.engine == "groove"
    window.panels["timeline"].rewrite_requested.emit([clip.id], "reroll", [1])
    qtbot.waitUntil(lambda: drums(window)[0] != clip, timeout=60_000)
    (again,) = drums(window)
    first = [note for note in clip.notes if note.start - note.shift < 3840]
    assert [note for note in again.notes if note.start - note.shift < 3840] == first
    window.commands.run("edit.undo")
    assert drums(window) == [clip]
    panel.controls.choose_engine("rules")
    panel.show_request(clip.recipe.request)
    assert panel.controls.engine.currentText() == "Groove model"


def test_a_model_that_is_not_there_is_a_sentence_and_no_change(
    panel: ProducerPanel, window: MainWindow, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent() -> Any:
        raise StudioError("The groove model is not there; install the studio again.")

    monkeypatch.setattr(drumming, "_networks", [])
    monkeypatch.setattr(drumming, "load_network", absent)
    make(panel, window, qtbot)
    qtbot.waitUntil(lambda: "install the studio again" in panel.hint.text(), timeout=30_000)
    assert not window.session.document.project.tracks and panel.go.isEnabled()


def test_who_drums_is_remembered(window: MainWindow, panel: ProducerPanel, open_window: OpenWindow, qtbot: Any) -> None:
    assert panel.habits().engine == "groove"
    panel.controls.choose_engine("both")
    qtbot.waitUntil(lambda: Preferences.load().producer.engine == "both", timeout=10_000)
    window.close()
    again = open_window().panels["producer"]
    assert isinstance(again, ProducerPanel) and again.controls.engine.currentData() == "both"
