"""Instrument tracks and clips of notes, made on the timeline; their sounds, from the menu of the track."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from studio.document.general_midi import FAMILIES, PROGRAMS
from studio.document.instruments import DRUM_BANK, Instrument
from studio.document.notes import NoteClip
from studio.engine.audio.instruments import plugins, soundfont
from studio.engine.audio.instruments.plugins import Plugin, PluginFile
from studio.ui.timeline import presets
from studio.ui.timeline.instruments import instrument_name
from studio.ui.timeline.menus import track_menu

from .conftest import RATE, OpenSong, Shown

BAR = 3840


def run(shown: Shown, command: str) -> None:
    next(one for one in shown.view.commands() if one.id == command).run()


def entries(menu: QMenu) -> dict[str, QAction]:
    """The entries of a menu and of those below it, by text."""
    found: dict[str, QAction] = {}
    for action in menu.actions():
        below = action.menu()
        found.update(entries(below) if isinstance(below, QMenu) else {action.text(): action})
    return found


def test_a_clip_of_notes_comes_with_its_track_as_one_step_and_is_opened(shown: Shown) -> None:
    document, opened = shown.song.document, list[str]()
    shown.view.notes_requested.connect(opened.append)
    before = len(document.revisions)
    shown.view.set_playhead(round(5 * RATE))
    run(shown, "track.add_notes")
    track = document.project.tracks[-1]
    (clip,) = track.clips
    assert isinstance(clip, NoteClip)
    assert (track.kind, clip.anchor, clip.ticks, len(document.revisions)) == (
        "instrument",
        2 * BAR,
        4 * BAR,
        before + 1,
    )
    assert opened == [clip.id]
    assert shown.view.stage.selection == {clip.id}
    run(shown, "track.add_notes")
    assert [one.anchor for one in document.project.tracks[-1].clips] == [2 * BAR, 6 * BAR]
    assert len(document.project.tracks) == 4


def menus(shown: Shown) -> dict[str, QMenu]:
    """The menus below that of the last track, by title."""
    menu = track_menu(shown.view, shown.song.document.project.tracks[-1])
    return {below.title(): below for below in menu.findChildren(QMenu)}


def test_an_instrument_track_is_added(shown: Shown) -> None:
    run(shown, "track.add_instrument")
    assert shown.song.document.project.tracks[-1].kind == "instrument"


def test_enter_and_a_double_click_open_a_clip_of_notes(shown: Shown) -> None:
    run(shown, "track.add_notes")
    opened: list[str] = []
    shown.view.notes_requested.connect(opened.append)
    clip = shown.song.document.project.tracks[-1].clips[0]
    shown.view.setFocus()
    QTest.keyClick(shown.view, Qt.Key.Key_Return)
    shown.view.stage.select(())
    shown.hand.double_click(shown.x(1), shown.y(shown.song.document.project.tracks[-1].id))
    assert opened == [clip.id, clip.id]


def test_the_menu_of_a_track_chooses_a_program_or_a_kit(shown: Shown) -> None:
    run(shown, "track.add_instrument")
    document = shown.song.document
    menu = track_menu(shown.view, document.project.tracks[-1])
    entries(menu)["Marimba"].trigger()
    assert document.project.tracks[-1].instrument == Instrument(program=12)
    entries(menu)["TR-808 Kit"].trigger()
    assert document.project.tracks[-1].instrument == Instrument(program=25, bank=DRUM_BANK)
    fresh = track_menu(shown.view, document.project.tracks[-1])
    assert entries(fresh)["TR-808 Kit"].isChecked()
    assert instrument_name(document.project.tracks[-1].instrument) == "TR-808 Kit"
    document.undo()
    document.undo()
    assert document.project.tracks[-1].instrument == Instrument()


def test_general_midi_is_complete() -> None:
    assert len(PROGRAMS) == len(set(PROGRAMS)) == 128
    assert {len(names) for _, names in FAMILIES} == {8}


@pytest.fixture
def font_menu(shown: Shown) -> Callable[[], QMenu]:
    run(shown, "track.add_instrument")

    def opened() -> QMenu:
        menu = track_menu(shown.view, shown.song.document.project.tracks[-1])
        fonts = next(m for m in menu.findChildren(QMenu) if m.title() == "Sounds of the SoundFont")
        fonts.aboutToShow.emit()
        return fonts

    return opened


def test_the_sounds_of_the_font_are_read_beside_the_window(
    shown: Shown, font_menu: Callable[[], QMenu], qtbot: Any
) -> None:
    if not soundfont.find_fonts():
        pytest.skip("no SoundFont is installed")
    fonts = font_menu()
    assert [action.text() for action in fonts.actions()] == ["Reading the SoundFont…"]
    qtbot.waitUntil(lambda: len(fonts.actions()) > 1, timeout=20_000)
    listed = entries(fonts)
    assert len(listed) > 128
    name = next(text for text in listed if text.startswith("13  "))
    listed[name].trigger()
    chosen = shown.song.document.project.tracks[-1].instrument
    assert chosen is not None
    assert (chosen.program, f"13  {chosen.preset}") == (12, name)


def test_without_a_font_the_menu_says_what_to_do(
    shown: Shown, font_menu: Callable[[], QMenu], qtbot: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(soundfont, "FOLDERS", (str(tmp_path),))
    fonts = font_menu()
    qtbot.waitUntil(lambda: "Reading" not in fonts.actions()[0].text(), timeout=20_000)
    assert fonts.actions()[0].text() == soundfont.NO_FONT


def test_a_menu_that_was_closed_meanwhile_is_left_alone(
    shown: Shown, font_menu: Callable[[], QMenu], qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presets, "read_presets", lambda: [(0, 0, "Piano")])
    fonts = font_menu()
    fonts.parentWidget().deleteLater()
    with qtbot.captureExceptions() as raised:
        qtbot.waitUntil(lambda: shown.view.presets._known is not None, timeout=5_000)
        qtbot.wait(20)
    assert not raised


def test_a_song_of_sound_only_has_no_such_menu(arranged: OpenSong, show: Callable[[OpenSong], Shown]) -> None:
    shown = show(arranged)
    menu = track_menu(shown.view, arranged.document.project.tracks[0])
    assert "Marimba" not in entries(menu)


def test_the_menu_of_a_track_chooses_an_instrument_of_our_own(shown: Shown) -> None:
    run(shown, "track.add_instrument")
    track = shown.song.document.project.tracks[-1]
    entries(track_menu(shown.view, track))["909"].trigger()
    track = shown.song.document.project.tracks[-1]
    assert track.instrument == Instrument("drums", "909", bank=DRUM_BANK)
    assert instrument_name(track.instrument) == "909"
    found = entries(track_menu(shown.view, track))
    assert found["909"].isChecked() and not found["808"].isChecked()
    found["Pluck"].trigger()
    assert shown.song.document.project.tracks[-1].instrument == Instrument("synth", "Pluck")


def test_plug_ins_are_chosen_from_the_menu_by_maker_and_blocked_ones_say_why(
    shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue = plugins.Catalogue()
    monkeypatch.setattr(plugins, "catalogue", catalogue)
    run(shown, "track.add_instrument")
    assert "Plug-ins" not in menus(shown)
    catalogue.know(
        (
            PluginFile("/a.vst3", (0, 0), (Plugin("Glass", "Maker"), Plugin("Brass", "Maker"))),
            PluginFile("/bad.vst3", (0, 0), blocked="It crashed."),
        )
    )
    menu = menus(shown)["Plug-ins"]
    assert [action.text() for action in menu.actions()] == ["Maker", "Blocked"]
    listed = entries(menu)
    assert list(listed) == ["Brass", "Glass", "bad: It crashed."]
    assert not listed["bad: It crashed."].isEnabled()
    listed["Glass"].trigger()
    track = shown.song.document.project.tracks[-1]
    assert track.instrument == Instrument("plugin", "Glass (Maker)")
    assert instrument_name(track.instrument) == "Glass (Maker)"
    assert entries(menus(shown)["Plug-ins"])["Glass"].isChecked()
