"""Pages of a long list."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from studio.storage.library.library import Library
from studio.storage.library.records import Asset, NewAsset
from studio.ui.library.background import Background
from studio.ui.library.model import ASSET, MIME, PAGE, PAGES_KEPT, AssetModel, Query

COUNT = PAGE * (PAGES_KEPT + 4) + 7


@pytest.fixture(scope="module")
def long_library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with Library(tmp_path_factory.mktemp("long") / "library.db") as library:
        library.add_assets([NewAsset("audio", Path(f"/x/loop {n}.wav"), seconds=1.0) for n in range(COUNT)])
        yield library


@pytest.fixture
def background(qtbot: QtBot) -> Iterator[Background]:
    made = Background()
    yield made
    made.close()


@pytest.fixture
def model(qtbot: QtBot, long_library: Library, background: Background) -> AssetModel:
    made = AssetModel(long_library, background)
    made.tester = QAbstractItemModelTester(made, QAbstractItemModelTester.FailureReportingMode.Warning)  # type: ignore
    with qtbot.waitSignal(made.answered):
        made.look_for(Query())
    return made


def test_all_rows_are_there_before_they_are_read(model: AssetModel) -> None:
    assert model.rowCount() == COUNT
    assert model.asset(0) is not None
    assert model.asset(COUNT - 1) is None


def test_a_row_that_comes_into_view_is_read(qtbot: QtBot, model: AssetModel, background: Background) -> None:
    changed: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda first, last: changed.append((first.row(), last.row())))
    assert model.at(PAGE * 3 + 5).data() is None
    assert model.at(PAGE * 3 + 6).data() is None
    qtbot.waitUntil(lambda: not background.busy)
    assert changed == [(PAGE * 3, PAGE * 4 - 1)]
    asset = model.at(PAGE * 3 + 5).data(ASSET)
    assert asset.name == f"loop {COUNT - 1 - PAGE * 3 - 5}.wav"


def test_only_so_many_pages_are_kept(qtbot: QtBot, model: AssetModel, background: Background) -> None:
    del model.tester  # type: ignore[attr-defined]  # it reads every row at every change, and so asks for pages itself
    for page in range(PAGES_KEPT + 4):
        model.asset(page * PAGE)
    qtbot.waitUntil(lambda: not background.busy)
    assert model.asset(3 * PAGE) is None
    assert model.asset((PAGES_KEPT + 3) * PAGE) is not None


def test_a_narrower_question_shrinks_the_list(qtbot: QtBot, model: AssetModel) -> None:
    model.look_for(Query("loop 63"))
    with qtbot.waitSignal(model.answered):
        model.look_for(Query("loop 630"))
    found = {model.at(row).data() for row in range(model.rowCount())}
    assert found == {"loop 630.wav", *(f"loop {n}.wav" for n in range(6300, 6310))}


def test_pages_that_wait_are_dropped_for_a_new_question(
    qtbot: QtBot, model: AssetModel, background: Background, long_library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, offsets, search = Event(), list[int](), long_library.search

    def slow(*where: object, offset: int, **rest: object) -> list[Asset]:
        offsets.append(offset)
        gate.wait(5)
        return search(*where, offset=offset, **rest)  # type: ignore[arg-type]

    monkeypatch.setattr(long_library, "search", slow)
    for page in range(1, 30):
        model.asset(page * PAGE)
    qtbot.waitUntil(lambda: offsets == [PAGE])
    model.look_for(Query("loop 630"))
    gate.set()
    qtbot.waitUntil(lambda: not background.busy)
    assert offsets == [PAGE, 0]
    assert model.rowCount() == 11


def test_what_is_dragged(model: AssetModel) -> None:
    data = model.mimeData([model.at(1), model.at(0)])
    last = COUNT - 1
    assert json.loads(bytes(data.data(MIME).data())) == [f"/x/loop {last - 1}.wav", f"/x/loop {last}.wav"]
    assert [url.toLocalFile() for url in data.urls()] == [f"/x/loop {last - 1}.wav", f"/x/loop {last}.wav"]


def test_several_columns_are_filled_row_by_row(model: AssetModel) -> None:
    model.arrange(3)
    assert (model.rowCount(), model.columnCount()) == (-(-COUNT // 3), 3)
    assert model.at(7) == model.index(2, 1)
    assert model.place(model.index(2, 1)) == 7
    assert model.index(2, 1).data(ASSET) == model.asset(7)
    beyond = model.index(model.rowCount() - 1, 2)
    assert model.place(beyond) >= COUNT
    assert model.flags(beyond) == Qt.ItemFlag.NoItemFlags and beyond.data() is None
    data = model.mimeData([model.at(4), beyond])
    assert len(data.urls()) == 1
