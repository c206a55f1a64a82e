"""The sounds of the SoundFont are those of the font that was chosen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from studio.engine.audio.instruments.soundfont import find_fonts
from studio.errors import StudioError
from studio.storage.locations import create_folders
from studio.storage.preferences import Preferences
from studio.ui.timeline.presets import Presets, read_presets


@pytest.mark.skipif(not find_fonts(), reason="no SoundFont is installed")
def test_the_chosen_font_is_read_and_another_one_when_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: Any
) -> None:
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path))
    create_folders()
    presets, told = Presets(), list[Any]()
    presets.ask(told.append)
    qtbot.waitUntil(lambda: len(told) == 1, timeout=20_000)
    assert len(told[0]) > 100
    Preferences(soundfont=str(tmp_path / "Gone.sf2")).save()
    with pytest.raises(StudioError, match=r"Gone\.sf2"):
        read_presets()
    presets.ask(told.append)
    assert told[1] == told[0], "it is not read twice"
    presets.forget()
    presets.ask(told.append)
    qtbot.waitUntil(lambda: len(told) == 3, timeout=20_000)
    assert "Gone.sf2" in told[2]
    presets.close()
