"""The coach on the virtual card: a tone is played into the loop, and the window shows what it is."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from listening import undisturbed
from rooms import Room, room
from sound import SoundCard, sound_card
from studio.ui.coach.panel import CoachPanel
from studio.ui.coach.picture import Picture

__all__ = ["room", "sound_card"]


class Studio:
    """The coach on a workspace, ticked as the window does."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.panel = CoachPanel(room.workspace)
        self.panel.resize(700, 700)
        self.panel.set_session(room.session)
        self.panel.show()
        self.seen: list[tuple[float, Picture]] = []
        self.panel.view.painted = lambda picture: self.seen.append((time.perf_counter(), picture))

    def until(self, condition: object, seconds: float = 40.0) -> None:
        """Lets window and engine work until something is true."""
        assert callable(condition)

        def ticked() -> bool:
            self.panel.tick(self.room.workspace.poll())
            return bool(condition())

        self.room.until(ticked, seconds)

    def ready(self) -> None:
        """Waits until the coach listens."""
        workspace = self.room.workspace
        self.room.until(lambda: workspace.poll().device == "running")
        self.room.over(workspace.measure_round_trip(lambda _: None))
        microphone = self.panel.microphone
        self.until(lambda: microphone.listening is not None and microphone.listening.ready, 90.0)
        self.until(lambda: microphone.listening is not None and len(microphone.listening.trace.last(20)) == 20)


@pytest.fixture
def studio(sound_card: SoundCard, room: Room) -> Iterator[Studio]:
    room.new("Sung")
    made = Studio(room)
    yield made
    made.panel.hide()
    made.panel.deleteLater()


@undisturbed
def test_singing_is_followed_while_nothing_plays_and_tones_are_heard(studio: Studio) -> None:
    studio.ready()
    panel = studio.panel
    panel.give_tone()
    tonic = panel._tonic()
    name = f"C{tonic // 12 - 1}"
    studio.until(lambda: panel.view.picture.reading.name == name and len(panel.view.picture.trace.time) > 20)
    assert not studio.room.workspace.poll().playing
    assert abs(panel.view.picture.reading.cents) < 12
    studio.until(lambda: not panel.tones.sounding)
    studio.until(lambda: panel.view.picture.reading.semitone is None)
