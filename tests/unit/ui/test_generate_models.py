"""The models in the panel: what works, fetching with a gate, a pause and a restart, the disk, models of one's own."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QMessageBox, QPushButton

from hub import TOKEN, Fault, Hub
from models import TinyModels
from neural import write_style
from studio.actions.models import add_model, hub_token, keep_token, models_folder, token_file
from studio.errors import StudioError
from studio.ui.generate.add_model import AddModel
from studio.ui.generate.fetching import GateDialog
from studio.ui.generate.models_page import ago
from studio.ui.generate.panel import GeneratePanel
from studio.ui.shell import MainWindow
from windows import OpenWindow, idle, open_window, press, window

__all__ = ["open_window", "window"]

ACE = "AceStepPipeline"
ENTRY = {"task": "music", "loader": ACE, "licence": "MIT", "commercial": True, "attribution": "nobody"}


@pytest.fixture
def hub(tiny_models: TinyModels, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    monkeypatch.delenv("HF_TOKEN", raising=False)
    with Hub() as server:
        server.add("maker/tiny", tiny_models.folder(ACE))
        monkeypatch.setenv("HF_ENDPOINT", server.endpoint)
        yield server


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the person was asked; the first button of each is pressed."""
    said: list[str] = []

    def accept(box: QMessageBox) -> int:
        said.append(box.text())
        box.buttons()[0].click()
        return 0

    monkeypatch.setattr(QMessageBox, "exec", accept)
    return said


def opened(window: MainWindow, qtbot: Any, page: int) -> GeneratePanel:
    """The panel at one of its pages."""
    panel = window.panels["generate"]
    assert isinstance(panel, GeneratePanel)
    panel.models.measured = True
    if not panel.isVisible():
        press(window, qtbot, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
        qtbot.waitUntil(panel.isVisible)
    panel.tabs.setCurrentIndex(page)
    qtbot.waitUntil(lambda: bool(panel.models.cards if page == 2 else panel.abilities.cards), timeout=20_000)
    return panel


def shown(panel: GeneratePanel, name: str) -> set[str]:
    """What can be done with a model now."""
    card = panel.models.cards[name]
    return {what for what, button in card.buttons.items() if button.isVisibleTo(card)}


def test_what_works_leads_to_the_model_that_lacks_and_to_the_form(
    window: MainWindow, qtbot: Any, tiny_models: TinyModels
) -> None:
    add_model({**ENTRY, "name": "tiny", "title": "Tiny", "folder": str(tiny_models.folder(ACE))})
    panel = opened(window, qtbot, 1)
    cards = panel.abilities.cards
    assert cards["music-repaint"].accessibleName() == "A range made anew: Ready"
    assert cards["speech"].accessibleName() == "Speech from text: Not yet"
    assert set(cards["speech"].fetches) == {"pocket-tts", "pocket-tts-codec"}
    cards["speech"].fetches["pocket-tts-codec"].click()
    assert panel.tabs.currentIndex() == 2
    qtbot.waitUntil(lambda: "pocket-tts-codec" in panel.models.cards)
    card = lambda: panel.models.cards["pocket-tts-codec"]  # noqa: E731
    qtbot.waitUntil(lambda: window.focusWidget() is card().buttons["plan"], timeout=10_000)
    opened(window, qtbot, 1).abilities.cards["music-repaint"].go.click()
    assert (panel.tabs.currentIndex(), panel.task.value) == (0, "music-repaint")


def test_a_download_is_paused_survives_a_restart_and_goes_on(
    open_window: OpenWindow, qtbot: Any, hub: Hub, asked: list[str]
) -> None:
    add_model_later = {**ENTRY, "name": "tiny", "title": "Tiny", "repo": "maker/tiny", "memory": 1.0}
    window = open_window()
    add_model(add_model_later)
    panel = opened(window, qtbot, 2)
    assert shown(panel, "tiny") == {"plan", "forget"}
    hub.slow = 0.01
    panel.models.cards["tiny"].buttons["plan"].click()
    qtbot.waitUntil(lambda: "pause" in shown(panel, "tiny"), timeout=20_000)
    assert "Licence: MIT" in asked[0] and "are to be fetched" in asked[0]
    qtbot.waitUntil(lambda: panel.models.cards["tiny"].progress.value() > 50, timeout=20_000)
    panel.models.cards["tiny"].buttons["pause"].click()
    qtbot.waitUntil(lambda: "go on" in shown(panel, "tiny"), timeout=20_000)
    assert panel.models.cards["tiny"].stage.text() == "paused"
    window.close()
    window.workspace.close()
    hub.slow = 0.0
    again = open_window()
    again.workspace.go_on()
    panel = opened(again, qtbot, 2)
    qtbot.waitUntil(lambda: shown(panel, "tiny") == {"go on", "cancel"}, timeout=20_000)
    panel.models.cards["tiny"].buttons["go on"].click()
    qtbot.waitUntil(lambda: shown(panel, "tiny") == {"verify", "remove", "forget"}, timeout=30_000)
    assert any(ranged for *_, ranged in hub.requests), "it went on where it was"
    panel.models.cards["tiny"].buttons["remove"].click()
    qtbot.waitUntil(lambda: shown(panel, "tiny") == {"plan", "forget"}, timeout=20_000)
    panel.models.cards["tiny"].buttons["plan"].click()
    qtbot.waitUntil(lambda: len(asked) == 3, timeout=20_000)
    assert "Licence" not in asked[2], "a licence is asked once"


def test_a_gate_is_asked_once_and_its_token_kept_for_the_owner_alone(
    window: MainWindow, qtbot: Any, hub: Hub, asked: list[str], tiny_models: TinyModels,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    hub.add("maker/gated", tiny_models.folder(ACE), gated=True)
    add_model({**ENTRY, "name": "gated", "title": "Gated", "repo": "maker/gated", "gated": True})
    given = iter(["hf_wrong", TOKEN])

    def paste(dialog: QDialog) -> int:
        assert isinstance(dialog, GateDialog)
        dialog.field.setText(next(given))
        return QDialog.DialogCode.Accepted

    monkeypatch.setattr(GateDialog, "exec", paste)
    panel = opened(window, qtbot, 2)
    panel.models.cards["gated"].buttons["plan"].click()
    qtbot.waitUntil(lambda: "is behind a licence gate: accept its terms" in panel.models.said.text(), timeout=20_000)
    qtbot.waitUntil(lambda: "plan" in shown(panel, "gated"), timeout=20_000)
    panel.models.cards["gated"].buttons["plan"].click()
    qtbot.waitUntil(lambda: shown(panel, "gated") == {"verify", "remove", "forget"}, timeout=30_000)
    assert hub_token() == TOKEN and next(given, None) is None
    if os.name == "posix":
        assert stat.S_IMODE(token_file().stat().st_mode) == 0o600
    with pytest.raises(StudioError, match="no access token"):
        keep_token("two words")
    qtbot.waitUntil(panel.models.gate.isVisible, timeout=10_000)
    panel.models.gate.click()
    qtbot.waitUntil(lambda: not panel.models.gate.isVisible(), timeout=10_000)
    assert not token_file().exists() and hub_token() == ""


def test_models_of_ones_own_come_and_go(
    window: MainWindow, qtbot: Any, asked: list[str], tiny_models: TinyModels, tmp_path: Path
) -> None:
    panel = opened(window, qtbot, 2)

    def dialog(source: str) -> AddModel:
        made = AddModel(panel.models, [dict(card.model) for card in panel.models.cards.values()], panel._beside)
        made.added.connect(panel.models.show_model)
        made.added.connect(lambda _: panel.models.look())
        made.source.choose(source)
        return made

    folder = dialog("folder")
    folder.add()
    assert folder.problem.text() == "Choose where it is."
    folder.path.setText(str(tmp_path))
    folder.title.setText("My Step!")
    folder.licence.setText("MIT")
    folder.add()
    qtbot.waitUntil(lambda: "has no weights" in folder.problem.text(), timeout=10_000)
    folder.path.setText(str(tiny_models.folder(ACE)))
    folder.add()
    qtbot.waitUntil(lambda: "my-step" in panel.models.cards, timeout=10_000)
    style = dialog("adapter")
    style.path.setText(str(write_style(tiny_models, tmp_path)))
    style.title.setText("Warm")
    style.licence.setText("MIT")
    style.base.choose("my-step")
    style.add()
    qtbot.waitUntil(lambda: "warm" in panel.models.cards, timeout=20_000)
    panel.models.cards["my-step"].buttons["forget"].click()
    qtbot.waitUntil(lambda: "“My Step!” is what “Warm” is made for" in panel.models.said.text(), timeout=10_000)
    for name in ("warm", "my-step"):
        panel.models.cards[name].buttons["forget"].click()
        qtbot.waitUntil(lambda name=name: name not in panel.models.cards, timeout=10_000)
    assert tiny_models.folder(ACE).is_dir() and "its files stay on the disk" in asked[-1]
    odd = dialog("repo")
    odd.repo.setText("no owner")
    odd.licence.setText("MIT")
    odd.add()
    qtbot.waitUntil(lambda: "the field `repo` makes no sense" in odd.problem.text(), timeout=10_000)


def test_the_disk_names_what_no_catalogue_names(window: MainWindow, qtbot: Any, asked: list[str]) -> None:
    left = models_folder() / "maker--gone" / ("a" * 40)
    left.mkdir(parents=True)
    (left / "weights.safetensors").write_bytes(bytes(3_000_000))
    panel = opened(window, qtbot, 2)
    assert panel.models.disk.text().startswith("Models take 3.0 MB of the disk;")
    (button,) = [one for one in panel.models.findChildren(QPushButton) if one.accessibleName() == "Delete maker/gone"]
    button.click()
    qtbot.waitUntil(lambda: panel.models.disk.text().startswith("Models take 0 kB"), timeout=10_000)
    assert asked == ["3.0 MB of maker/gone are deleted from the disk."] and not left.exists()


def test_a_hub_that_is_silent_keeps_nobody_from_making(
    window: MainWindow, qtbot: Any, hub: Hub, tiny_models: TinyModels
) -> None:
    hub.fail("list", Fault("stall", times=9, after=0))
    add_model({**ENTRY, "name": "tiny", "title": "Tiny", "folder": str(tiny_models.folder(ACE))})
    add_model({**ENTRY, "name": "far", "title": "Far", "repo": "maker/tiny"})
    panel = opened(window, qtbot, 2)
    panel.models.cards["far"].buttons["plan"].click()
    qtbot.waitUntil(lambda: bool(hub.requests), timeout=20_000)
    (asking,) = [job for job in window.workspace.jobs.jobs() if job.label == "Ask the hub about Far"]
    panel.show_task("music")
    qtbot.waitUntil(lambda: panel.model.ready, timeout=9_000)
    panel.form.set_values({"prompt": "dub", "seconds": 1, "steps": 2})
    panel.make()
    qtbot.waitUntil(lambda: len(window.workspace.neural.queue.jobs()) == 1, timeout=9_000)
    window.workspace.jobs.cancel(asking.id)
    hub.closing.set()
    idle(window, qtbot)


def test_days_are_told_in_words() -> None:
    assert [ago(hours * 3600.0) for hours in (1, 30, 72)] == ["today", "yesterday", "3 days ago"]
