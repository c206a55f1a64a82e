"""What models made, in the panel: seen, sifted, decided on, described, compared, thrown away and made again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import QItemSelectionModel, QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QInputDialog, QMenu, QMessageBox, QTreeWidgetItem
from pytestqt.qtbot import QtBot

from models import TinyModels
from studio.actions.models import add_model
from studio.engine.ai.recipes import Recipe
from studio.storage.library.library import Library
from studio.storage.library.records import Generation, NewAsset
from studio.ui.generate.fields import SeedField
from studio.ui.library.details import Details
from studio.ui.library.panel import LibraryPanel
from studio.ui.library.sieve import Sieve, fill_sieve_menu
from unit.ui.library.conftest import Desk, Settle, write_sound
from unit.ui.library.test_panel import action, chip, commands_of, names

CLIPS = "The sound clips in 3 places."


@pytest.fixture
def made(library: Library, sounds: Path, tmp_path: Path) -> dict[str, int]:
    """Results of models by name, beside the three sounds: their generations."""
    folder, keys = tmp_path / "made", dict[str, int]()

    def keep(name: str, task: str, model: str, parent: str = "", **fields: Any) -> None:
        kind = {"cover": "picture", "chat": "text"}.get(task, "generated")
        file = folder / f"{name}{ {'picture': '.png', 'text': '.txt'}.get(kind, '.wav') }"
        if kind == "generated":
            write_sound(file, 0.5, fields.pop("level", 0.5))
        else:
            file.parent.mkdir(exist_ok=True)
            file.write_text("All the lights are going home")
        recipe = Recipe(task=task, model=model, values={"prompt": f"a {name}"}, seed=7)
        (asset,) = library.add_assets([NewAsset(kind, file, file.name, seconds=0.5 if kind == "generated" else 0.0)])
        told = Generation(0, asset, task, model, "", msgspec.to_builtins(recipe), keys.get(parent), words=f"a {name}")
        keys[name] = library.add_generation(msgspec.structs.replace(told, **fields))

    doubt = {"seconds": 0.5, "loudness": -12.0, "remarks": [{"about": "clipping", "sentence": CLIPS}]}
    keep("dub", "music", "tiny", checks=doubt, rating=2)
    keep("brighter", "music", "tiny", "dub", checks={"seconds": 0.5, "loudness": -20.0, "remarks": []})
    keep("like it", "music-cover", "other", "brighter", level=0.1)
    keep("bus", "cover", "brush")
    keep("rhyme", "chat", "poet")
    return keys


@pytest.fixture
def shown(made: dict[str, int], panel: LibraryPanel, settle: Settle) -> dict[str, int]:
    """The same, once the panel shows them."""
    panel.refresh()
    settle()
    assert names(panel) == ["rhyme", "bus", "like it", "brighter", "dub", "Kick", "Snare", "Warm pad"]
    return made


def choose(panel: LibraryPanel, *called: str) -> None:
    panel.shelf.list.clearSelection()
    for name in called:
        index = panel.shelf.model.at(names(panel).index(name))
        panel.shelf.list.selectionModel().select(index, QItemSelectionModel.SelectionFlag.Select)


def menu_of(panel: LibraryPanel) -> QMenu:
    menu = QMenu(panel)
    panel.shelf.fill_menu(menu, panel.shelf.chosen())
    return menu


def entries(menu: QMenu) -> set[str]:
    return {entry.text() for entry in menu.actions()}


def known(library: Library, generation: int) -> Generation:
    found = library.generation(generation)
    assert found is not None
    return found


@pytest.mark.usefixtures("shown")
def test_badges_and_doubts_are_told(panel: LibraryPanel) -> None:
    index = panel.shelf.model.at(names(panel).index("dub"))
    assert CLIPS in index.data(Qt.ItemDataRole.ToolTipRole)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole).endswith(f"2 stars, doubtful: {CLIPS}")
    spoken = panel.shelf.model.at(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.startswith("rhyme, Generated")
    assert not panel.grab().isNull()


@pytest.mark.usefixtures("shown")
def test_the_grid_is_remembered_and_keeps_the_selection(qtbot: QtBot, panel: LibraryPanel, desk: Desk) -> None:
    choose(panel, "brighter")
    qtbot.mouseClick(panel.shelf.shape, Qt.MouseButton.LeftButton)
    assert desk.preferences.library_grid and panel.shelf.model.columnCount() == 2
    assert [asset.path.stem for asset in panel.shelf.chosen()] == ["brighter"]
    panel.resize(600, 600)
    assert panel.shelf.model.columnCount() == 5
    assert [asset.path.stem for asset in panel.shelf.chosen()] == ["brighter"]
    assert panel.shelf.list.horizontalScrollBar().value() == 0 and not panel.grab().isNull()
    qtbot.mouseClick(panel.shelf.shape, Qt.MouseButton.LeftButton)
    assert not desk.preferences.library_grid and panel.shelf.model.columnCount() == 1
    assert [asset.path.stem for asset in panel.shelf.chosen()] == ["brighter"]


@pytest.mark.usefixtures("shown")
@pytest.mark.parametrize(("first", "last"), [(1, 4), (4, 1), (0, 3)])
def test_a_range_of_tiles_runs_along_the_rows(qtbot: QtBot, panel: LibraryPanel, first: int, last: int) -> None:
    panel.shelf.show_grid(True)
    view = panel.shelf.list

    def press(place: int, held: Qt.KeyboardModifier) -> None:
        where = view.visualRect(panel.shelf.model.at(place)).center() + QPoint(0, 45)
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, held, where)

    press(first, Qt.KeyboardModifier.NoModifier)
    press(last, Qt.KeyboardModifier.ShiftModifier)
    assert [view.place(index) for index in view.chosen_rows()] == list(range(min(first, last), max(first, last) + 1))


@pytest.mark.usefixtures("shown")
def test_keys_walk_through_the_tiles(qtbot: QtBot, panel: LibraryPanel) -> None:
    panel.shelf.show_grid(True)
    view, reached = panel.shelf.list, list[int]()
    view.choose(0)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_End, Qt.Key.Key_Home):
        qtbot.keyClick(view, key)
        reached += [view.place(index) for index in view.chosen_rows()]
    assert reached == [1, 2, 4, 3, 7, 0]
    panel.resize(380, 600)
    assert panel.shelf.model.columnCount() == 3
    view.choose(5)
    qtbot.keyClick(view, Qt.Key.Key_Down)
    assert [view.place(index) for index in view.chosen_rows()] == [7]


def test_another_width_keeps_the_place(
    qtbot: QtBot, panel: LibraryPanel, library: Library, settle: Settle, tmp_path: Path
) -> None:
    library.add_assets([NewAsset("audio", tmp_path / f"{n}.wav", f"n {n}") for n in range(90)])
    panel.refresh()
    settle()
    panel.shelf.show_grid(True)
    view = panel.shelf.list
    view.scrollTo(panel.shelf.model.at(40), view.ScrollHint.PositionAtTop)
    panel.resize(600, 600)
    qtbot.waitUntil(lambda: panel.shelf.model.columnCount() == 5)
    assert view.place(view.indexAt(QPoint(1, 1))) == 40


@pytest.mark.usefixtures("shown")
def test_results_are_sifted(qtbot: QtBot, panel: LibraryPanel, settle: Settle) -> None:
    shelf = panel.shelf
    for sieve, found in (
        (Sieve(tasks=("music",)), ["brighter", "dub"]),
        (Sieve(models=("other", "brush")), ["bus", "like it"]),
        (Sieve(stars=2), ["dub"]),
        (Sieve(doubtful=True), ["dub"]),
        (Sieve(tasks=("music",), doubtful=False), ["brighter"]),
        (Sieve(approval="rejected"), []),
    ):
        shelf.use_sieve(sieve)
        settle()
        assert names(panel) == found
        assert shelf.sift.isChecked()
    assert shelf.list.empty()[0] == "Nothing is like that"
    qtbot.mouseClick(chip(panel, "Rejected  ×"), Qt.MouseButton.LeftButton)
    settle()
    assert len(names(panel)) == 8 and not shelf.sift.isChecked()
    qtbot.mouseClick(chip(panel, "Generated"), Qt.MouseButton.LeftButton)
    settle()
    assert len(names(panel)) == 5
    shelf.search.setText("a rhy")
    settle()
    assert names(panel) == ["rhyme"]


def test_a_new_question_begins_at_the_top(
    panel: LibraryPanel, library: Library, settle: Settle, tmp_path: Path
) -> None:
    library.add_assets([NewAsset("audio", tmp_path / f"{n}.wav", f"n {n}") for n in range(90)])
    panel.refresh()
    settle()
    bar = panel.shelf.list.verticalScrollBar()
    bar.setValue(bar.maximum())
    panel.refresh()
    settle()
    assert bar.value() == bar.maximum()
    panel.shelf.search.setText("n")
    settle()
    assert bar.value() == 0


def test_the_menu_of_the_sieve_has_what_there_is(panel: LibraryPanel) -> None:
    chosen: list[Sieve] = []
    menu = QMenu(panel)
    fill_sieve_menu(menu, Sieve(tasks=("music",), stars=3), ["music", "cover"], [], chosen.append)
    assert action(menu, "Task", "Music from text").isChecked() and not action(menu, "Model").isEnabled()
    action(menu, "Task", "Cover picture").trigger()
    action(menu, "Stars", "3 stars or more").trigger()
    action(menu, "Approved").trigger()
    action(menu, "Checks", "Doubtful").trigger()
    action(menu, "Show everything").trigger()
    assert chosen[0].tasks == ("music", "cover") and chosen[1] == Sieve(tasks=("music",))
    assert chosen[2].approval == "approved" and chosen[3].doubtful and chosen[4] == Sieve()


def test_results_are_decided_on_and_rated(
    panel: LibraryPanel, library: Library, settle: Settle, shown: dict[str, int]
) -> None:
    told: list[tuple[str, ...]] = []
    panel.told.connect(lambda *what: told.append(what))
    choose(panel, "dub", "brighter", "Kick")
    commands_of(panel)["library.approve"].run()
    commands_of(panel)["library.stars.4"].run()
    settle()
    assert {known(library, shown[name]).approval for name in ("dub", "brighter")} == {"approved"}
    assert known(library, shown["dub"]).rating == 4 and len(panel.shelf.chosen()) == 3
    assert "1 thing is not made by a model" in told[0][0]
    choose(panel, "brighter")
    action(menu_of(panel), "Reject…").trigger()
    dialog = panel.findChild(QInputDialog)
    dialog.setTextValue("hums")
    dialog.accept()
    settle()
    found = known(library, shown["brighter"])
    assert (found.approval, found.reason) == ("rejected", "hums")
    choose(panel, "brighter")
    assert action(menu_of(panel), "Reject…").isChecked()
    action(menu_of(panel), "Category…").trigger()
    dialog = panel.findChildren(QInputDialog)[-1]
    dialog.setTextValue("drones")
    dialog.accept()
    settle()
    assert [asset.path.stem for asset in library.search("drones")] == ["brighter"]


def test_menus_offer_what_fits(panel: LibraryPanel, shown: dict[str, int]) -> None:
    choose(panel, "dub", "brighter")
    assert "Compare at one loudness…" in entries(menu_of(panel)) and "Details…" not in entries(menu_of(panel))
    choose(panel, "bus")
    offered = entries(menu_of(panel))
    assert {"Details…", "Approve", "Move to the trash"} <= offered
    assert not offered & {"Import at playhead", "Listen", "Remove from library…", "Compare at one loudness…"}
    choose(panel, "Kick")
    assert "Remove from library…" in entries(menu_of(panel)) and "Approve" not in entries(menu_of(panel))
    enabled = {name: command.enabled() for name, command in commands_of(panel).items()}
    assert enabled["library.verify"] and not enabled["library.approve"] and not enabled["library.details"]


def test_all_of_a_long_list_is_changed_as_a_job(
    qtbot: QtBot, panel: LibraryPanel, desk: Desk, library: Library, settle: Settle, tmp_path: Path
) -> None:
    assets = library.add_assets([NewAsset("generated", tmp_path / f"{n}.wav", f"n {n}") for n in range(250)])
    for asset in assets:
        library.add_generation(Generation(0, asset, "music", "tiny"))
    panel.refresh()
    settle()
    panel.shelf.list.selectAll()
    with qtbot.waitSignal(desk.jobs.ended) as ended:
        panel.shelf.curator.rate(5)
    job = ended.args[0]
    assert (job.state, job.result) == ("done", 250) and "253 things" in job.label
    assert job.failures == ("3 things are not made by a model and left as they are.",)
    assert library.count(stars=5) == 250
    settle()
    assert panel.shelf.list.chosen_places() == list(range(253)), "what was selected stays selected"
    panel.shelf.keeping.new_collection("Everything")
    settle()
    assert [known.assets for known in library.collections()] == [253], "those out of view too"
    with qtbot.waitSignal(desk.jobs.ended) as ended:
        panel.shelf.curator.verify()
    assert len(ended.args[0].failures) == 250 and ended.args[0].result == 3


def test_copies_are_exported(
    qtbot: QtBot,
    panel: LibraryPanel,
    shown: dict[str, int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = panel._workspace
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "out"))
    told: list[str] = []
    panel.told.connect(lambda sentence, *_: told.append(sentence))
    choose(panel, "dub", "rhyme")
    with qtbot.waitSignal(desk.jobs.ended) as ended:
        commands_of(panel)["library.copy"].run()
    assert ended.args[0].result == 2
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == ["dub.wav", "rhyme.txt"]
    assert desk.preferences.export_folder == str(tmp_path / "out")
    qtbot.waitUntil(lambda: told == [f"2 files copied to {tmp_path / 'out'}."])


# -- details ---------------------------------------------------------------------------------------------------------


def details(panel: LibraryPanel, settle: Settle, generation: int) -> Details:
    panel.windows.details.open_generation(generation)
    settle()
    return panel.windows.details


def test_details_show_it_all_and_lead_through_the_family(
    panel: LibraryPanel, settle: Settle, shown: dict[str, int]
) -> None:
    shows = details(panel, settle, shown["brighter"])
    assert shows.focusWidget() is shows.tabs.tabBar()
    assert shows.windowTitle().startswith("a brighter")
    top = shows.family.topLevelItem(0)
    assert top is not None and (top.text(0), top.child(0).text(0), top.child(0).child(0).text(0)) == (
        "a dub", "a brighter", "a like it",
    )  # fmt: skip
    assert shows.family.currentItem().text(0) == "a brighter"
    click_item(shows, top)
    settle()
    assert shows.windowTitle().startswith("a dub") and shows.stars.stars == 2
    assert not shows.grab().isNull()
    assert not shows.tabs.isTabVisible(0)
    shows.open_generation(shown["rhyme"])
    settle()
    assert shows.words.toPlainText() == "All the lights are going home" and shows.tabs.isTabVisible(0)
    assert not shows.play.isVisible()


def click_item(shows: Details, item: QTreeWidgetItem) -> None:
    shows.tabs.setCurrentWidget(shows.family)
    where = shows.family.visualItemRect(item).center()
    QTest.mouseClick(shows.family.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, where)


def test_details_keep_what_is_written(
    qtbot: QtBot, panel: LibraryPanel, settle: Settle, library: Library, shown: dict[str, int]
) -> None:
    shows = details(panel, settle, shown["dub"])
    shows.title.setText("Night bus")
    shows.tags.setText("warm, slow")
    shows.description.setPlainText("for the bridge")
    qtbot.mouseClick(shows.approved, Qt.MouseButton.LeftButton)
    settle()
    found = known(library, shown["dub"])
    assert (found.title, found.description, found.approval) == ("Night bus", "for the bridge", "approved")
    assert shows.approved.isChecked() and "Night bus" in names(panel)
    assert [asset.tags for asset in library.search("night bus")] == [("slow", "warm")]
    shows.reason.setText("good groove")
    shows.stars.rated.emit(5)
    shows.open_generation(shown["brighter"])
    settle()
    found = known(library, shown["dub"])
    assert (found.reason, found.rating) == ("good groove", 5)
    shows.category.setText("drones")
    panel.close_library()
    assert known(library, shown["brighter"]).category == "drones"


def test_details_of_the_trash_can_only_be_read(panel: LibraryPanel, settle: Settle, shown: dict[str, int]) -> None:
    panel._workspace.library.trash([shown["dub"]])
    shows = details(panel, settle, shown["dub"])
    assert "trash" in shows.face.gone and not shows.title.isEnabled() and not shows.approved.isEnabled()


# -- comparing -------------------------------------------------------------------------------------------------------


def test_sounds_are_compared_at_one_loudness(
    qtbot: QtBot,
    panel: LibraryPanel,
    desk: Desk,
    settle: Settle,
    library: Library,
    shown: dict[str, int],
    tmp_path: Path,
) -> None:
    choose(panel, "dub", "brighter", "like it")
    commands_of(panel)["library.compare"].run()
    settle()
    window = panel.windows.comparing
    assert desk.heard[-1] == "like it + brighter + dub"
    said = [label.text() for label in window._said]
    assert "LUFS" in said[0] and "dB" in said[1] and "-12.0 LUFS" in said[2]
    gains = [float(label.split(" · ")[-1].split(" ")[0]) if "dB" in label else 0.0 for label in said]
    assert min(gains) < 0 == max(gains) and gains[1] - gains[2] == pytest.approx(8.0, abs=0.11)
    qtbot.keyClick(window, Qt.Key.Key_3)
    assert window.chosen == 2 and window._choices[2].isChecked() and window._heard._chosen == 2
    assert window.focusWidget() is window.play, "Space is not to approve"
    window.approve.click()
    settle()
    assert known(library, shown["dub"]).approval == "approved" and window._said[2].text().endswith("approved")
    panel.preview.play(Path("/elsewhere.wav"), 1.0)
    assert window._heard is None and window.play.text() == "Play"
    window.toggle()
    assert window._heard is not None
    window.close()
    assert desk.heard[-1] == "stop" and window._heard is None
    choose(panel, "dub", "Kick")
    commands_of(panel)["library.compare"].run()
    settle()
    assert window.approve.isEnabled()
    qtbot.keyClick(window, Qt.Key.Key_2)
    assert not window.approve.isEnabled(), "an import is nothing to be approved"
    window.close()
    errors: list[str] = []
    panel.failed.connect(lambda error: errors.append(str(error)))
    (tmp_path / "sounds" / "kick.wav").unlink()
    commands_of(panel)["library.compare"].run()
    assert "kick.wav" in errors[0] and not window.isVisible()


# -- the trash -------------------------------------------------------------------------------------------------------


def test_delete_throws_results_away_and_the_trash_gives_them_back(
    qtbot: QtBot,
    panel: LibraryPanel,
    settle: Settle,
    library: Library,
    shown: dict[str, int],
    tmp_path: Path,
) -> None:
    desk = panel._workspace
    told: list[str] = []
    panel.told.connect(lambda sentence, *_: told.append(sentence))
    choose(panel, "dub", "bus", "rhyme")
    qtbot.keyClick(panel.shelf.list, Qt.Key.Key_Delete)
    settle()
    assert told == ["3 results thrown away; the Trash page gives them back."]
    assert "dub" not in names(panel) and (tmp_path / "made" / "dub.wav").exists()
    commands_of(panel)["library.trash"].run()
    settle()
    page = panel.trash
    assert page.isVisible() and page.model.rowCount() == 3 and not page.grab().isNull()
    page.list.choose(2)
    with qtbot.waitSignal(desk.jobs.ended):
        page.restore_button.click()
    settle()
    assert page.model.rowCount() == 2 and library.count(tasks=["music"]) == 2
    for press, left in ((QMessageBox.StandardButton.Cancel, 2), (None, 0)):
        page.empty_button.click()
        box = panel.findChildren(QMessageBox)[-1]
        (box.button(press) if press else box.buttons()[0]).click()
        qtbot.waitUntil(lambda: not desk.jobs.running())
        settle()
        assert page.model.rowCount() == left
    assert sorted(file.stem for file in (tmp_path / "made").iterdir()) == ["brighter", "dub", "like it"]
    assert not page.empty_button.isEnabled() and page.list.empty()[0] == "The trash is empty"


# -- making again ----------------------------------------------------------------------------------------------------


@pytest.fixture
def tiny(tmp_path: Path, tiny_models: TinyModels, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    entry = {"task": "music", "loader": "AceStepPipeline", "licence": "MIT", "commercial": True, "attribution": "me"}
    add_model({**entry, "name": "tiny", "title": "Tiny", "folder": str(tiny_models.folder("AceStepPipeline"))})


@pytest.mark.usefixtures("tiny")
def test_results_are_made_again_and_varied(
    panel: LibraryPanel, desk: Desk, settle: Settle, shown: dict[str, int]
) -> None:
    choose(panel, "dub")
    commands_of(panel)["library.again"].run()
    commands_of(panel)["library.vary"].run()
    (again, label), (other, _) = desk.neural.queued
    assert (again.values["seed"], again.parent, label) == (7, shown["dub"], "a dub, again")
    assert other.values["seed"] != 7 and other.values["prompt"] == "a dub"
    commands_of(panel)["library.change"].run()
    window = panel.windows.varying
    assert window.isVisible() and window.form.values()["prompt"] == "a dub"
    window.form.set_values({"steps": "many"})
    window.go.click()
    assert window.said.isVisible() and "Steps" in window.said.text() and len(desk.neural.queued) == 2
    window.form.set_values({"steps": 3, "prompt": "a brighter dub"})
    window.go.click()
    varied, label = desk.neural.queued[-1]
    assert (varied.values["steps"], varied.values["prompt"], varied.parent) == (3, "a brighter dub", shown["dub"])
    assert label == "a dub, varied" and not window.isVisible()
    assert varied.values["seed"] == 7, "held, so that only what was changed differs"
    panel.windows.varying.open_generation(shown["dub"])
    window.findChild(SeedField).hold.setChecked(False)
    window.go.click()
    assert desk.neural.queued[-1][0].values["seed"] != 7


@pytest.mark.usefixtures("tiny")
def test_what_cannot_be_made_again_is_told(panel: LibraryPanel, desk: Desk, shown: dict[str, int]) -> None:
    errors: list[str] = []
    panel.failed.connect(lambda error: errors.append(str(error)))
    for run in (panel.shelf.curator.again, panel.shelf.curator.new_seed, panel.windows.varying.open_generation):
        run(shown["bus"])
    assert len(errors) == 3 and all("brush" in error for error in errors)
    assert not desk.neural.queued and not panel.windows.varying.isVisible()


def test_the_menu_makes_again(panel: LibraryPanel, shown: dict[str, int]) -> None:
    choose(panel, "dub")
    vary = action(menu_of(panel), "Vary")
    assert isinstance(vary, QAction) and entries(vary.menu()) == {"With another seed", "With other values…"}
