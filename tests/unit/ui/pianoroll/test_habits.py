"""What the note editor remembers between starts."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import soundfile
from PySide6.QtWidgets import QApplication

from studio.ui.pianoroll.panel import NotePanel
from windows import OpenWindow, begin, idle, open_window, window

__all__ = ["open_window", "window"]


def test_the_look_is_remembered_between_starts(open_window: OpenWindow, qtbot: Any) -> None:
    first = open_window()
    begin(first, qtbot)
    first.commands.run("track.add_notes")
    panel = first.panels["notes"]
    assert isinstance(panel, NotePanel)
    panel.grooves.set_strength(0.75)
    for command in ("groove_accents", "ghosts", "scale", "pen", "follow", "grid_1/8T", "lane_11"):
        first.commands.run(f"notes.{command}")
        kept = msgspec.to_builtins(first.workspace.preferences.note_editor)
        assert kept == panel.habits()["note_editor"], f"{command} is not remembered"
    wanted = panel.habits()
    assert wanted["note_editor"]["grid"] == "1/8T" and wanted["note_editor"]["lane"] == "cc:11"
    first.close()
    first.workspace.close()
    second = open_window()
    assert second.panels["notes"].habits() == wanted
    for view in (second.panels["notes"].roll, second.panels["notes"].drums):
        assert (view.snap, view.canvas.ghosts, view.pointer.pen, view.shown_lane) == ("1/8T", False, True, 11)


def test_the_playhead_turns_the_page_inside_the_clip(open_window: OpenWindow, qtbot: Any) -> None:
    window = open_window()
    begin(window, qtbot)
    window.commands.run("track.add_notes")
    view, project = window.panels["notes"].view, window.session.document.project
    qtbot.waitUntil(lambda: view.canvas.backing.width > 100)
    view.zoom(8, 0)
    before = view.stage.axis.scroll
    view.move_playhead(project.time.frame(3 * 3840))
    view.follow()
    assert view.stage.axis.scroll > before
    moved = view.stage.axis.scroll
    view.move_playhead(project.time.frame(40 * 3840))
    view.follow()
    assert view.stage.axis.scroll == moved, "the playhead is outside the clip"
    view.follows = False
    view.move_playhead(0)
    view.follow()
    assert view.stage.axis.scroll == moved


def test_the_groove_of_a_recording_is_kept(open_window: OpenWindow, qtbot: Any, tmp_path: Any) -> None:
    window = open_window()
    begin(window, qtbot)
    rate, late = 48_000, 20
    sound = np.zeros(2 * rate, np.float32)
    for n in range(16):
        at = round((n * 240 + (late if n % 2 else 0)) / 960 * rate / 2)
        hit = 0.8 * np.exp(-np.arange(2000) / 300) * np.random.default_rng(n).standard_normal(2000)
        sound[at : at + 2000] += hit[: len(sound) - at].astype(np.float32)
    soundfile.write(tmp_path / "Beat.wav", sound, rate)
    window.song.import_paths([tmp_path / "Beat.wav"])
    qtbot.waitUntil(lambda: len(window.session.document.project.tracks) == 1, timeout=20_000)
    idle(window, qtbot)
    window.commands.run("track.add_notes")
    panel, timeline = window.panels["notes"], window.panels["timeline"]
    (clip,) = window.session.document.project.tracks[0].clips
    timeline.stage.select((clip.id,))
    QApplication.processEvents()
    assert panel.sound_clip == clip.id
    window.commands.run("notes.groove_take_sound")
    qtbot.waitUntil(lambda: bool(panel.grooves.kept), timeout=20_000)
    (kept,) = panel.grooves.kept
    assert kept.name == "Beat"
    shifts = np.array(kept.groove.shifts)
    assert abs(shifts[1::2] - late).max() <= 3 and abs(shifts[::2]).max() <= 3
    assert window.workspace.preferences.grooves[0].name == "Beat"
