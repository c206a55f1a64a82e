"""What the SoundFont offers, read once on a worker thread: a large font takes a while to open."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, Signal

from ...errors import StudioError

Listed = list[tuple[int, int, str]]
"""Bank, program and name of each sound."""

Heard = Callable[[Listed | str], None]
RATE = 48_000


def read_presets() -> Listed:
    """The sounds of the SoundFont in use. Worker thread; raises StudioError where font or library are missing."""
    from ...engine.audio.instruments.fluidlib import Fluid
    from ...engine.audio.instruments.soundfont import NO_FONT, find_fonts
    from ...storage.preferences import Preferences

    chosen = Preferences.load().font
    fonts = [chosen] if chosen is not None else find_fonts()
    if not fonts:
        raise StudioError(NO_FONT)
    fluid = Fluid(fonts[0], RATE)
    try:
        return [(preset.bank, preset.program, preset.name) for preset in fluid.presets()]
    finally:
        fluid.close()


class _Reading(QRunnable):
    def __init__(self, tell: Callable[[object], None]) -> None:
        super().__init__()
        self.setAutoDelete(False)
        self._tell = tell

    def run(self) -> None:
        try:
            self._tell(read_presets())
        except StudioError as error:
            self._tell(str(error))
        except Exception as error:
            self._tell(f"The SoundFont could not be read ({type(error).__name__}); choose another one.")


class Presets(QObject):
    """Asks for the sounds of the SoundFont. Main thread."""

    _told = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._known: Listed | None = None
        self._reading: _Reading | None = None
        self._waiting: list[Heard] = []
        self._pool = QThreadPool(self)
        self._told.connect(self._hear, Qt.ConnectionType.QueuedConnection)

    def ask(self, then: Heard) -> None:
        """Calls `then` on the main thread with the sounds, or with a sentence that says why there are none."""
        if self._known is not None:
            then(self._known)
            return
        self._waiting.append(then)
        if len(self._waiting) == 1:
            self._reading = _Reading(self._told.emit)
            self._pool.start(self._reading)

    def forget(self) -> None:
        """Reads the sounds anew when they are asked for next: another font was chosen."""
        self._known = None

    def close(self) -> None:
        """Forgets who asked and waits for the thread."""
        self._waiting = []
        self._pool.waitForDone()

    def _hear(self, found: Listed | str) -> None:
        if not isinstance(found, str):
            self._known = found
        waiting, self._waiting = self._waiting, []
        for then in waiting:
            then(found)
