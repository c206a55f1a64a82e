"""Preferences that change faster than the disk takes them."""

import time
from pathlib import Path

import pytest

from rooms import Room, room
from studio.storage.preferences import Preferences

__all__ = ["room"]


def test_of_many_changes_the_last_is_on_the_disk(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    save, calls = Preferences.save, list[Preferences]()

    def late_at_first(self: Preferences, file: Path | None = None) -> None:
        calls.append(self)
        time.sleep(0.3 if len(calls) == 1 else 0.0)
        save(self, file)

    monkeypatch.setattr(Preferences, "save", late_at_first)
    room.workspace.update_preferences(snap=False)
    while not calls:
        time.sleep(0.01)
    room.workspace.update_preferences(snap=True, grid="1/8")
    assert room.workspace.jobs.close()
    kept = Preferences.load()
    assert (kept.snap, kept.grid) == (True, "1/8")
