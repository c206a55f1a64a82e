"""The timeline of a running app as hands find it: places on the screen, and the song that is on the disk."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from screen import App, wait_until
from studio.actions.headless import describe_song
from studio.errors import StudioError

ROW, LANE, HEADERS, RULER = 66, 30, 204, 106
BARS = 16 * 1.02
"""How many bars a new song shows."""

Info = dict[str, Any]
Place = tuple[int, int]


class Desk:
    """The app with one song and the places in its timeline, at the zoom that a new song opens with."""

    def __init__(self, app: App, song: Path) -> None:
        self.app, self.song = app, song
        self.look()

    def look(self) -> None:
        """Finds the timeline on the screen anew, after the window was arranged differently."""
        left, top, width, _ = self.app.seen("Timeline", "list")["place"]
        self.left, self.top, self.width = left + HEADERS, top + RULER, width - HEADERS

    def at(self, row: int, pixels: int) -> Place:
        """A place on a track, `pixels` from the left edge of the timeline, while no lanes are open above."""
        return self.left + pixels, self.top + ROW * row + ROW // 2 + 8

    def bar(self, number: float) -> int:
        """Pixels from the left edge to a bar, which are counted from 1."""
        return round((number - 1) * self.width / BARS)

    def ruler(self, number: float, lane: int) -> Place:
        """A place of the ruler: `lane` pixels from its top."""
        return self.left + self.bar(number), self.top - RULER + lane

    def lane(self, number: int, row: int, pixels: int) -> Place:
        """A place on a take lane, counted from the uppermost, below a track."""
        return self.left + pixels, self.top + ROW * (row + 1) + LANE * number + LANE // 2

    def info(self) -> Info:
        """What is on the disk now."""
        return describe_song(self.song)

    def until(self, what: str, condition: Callable[[Info], Any], seconds: float = 30.0) -> Info:
        """Waits until the song on disk is as wanted, and returns it."""
        found: list[Info] = []

        def there() -> bool:
            try:
                found[:] = [self.info()]
            except StudioError:  # just being written
                return False
            return bool(condition(found[0]))

        try:
            wait_until(there, seconds)
        except AssertionError as never:
            seen = json.dumps(found[0]["tracks"])[:1500] if found else "no song"
            raise AssertionError(f"{what} did not happen: {seen}\n{self.app.output()[-2000:]}") from never
        return found[0]


def clips(info: Info, row: int) -> list[Info]:
    """The clips of a track, from left to right."""
    return info["tracks"][row]["clips"]
