"""MIDI keyboards for tests: real virtual ports of a JACK server of their own, where one can be had.

The server has a name of its own and no sound; a server of the user's is neither touched nor seen.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

PERIOD = 64


class Keyboard:
    """A MIDI keyboard that is plugged in. `name` is what the studio lists it as."""

    def __init__(self, title: str) -> None:
        import rtmidi

        self.name = f"{title}:keys"
        self._out: Any = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name=title)
        self._out.open_virtual_port("keys")

    def send(self, *message: int) -> float:
        """Sends one message; returns time.perf_counter() just before."""
        moment = time.perf_counter()
        self._out.send_message(list(message))
        return moment

    def unplug(self) -> None:
        """Takes the keyboard away with whatever is held on it."""
        if self._out is not None:
            self._out.close_port()
            self._out.delete()
            self._out = None


class MidiHub:
    """A running server, and the keyboards plugged into it."""

    def __init__(self, folder: Path) -> None:
        self.server = f"studio-test-{os.getpid()}"
        self.environment = {
            "JACK_DEFAULT_SERVER": self.server,
            "JACK_NO_START_SERVER": "1",
            "JACK_NO_AUDIO_RESERVATION": "1",
        }
        self._keyboards: list[Keyboard] = []
        with (folder / "jackd.log").open("wb") as log:
            command = ["jackd", "-r", "-t", "10000", "-n", self.server, "-d", "dummy", "-r", "48000", "-p", str(PERIOD)]
            self._process = subprocess.Popen(command, env=os.environ | self.environment, stdout=log, stderr=log)
        socket = Path(f"/dev/shm/jack_{self.server}_{os.getuid()}_0")
        for _ in range(200):
            if socket.exists():
                return
            time.sleep(0.02)
        self._process.kill()
        raise RuntimeError((folder / "jackd.log").read_text())

    def plug(self, title: str) -> Keyboard:
        """Plugs a keyboard in."""
        self._keyboards.append(Keyboard(title))
        return self._keyboards[-1]

    def close(self) -> None:
        """Unplugs everything and ends the server."""
        for keyboard in self._keyboards:
            keyboard.unplug()
        self._process.terminate()
        self._process.wait(10)
        for left in Path("/dev/shm").glob(f"jack_sem.*_{self.server}_*"):
            left.unlink(missing_ok=True)


@pytest.fixture
def midi_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MidiHub]:
    """A MIDI system that this process's rtmidi sees."""
    rtmidi = pytest.importorskip("rtmidi")
    if shutil.which("jackd") is None or rtmidi.API_UNIX_JACK not in rtmidi.get_compiled_api():
        pytest.skip("there is no JACK server to make virtual MIDI ports with: install jackd2")
    hub = MidiHub(tmp_path)
    for name, value in hub.environment.items():
        monkeypatch.setenv(name, value)
    yield hub
    hub.close()
