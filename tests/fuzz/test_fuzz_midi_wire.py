"""Whatever bytes a MIDI port says: never an error, never an event out of range, and all of it can be let go."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as some

from studio.actions.hands import Hands
from studio.engine.audio.midiwire import Wire
from studio.engine.audio.score import BEND, CONTROL, OFF, ON, PROGRAM

MESSAGES = some.lists(some.binary(max_size=5) | some.binary(min_size=3, max_size=3).map(lambda b: b"\x90" + b[1:]))


class Told:
    """A player that knows which pitches sound."""

    def __init__(self) -> None:
        self.sounding: set[int] = set()

    def tell(self, kind: int, number: int, value: int) -> None:
        if kind == ON:
            self.sounding.add(number)
        elif kind == OFF:
            self.sounding.discard(number)


@given(MESSAGES)
@settings(max_examples=400, deadline=None)
def test_events_are_in_range(messages: list[bytes]) -> None:
    wire = Wire()
    for event in filter(None, map(wire.read, messages)):
        assert event.kind in (ON, OFF, CONTROL, BEND, PROGRAM) and 0 <= event.channel < 16
        assert -8192 <= event.value <= 8191 if event.kind == BEND else 0 <= event.value <= 127
        assert 0 <= event.number < (2**14 if event.kind == PROGRAM else 129)


@given(MESSAGES, some.booleans())
@settings(max_examples=400, deadline=None)
def test_nothing_sounds_once_the_port_is_gone(messages: list[bytes], twice: bool) -> None:
    told = Told()
    hands = Hands(lambda: told)  # type: ignore[arg-type,return-value]
    for message in messages:
        hands.midi(0.0, "Wild", message)
        if twice:
            hands.midi(0.0, "Other", message)
    hands.gone("Wild")
    assert twice or (not told.sounding and not hands.held)
    hands.gone("Other")
    assert not told.sounding and not hands.held
