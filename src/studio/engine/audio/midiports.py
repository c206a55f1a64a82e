"""MIDI inputs: which there are, and what is played on them. Ports may come and go at any time.

A thread of their own looks once a second for ports, opens those that came and closes those that went; the callback
thread of rtmidi hands on what is played the moment it arrives.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

import msgspec

LOOK_EVERY = 1.0
"""Seconds between looks at which ports there are."""

_REMEDY = "with Python 3.12, for it is not made for newer ones yet" if sys.version_info >= (3, 13) else "to install it"
NO_LIBRARY = (
    f"MIDI keyboards cannot be read, because python-rtmidi is not installed: run start.py again {_REMEDY}, "
    "or play on the computer keyboard."
)
NO_SERVICE = (
    "This computer offers no MIDI ports (no ALSA sequencer and no JACK server runs): "
    "start one, or play on the computer keyboard."
)
NO_PORT = "No MIDI keyboard is connected: plug one in, or play on the computer keyboard."

_NUMBERS = re.compile(r"\s+\d+:\d+$")
"""What ALSA adds to a name, which is another one each time the port is plugged in."""


class Port(msgspec.Struct, frozen=True):
    """A MIDI input. `open` tells whether it is listened to, `error` is a sentence why it cannot be."""

    name: str
    open: bool = False
    error: str = ""


class Input(Protocol):
    """One way to MIDI inputs: what is used of `rtmidi.MidiIn`. Any call may raise OSError."""

    def get_ports(self) -> list[str]: ...
    def open_port(self, port: int, name: str) -> object: ...
    def set_callback(self, callback: Callable[[tuple[list[int], float], Any], None]) -> None: ...
    def close_port(self) -> None: ...
    def delete(self) -> None: ...


Way = Callable[[], Input]
Hear = Callable[[float, str, bytes], None]


class MidiPorts:
    """Listens to all MIDI inputs but those that are not wanted. All methods return at once; any thread.

    `hear(moment, port, message)` is called on a thread of rtmidi with each message, `moment` being time.perf_counter()
    when it arrived; `gone(port)` on the looking thread after the last message of a port that is no longer listened to.
    `ways` tells how inputs are made by the name of their system, those of this machine by default; it is asked at each
    look, and raises ImportError where there is no library.
    """

    def __init__(
        self, hear: Hear, gone: Callable[[str], None], ways: Callable[[], Mapping[str, Way]] | None = None
    ) -> None:
        self.ports: tuple[Port, ...] = ()
        self.problem = ""
        """A sentence about why nothing can be played by MIDI; empty while something can."""
        self.heard: Mapping[str, float] = {}
        """When each port said something last, in time.perf_counter()."""
        self._hear, self._gone, self._ways = hear, gone, ways or system_ways
        self._unwanted: frozenset[str] = frozenset()
        self._listing: dict[str, Input] = {}
        self._open: dict[str, tuple[Input, str]] = {}
        self._wake = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="midi ports", daemon=True)

    def start(self) -> None:
        """Begin to look and to listen."""
        self._thread.start()

    def leave_out(self, names: Iterable[str]) -> None:
        """Listen to all ports but those of these names from now on."""
        self._unwanted = frozenset(names)
        self._wake.set()

    def look(self) -> None:
        """Look for ports now."""
        self._wake.set()

    def close(self) -> None:
        """Close all ports and end the thread; waits for it a second at most."""
        self._closing = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(1.0)

    def _run(self) -> None:
        while not self._closing:
            self._look()
            self._wake.wait(LOOK_EVERY)
            self._wake.clear()
        for name in tuple(self._open):
            self._close(name)
        for way in tuple(self._listing):
            _end(self._listing.pop(way))

    def _look(self) -> None:
        try:
            ways = self._ways()
        except ImportError:
            self.ports, self.problem = (), NO_LIBRARY
            return
        found = self._found(ways)
        for name in tuple(self._open):
            if name not in found or name in self._unwanted or found[name][2] != self._open[name][1]:
                self._close(name)
        self.ports = tuple(self._port(name, *found[name]) for name in sorted(found, key=str.casefold))
        self.problem = "" if found else NO_PORT if self._listing else NO_SERVICE

    def _found(self, ways: Mapping[str, Way]) -> dict[str, tuple[Way, int, str]]:
        """The ports of all systems by a name that stays the same: how to make an input, and the number and title."""
        for gone in self._listing.keys() - ways.keys():
            _end(self._listing.pop(gone))
        found: dict[str, tuple[Way, int, str]] = {}
        for system, way in ways.items():
            try:
                if system not in self._listing:
                    self._listing[system] = way()
                titles = self._listing[system].get_ports()
            except (OSError, RuntimeError):
                _end(self._listing.pop(system, None))
                continue
            for number, title in enumerate(titles):
                found[_unused(_NUMBERS.sub("", title).strip() or "MIDI port", found)] = (way, number, title)
        return found

    def _port(self, name: str, way: Way, number: int, title: str) -> Port:
        if name in self._open:
            return Port(name, open=True)
        if name in self._unwanted:
            return Port(name)
        made: Input | None = None
        try:
            made = way()
            if number >= len(made.get_ports()) or made.get_ports()[number] != title:
                return Port(name)  # the list changes just now: the next look knows more
            made.set_callback(lambda said, _: self._say(name, said[0]))
            made.open_port(number, name="Notes")
        except (OSError, RuntimeError) as error:
            _end(made)
            return Port(name, error=f"“{name}” cannot be opened ({error}): close what else uses it.")
        self._open[name] = (made, title)
        return Port(name, open=True)

    def _say(self, name: str, message: list[int]) -> None:
        moment = time.perf_counter()
        self.heard = {**self.heard, name: moment}
        self._hear(moment, name, bytes(message))

    def _close(self, name: str) -> None:
        _end(self._open.pop(name)[0])
        self._gone(name)


def _unused(name: str, taken: Mapping[str, object]) -> str:
    """The name, with a number where another port has it."""
    names = (name, *(f"{name} ({n})" for n in range(2, len(taken) + 3)))
    return next(one for one in names if one not in taken)


def _end(used: Input | None) -> None:
    if used is not None:
        with contextlib.suppress(OSError, RuntimeError):  # its system may be gone, and the port with it
            used.close_port()
            used.delete()


def system_ways() -> dict[str, Way]:
    """The MIDI systems that run on this machine. Raises ImportError without rtmidi.

    On Linux each is asked only where it runs: asking writes to the terminal otherwise, and would start a JACK server.
    """
    import rtmidi

    def way(api: int) -> Way:
        return lambda: rtmidi.MidiIn(api, name="Studio")

    known = set(rtmidi.get_compiled_api())
    running = {rtmidi.API_LINUX_ALSA: Path("/dev/snd/seq").exists, rtmidi.API_UNIX_JACK: _jack_runs}
    if not sys.platform.startswith("linux"):
        return {rtmidi.get_api_name(api): way(api) for api in known - set(running) - {rtmidi.API_RTMIDI_DUMMY}}
    return {rtmidi.get_api_name(api): way(api) for api, runs in running.items() if api in known and runs()}


def list_ports() -> tuple[str, ...] | None:
    """The names of the MIDI inputs there are now, None where no MIDI system runs. Raises ImportError without rtmidi."""
    ports = MidiPorts(lambda *_: None, lambda _: None)
    found = ports._found(system_ways())
    listing, ports._listing = ports._listing, {}
    for used in listing.values():
        _end(used)
    return tuple(found) if listing else None


def _jack_runs() -> bool:
    """Whether a JACK server of this user runs, which has a socket then."""
    server = os.environ.get("JACK_DEFAULT_SERVER", "default")
    return Path(f"/dev/shm/jack_{server}_{os.getuid()}_0").exists()
