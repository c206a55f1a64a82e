"""The panel of datasets in the real window: shown by its command, fed by clips, whose sound goes back into the song."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from studio.ui.datasets.panel import DatasetsPanel
from studio.ui.shell import MainWindow
from windows import begin, idle, open_window, tone, window

__all__ = ["open_window", "window"]


def test_clips_of_the_song_become_items_and_come_back(window: MainWindow, qtbot: Any, tmp_path: Path) -> None:
    begin(window, qtbot)
    window.song.import_paths([tone(tmp_path / "Kick.wav", 3)])
    project = lambda: window.session.document.project  # noqa: E731
    qtbot.waitUntil(lambda: bool(project().tracks), timeout=20_000)
    idle(window, qtbot)
    panel = window.panels["datasets"]
    assert isinstance(panel, DatasetsPanel) and not panel.isVisible()
    window.commands.run("view.datasets")
    qtbot.waitUntil(panel.isVisible)
    panel.doing.create("Sounds", "music")
    panel._wanted = "Sounds"
    qtbot.waitUntil(lambda: panel.contents is not None and panel.contents.dataset.name == "Sounds", timeout=10_000)
    window.panels["timeline"].stage.select((project().tracks[0].clips[0].id,))
    window.commands.run("datasets.clips")
    qtbot.waitUntil(lambda: panel.model.rowCount() == 1, timeout=20_000)
    item = panel.model.rows[0].item
    assert (item.song, item.seconds) == ("Night Bus", 3.0) and item.source.startswith("Night Bus: Kick, ")
    panel.import_requested.emit([panel._file(panel.model.rows[0])])
    qtbot.waitUntil(lambda: sum(len(track.clips) for track in project().tracks) == 2, timeout=20_000)
    idle(window, qtbot)
    window.commands.run("datasets.freeze")
    qtbot.waitUntil(lambda: panel.side.versions.count() == 1, timeout=20_000)
    said = [notice.text for notice in window.notices.all()]
    assert any("Version 1 of “Sounds” is frozen. There is one song" in text for text in said)
