"""A virtual sound card for tests: a PulseAudio server of their own, with a sink whose monitor is the default input.

What is played on it can be recorded from it. The server lives in a private runtime folder and ends with the fixture;
a server of the user's is neither touched nor seen.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ALSA_CONFIG = """</usr/share/alsa/alsa.conf>
pcm.!default { type pulse }
ctl.!default { type pulse }
"""
SINK = ("module-null-sink", "sink_name=loop", "rate=48000", "format=float32le")


class SoundCard:
    """A running virtual card. `environment` are the variables under which ALSA, PortAudio and pactl find it."""

    def __init__(self, folder: Path, sink: tuple[str, ...]) -> None:
        self.folder, self.sink = folder, sink
        config = folder / "asound.conf"
        config.write_text(ALSA_CONFIG)
        self.environment = {
            "PULSE_RUNTIME_PATH": str(folder),
            "PULSE_STATE_PATH": str(folder / "state"),
            "PULSE_SERVER": f"unix:{folder}/native",
            "PULSE_CONFIG_PATH": str(folder),
            "ALSA_CONFIG_PATH": str(config),
        }
        self._server: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server with its sink; returns when the sink answers."""
        command = ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "-L", "module-native-protocol-unix"]
        with (self.folder / "server.log").open("ab") as log:
            self._server = subprocess.Popen(
                [*command, "-L", " ".join(self.sink)], env=os.environ | self.environment, stdout=log, stderr=log
            )
        for _ in range(100):
            if self.pactl("set-default-source", "loop.monitor", check=False):
                return
            time.sleep(0.05)
        raise RuntimeError((self.folder / "server.log").read_text())

    def pactl(self, *words: str, check: bool = True) -> bool:
        """Run one command of pactl on this server; whether it succeeded."""
        done = subprocess.run(
            ["pactl", *words], env=os.environ | self.environment, check=check, capture_output=True, timeout=10
        )
        return done.returncode == 0

    def unplug(self) -> None:
        """Take the card away, as pulling its cable would."""
        self.pactl("unload-module", "module-null-sink")

    def plug(self) -> None:
        """Put the card back."""
        self.pactl("load-module", *self.sink)
        self.pactl("set-default-source", "loop.monitor")

    def kill(self) -> None:
        """Kill the server with no warning."""
        if self._server is not None:
            self._server.send_signal(signal.SIGKILL)
            self._server.wait()
            self._server = None

    def stop(self) -> None:
        """End the server."""
        if self._server is not None:
            self._server.terminate()
            self._server.wait(timeout=10)
            self._server = None


def available() -> bool:
    """Whether this machine has the programs the card needs."""
    return bool(shutil.which("pulseaudio") and shutil.which("pactl"))


def bound(environment: dict[str, str]) -> dict[str, str | None]:
    """Put variables into this process's environment and have PortAudio look again; returns what was there before."""
    before = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    renew_portaudio()
    return before


def unbound(before: dict[str, str | None]) -> None:
    """Restore what `bound` returned."""
    for name, value in before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    renew_portaudio()


def renew_portaudio() -> None:
    """Have PortAudio forget its devices and look again. No stream may be open."""
    import sounddevice

    sounddevice._terminate()
    sounddevice._initialize()


@pytest.fixture
def sound_card() -> Iterator[SoundCard]:
    """A virtual sound card that this process's PortAudio sees as its only and default device.

    `norewinds` keeps the sink from rendering two seconds ahead while nobody listens, which would hold up each stream's
    start by as much.
    """
    if not available():
        pytest.skip("pulseaudio and pactl are not installed")
    with tempfile.TemporaryDirectory(prefix="card-") as folder:
        card = SoundCard(Path(folder), (*SINK, "norewinds=1"))
        card.start()
        before = bound(card.environment)
        try:
            yield card
        finally:
            card.stop()
            unbound(before)
