"""A screen of its own for journeys: Xvfb, the real program in a real window, a mouse and keys through xdotool."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytest

ROOT = Path(__file__).resolve().parents[1]


AT_SPI = ("/usr/libexec/at-spi-bus-launcher", "/usr/lib/at-spi2-core/at-spi-bus-launcher")


class Screen:
    """A running Xvfb with a session bus and the accessibility service on it; ends with `close`.

    `environment` is what programs on it need.
    """

    def __init__(self, width: int = 1680, height: int = 1050) -> None:
        read, write = os.pipe()
        self._server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp", "-noreset"],
            pass_fds=(write,),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(write)
        with os.fdopen(read) as answer:
            self.display = f":{answer.readline().strip()}"
        self.environment = {
            "DISPLAY": self.display,
            "QT_QPA_PLATFORM": "xcb",
            "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
            "NO_AT_BRIDGE": "0",
        }
        self._services = [self._bus(), self._accessibility()]

    def _bus(self) -> subprocess.Popen[str]:
        bus = subprocess.Popen(
            ["dbus-daemon", "--session", "--nofork", "--print-address"],
            env={**os.environ, **self.environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert bus.stdout is not None
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().strip()
        return bus

    def _accessibility(self) -> subprocess.Popen[str]:
        launcher = next((path for path in AT_SPI if Path(path).exists()), AT_SPI[0])
        return subprocess.Popen(
            [launcher, "--launch-immediately"],
            env={**os.environ, **self.environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def read(self, process: int) -> list[dict[str, Any]]:
        """What a screen reader sees of a program: see `reader.py`."""
        out = self.run("/usr/bin/python3", str(Path(__file__).with_name("reader.py")), str(process))
        return json.loads(out)

    def run(self, *command: str) -> str:
        """Runs a program on this screen and returns what it printed."""
        environment = {**os.environ, **self.environment}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=30).stdout

    def xdotool(self, *arguments: object) -> str:
        """One xdotool command."""
        return self.run("xdotool", *(str(argument) for argument in arguments))

    def picture(self, path: Path) -> Path:
        """Takes a picture of the whole screen."""
        self.run("import", "-window", "root", str(path))
        return path

    def close(self) -> None:
        for service in (*reversed(self._services), self._server):
            service.terminate()
            service.wait(10)
            if service.stdout is not None:
                service.stdout.close()


class App:
    """The studio running as its own process on a screen, in a home folder of its own.

    Unless `first` is said, it is not the first start: no song is made to begin with.
    """

    running: ClassVar[list[App]] = []
    """All that were started and not yet seen to end: a test that fails half-way leaves one."""

    def __init__(
        self,
        screen: Screen,
        home: Path,
        *arguments: str,
        environment: dict[str, str] | None = None,
        first: bool = False,
    ) -> None:
        self.screen, self.home = screen, home
        self.log = home / "app.log"
        home.mkdir(parents=True, exist_ok=True)
        preferences = home / "config" / "preferences.json"
        if not first and not preferences.exists():
            preferences.parent.mkdir(exist_ok=True)
            preferences.write_text('{"demo_made": true}')
        full = {
            **os.environ,
            **screen.environment,
            **(environment or {}),
            "STUDIO_HOME": str(home),
            "PYTHONPATH": str(ROOT / "src"),
            "PYTHONFAULTHANDLER": "1",
        }
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "studio", *arguments], env=full, stdout=log, stderr=log, cwd=home
            )
        App.running.append(self)

    def window(self, name: str = ".*", seconds: float = 60.0) -> str:
        """The id of the visible window with this title, once it is there; it has the keyboard from then on."""
        found = ""

        def there() -> bool:
            nonlocal found
            assert self.process.poll() is None, f"the program ended: {self.output()}"
            with contextlib.suppress(subprocess.CalledProcessError):
                pid = str(self.process.pid)
                found = self.screen.xdotool("search", "--all", "--onlyvisible", "--pid", pid, "--name", name).split(
                    "\n"
                )[0]
            return bool(found)

        def focused() -> bool:
            with contextlib.suppress(subprocess.CalledProcessError, subprocess.TimeoutExpired):
                return there() and bool(self.screen.xdotool("windowfocus", found) or True)
            return False

        wait_until(focused, seconds)
        time.sleep(0.2)
        return found

    def output(self) -> str:
        """All it printed so far."""
        return self.log.read_text(errors="replace")

    def keys(self, *keys: str) -> None:
        """Presses keys, named as xdotool does ("ctrl+z")."""
        self.screen.xdotool("key", "--delay", "40", *keys)

    def type(self, text: str) -> None:
        """Types a text."""
        self.screen.xdotool("type", "--delay", "15", text)

    def click(self, x: int, y: int, button: int = 1, times: int = 1) -> None:
        """Moves the mouse and clicks."""
        self.screen.xdotool("mousemove", x, y)
        time.sleep(0.05)
        self.screen.xdotool("click", "--repeat", times, "--delay", 80, button)

    def drag(self, start: tuple[int, int], end: tuple[int, int], steps: int = 8, pause: float = 0.03) -> None:
        """Drags with the left button."""
        self.screen.xdotool("mousemove", *start)
        self.screen.xdotool("mousedown", 1)
        for n in range(1, steps + 1):
            x = start[0] + (end[0] - start[0]) * n // steps
            y = start[1] + (end[1] - start[1]) * n // steps
            self.screen.xdotool("mousemove", x, y)
            time.sleep(pause)
        self.screen.xdotool("mouseup", 1)

    def seen(self, name: str, role: str = "", seconds: float = 30.0) -> dict[str, Any]:
        """The showing accessible with this name (and role), once it is there."""
        found: list[dict[str, Any]] = []

        def there() -> bool:
            try:
                items = self.screen.read(self.process.pid)
            except (subprocess.CalledProcessError, subprocess.TimeoutExpired, json.JSONDecodeError):
                return False  # the accessibility service is not up yet, or too busy
            found.extend(i for i in items if i["showing"] and i["name"] == name and role in {"", i["role"]})
            return bool(found)

        try:
            wait_until(there, seconds)
        except AssertionError as never:
            names = sorted({i["name"] for i in self.screen.read(self.process.pid) if i["showing"] and i["name"]})
            raise AssertionError(
                f"{name!r} is not on the screen; these are: {names}\n{self.output()[-2000:]}"
            ) from never
        return found[0]

    def press(self, name: str, role: str = "", button: int = 1, times: int = 1) -> None:
        """Clicks in the middle of an accessible."""
        x, y, width, height = self.seen(name, role)["place"]
        self.click(x + width // 2, y + height // 2, button, times)

    def drop(self, files: Sequence[Path], x: int, y: int) -> None:
        """Drags files out of another program's window and drops them at a place of the screen."""
        corner = (1600, 1018)
        source = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("dragsource.py")), *map(str, corner), *map(str, files)],
            env={**os.environ, **self.screen.environment, "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "0"},
        )

        def shown() -> bool:
            with contextlib.suppress(subprocess.CalledProcessError):
                return bool(self.screen.xdotool("search", "--onlyvisible", "--pid", source.pid))
            return False

        wait_until(shown)
        time.sleep(0.3)
        self.drag((corner[0] + 20, corner[1] + 12), (x, y), steps=6, pause=0.1)
        source.wait(20)

    def kill(self) -> None:
        """kill -9."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)
        self._ended()

    def close(self, seconds: float = 20.0) -> int:
        """Asks it to quit as a session manager would and returns the exit status."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        self._ended()
        return status

    def _ended(self) -> None:
        if self in App.running:
            App.running.remove(self)


def wait_until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    """Waits for something to become true; fails the test when it does not."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"this did not happen within {seconds} s"
        time.sleep(0.05)


@pytest.fixture
def screen() -> Iterator[Screen]:
    """An empty screen."""
    missing = [tool for tool in ("Xvfb", "xdotool", "import") if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} is not installed; `python3 start.py test` installs it")
    screen = Screen()
    yield screen
    screen.close()
