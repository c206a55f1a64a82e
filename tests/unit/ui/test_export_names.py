"""The name of the exported file and its format say the same."""

from pathlib import Path

import pytest
from PySide6.QtTest import QTest

from studio.ui.export_dialog import ExportDialog
from studio.ui.shell import MainWindow
from windows import begin, open_window, window

__all__ = ["open_window", "window"]


@pytest.mark.parametrize(
    ("typed", "format_", "file"),
    [
        ("mix.flac", "flac", "mix.flac"),
        ("mix.OPUS", "opus", "mix.opus"),
        ("mix", "wav", "mix.wav"),
        ("mix.final", "wav", "mix.final.wav"),
    ],
)
def test_a_typed_name_chooses_the_format(
    window: MainWindow, qtbot, tmp_path: Path, typed: str, format_: str, file: str
) -> None:
    begin(window, qtbot)
    dialog = ExportDialog(window)
    dialog.path.clear()
    QTest.keyClicks(dialog.path, str(tmp_path / typed))
    assert dialog.format.value == format_
    assert dialog.choice.out == tmp_path / file
    assert dialog.choice.format == format_
