"""A real library, real sound files, and a workspace that remembers what was played."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from pytestqt.qtbot import QtBot

from studio.actions.generating import Making
from studio.engine.audio.comparing import Compared
from studio.engine.jobs import JobRunner
from studio.errors import StudioError
from studio.storage.library.library import Library
from studio.storage.library.records import NewAsset
from studio.storage.preferences import Preferences
from studio.ui.library.panel import LibraryPanel

RATE = 8000


def write_sound(file: Path, seconds: float = 0.5, level: float = 0.5) -> Path:
    """A decaying tone."""
    file.parent.mkdir(parents=True, exist_ok=True)
    time = np.arange(round(seconds * RATE)) / RATE
    soundfile.write(file, (level * np.sin(440 * time * 6.28) * np.exp(-time)).astype(np.float32), RATE)
    return file


class Queue:
    """Notes what is to be made; looks things up at once."""

    def __init__(self) -> None:
        self.queued: list[tuple[Making, str]] = []

    def generate(self, making: Making, label: str) -> None:
        self.queued.append((making, label))

    def look_up(self, task: Callable[[], Any], then: Callable[[Any, StudioError | None], None]) -> None:
        try:
            found = task()
        except StudioError as error:
            then(None, error)
        else:
            then(found, None)


class Desk:
    """A workspace whose player only notes what it should play."""

    def __init__(self, library: Library, preferences: Preferences) -> None:
        self.library, self.preferences, self.jobs = library, preferences, JobRunner()
        self.heard: list[str] = []
        self.refuse = ""
        self.neural = Queue()

    def preview(self, path: Path) -> None:
        if self.refuse:
            raise StudioError(self.refuse)
        self.heard.append(path.stem)

    def compare(self, paths: Sequence[Path], gains: Sequence[float]) -> Compared:
        if self.refuse:
            raise StudioError(self.refuse)
        self.heard.append(" + ".join(path.stem for path in paths))
        return Compared(paths, RATE, gains)

    def stop_preview(self) -> None:
        self.heard.append("stop")

    def update_preferences(self, **changes: Any) -> None:
        self.preferences = self.preferences.update(**changes)


@pytest.fixture
def sounds(tmp_path: Path) -> Path:
    """A folder of sounds: kick, snare and a take, a text, and a folder with one more."""
    folder = tmp_path / "sounds"
    for name, seconds in (("kick.wav", 0.2), ("snare.flac", 0.4), ("deep/pad.wav", 12.0)):
        write_sound(folder / name, seconds)
    (folder / "notes.txt").write_text("no sound")
    return folder


@pytest.fixture
def library(tmp_path: Path, sounds: Path) -> Iterator[Library]:
    """A library of those three sounds; pad is a recording."""
    with Library(tmp_path / "data" / "library.db") as opened:
        opened.add_assets(
            [
                NewAsset("recording", sounds / "deep" / "pad.wav", "Warm pad", seconds=12.0),
                NewAsset("audio", sounds / "snare.flac", "Snare", seconds=0.4),
                NewAsset("audio", sounds / "kick.wav", "Kick", seconds=0.2, bpm=92.0, key="Am"),
            ]
        )
        yield opened


@pytest.fixture
def desk(library: Library, sounds: Path) -> Iterator[Desk]:
    made = Desk(library, Preferences(import_folder=str(sounds)))
    yield made
    assert made.jobs.close()


Settle = Callable[[], None]


@pytest.fixture
def panel(qtbot: QtBot, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LibraryPanel]:
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    made = LibraryPanel(desk)
    qtbot.addWidget(made)
    made.resize(264, 600)
    made.show()
    qtbot.waitUntil(lambda: not made.background.busy)
    yield made
    made.close_library()


@pytest.fixture
def settle(qtbot: QtBot, panel: LibraryPanel) -> Settle:
    """Waits until the library has answered everything."""
    return lambda: qtbot.waitUntil(lambda: not panel.background.busy)
