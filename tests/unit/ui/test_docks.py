from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QLabel, QMainWindow, QWidget

from studio.ui.docks import Dock, Layout


@pytest.fixture
def make(qtbot):
    def window() -> tuple[QMainWindow, dict[str, Dock]]:
        made = QMainWindow()
        made.setCentralWidget(QWidget())
        qtbot.addWidget(made)
        docks = {name: Dock(made, name, name.title()) for name in ("library", "mixer", "history")}
        made.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, docks["library"])
        made.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, docks["mixer"])
        made.tabifyDockWidget(docks["mixer"], docks["history"])
        made.resize(1200, 800)
        made.show()
        return made, docks

    return window


def test_the_layout_survives(make, tmp_path: Path) -> None:
    window, docks = make()
    layout = Layout(window, tmp_path)
    window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, docks["library"])
    docks["history"].hide()
    layout.save()
    window, docks = make()
    assert Layout(window, tmp_path).restore()
    assert window.dockWidgetArea(docks["library"]) == Qt.DockWidgetArea.RightDockWidgetArea
    assert docks["history"].isHidden()


def test_a_window_from_a_larger_screen_fits_this_one(make, tmp_path: Path, monkeypatch) -> None:
    window, _ = make()
    Layout(window, tmp_path).save()
    window, _ = make()
    monkeypatch.setattr(type(window.screen()), "availableSize", lambda _: QSize(700, 500))
    Layout(window, tmp_path).restore()
    assert (window.width(), window.height()) == (700, 500)


def test_reset_goes_back_to_the_default(make, tmp_path: Path) -> None:
    window, docks = make()
    layout = Layout(window, tmp_path)
    layout.keep_default()
    docks["library"].hide()
    layout.reset()
    assert not docks["library"].isHidden()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff\xfe garbage",
        b"[General]\nstate=42\ngeometry=hello\n",
        b"[General]\nstate=@ByteArray(\\x1\\x2\\x3)\ngeometry=@ByteArray(nonsense)\n",
        b"[General]\nstate=@Invalid()\n",
    ],
)
def test_a_damaged_file_means_the_default_layout(make, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "window.ini").write_bytes(content)
    window, docks = make()
    assert not Layout(window, tmp_path).restore()
    assert not docks["library"].isHidden()


def test_truncated_states_are_refused_whole(make, tmp_path: Path) -> None:
    window, _ = make()
    Layout(window, tmp_path).save()
    whole = (tmp_path / "window.ini").read_bytes()
    for cut in range(20, len(whole), max(1, len(whole) // 25)):
        (tmp_path / "window.ini").write_bytes(whole[:cut])
        window, docks = make()
        Layout(window, tmp_path).restore()
        assert window.isVisible()
        assert len(docks) == 3


def test_without_a_folder_nothing_is_kept(make) -> None:
    window, _ = make()
    layout = Layout(window, None)
    layout.save()
    assert not layout.restore()


def test_a_header_shows_only_while_no_tab_does(make, qtbot) -> None:
    _, docks = make()
    header = docks["mixer"].titleBarWidget()
    qtbot.waitUntil(lambda: header.sizeHint().height() == 0)
    assert docks["library"].titleBarWidget().sizeHint().height() > 0
    docks["history"].hide()
    qtbot.waitUntil(lambda: header.sizeHint().height() > 0)


def test_a_panel_takes_the_place_of_the_blank(make) -> None:
    _, docks = make()
    panel = QLabel("here")
    docks["library"].put(panel)
    assert docks["library"].widget() is panel


def test_a_panel_behind_another_tab_is_not_in_front(make, qtbot) -> None:
    _, docks = make()
    docks["mixer"].raise_()
    qtbot.waitUntil(lambda: docks["mixer"].in_front and not docks["history"].in_front)
    docks["history"].raise_()
    qtbot.waitUntil(lambda: docks["history"].in_front and not docks["mixer"].in_front)
