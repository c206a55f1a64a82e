"""What the first paint does not wait for: a worker thread imports and opens it while the window is there already."""

from __future__ import annotations

import importlib
import re
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

OnMain = Callable[[Callable[[], Any]], Any]

HEAVY = (
    "msgspec",
    "numpy",
    "sqlalchemy",
    "sounddevice",
    "soundfile",
    "pedalboard",
    "soxr",
)


def import_all(names: Iterable[str] = HEAVY) -> list[str]:
    """Imports modules and returns those that failed; what needs one says so itself when it is used. Any thread."""
    failed = []
    for name in names:
        try:
            importlib.import_module(name)
        except (ImportError, OSError):
            failed.append(name)
    return failed


SOURCE = Path(__file__).parents[1]

_IMPORT = re.compile(r"^from (\.+)([\w.]*) import (\([^)]*\)|.*)", re.MULTILINE)
"""A relative import as a module is loaded; what is indented comes later or never."""


def import_order(module: str) -> list[str]:
    """The modules of the package that a module of it needs, each after those that it needs itself, `module` last.

    Read from the sources without importing anything; `module` counts from the package ("ui.panels"). Any thread.
    """
    order: dict[str, None] = {}
    _visit(module, order, set())
    return list(order)


def _visit(module: str, order: dict[str, None], seen: set[str]) -> None:
    seen.add(module)
    path = SOURCE.joinpath(*module.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    if not file.is_file():
        return
    for needed in _needed(module.split("."), file):
        if needed not in seen:
            _visit(needed, order, seen)
    order[module] = None


def _needed(parts: list[str], file: Path) -> Iterable[str]:
    """The packages around a module, and what its file names as imported: modules, or names within one."""
    yield from (".".join(parts[:n]) for n in range(1, len(parts)))
    for dots, name, names in _IMPORT.findall(file.read_text(encoding="utf-8")):
        up = len(dots) - (file.name == "__init__.py")
        base = [*parts[: len(parts) - up], *(name.split(".") if name else [])]
        if base:
            yield ".".join(base)
        yield from (".".join([*base, word]) for word in re.findall(r"\w+", names.partition("#")[0]))


class Warmup(QObject):
    """Runs one function on a thread of its own and hands its result, or what it raised, to the main thread.

    The function gets `on_main`, by which it has the main thread do a small thing in a turn of its own.
    """

    done = Signal(object)
    failed = Signal(object)
    _over = Signal(object, object)
    _asked = Signal(object, object)

    def __init__(self, load: Callable[[OnMain], Any], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._load = load
        self._thread = threading.Thread(target=self._run, name="warm-up", daemon=True)
        self._over.connect(self._hear, Qt.ConnectionType.QueuedConnection)
        self._asked.connect(self._do, Qt.ConnectionType.QueuedConnection)

    def start(self) -> None:
        """Begins. Once."""
        self._thread.start()

    def wait(self, seconds: float) -> bool:
        """Waits for the thread to end; False when it would not."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def on_main(self, step: Callable[[], Any]) -> Any:
        """Has the main thread do something and returns or raises what came of it. Worker thread; waits."""
        answer: Future[Any] = Future()
        self._asked.emit(step, answer)
        return answer.result()

    def _do(self, step: Callable[[], Any], answer: Future[Any]) -> None:
        try:
            answer.set_result(step())
        except Exception as error:
            answer.set_exception(error)

    def _run(self) -> None:
        try:
            self._over.emit(self._load(self.on_main), None)
        except Exception as error:
            self._over.emit(None, error)

    def _hear(self, result: Any, error: Exception | None) -> None:
        if error is None:
            self.done.emit(result)
        else:
            self.failed.emit(error)
