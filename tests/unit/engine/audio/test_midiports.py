"""MIDI inputs: real virtual ports that come, speak and go, and what is said where there are none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from keyboards import MidiHub, midi_hub
from listening import until
from studio.engine.audio import midiports
from studio.engine.audio.midiports import MidiPorts, list_ports
from studio.engine.audio.midiwire import LiveEvent, Wire
from studio.engine.audio.score import BEND, CONTROL, OFF, ON, PROGRAM

__all__ = ["midi_hub"]


class Said:
    """What ports said, in order; (name, None) where one went."""

    def __init__(self) -> None:
        self.all: list[tuple[str, bytes | None]] = []
        self.moments: list[float] = []

    def hear(self, moment: float, port: str, message: bytes) -> None:
        self.all.append((port, message))
        self.moments.append(moment)

    def gone(self, port: str) -> None:
        self.all.append((port, None))


@pytest.fixture
def said() -> Said:
    return Said()


@pytest.fixture
def ports(said: Said, monkeypatch: pytest.MonkeyPatch) -> Iterator[MidiPorts]:
    monkeypatch.setattr(midiports, "LOOK_EVERY", 0.05)
    made = MidiPorts(said.hear, said.gone)
    yield made
    made.close()


def names(ports: MidiPorts) -> list[str]:
    return [port.name for port in ports.ports if port.open]


def test_a_keyboard_that_comes_is_heard_and_one_that_goes_is_told(
    midi_hub: MidiHub, ports: MidiPorts, said: Said
) -> None:
    ports.start()
    until(lambda: ports.problem == midiports.NO_PORT, "it says that nothing is there")
    first, second = midi_hub.plug("Grand"), midi_hub.plug("Pads")
    until(lambda: names(ports) == [first.name, second.name], "both are open")
    assert ports.problem == ""
    moment = first.send(0x90, 60, 100)
    second.send(0xB3, 64, 127)
    until(lambda: len(said.all) == 2, "both are heard")
    assert sorted(said.all, key=str) == [(first.name, bytes([0x90, 60, 100])), (second.name, bytes([0xB3, 64, 127]))]
    assert 0 <= said.moments[0] - moment < 1 and set(ports.heard) == {first.name, second.name}
    first.unplug()
    until(lambda: said.all[-1] == (first.name, None), "it is told")
    until(lambda: names(ports) == [second.name], "it is no longer listed")
    again = midi_hub.plug("Grand")
    until(lambda: again.name in names(ports), "it is listened to again")
    again.send(0x90, 61, 100)
    until(lambda: said.all[-1] == (again.name, bytes([0x90, 61, 100])), "and heard")


def test_a_port_that_is_not_wanted_is_listed_and_not_heard(midi_hub: MidiHub, ports: MidiPorts, said: Said) -> None:
    grand = midi_hub.plug("Grand")
    ports.leave_out([grand.name])
    ports.start()
    until(lambda: [port.name for port in ports.ports] == [grand.name], "it is listed")
    assert names(ports) == []
    ports.leave_out(())
    until(lambda: names(ports) == [grand.name], "it is wanted now")
    ports.leave_out([grand.name])
    until(lambda: said.all == [(grand.name, None)], "what is held on it can be let go")
    assert names(ports) == []


def test_a_midi_system_that_ends_takes_its_ports_along(midi_hub: MidiHub, ports: MidiPorts, said: Said) -> None:
    grand = midi_hub.plug("Grand")
    ports.start()
    until(lambda: names(ports) == [grand.name], "it is open")
    midi_hub.close()
    until(lambda: ports.problem == midiports.NO_SERVICE, "it says that there is no MIDI system")
    assert said.all == [(grand.name, None)] and ports.ports == ()


def test_ports_can_be_listed_without_listening(midi_hub: MidiHub) -> None:
    assert list_ports() == ()
    grand = midi_hub.plug("Grand")
    assert list_ports() == (grand.name,)
    midi_hub.close()
    assert list_ports() is None


def test_without_the_library_or_a_system_it_says_so(said: Said) -> None:
    def absent() -> dict[str, Any]:
        raise ImportError

    for ways, sentence in ((absent, midiports.NO_LIBRARY), (dict, midiports.NO_SERVICE)):
        ports = MidiPorts(said.hear, said.gone, ways)
        ports.start()
        until(lambda ports=ports, sentence=sentence: ports.problem == sentence, "it says so")
        ports.close()


class Stubborn:
    """A port with rtmidi's interface that another program holds."""

    def get_ports(self) -> list[str]:
        return ["Synth:Synth MIDI 1 20:0", "Synth:Synth MIDI 1 24:0"]

    def open_port(self, port: int, name: str) -> None:
        if port == 0:
            raise OSError("busy")

    def set_callback(self, callback: Callable[..., None]) -> None: ...
    def close_port(self) -> None: ...
    def delete(self) -> None: ...


def test_a_port_that_another_program_holds_has_a_sentence_and_names_stay_the_same(said: Said) -> None:
    ports = MidiPorts(said.hear, said.gone, lambda: {"alsa": Stubborn})
    ports.start()
    until(lambda: len(ports.ports) == 2, "they are listed")
    busy, free = ports.ports
    assert busy.name == "Synth:Synth MIDI 1" and free.name == "Synth:Synth MIDI 1 (2)"
    assert not busy.open and "close what else uses it" in busy.error and free.open
    ports.close()


def test_messages_are_read_as_events_and_rubbish_is_nothing() -> None:
    wire = Wire()
    assert wire.read(bytes([0x92, 60, 1])) == LiveEvent(ON, 60, 1, 2)
    assert wire.read(bytes([0x90, 60, 0])) == LiveEvent(OFF, 60, 0)
    assert wire.read(bytes([0x85, 60, 64])) == LiveEvent(OFF, 60, 0, 5)
    assert wire.read(bytes([0xE0, 0, 0])) == LiveEvent(BEND, 0, -8192)
    assert wire.read(bytes([0xE0, 127, 127])) == LiveEvent(BEND, 0, 8191)
    assert wire.read(bytes([0xD0, 99])) == LiveEvent(CONTROL, 128, 99)
    assert wire.read(bytes([0xB0, 74, 5])) == LiveEvent(CONTROL, 74, 5)
    assert wire.read(bytes([0xB0, 126, 1])) == LiveEvent(CONTROL, 123, 0)
    assert wire.read(bytes([0xB1, 0, 2])) is None and wire.read(bytes([0xB1, 32, 3])) is None
    assert wire.read(bytes([0xC1, 7])) == LiveEvent(PROGRAM, 2 * 128 + 3, 7, 1)
    assert wire.read(bytes([0xC0, 7])) == LiveEvent(PROGRAM, 0, 7)
    for rubbish in (b"", b"\x90", b"\x90\x3c", b"\xf8", b"\xf0\x01\xf7", b"\x3c\x40", b"\xa0\x3c\x40", b"\x90\xff\xff"):
        assert wire.read(rubbish) is None, rubbish


def test_it_ends_at_once(ports: MidiPorts) -> None:
    ports.start()
    ports.close()
    assert not ports._thread.is_alive()
