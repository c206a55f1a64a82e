"""A song in one go in the window: a page, a tree of cards in the queue, files in the library."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from models import TinyModels
from studio.actions.models import add_model
from studio.ui.generate.chain import ChainDialog
from studio.ui.jobs_panel import JobsPanel
from studio.ui.shell import MainWindow
from windows import open_window, window

__all__ = ["open_window", "window"]


@pytest.fixture
def page(window: MainWindow, qtbot: Any, tiny_models: TinyModels) -> ChainDialog:
    """The page, opened from the jobs, once it knows which models are here: one that writes and one that plays."""
    for name, task, loader in (("writer", "chat", "AutoModelForCausalLM"), ("player", "music", "AceStepPipeline")):
        add_model({"name": name, "title": name.title(), "task": task, "loader": loader, "licence": "MIT",
                   "commercial": True, "attribution": "nobody", "folder": str(tiny_models.folder(loader))})  # fmt: skip
    window.show_dock("jobs")
    panel = window.panels["jobs"]
    assert isinstance(panel, JobsPanel)
    panel.song_button.click()
    (made,) = window.findChildren(ChainDialog)
    qtbot.waitUntil(lambda: made.parts["music"].model == "player", timeout=20_000)
    return made


def test_what_is_not_here_is_said(page: ChainDialog) -> None:
    cover = page.parts["cover"]
    assert not cover.wanted.isEnabled() and cover.model == "" and cover.lacks.isVisible()
    assert "is not here yet; fetch it first" in cover.lacks.text()
    assert not page.picture.isEnabled() and not page.lyrics.isEnabled()
    assert not page.go.isEnabled() and page.hint.text() == "Say in a few words what the song is about."
    page.about.setPlainText("a late bus")
    assert page.go.isEnabled() and not page.hint.text()
    page.seconds.setText("36000")
    assert not page.go.isEnabled() and page.hint.text().startswith("Length cannot be 36000")
    page.seconds.setText("1")
    for part in page.parts.values():
        part.wanted.setChecked(False)
    assert page.lyrics.isEnabled() and page.hint.text().startswith("Choose at least one part")


def test_a_chain_is_queued_as_a_tree_and_done(page: ChainDialog, window: MainWindow, qtbot: Any) -> None:
    queue, panel = window.workspace.neural.queue, window.panels["jobs"]
    queue.hold(True)
    page.about.setPlainText("a late bus")
    page.seconds.setText("1")
    page.about.setFocus()
    QTest.keyClick(page.about, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: len(queue.jobs()) == 2, timeout=20_000)
    assert page.hint.text().startswith("2 jobs are in the queue")
    words, music = (panel.queue.cards[job.id] for job in queue.jobs())
    assert (words.depth, music.depth) == (0, 1)
    assert music.account() == "waits for “Words: a late bus”"
    qtbot.waitUntil(lambda: window.status.jobs.text() == "Jobs: 2 waiting")
    window.docks["jobs"].hide()
    window.status.jobs.click()
    assert window.docks["jobs"].isVisible()
    queue.hold(False)
    qtbot.waitUntil(lambda: queue.job(music.job.id).state == "done", timeout=60_000)
    assert (music.depth, music.waiting_for) == (0, "")
    assert Path(queue.job(music.job.id).result["made"][0]["path"]).is_file()
    qtbot.waitUntil(lambda: not window.status.jobs.isVisible())


def test_a_refusal_of_the_queue_is_said_on_the_page(page: ChainDialog, window: MainWindow, qtbot: Any) -> None:
    page.about.setPlainText("a late bus")
    page.style_of.setPlainText("x" * 5_000)
    page.go.click()
    qtbot.waitUntil(lambda: page.hint.text().endswith("shorten it."), timeout=20_000)
    assert not window.workspace.neural.queue.jobs() and page.go.isEnabled()
