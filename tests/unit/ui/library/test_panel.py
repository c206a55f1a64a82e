"""The library panel in use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton, QApplication, QInputDialog, QMenu, QMessageBox
from pytestqt.qtbot import QtBot

from studio.errors import StudioError
from studio.storage.library.library import Library
from studio.ui.commands import Command
from studio.ui.controls import Chip
from studio.ui.library.panel import LibraryPanel
from studio.ui.library.rows import picture_rect
from studio.ui.library.view import SoundList
from unit.ui.library.conftest import Desk, Settle, write_sound


def commands_of(panel: LibraryPanel) -> dict[str, Command]:
    return {command.id: command for command in panel.commands()}


def names(panel: LibraryPanel) -> list[str]:
    model = panel.shelf.model
    return [model.at(row).data() for row in range(model.rowCount())]


def chip(panel: LibraryPanel, text: str) -> Chip:
    return next(made for made in panel.shelf.filters.findChildren(Chip) if made.text() == text and not made.isHidden())


def click(qtbot: QtBot, sounds: SoundList, row: int, picture: bool = False) -> None:
    rect = sounds.visualRect(sounds.model().index(row, 0, sounds.rootIndex()))
    where = picture_rect(rect).center() if picture else QPoint(rect.center().x() + 30, rect.center().y())
    qtbot.mouseClick(sounds.viewport(), Qt.MouseButton.LeftButton, pos=where)


def action(menu: QMenu, *path: str) -> QAction:
    found = next(entry for entry in menu.actions() if entry.text() == path[0])
    return action(found.menu(), *path[1:]) if len(path) > 1 else found


def asset_menu(panel: LibraryPanel) -> QMenu:
    menu = QMenu(panel)
    panel.shelf.fill_menu(menu, panel.shelf.chosen())
    return menu


def answer(panel: LibraryPanel, text: str) -> None:
    dialog = panel.findChild(QInputDialog)
    dialog.setTextValue(text)
    dialog.accept()


def test_everything_is_listed_and_counted(panel: LibraryPanel) -> None:
    assert names(panel) == ["Kick", "Snare", "Warm pad"]
    assert panel.shelf.search.placeholderText() == "Search 3 sounds"


def test_typing_searches(qtbot: QtBot, panel: LibraryPanel, settle: Settle) -> None:
    qtbot.keyClicks(panel.shelf.search, "wa")
    settle()
    assert names(panel) == ["Warm pad"]
    qtbot.keyClick(panel.shelf.search, Qt.Key.Key_Escape)
    settle()
    assert len(names(panel)) == 3


def test_filters(qtbot: QtBot, panel: LibraryPanel, settle: Settle) -> None:
    for text, found in (("Recordings", ["Warm pad"]), ("Imports", ["Kick", "Snare"]), ("Favourites", [])):
        qtbot.mouseClick(chip(panel, text), Qt.MouseButton.LeftButton)
        settle()
        assert names(panel) == found
        assert chip(panel, text).isChecked()
        assert not chip(panel, "All").isChecked()
    qtbot.mouseClick(chip(panel, "Favourites"), Qt.MouseButton.LeftButton)
    assert chip(panel, "All").isChecked()


def test_a_click_plays_and_another_sound_takes_its_place(qtbot: QtBot, panel: LibraryPanel, desk: Desk) -> None:
    click(qtbot, panel.shelf.list, 0)
    click(qtbot, panel.shelf.list, 1)
    assert desk.heard == ["kick", "snare"]
    assert panel.preview.path is not None
    panel.listen()
    assert desk.heard[-1] == "stop"
    assert panel.preview.path is None


def test_without_auto_only_the_picture_plays(qtbot: QtBot, panel: LibraryPanel, desk: Desk) -> None:
    auto = next(made for made in panel.findChildren(Chip) if made.text() == "Auto")
    qtbot.mouseClick(auto, Qt.MouseButton.LeftButton)
    click(qtbot, panel.shelf.list, 0)
    assert desk.heard == []
    click(qtbot, panel.shelf.list, 1, picture=True)
    click(qtbot, panel.shelf.list, 1, picture=True)
    assert desk.heard == ["snare", "stop"]


def test_arrow_keys_play_where_they_come_to_rest(qtbot: QtBot, panel: LibraryPanel, desk: Desk) -> None:
    panel.shelf.list.setFocus()
    panel.shelf.list.choose(0)
    qtbot.keyClick(panel.shelf.list, Qt.Key.Key_Down)
    qtbot.keyClick(panel.shelf.list, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: bool(desk.heard))
    assert desk.heard == ["pad"]


def test_a_preview_ends_by_itself(qtbot: QtBot, panel: LibraryPanel, desk: Desk) -> None:
    click(qtbot, panel.shelf.list, 0)
    qtbot.waitUntil(lambda: panel.preview.path is None)
    assert desk.heard == ["kick"]


def test_a_refused_preview_is_told(qtbot: QtBot, panel: LibraryPanel, desk: Desk) -> None:
    errors: list[StudioError] = []
    panel.failed.connect(errors.append)
    desk.refuse = "This file is no sound."
    click(qtbot, panel.shelf.list, 0)
    assert [str(error) for error in errors] == ["This file is no sound."]
    assert panel.preview.path is None


def test_double_click_and_enter_import(
    qtbot: QtBot, panel: LibraryPanel, sounds: Path, library: Library, settle: Settle
) -> None:
    asked: list[list[Path]] = []
    panel.import_requested.connect(asked.append)
    rect = panel.shelf.list.visualRect(panel.shelf.model.at(1))
    qtbot.mouseDClick(panel.shelf.list.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    qtbot.mouseRelease(panel.shelf.list.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    assert panel.preview.path is None
    panel.shelf.list.selectAll()
    qtbot.keyClick(panel.shelf.list, Qt.Key.Key_Return)
    assert asked[0] == [sounds / "snare.flac"]
    assert asked[1] == [sounds / "kick.wav", sounds / "snare.flac", sounds / "deep" / "pad.wav"]
    settle()
    assert all(asset.used for asset in library.search())


def test_favourites(qtbot: QtBot, panel: LibraryPanel, settle: Settle, library: Library) -> None:
    panel.shelf.list.choose(1)
    action(asset_menu(panel), "Add to favourites").trigger()
    settle()
    assert [asset.name for asset in library.search(favourites=True)] == ["Snare"]
    assert [asset.name for asset in panel.shelf.chosen()] == ["Snare"]
    panel.shelf.toggle_favourite()
    settle()
    assert library.search(favourites=True) == []


def test_tags_are_put_on_and_taken_off(panel: LibraryPanel, settle: Settle, library: Library) -> None:
    panel.shelf.list.selectAll()
    action(asset_menu(panel), "Tags", "New tag…").trigger()
    answer(panel, " dusty ")
    settle()
    assert [(tag.name, tag.assets) for tag in library.tags()] == [("dusty", 3)]
    panel.shelf.list.choose(0)
    entry = action(asset_menu(panel), "Tags", "dusty")
    assert entry.isChecked()
    entry.trigger()
    settle()
    assert library.search()[0].tags == ()
    assert library.tags()[0].assets == 2


def test_collections_are_made_filled_renamed_and_deleted(
    qtbot: QtBot, panel: LibraryPanel, settle: Settle, library: Library
) -> None:
    panel.shelf.list.choose(0)
    action(asset_menu(panel), "Add to collection", "New collection…").trigger()
    answer(panel, "Night Bus")
    settle()
    panel.shelf.list.choose(2)
    action(asset_menu(panel), "Add to collection", "Night Bus").trigger()
    settle()
    qtbot.mouseClick(chip(panel, "Night Bus"), Qt.MouseButton.LeftButton)
    settle()
    assert names(panel) == ["Kick", "Warm pad"]
    panel.shelf.list.choose(0)
    action(asset_menu(panel), "Take out of “Night Bus”").trigger()
    settle()
    assert names(panel) == ["Warm pad"]
    menu = QMenu(panel)
    panel.shelf.keeping.fill_collection_menu(menu, library.collections()[0])
    action(menu, "Rename…").trigger()
    answer(panel, "Day Bus")
    settle()
    assert chip(panel, "Day Bus").isChecked()
    action(menu, "Delete collection (keeps its sounds)").trigger()
    settle()
    assert chip(panel, "All").isChecked()
    assert len(names(panel)) == 3


def test_many_collections_do_not_flood_the_panel(panel: LibraryPanel, settle: Settle, library: Library) -> None:
    for n in range(12):
        library.add_collection(f"Set {n:02}")
    panel.refresh()
    settle()
    assert len([made for made in panel.shelf.filters.findChildren(Chip) if not made.isHidden()]) == 5 + 5 + 1
    panel.shelf.filters.choose(library.collections()[-1].id)
    assert chip(panel, "More…").isChecked()


def test_delete_removes_from_the_library_and_never_the_file(
    qtbot: QtBot, panel: LibraryPanel, settle: Settle, sounds: Path
) -> None:
    panel.shelf.list.choose(0)
    for press, left in ((QMessageBox.StandardButton.Cancel, 3), (None, 2)):
        qtbot.keyClick(panel.shelf.list, Qt.Key.Key_Delete)
        box = panel.findChildren(QMessageBox)[-1]
        (box.button(press) if press else box.buttons()[0]).click()
        settle()
        assert len(names(panel)) == left
    assert names(panel) == ["Snare", "Warm pad"]
    assert (sounds / "kick.wav").exists()


def test_letters_in_the_list_go_to_the_search(qtbot: QtBot, panel: LibraryPanel, settle: Settle) -> None:
    panel.activateWindow()
    panel.shelf.list.setFocus()
    qtbot.keyClicks(panel.shelf.list, "k")
    settle()
    assert panel.shelf.search.text() == "k"
    assert names(panel) == ["Kick"]


def test_down_leads_from_the_search_into_the_list(qtbot: QtBot, panel: LibraryPanel) -> None:
    panel.activateWindow()
    panel.shelf.focus_search()
    qtbot.keyClick(panel.shelf.search, Qt.Key.Key_Down)
    assert [asset.name for asset in panel.shelf.chosen()] == ["Kick"]


def test_empty_lists_say_what_to_do(qtbot: QtBot, panel: LibraryPanel, settle: Settle) -> None:
    said = set()
    for text in ("Favourites", "Recordings", "All"):
        panel.shelf.filters.choose(text)
        said.add(panel.shelf.list.empty())
    panel.shelf.search.setText("zzz")
    settle()
    said.add(panel.shelf.list.empty())
    assert len(said) == 4
    assert all(title and text.endswith(".") for title, text in said)
    assert not panel.grab().isNull()


def test_a_job_that_ends_shows_what_it_added(qtbot: QtBot, panel: LibraryPanel, desk: Desk, sounds: Path) -> None:
    write_sound(sounds / "more" / "hat.wav")
    (sounds / "more" / "broken.wav").write_bytes(b"RIFFxxxx")
    with qtbot.waitSignal(desk.jobs.ended) as told:
        panel.files.keep_requested.emit([sounds])
    job = told.args[0]
    assert job.state == "done"
    assert job.result == 4
    assert [failure.split(":")[0] for failure in job.failures] == ["broken.wav"]
    qtbot.waitUntil(lambda: panel.shelf.model.rowCount() == 4)
    assert "hat" in names(panel)


def rows(panel: LibraryPanel) -> list[str]:
    files = panel.files
    return [files.model.index(n, 0, files.list.rootIndex()).data() for n in range(files.model.rowCount(root(panel)))]


def root(panel: LibraryPanel) -> QModelIndex:
    return panel.files.list.rootIndex()


def in_folder(qtbot: QtBot, panel: LibraryPanel, expected: list[str]) -> None:
    qtbot.waitUntil(lambda: sorted(rows(panel)) == sorted(expected))


def test_files_shows_folders_and_sounds_of_the_last_folder(qtbot: QtBot, panel: LibraryPanel) -> None:
    in_folder(qtbot, panel, ["deep", "kick.wav", "snare.flac"])


def test_folders_open_and_the_way_back_selects_them(qtbot: QtBot, panel: LibraryPanel, sounds: Path) -> None:
    commands_of(panel)["library.files"].run()
    in_folder(qtbot, panel, ["deep", "kick.wav", "snare.flac"])
    files = panel.files
    files.list.choose(files.model.index(str(sounds / "deep")).row())
    qtbot.keyClick(files.list, Qt.Key.Key_Return)
    assert files.folder == sounds / "deep"
    in_folder(qtbot, panel, ["pad.wav"])
    qtbot.keyClick(files.list, Qt.Key.Key_Backspace)
    assert files.folder == sounds
    assert [index.data() for index in files.list.chosen_rows()] == ["deep"]


def test_files_play_import_and_are_dragged_without_folders(
    qtbot: QtBot, panel: LibraryPanel, desk: Desk, sounds: Path
) -> None:
    commands_of(panel)["library.files"].run()
    in_folder(qtbot, panel, ["deep", "kick.wav", "snare.flac"])
    files, asked = panel.files, list[list[Path]]()
    panel.import_requested.connect(asked.append)
    click(qtbot, files.list, files.model.index(str(sounds / "kick.wav")).row())
    assert desk.heard == ["kick"]
    files.list.selectAll()
    data = files.model.mimeData(files.list.chosen_rows())
    assert sorted(Path(url.toLocalFile()).name for url in data.urls()) == ["kick.wav", "snare.flac"]
    qtbot.keyClick(files.list, Qt.Key.Key_Return)
    assert [sorted(path.name for path in paths) for paths in asked] == [["kick.wav", "snare.flac"]]
    assert desk.preferences.import_folder == str(sounds)


def test_a_folder_that_is_gone_gives_way_to_the_one_above(panel: LibraryPanel, sounds: Path) -> None:
    panel.files.open_folder(sounds / "no" / "such" / "folder")
    assert panel.files.folder == sounds


def test_a_sound_is_shown_in_its_folder(qtbot: QtBot, panel: LibraryPanel, sounds: Path) -> None:
    panel.shelf.find_file.emit(sounds / "deep" / "pad.wav")
    assert panel.files.folder == sounds / "deep"
    assert panel.files.isVisible()


def test_every_control_has_a_name_and_can_be_reached(panel: LibraryPanel) -> None:
    for page in ("library.search", "library.files"):
        commands_of(panel)[page].run()
        for control in panel.findChildren(QAbstractButton):
            if control.isVisible() and control.focusPolicy() != Qt.FocusPolicy.NoFocus:
                assert control.accessibleName(), control
                assert control.height() >= 22
    assert panel.shelf.list.accessibleName() == "Sounds"
    assert panel.shelf.model.at(0).data(Qt.ItemDataRole.AccessibleTextRole).startswith("Kick, 0.2 s")


def test_commands_follow_the_selection(panel: LibraryPanel, desk: Desk) -> None:
    commands: Callable[[str], bool] = lambda name: commands_of(panel)[f"library.{name}"].enabled()  # noqa: E731
    panel.shelf.list.clearSelection()
    assert not commands("import")
    panel.shelf.list.choose(0)
    assert commands("import")
    assert commands("favourite")
    commands_of(panel)["library.listen"].run()
    commands_of(panel)["library.listen"].run()
    assert desk.heard == ["kick", "stop"]


def test_the_panel_closes_in_the_middle_of_everything(qtbot: QtBot, panel: LibraryPanel) -> None:
    panel.shelf.search.setText("k")
    panel.refresh()
    panel.close_library()
    QApplication.processEvents()
    assert not panel.background.busy
