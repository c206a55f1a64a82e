"""A workspace to test in: the real one, in a home folder of its own, without a window and without a sound device."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication

from studio.actions.session import Session
from studio.actions.workspace import Opened, Workspace
from studio.engine.jobs import Job
from studio.errors import StudioError


class Room:
    """A running workspace, and what it told."""

    def __init__(self) -> None:
        self.told: list[StudioError] = []
        self.workspace = Workspace(Opened(), self.told.append)

    @property
    def session(self) -> Session:
        """The open song."""
        assert self.workspace.session is not None
        return self.workspace.session

    def until(self, condition: Callable[[], object], seconds: float = 30.0) -> None:
        """Lets the program work until something is true."""
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, "this never happened"
            QCoreApplication.processEvents()
            self.workspace.poll()
            time.sleep(0.002)

    def over(self, job: Job, seconds: float = 60.0) -> Job:
        """Waits for a job and returns it as it ended."""
        self.until(lambda: self.workspace.jobs.job(job.id).over, seconds)
        return self.workspace.jobs.job(job.id)

    def new(self, name: str = "Song") -> Session:
        """Makes a song and opens it."""
        self.over(self.workspace.new_project(name))
        return self.session

    def restart(self) -> None:
        """Ends the workspace as the program does, and opens another one on the same home folder."""
        self.workspace.close()
        self.workspace = Workspace(Opened(), self.told.append)

    def open(self, folder: Path) -> Session | None:
        """Opens a song; None when it could not be opened."""
        self.over(self.workspace.open_project(folder))
        return self.workspace.session


@pytest.fixture
def room(qapp: QCoreApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    """A workspace in `tmp_path`."""
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    room = Room()
    yield room
    room.workspace.close()
