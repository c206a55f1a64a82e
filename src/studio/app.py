"""The composition root of the window: makes everything, joins it, and ends it in order."""

from __future__ import annotations

import contextlib
import functools
import gc
import importlib
import json
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication

from .engine.interpreter import share_finely
from .engine.memory import keep_memory
from .errors import StudioError
from .storage import locations
from .ui.notices import catch_unhandled
from .ui.shell import MainWindow, prepare
from .ui.warmup import HEAVY, OnMain, import_all, import_order


class Studio(QObject):
    """The program: a window that paints at once, and a workspace that comes to life behind it."""

    told = Signal(object)

    def __init__(self, window: MainWindow, paths: Sequence[str]) -> None:
        super().__init__()
        self._window, self._paths = window, [_song_of(Path(path).absolute()) for path in paths]
        self._workspace: Any = None
        self.told.connect(window.notices.error)
        window.closed.connect(self._end)
        warm = window.warm_up(_load)
        warm.done.connect(self._begin)

    def _begin(self, opened: Any) -> None:
        from .actions.workspace import Workspace

        self._workspace = Workspace(opened, self.told.emit)
        self._window.ready.connect(self._open_arguments)
        self._window.ready.connect(self._workspace.go_on)
        self._window.ready.connect(lambda: self._workspace.jobs.quiet(_load_loops, self.told.emit))
        self._window.attach(self._workspace)

    def _open_arguments(self) -> None:
        songs = [path for path in self._paths if path.suffix == ".studio"]
        sounds = [path for path in self._paths if path.suffix != ".studio"]
        if songs:
            self._workspace.open_project(songs[0], lambda: self._import(sounds))
        elif sounds:
            self._workspace.new_project(sounds[0].stem, lambda: self._import(sounds))
        else:
            self._workspace.open_demo()

    def _import(self, sounds: list[Path]) -> None:
        from .actions.placing import Target

        if sounds:
            try:
                self._workspace.import_files(sounds, Target())
            except StudioError as error:
                self.told.emit(error)

    def _end(self) -> None:
        try:
            if self._workspace is not None:
                self._workspace.close()
        finally:
            QApplication.quit()


def _load_loops() -> None:
    """Loads what is compiled, so that no filter and no synthesiser waits for it. Worker thread."""
    with _uncollected():
        from .engine.audio import biquad
        from .engine.audio.instruments import voices

        biquad.load()
        voices.load()


def _load(on_main: OnMain) -> Any:
    """What the window needs beside itself, imported and opened on a worker thread."""
    with _uncollected():
        return _loaded(on_main)


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """The collector rests meanwhile and then leaves alone what has come: nearly all of it stays until the end, and a
    walk over it would hold every thread for tens of milliseconds, again and again."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _loaded(on_main: OnMain) -> Any:
    import_all(HEAVY)
    for name in (*import_order("actions.workspace"), *import_order("ui.panels")):
        _import(f"{__package__}.{name}", on_main)
    from .actions.workspace import Opened
    from .engine.music.genres.reading import shipped

    shipped()
    return Opened()


def _import(module: str, on_main: OnMain) -> None:
    """Imports a module where it belongs: one that makes classes of Qt's on the main thread, in a turn of its own.

    shiboken enters a new class in a table that Qt's own calls on the main thread read without holding the interpreter;
    one that came from another thread at that moment ended the process (1 start in 75 with a screen reader listening).
    """
    if module in sys.modules:
        return
    if module.startswith((f"{__package__}.ui", f"{__package__}.engine.jobs")):
        on_main(functools.partial(importlib.import_module, module))
    else:
        importlib.import_module(module)


def run(paths: Sequence[str]) -> int:
    """Opens the window, on a song or sounds if some are named, and returns the exit status when it is closed."""
    share_finely()
    keep_memory()
    _scale_as_preferred()
    app = QApplication(sys.argv[:1])
    app.setQuitOnLastWindowClosed(False)
    prepare(app)
    window = MainWindow(locations.config_folder())
    catch_unhandled(window.notices)
    studio = Studio(window, paths)
    _quit_on_signals(window)
    window.show()
    status = app.exec()
    del studio
    return status


def _song_of(path: Path) -> Path:
    """What a file manager means by a path: the database inside a song stands for the song."""
    return path.parent if path.name == "project.db" else path


def _scale_as_preferred() -> None:
    """Sets the window's scale before Qt starts; the preferences proper are read later, on a worker thread."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        scale = json.loads(locations.preferences_file().read_text(encoding="utf-8")).get("ui_scale")
        if isinstance(scale, int | float) and 0.5 <= scale <= 4.0:
            os.environ.setdefault("QT_SCALE_FACTOR", str(scale))


def _quit_on_signals(window: MainWindow) -> None:
    """Closes the window properly when the session manager or a terminal asks the process to end."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: QTimer.singleShot(0, window, window.close))
    beat = QTimer(window, interval=200)
    beat.timeout.connect(lambda: None)  # lets the interpreter run, so that it sees the signal
    beat.start()
