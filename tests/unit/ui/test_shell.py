"""The window with a real workspace: panels, songs, keys, undo, layout."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QWidget

from studio.document.document import EditRefused
from studio.document.edits.tracks import rename_track
from studio.engine.audio.status import EngineStatus
from studio.ui.shell import MainWindow
from windows import OpenWindow, begin, idle, open_window, press, tone, window

__all__ = ["open_window", "window"]


def test_no_two_commands_want_one_key(window: MainWindow) -> None:
    assert window.commands.conflicts == ()


def test_every_command_is_in_a_menu_or_the_palette_and_its_action_is_the_window_s(window: MainWindow) -> None:
    in_menus = {action.objectName() for menu in window.menus.values() for action in menu.actions()}
    for command in window.commands.all():
        assert window.commands.action(command.id) in window.actions()
        assert not command.menu or command.id in in_menus, command.id
        assert command.text.strip(), command.id


@pytest.mark.parametrize(
    ("command_id", "key"),
    [
        ("transport.play", "Space"),
        ("transport.record", "R"),
        ("transport.loop", "L"),
        ("clip.split", "S"),
        ("marker.add", "M"),
        ("edit.duplicate", "Ctrl+D"),
        ("clip.join", "Ctrl+J"),
        ("edit.undo", "Ctrl+Z"),
        ("edit.redo", "Ctrl+Shift+Z, Ctrl+Y"),
        ("transport.start", "Home"),
        ("transport.end", "End"),
        ("view.zoom_in", "+, ="),
        ("view.zoom_out", "-"),
        ("file.import", "Ctrl+I"),
        ("file.export", "Ctrl+E"),
        ("transport.metronome", "`"),
    ],
)
def test_the_keys_that_hands_know(window: MainWindow, command_id: str, key: str) -> None:
    assert window.commands.keys(command_id) == key


def test_without_a_song_the_welcome_panel_stands_in_the_middle(window: MainWindow, qtbot) -> None:
    assert window.centre.currentWidget() is window.welcome
    begin(window, qtbot)
    assert window.centre.currentWidget() is window.panels["timeline"]
    assert window.windowTitle() == "Night Bus"
    window.commands.run("file.close")
    qtbot.waitUntil(lambda: window.session is None)
    qtbot.waitUntil(lambda: not window.workspace.jobs.running(), timeout=20_000)
    window.show_recent()
    assert [window.welcome.recent.item(n).text() for n in range(window.welcome.recent.count())] == ["Night Bus"]


def test_undo_and_redo_by_key_with_the_name_of_what_they_undo(window: MainWindow, qtbot) -> None:
    begin(window, qtbot)
    window.commands.run("track.add")
    track = window.session.document.project.tracks[0]
    window.session.document.apply(rename_track(track.id, "Bass"))
    window.commands.refresh()
    assert window.commands.action("edit.undo").text() == "Undo Rename track"
    control = Qt.KeyboardModifier.ControlModifier
    press(window, qtbot, Qt.Key.Key_Z, control)
    assert window.session.document.project.tracks[0].name == track.name
    press(window, qtbot, Qt.Key.Key_Y, control)
    assert window.session.document.project.tracks[0].name == "Bass"


def test_space_plays_and_stops_wherever_the_focus_is_but_in_text(window: MainWindow, qtbot) -> None:
    begin(window, qtbot)
    button = window.transport.findChildren(QAbstractButton)[0]
    button.setFocus()
    press(window, qtbot, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: window.playing.status.playing)
    qtbot.waitUntil(lambda: window.playing.position > 0)
    press(window, qtbot, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: not window.playing.status.playing)
    field = next(w for w in window.docks["library"].findChildren(QLineEdit) if w.isVisible())
    field.setFocus()
    press(window, qtbot, Qt.Key.Key_Space)
    assert field.text() == " "
    assert not window.playing.status.playing


def test_home_goes_to_the_start_and_the_display_follows(window: MainWindow, qtbot) -> None:
    begin(window, qtbot)
    window.panels["timeline"].setFocus()
    window.playing.locate(96_000)
    qtbot.waitUntil(lambda: window.transport.position.text == "2.1.000")
    press(window, qtbot, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: window.transport.position.text == "1.1.000")


def test_sounds_are_imported_as_a_job_and_bad_ones_are_named(window: MainWindow, qtbot, tmp_path: Path) -> None:
    begin(window, qtbot)
    bad = tmp_path / "bad.wav"
    bad.write_bytes(b"this is no sound")
    window.song.import_paths([tone(tmp_path / "good.wav"), bad])
    qtbot.waitUntil(lambda: len(window.session.document.project.tracks) == 1, timeout=20_000)
    qtbot.waitUntil(lambda: any("bad.wav" in notice.text for notice in window.notices.all()))


def test_sounds_dropped_without_a_song_begin_one(window: MainWindow, qtbot, tmp_path: Path) -> None:
    window.welcome.sounds_dropped.emit([tone(tmp_path / "Riff.wav")])
    qtbot.waitUntil(lambda: window.session is not None and bool(window.session.document.project.tracks), timeout=20_000)
    assert window.windowTitle() == "Riff"


def test_a_version_can_be_named_and_shows_in_the_history(window: MainWindow, qtbot, monkeypatch) -> None:
    begin(window, qtbot)
    window.commands.run("track.add")
    monkeypatch.setattr("studio.ui.song_commands.ask_name", lambda *_: "Rough mix")
    window.commands.run("file.version")
    history = window.panels["history"]
    window.show_dock("history")
    qtbot.waitUntil(lambda: [row.version for row in history.model.rows] == ["Rough mix", ""])


def test_the_window_says_when_all_is_saved(window: MainWindow, qtbot) -> None:
    begin(window, qtbot)
    window.commands.run("track.add")
    qtbot.waitUntil(lambda: window.session.saved, timeout=20_000)
    qtbot.waitUntil(lambda: window.title_bar.saved.text() == "all saved")


def test_a_song_that_cannot_be_opened_is_a_notice(window: MainWindow, qtbot, tmp_path: Path) -> None:
    (tmp_path / "odd.studio").mkdir()
    (tmp_path / "odd.studio" / "project.db").write_bytes(b"no database")
    window.song.open_path(tmp_path / "odd.studio")
    qtbot.waitUntil(lambda: any(notice.kind == "error" for notice in window.notices.all()), timeout=20_000)
    assert window.session is None


def test_a_refused_edit_is_a_notice(window: MainWindow, qtbot) -> None:
    begin(window, qtbot)
    window.session.document.read_only = "The disk is full; free some space."
    with pytest.raises(EditRefused):
        window.session.document.apply(rename_track("gone", "x"))
    window.transport._type_tempo("90")
    assert window.notices.all()[-1].text == "The disk is full; free some space."


def test_a_panel_that_fails_is_told_of_once_and_stops_no_other(window: MainWindow, qtbot, monkeypatch) -> None:
    begin(window, qtbot)

    def fail(_status: object) -> None:
        raise RuntimeError("odd picture")

    monkeypatch.setattr(window.panels["timeline"], "tick", fail)
    ticked: list[object] = []
    monkeypatch.setattr(window.panels["mixer"], "tick", ticked.append)
    qtbot.waitUntil(lambda: len(ticked) > 5)
    assert sum("odd picture" in notice.text for notice in window.notices.all()) == 1


def test_panels_are_shown_and_hidden_by_key_and_remembered(open_window, qtbot) -> None:
    window = open_window()
    press(window, qtbot, Qt.Key.Key_F3)
    assert window.docks["library"].isHidden()
    window.close()
    again = open_window()
    assert again.docks["library"].isHidden()
    press(again, qtbot, Qt.Key.Key_F3)
    assert again.docks["library"].isVisible()


def test_chosen_keys_survive(open_window, qtbot) -> None:
    window = open_window()
    window.remember(shortcuts={"transport.play": "P"})
    window.close()
    qtbot.waitUntil(lambda: not window.workspace.jobs.running())
    window.workspace.close()
    again = open_window()
    assert again.commands.keys("transport.play") == "P"


def test_the_focus_goes_round_the_panels(window: MainWindow, qtbot) -> None:
    begin(window, qtbot)
    visited = set()
    for _ in range(8):
        window.commands.run("view.next_panel")
        focus = QApplication.focusWidget()
        visited |= {name for name, panel in window.panels.items() if panel is focus or panel.isAncestorOf(focus)}
        visited |= {"transport"} if window.transport.isAncestorOf(focus) else set()
    assert {"transport", "timeline", "library"} <= visited


def test_every_control_that_can_be_reached_has_a_name(window: MainWindow, qtbot) -> None:
    begin(window, qtbot)
    nameless = []
    for widget in window.findChildren(QWidget):
        if widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            interface = QAccessible.queryAccessibleInterface(widget)
            if not interface or not interface.text(QAccessible.Text.Name):
                nameless.append(f"{type(widget).__name__} in {type(widget.parent()).__name__}")
    assert nameless == []


def test_a_hidden_mixer_still_sees_that_the_master_clipped(window: MainWindow, qtbot) -> None:
    begin(window, qtbot)
    window.commands.run("track.add")
    track = window.session.document.project.tracks[0].id
    window.docks["mixer"].hide()
    window._show_status(EngineStatus(meters={"master": (1.5, 0.1), track: (1.25, 0.1)}))
    mixer = window.panels["mixer"]
    assert mixer.strip("master").meter.clipped
    assert mixer.strip(track).meter.clipped
    assert window.panels["timeline"].headers._meters[track].clipped


def test_what_the_engine_says_is_told_once(window: MainWindow, qtbot) -> None:
    before = len(window.notices.all())
    for _ in range(3):
        window._show_status(EngineStatus(device="lost", notice="The cable is out: put it in again."))
    told = window.notices.all()[before:]
    assert [(notice.text, notice.kind) for notice in told] == [("The cable is out: put it in again.", "warning")]


def test_a_card_about_the_device_goes_when_it_is_back(window: MainWindow) -> None:
    sentence = "The cable is out: put it in again."
    window._show_status(EngineStatus(device="lost", notice=sentence))
    assert [card.notice.text for card in window.cards._cards].count(sentence) == 1
    window._show_status(EngineStatus(device="running", notice=sentence))
    assert sentence not in [card.notice.text for card in window.cards._cards]
    assert sentence in [notice.text for notice in window.notices.all()]


def test_grid_snapping_and_following_are_remembered(open_window: OpenWindow, qtbot) -> None:
    window = open_window()
    begin(window, qtbot)
    for command in ("view.grid_1/16", "view.snap", "view.follow_smooth"):
        assert window.commands.run(command)
    assert window.commands.action("view.snap").text() == "Snap 1/16"
    window.close()
    idle(window, qtbot)
    window.workspace.close()
    again = open_window()
    assert again.panels["timeline"].habits() == {"grid": "1/16", "snap": False, "follow": "smooth"}


def test_track_heights_are_remembered_with_their_song(open_window: OpenWindow, qtbot) -> None:
    window = open_window()
    begin(window, qtbot)
    window.commands.run("track.add")
    window.commands.run("track.add")
    first, second = (track.id for track in window.session.document.project.tracks)
    window.panels["timeline"].set_track_height(None, 90)
    window.panels["timeline"].set_track_height(second, 150)
    folder = window.session.bundle.folder
    window.close()
    window.workspace.close()
    again = open_window()
    for _ in range(2):
        again.workspace.open_project(folder)
        qtbot.waitUntil(lambda: again.windowTitle() == "Night Bus", timeout=20_000)
        scene = again.panels["timeline"].stage.scene
        assert (scene.logical_height(first), scene.logical_height(second)) == (90, 150)
        begin_another(again, qtbot)
        assert again.panels["timeline"].heights() == {}


def begin_another(window: MainWindow, qtbot) -> None:
    window.workspace.new_project("Another")
    qtbot.waitUntil(lambda: window.windowTitle().startswith("Another"), timeout=20_000)


def test_the_history_names_versions_by_its_own_button(window: MainWindow, qtbot, monkeypatch) -> None:
    begin(window, qtbot)
    monkeypatch.setattr("studio.ui.song_commands.ask_name", lambda *_: "Rough mix")
    window.panels["history"].name_button.click()
    assert [version.name for version in window.session.bundle.versions()] == ["Rough mix"]


def test_the_key_of_the_history_puts_the_keyboard_into_its_list(window: MainWindow, qtbot) -> None:
    begin(window, qtbot)
    window.commands.run("track.add")
    press(window, qtbot, Qt.Key.Key_F5)
    assert QApplication.focusWidget() is window.panels["history"].list


def test_zoom_keys_work_while_a_fader_has_the_focus(window: MainWindow, qtbot) -> None:
    begin(window, qtbot)
    fader = window.panels["mixer"].strip("master").fader
    fader.setFocus()
    axis = window.panels["timeline"].stage.canvas
    for key, wider in ((Qt.Key.Key_Plus, True), (Qt.Key.Key_Equal, True), (Qt.Key.Key_Minus, False)):
        before = axis.axis.per_tick
        qtbot.keyClick(fader, key)
        assert (axis.axis.per_tick > before) is wider
        assert QApplication.focusWidget() is fader


def test_a_song_with_missing_sounds_says_which(open_window: OpenWindow, qtbot, tmp_path: Path) -> None:
    window = open_window()
    begin(window, qtbot)
    window.song.import_paths([tone(tmp_path / "Riff.wav")])
    qtbot.waitUntil(lambda: bool(window.session.document.project.media), timeout=20_000)
    bundle, (media,) = window.session.bundle, window.session.document.project.media
    window.close()
    idle(window, qtbot)
    window.workspace.close()
    bundle.media_path(media).unlink()
    again = open_window()
    again.workspace.open_project(bundle.folder)
    qtbot.waitUntil(lambda: any("“Riff”" in notice.text for notice in again.notices.all()), timeout=20_000)
