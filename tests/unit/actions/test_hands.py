"""What plays notes into the studio: keys that several hold, sources that go, and what is passed on."""

from __future__ import annotations

import time

from studio.actions.hands import Hands, Touch
from studio.engine.audio.score import BEND, CONTROL, OFF, ON


class Told:
    """A player that writes down what it is told."""

    def __init__(self) -> None:
        self.all: list[tuple[int, int, int]] = []

    def tell(self, kind: int, number: int, value: int) -> None:
        self.all.append((kind, number, value))


def made() -> tuple[Hands, Told, list[Touch]]:
    told, touches = Told(), list[Touch]()
    hands = Hands(lambda: told)  # type: ignore[arg-type,return-value]
    hands.subscribe(touches.append)
    return hands, told, touches


def test_a_key_reaches_the_player_at_once_and_listeners_at_the_next_poll() -> None:
    hands, told, touches = made()
    hands.midi(12.5, "Grand", bytes([0x90, 60, 77]))
    assert told.all == [(ON, 60, 77)] and touches == []
    hands.poll()
    assert touches == [Touch(12.5, "Grand", ON, 60, 77)] and hands.held == {60}
    hands.midi(13.0, "Grand", bytes([0x90, 60, 0]))
    assert told.all[-1] == (OFF, 60, 0) and hands.held == frozenset()


def test_a_key_that_two_hold_ends_with_the_second() -> None:
    hands, told, _ = made()
    hands.press("keys", 60, 90)
    hands.midi(time.perf_counter(), "Grand", bytes([0x91, 60, 90]))
    hands.let_go("keys", 60)
    assert told.all == [(ON, 60, 90), (ON, 60, 90)]
    hands.midi(time.perf_counter(), "Grand", bytes([0x81, 60, 0]))
    assert told.all[-1] == (OFF, 60, 0)
    hands.let_go("keys", 60)
    assert len(told.all) == 3, "what is not held does not end"


def test_a_source_that_goes_leaves_nothing_behind() -> None:
    hands, told, touches = made()
    hands.press("keys", 72, 90)
    for message in ((0x90, 60, 90), (0x92, 64, 90), (0xB0, 64, 127), (0xE0, 0, 100), (0xB0, 1, 50), (0xB0, 74, 20)):
        hands.midi(0.0, "Grand", bytes(message))
    before = len(told.all)
    assert hands.gone("Grand") == 2
    assert sorted(told.all[before:]) == sorted(
        [(OFF, 60, 0), (OFF, 64, 0), (CONTROL, 64, 0), (CONTROL, 1, 0), (BEND, 0, 0)]
    )
    assert hands.held == {72} and hands.gone("Grand") == 0
    hands.poll()
    assert [touch.source for touch in touches[-5:]] == ["Grand"] * 5, "it is recorded too"


def test_orders_to_a_channel_let_go_what_they_say() -> None:
    hands, told, _ = made()
    for message in ((0x90, 60, 90), (0xB0, 64, 127), (0x91, 62, 90)):
        hands.midi(0.0, "Grand", bytes(message))
    hands.midi(0.0, "Grand", bytes([0xB0, 123, 0]))
    assert told.all[3:] == [(OFF, 60, 0)], "the pedal stays, and the other channel"
    hands.midi(0.0, "Grand", bytes([0xB0, 121, 0]))
    assert told.all[4:] == [(CONTROL, 64, 0)] and hands.held == {62}


def test_all_off_ends_everything_even_what_is_not_known() -> None:
    hands, told, _ = made()
    hands.press("keys", 60, 90)
    hands.all_off()
    assert {event for event in told.all if event[0] == OFF} == {(OFF, pitch, 0) for pitch in range(128)}
    assert not hands.held and (CONTROL, 64, 0) in told.all


def test_what_nobody_fetches_is_bounded_and_rubbish_is_nothing() -> None:
    hands, told, touches = made()
    for number in range(20_000):
        hands.midi(0.0, "Wild", bytes([0xB0, 74, number % 128]))
    hands.midi(0.0, "Wild", b"\xff\xff\xff")
    hands.poll()
    assert len(touches) == 8192 and len(told.all) == 20_000
