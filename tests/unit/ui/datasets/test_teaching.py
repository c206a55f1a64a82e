"""A model is taught from the panel: a version is chosen, a dialog filled, and an adapter is trained and offered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton

from models import TinyModels
from studio.actions.datasets.adding import Said
from studio.actions.datasets.headless import add_items, create_dataset, freeze_dataset
from studio.actions.models import add_model, models_for
from studio.ui.datasets.panel import DatasetsPanel
from studio.ui.datasets.teaching import TeachDialog
from studio.ui.shell import MainWindow
from windows import open_window, press, window

__all__ = ["open_window", "window"]

RATE = 48_000
BOTH = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


def frozen(folder: Path) -> None:
    """Three tones as version 1 of a dataset."""
    t = np.arange(2 * RATE) / RATE
    files = [folder / f"tone {n}.wav" for n in range(3)]
    for n, file in enumerate(files):
        sound = 0.3 * np.sin(2 * np.pi * 110 * (n + 2) * t) * np.exp(-(t % 0.25) * 8)
        soundfile.write(file, sound.astype(np.float32), RATE, subtype="FLOAT")
    create_dataset("Tones", "music")
    add_items("Tones", files, Said(), lambda *_: None)
    freeze_dataset("Tones", lambda *_: None)


def test_a_model_is_taught_from_a_version(
    window: MainWindow, qtbot: Any, tiny_models: TinyModels, tmp_path: Path
) -> None:
    entry = {"task": "music", "loader": "AceStepPipeline", "licence": "MIT", "commercial": True, "attribution": "me"}
    add_model({**entry, "name": "tiny", "title": "Tiny", "folder": str(tiny_models.folder("AceStepPipeline"))})
    frozen(tmp_path)
    press(window, qtbot, Qt.Key.Key_D, BOTH)
    panel = window.panels["datasets"]
    assert isinstance(panel, DatasetsPanel)
    qtbot.waitUntil(lambda: panel.contents is not None and panel.side.number == 1, timeout=20_000)
    panel.side._tabs.setCurrentIndex(1)
    (teach,) = [one for one in panel.findChildren(QPushButton) if one.text() == "Teach a model…"]
    qtbot.mouseClick(teach, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(window.findChildren(TeachDialog)), timeout=20_000)
    (dialog,) = window.findChildren(TeachDialog)
    dialog.model.choose("tiny")
    dialog.name.setText("Plucked")
    for name, value in {"steps": "many", "rank": "2", "learning_rate": "0.005"}.items():
        dialog.fields[name].setText(value)
    dialog.go.click()
    assert "cannot be trained with" in dialog.said.text() and dialog.isVisible()
    dialog.fields["steps"].setText("20")
    dialog.go.click()
    queue = window.workspace.neural.queue
    (job,) = [job for job in queue.jobs() if job.kind == "train"]
    assert job.label == "Teach Tiny: Plucked"
    qtbot.waitUntil(lambda: queue.job(job.id).state in {"done", "failed"}, timeout=60_000)
    assert queue.job(job.id).result["adapter"] == "plucked", queue.job(job.id)
    assert any("is among the adapters" in notice.text for notice in window.notices.all())
    (model,) = [one for one in models_for("music")["models"] if one["name"] == "tiny"]
    assert [one["name"] for one in model["adapters"]] == ["plucked"]
    QApplication.processEvents()
