"""Every command of the window, run on no song, on an empty one and on a full one: none may end in an exception."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QAction, QDesktopServices
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QMenu

from studio.document.edits import takes, tracks
from studio.document.edits.song import put_section
from studio.document.project import Comp, Section, new_id
from studio.ui.mixer.menu import strip_menu
from studio.ui.shell import MainWindow
from studio.ui.timeline import menus
from windows import begin, idle, open_window, tone, window

__all__ = ["open_window", "window"]

ENDS = {"file.quit", "file.close"}
"""Run last: after them there is no song."""


@contextmanager
def answering(dialogs: list[str]) -> Iterator[None]:
    """Closes what opens, as Escape would, and notes its title."""

    def close() -> None:
        for widget in QApplication.topLevelWidgets():
            if isinstance(widget, QDialog | QMenu) and widget.isVisible():
                dialogs.append(widget.windowTitle())
                widget.close()

    timer = QTimer(interval=20)
    timer.timeout.connect(close)
    timer.start()
    yield
    timer.stop()


def run_all(
    window: MainWindow, qtbot: Any, monkeypatch: pytest.MonkeyPatch, before: Callable[[], None] = lambda: None
) -> tuple[set[str], list[str]]:
    """Runs every command once, `before` each; the ids of those that ran, and the titles of the dialogs that opened."""
    for asker in ("getExistingDirectory", "getOpenFileName", "getOpenFileNames", "getSaveFileName"):
        answer: Any = "" if asker == "getExistingDirectory" else ([] if asker.endswith("s") else "", "")
        monkeypatch.setattr(QFileDialog, asker, lambda *_, answer=answer, **__: answer)
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda *_: True)
    ran, dialogs = set[str](), list[str]()
    with answering(dialogs), qtbot.captureExceptions() as raised:
        for command in window.commands.all():
            if command.id not in ENDS:
                before()
                if window.commands.run(command.id):
                    ran.add(command.id)
                qtbot.wait(5)
                assert not raised, f"{command.id}: {raised[0][1]!r}"
    assert not [notice.text for notice in window.notices.all() if notice.text.startswith("Something unexpected")]
    return ran, dialogs


def fill(window: MainWindow, qtbot: Any, tmp_path: Path) -> None:
    """A song with clips, takes on open lanes, a section, a marker, a bus and a selection."""
    window.song.import_paths([tone(tmp_path / f"{name}.wav", 4) for name in ("Kick", "Bass", "Voice")])
    document = window.session.document
    qtbot.waitUntil(lambda: len(document.project.tracks) == 3, timeout=20_000)
    idle(window, qtbot)
    voice, media = document.project.tracks[2], document.project.media[0]
    document.apply(takes.record_passes(voice.id, media, [takes.Pass(48_000, n * 48_000, 48_000) for n in range(3)]))
    document.apply(tracks.arm(voice.id, True))
    document.apply(put_section(Section(new_id("section"), 0, "Verse", 3840)))
    window.commands.run("mixer.add_bus")
    window.playing.locate(48_000)
    qtbot.waitUntil(lambda: window.panels["timeline"].stage.playhead == 48_000)


def choose(window: MainWindow, revision: int) -> None:
    """Goes back to a state of the song, and chooses a track, and all clips of it and of the next."""
    document, stage = window.session.document, window.panels["timeline"].stage
    if document.revision.number != revision:
        document.visit(revision)
    found = window.session.document.project.tracks
    stage.pick_track(found[0].id)
    stage.select(clip.id for track in found[:2] for clip in track.clips)


def test_without_a_song(window: MainWindow, qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ran, dialogs = run_all(window, qtbot, monkeypatch)
    assert {"file.preferences", "help.about", "view.palette"} <= ran
    assert "Preferences" in dialogs


def test_on_an_empty_song(window: MainWindow, qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(window, qtbot)
    ran, _ = run_all(window, qtbot, monkeypatch)
    assert {"track.add", "marker.add", "transport.play", "file.version"} <= ran


def test_on_a_full_song(window: MainWindow, qtbot: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    begin(window, qtbot)
    fill(window, qtbot, tmp_path)
    full = window.session.document.revision.number
    ran, dialogs = run_all(window, qtbot, monkeypatch, lambda: choose(window, full))
    assert {"clip.split", "edit.duplicate", "track.takes", "view.fit_selection", "mixer.focus_fader"} <= ran
    assert {"Export mix", "Name this version", "Recording latency"} <= set(dialogs)
    assert window.commands.run("file.close")
    qtbot.waitUntil(lambda: window.session is None)
    idle(window, qtbot)


def context_menus(window: MainWindow) -> dict[str, Callable[[], QMenu]]:
    """Every context menu of timeline and mixer, by name; built anew for each entry that is tried."""
    timeline, mixer = window.panels["timeline"], window.panels["mixer"]
    voice = window.session.document.project.tracks[2]
    comp = next(clip for clip in voice.clips if isinstance(clip, Comp))
    return {
        "clip": lambda: menus.clip_menu(timeline),
        "take": lambda: menus.take_menu(timeline, comp.id, comp.takes[0].id),
        "ground": lambda: menus.ground_menu(timeline),
        "track": lambda: menus.track_menu(timeline, voice),
        "strip": lambda: strip_menu(mixer.desk, mixer.strip(voice.id)),
        "master": lambda: strip_menu(mixer.desk, mixer.strip("master")),
    }


def entries(menu: QMenu) -> list[QAction]:
    """The entries of a menu and of the menus in it."""
    found = [action for action in menu.actions() if not action.isSeparator()]
    return [entry for action in found for entry in (entries(action.menu()) if action.menu() else [action])]


def test_every_entry_of_a_context_menu(window: MainWindow, qtbot: Any, tmp_path: Path) -> None:
    begin(window, qtbot)
    fill(window, qtbot, tmp_path)
    full, tried = window.session.document.revision.number, set[str]()
    with answering([]), qtbot.captureExceptions() as raised:
        for name, make in context_menus(window).items():
            for n in range(len(entries(make()))):
                choose(window, full)
                entry = entries(make())[n]
                tried.add(f"{name}: {entry.text()}")
                entry.trigger()
                qtbot.wait(2)
                assert not raised, f"{name}, {entry.text()}: {raised[0][1]!r}"
    assert {"clip: Split Here", "take: Use This Take", "track: Huge", "strip: Add bus", "master: Clear peak"} <= tried
    assert not [notice.text for notice in window.notices.all() if notice.text.startswith("Something unexpected")]


def test_every_entry_of_a_menu_does_something_or_says_why_not(window: MainWindow, qtbot: Any) -> None:
    begin(window, qtbot)
    for path, menu in window.menus.items():
        for action in menu.actions():
            if not action.isSeparator() and action.menu() is None:
                assert action.objectName() in {command.id for command in window.commands.all()}, (
                    f"{path}: {action.text()}"
                )
