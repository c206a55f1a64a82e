"""The panel of datasets on a real library and real files: collected, described in place, frozen, compared, reverted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox, QPlainTextEdit
from pytestqt.qtbot import QtBot

from studio.engine.jobs import JobRunner
from studio.errors import StudioError
from studio.storage import locations
from studio.storage.library import Generation, Library, NewAsset
from studio.ui.datasets.dialogs import NewDataset
from studio.ui.datasets.panel import EMPTY, NONE, DatasetsPanel
from studio.ui.library.preview import Preview

RATE = 8000
NAME, CAPTION, TAGS, BPM, KEY, SPLIT, CHECKS = 0, 1, 2, 3, 4, 6, 8


class Desk:
    """A workspace whose player notes what it should play."""

    def __init__(self, library: Library) -> None:
        self.library, self.jobs, self.session = library, JobRunner(), None
        self.heard: list[Path] = []

    def preview(self, path: Path) -> None:
        self.heard.append(path)

    def stop_preview(self) -> None:
        """Silence."""


@pytest.fixture
def panel(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DatasetsPanel]:
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    with Library(tmp_path / "library.db") as library:
        desk = Desk(library)
        made = DatasetsPanel(desk)
        made.desk = desk
        made.said, made.refused = [], []
        made.told.connect(lambda words, *_: made.said.append(words))
        made.failed.connect(lambda error: made.refused.append(str(error)))
        made.use_preview(Preview(desk, made))
        qtbot.addWidget(made)
        made.resize(1400, 320)
        made.show()
        yield made
        assert desk.jobs.close()
        made.close_down()


def click(panel: DatasetsPanel, qtbot: QtBot, row: int, column: int, words: str) -> None:
    """Types into a cell as a user does."""
    index = panel.model.index(row, column)
    panel.table.setCurrentIndex(index)
    panel.table.edit(index)
    editor = QApplication.focusWidget() if column != SPLIT else None
    for child in panel.table.viewport().children():
        editor = child if child.isWidgetType() and child.isVisible() else editor
    assert editor is not None
    if column == SPLIT:
        editor.setCurrentText(words)
    else:
        editor.setText(words)
    panel.table.commitData(editor)
    panel.table.closeEditor(editor, panel.table.itemDelegate().EndEditHint.NoHint)


def until(qtbot: QtBot, holds: Callable[[], bool]) -> None:
    qtbot.waitUntil(holds, timeout=5_000)


def tone(path: Path, frequency: float, seconds: float = 2.5) -> Path:
    at = np.arange(int(seconds * RATE)) / RATE
    wave = 0.3 * np.sin(2 * np.pi * frequency * at) * np.sin(2 * np.pi * at * frequency / 200) ** 2
    soundfile.write(path, wave.astype(np.float32), RATE)
    return path


def make(panel: DatasetsPanel, qtbot: QtBot, kind: str = "text", name: str = "Poems") -> None:
    panel.ask_new()
    dialog = panel.findChild(NewDataset)
    assert not dialog.go.isEnabled()
    dialog.field.setText(name)
    dialog.kind.choose(kind)
    dialog.go.click()
    until(qtbot, lambda: panel.contents is not None and panel.contents.dataset.name == name)


def drop(panel: DatasetsPanel, *paths: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    view, copy = panel.table.viewport(), Qt.DropAction.CopyAction
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(view, QDragEnterEvent(QPoint(9, 9), copy, data, left, none))
    QApplication.sendEvent(view, QDropEvent(QPointF(9, 9), copy, data, left, none))


def poems(panel: DatasetsPanel, qtbot: QtBot, folder: Path, *words: str) -> None:
    make(panel, qtbot)
    for word in words:
        (folder / f"{word}.txt").write_text(f"these are words about {word}")
    drop(panel, *(folder / f"{word}.txt" for word in words))
    until(qtbot, lambda: panel.model.rowCount() == len(words))


def cell(panel: DatasetsPanel, row: int, column: int, role: Any = Qt.ItemDataRole.DisplayRole) -> Any:
    return panel.model.index(row, column).data(role)


def test_an_empty_panel_says_what_to_do(panel: DatasetsPanel, qtbot: QtBot) -> None:
    until(qtbot, lambda: panel.table.empty == NONE)
    assert not panel.add_button.isEnabled() and not panel.freeze_button.isEnabled()
    make(panel, qtbot)
    assert panel.table.empty == EMPTY and panel.add_button.isEnabled() and not panel.freeze_button.isEnabled()
    panel.doing.create("poems", "text")
    until(qtbot, lambda: bool(panel.refused))
    assert "already" in panel.refused[0]


def test_files_are_dropped_edited_and_undone(panel: DatasetsPanel, qtbot: QtBot, tmp_path: Path) -> None:
    poems(panel, qtbot, tmp_path, "sea", "sky", "moon")
    assert "3 added" in panel.said[0]
    click(panel, qtbot, 0, CAPTION, "<b>blue</b> & wide")
    until(qtbot, lambda: cell(panel, 0, CAPTION) == "<b>blue</b> & wide")
    click(panel, qtbot, 0, TAGS, "water, deep ,")
    until(qtbot, lambda: cell(panel, 0, TAGS) == "water, deep")
    click(panel, qtbot, 1, SPLIT, "test")
    until(qtbot, lambda: cell(panel, 1, SPLIT) in {"test", "validation"})
    click(panel, qtbot, 0, BPM, "fast")
    until(qtbot, lambda: bool(panel.refused))
    assert "cannot be said of" in panel.refused[0]
    panel.table.selectRow(2)
    panel.take_out()
    until(qtbot, lambda: panel.model.rowCount() == 2)
    for _ in range(4):
        panel.undo_button.click()
    until(qtbot, lambda: panel.model.rowCount() == 3 and cell(panel, 0, CAPTION) == "")
    until(qtbot, lambda: not panel.undo_button.isEnabled())


def test_markup_is_never_shown_as_such(panel: DatasetsPanel, qtbot: QtBot, tmp_path: Path) -> None:
    make(panel, qtbot)
    (tmp_path / "<img src=x> one.txt").write_text("word")
    drop(panel, tmp_path / "<img src=x> one.txt", tmp_path / "gone.txt")
    until(qtbot, lambda: panel.model.rowCount() == 1)
    assert cell(panel, 0, NAME) == "<img src=x> one"
    assert cell(panel, 0, CHECKS) == "It has fewer than five words."
    (tmp_path / "two.txt").write_text("word")
    drop(panel, tmp_path / "two.txt")
    until(qtbot, lambda: len(panel.said) == 2)
    assert "1 there already" in panel.said[1]
    (tmp_path / "three.txt").write_text("WORD")
    drop(panel, tmp_path / "three.txt")
    until(qtbot, lambda: panel.model.rowCount() == 2)
    hint = cell(panel, 1, CHECKS, Qt.ItemDataRole.ToolTipRole)
    assert "&lt;img src=x&gt; one" in hint and "<img" not in hint


def test_measured_values_are_offered_and_items_heard(panel: DatasetsPanel, qtbot: QtBot, tmp_path: Path) -> None:
    make(panel, qtbot, "music", "Warm")
    at = np.arange(8 * RATE) / RATE
    beat = np.where((at * 2) % 1 < 0.05, np.random.default_rng(1).normal(0, 0.2, len(at)), 0.0)
    soundfile.write(tmp_path / "beat.wav", beat.astype(np.float32), RATE)
    drop(panel, tmp_path / "beat.wav", tone(tmp_path / "tone.wav", 220.0))
    until(qtbot, lambda: panel.model.rowCount() == 2)
    assert cell(panel, 0, BPM).startswith("~ 1") and "Measured" in cell(panel, 0, BPM, Qt.ItemDataRole.ToolTipRole)
    assert cell(panel, 0, BPM, Qt.ItemDataRole.EditRole) == cell(panel, 0, BPM)[2:]
    panel._take_measured([panel.model.rows[0]])
    until(qtbot, lambda: cell(panel, 0, BPM)[:1] == "1")
    panel.table.selectRow(1)
    assert panel.listen_button.isEnabled()
    panel.listen_button.click()
    assert panel.desk.heard[0].is_file() and panel.desk.heard[0].parent.name == "media"
    panel.listen_button.click()
    panel.side.figures.grab()
    assert "2 items of 2 songs" in panel.side.figures.accessibleDescription()


def test_approved_results_are_added(panel: DatasetsPanel, qtbot: QtBot, tmp_path: Path) -> None:
    library = panel.desk.library
    for name, approval in (("yes", "approved"), ("no", "rejected")):
        (tmp_path / f"{name}.txt").write_text(f"the answer was always {name}")
        (asset,) = library.add_assets([NewAsset("text", tmp_path / f"{name}.txt")])
        library.add_generation(Generation(0, asset, "chat", "tiny", approval=approval))  # type: ignore[arg-type]
    make(panel, qtbot)
    panel.add_approved()
    until(qtbot, lambda: panel.model.rowCount() == 1)
    assert cell(panel, 0, NAME) == "yes.txt" or cell(panel, 0, NAME) == "yes"


def test_versions_are_frozen_compared_exported_and_reverted(
    panel: DatasetsPanel, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    poems(panel, qtbot, tmp_path, "sea", "sky", "moon")
    panel.freeze_button.click()
    until(qtbot, lambda: panel.side.versions.count() == 1 and not panel.freeze_button.isEnabled())
    assert "Version 1 of “Poems” is frozen." in panel.said[-1]
    click(panel, qtbot, 0, CAPTION, "<i>x</i>")
    until(qtbot, panel.freeze_button.isEnabled)
    panel.side.compare.emit(1)
    until(qtbot, lambda: bool(panel.findChildren(QPlainTextEdit)))
    words = panel.findChildren(QPlainTextEdit)[0].toPlainText()
    assert "0 added, 0 removed, 1 changed, 2 the same" in words and "caption: nothing → <i>x</i>" in words
    panel.side.revert.emit(1)
    (box,) = panel.findChildren(QMessageBox)
    box.buttons()[0].click()
    until(qtbot, lambda: cell(panel, 0, CAPTION) == "" and not panel.freeze_button.isEnabled())
    target = tmp_path / "out.zip"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, **__: (str(target.with_suffix("")), "Zip (*.zip)"))
    panel.side.export.emit(1)
    until(qtbot, target.exists)
    until(qtbot, lambda: "out.zip is written." in panel.said)
    panel._delete(panel.contents.dataset)
    until(qtbot, lambda: panel.list.count() == 0 and panel.table.empty == NONE)
    assert not (locations.data_folder() / "datasets" / "Poems").exists()
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_, **__: (str(target), ""))
    panel.ask_import()
    until(qtbot, lambda: panel.model.rowCount() == 3)
    assert "Version 1 of “Poems” has come in." in panel.said


def test_clips_need_a_song(panel: DatasetsPanel, qtbot: QtBot) -> None:
    make(panel, qtbot, "music", "Warm")
    panel.add_clips()
    assert panel.refused == ["Select clips of one track on the timeline first."]
    assert issubclass(StudioError, Exception)
