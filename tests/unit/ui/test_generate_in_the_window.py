"""Generating in the window: a model is chosen, a form filled, and what comes of it stands in the library."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QLineEdit, QMessageBox, QPlainTextEdit

from hub import Hub
from models import TinyModels
from studio.actions.models import add_model
from studio.document.edits.harmony import set_key
from studio.document.edits.song import set_loop, set_tempo
from studio.engine.ai.forms import FORMS, form, read_values
from studio.ui.generate.fields import Form
from studio.ui.generate.panel import GeneratePanel
from studio.ui.shell import MainWindow
from windows import begin, open_window, press, window

__all__ = ["open_window", "window"]

ENTRY = {"task": "music", "loader": "AceStepPipeline", "licence": "MIT", "commercial": True, "attribution": "nobody"}


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub() as server:
        yield server


def opened(window: MainWindow, qtbot: Any) -> GeneratePanel:
    """The panel, opened by its keys, once it has found the models."""
    press(window, qtbot, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
    panel = window.panels["generate"]
    assert isinstance(panel, GeneratePanel)
    qtbot.waitUntil(lambda: panel.isVisible() and panel.model.box.count() > 0, timeout=20_000)
    return panel


@pytest.mark.parametrize("task", FORMS)
def test_every_form_reads_back_its_defaults(qtbot: Any, task: str) -> None:
    made = Form(form(task))
    qtbot.addWidget(made)
    given = {
        name: "warm" if name == "prompt" else "/sound.wav" for name in made.values() if name in {"prompt", "source"}
    }
    made.set_values(given)
    values = read_values(task, made.values())
    assert values == read_values(task, given)
    made.set_values(values)
    assert read_values(task, made.values()) == values
    for one in form(task):
        assert made.field(one.name).accessibleName() == one.label


def test_a_request_is_made_and_lands_in_the_library(
    window: MainWindow, qtbot: Any, tiny_models: TinyModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = str(tiny_models.folder("AceStepPipeline"))
    add_model({**ENTRY, "name": "tiny", "title": "Tiny", "folder": folder})
    begin(window, qtbot)
    document = window.session.document
    document.apply(set_tempo(0, 96.0))
    document.apply(set_key(0, 9, "minor"))
    document.apply(set_loop(0, 960, True))
    panel = opened(window, qtbot)
    assert panel.model.value == "tiny" and panel.queue.isEnabled()
    assert "negative" not in panel.form.values(), "this model cannot be told"
    panel.from_song.click()
    assert (panel.form.values()["bpm"], panel.form.values()["key"]) == ("96", "A minor")
    panel.form.set_values({"seconds": 1.0, "steps": 2, "seed": 3})
    panel.make()
    assert panel.said.text().startswith("Description is empty")
    field = panel.form.field("prompt")
    assert isinstance(field, QPlainTextEdit)
    field.setFocus()
    qtbot.keyClicks(field, "slow dub")
    press(window, qtbot, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert not panel.queue.isEnabled(), "once is enough"
    qtbot.waitUntil(lambda: "new in the library" in panel.said.text(), timeout=60_000)
    (found,) = window.workspace.library.search("dub", tasks=["music"])
    assert (found.bpm, found.key, found.seconds) == (96.0, "A minor", 1.0)
    shelf = window.panels["library"].shelf
    qtbot.waitUntil(lambda: shelf.model.rowCount() == 1)
    shelf.list.choose(0)
    assert window.commands.run("library.again")
    qtbot.waitUntil(lambda: shelf.model.rowCount() == 2, timeout=60_000)
    first, again = sorted(window.workspace.library.search("dub", tasks=["music"]), key=lambda asset: asset.id)
    assert again.path.read_bytes() == first.path.read_bytes()
    (mark,) = window.workspace.library.marks_of([again.id]).values()
    assert mark.parent is not None and any("100% alike" in sentence for sentence in mark.doubts)


def test_a_model_is_fetched_once_its_size_and_licence_were_shown(
    window: MainWindow, qtbot: Any, hub: Hub, tiny_models: TinyModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.add("maker/tiny", tiny_models.folder("AceStepPipeline"))
    monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
    add_model({**ENTRY, "name": "tiny", "title": "Tiny", "repo": "maker/tiny"})
    panel = opened(window, qtbot)
    panel.model.box.choose("tiny")
    assert not panel.queue.isEnabled() and panel.model.fetch.isVisible()
    shown: list[str] = []

    def accept(box: QMessageBox) -> int:
        shown.append(box.text())
        box.buttons()[0].click()
        return 0

    monkeypatch.setattr(QMessageBox, "exec", accept)
    panel.model.fetch.click()
    qtbot.waitUntil(lambda: panel.model.ready, timeout=60_000)
    assert "are to be fetched" in shown[0] and "Licence: MIT" in shown[0]
    panel.model.verify.click()
    qtbot.waitUntil(lambda: "as it should be" in panel.said.text(), timeout=20_000)
    shown.clear()
    panel.model.remove.click()
    assert "can be fetched again" in shown[0]
    qtbot.waitUntil(lambda: panel.model.fetch.isVisible() and not panel.model.ready, timeout=20_000)


def test_fields_for_a_voice_ask_for_consent(qtbot: Any) -> None:
    made = Form(form("speech"))
    qtbot.addWidget(made)
    consent, voice = made.field("consent"), made.field("voice")
    assert isinstance(consent, QCheckBox) and isinstance(voice, QLineEdit)
    assert consent.text() == "The speaker has agreed"
    made.set_values({"reference": str(Path("/voice.wav"))})
    assert made.values()["reference"] == "/voice.wav"


def test_typing_goes_on_while_the_models_are_looked_up(window: MainWindow, qtbot: Any, tiny_models: TinyModels) -> None:
    add_model({**ENTRY, "name": "tiny", "title": "Tiny", "folder": str(tiny_models.folder("AceStepPipeline"))})
    begin(window, qtbot)
    press(window, qtbot, Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
    panel = window.panels["generate"]
    assert isinstance(panel, GeneratePanel)
    qtbot.waitUntil(lambda: panel.isVisible() and panel.form.typed_in() == "prompt")
    qtbot.keyClicks(panel.form.field("prompt"), "slow ")
    qtbot.waitUntil(lambda: panel.model.value == "tiny", timeout=20_000)
    field = panel.form.field("prompt")
    assert window.focusWidget() is field
    qtbot.keyClicks(field, "dub")
    assert field.toPlainText() == "slow dub"
