"""What a MIDI port says, as events that instruments understand."""

from __future__ import annotations

from typing import NamedTuple

from ...document.notes import BEND_RANGE, PRESSURE
from .score import BEND, CONTROL, OFF, ON, PROGRAM

BANK_HIGH, BANK_LOW = 0, 32
FIRST_MODE = 120
"""Controllers from here on are no values but orders to a channel."""
SOUND_OFF, DEFAULTS, NOTES_OFF = 120, 121, 123
LENGTHS = {0x80: 3, 0x90: 3, 0xB0: 3, 0xC0: 2, 0xD0: 2, 0xE0: 3}
"""How many bytes the messages have that are read."""


class LiveEvent(NamedTuple):
    """Something played now. `kind`, `number` and `value` are those of `score.Event`; `channel` is 0 to 15.

    A CONTROL of SOUND_OFF, DEFAULTS or NOTES_OFF is an order to the whole channel.
    """

    kind: int
    number: int
    value: int
    channel: int = 0


class Wire:
    """Reads the messages of one port, each whole and without running status, as rtmidi delivers them. One thread.

    Bank numbers are kept until the program that they belong to comes. What instruments cannot play is None: clock,
    system exclusive, pressure of single keys.
    """

    def __init__(self) -> None:
        self._banks: dict[int, int] = {}

    def read(self, message: bytes) -> LiveEvent | None:
        """The event of a message, None where there is nothing to play. Never raises, whatever the bytes."""
        status = message[0] & 0xF0 if message else 0
        length = LENGTHS.get(status, 0)
        if not length or len(message) < length or any(byte > 127 for byte in message[1:length]):
            return None
        return self._event(status, message[0] & 0x0F, message[1], message[length - 1])

    def _event(self, status: int, channel: int, first: int, second: int) -> LiveEvent | None:
        event: LiveEvent | None = None
        match status:
            case 0x80 | 0x90:
                sounds = status == 0x90 and second > 0
                event = LiveEvent(ON if sounds else OFF, first, second if sounds else 0, channel)
            case 0xB0:
                event = self._control(channel, first, second)
            case 0xC0:
                event = LiveEvent(PROGRAM, self._banks.get(channel, 0), first, channel)
            case 0xD0:
                event = LiveEvent(CONTROL, PRESSURE, first, channel)
            case 0xE0:
                event = LiveEvent(BEND, 0, (second << 7 | first) - BEND_RANGE, channel)
        return event

    def _control(self, channel: int, number: int, value: int) -> LiveEvent | None:
        if number in (BANK_HIGH, BANK_LOW):
            bank = self._banks.get(channel, 0)
            self._banks[channel] = value << 7 | bank & 127 if number == BANK_HIGH else bank & ~127 | value
            return None
        if number < FIRST_MODE:
            return LiveEvent(CONTROL, number, value, channel)
        if number in (SOUND_OFF, DEFAULTS):
            return LiveEvent(CONTROL, number, 0, channel)
        return LiveEvent(CONTROL, NOTES_OFF, 0, channel) if number >= NOTES_OFF else None
