"""The commands of the song's chords."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog

from ...document.project import clip_start
from ...errors import StudioError
from ..commands import Command

if TYPE_CHECKING:
    from ..shell import MainWindow
    from ..timeline.view import TimelineView

MENU = "Clip/Chords"


class HarmonyCommands(QObject):
    """Opens the dialogs, and works on the chord at the playhead. Main thread."""

    def __init__(self, window: MainWindow, timeline: TimelineView) -> None:
        super().__init__(window)
        self._window, self._timeline = window, timeline
        timeline.chords_requested.connect(self.type_from)

    def commands(self) -> list[Command]:
        """The commands, in the order of their menu."""
        lane, write, there, here = self._timeline.chords, self._may_write, self._has_chords, self._at_chord
        return [
            Command("chords.type", "Type Chords…", "Ctrl+H", self.type, write, MENU),
            Command("chords.detect", "Detect Chords from Clip…", "Ctrl+Shift+H", self.detect, self._may_detect, MENU),
            Command("chords.name", "Name Chord at Playhead…", "H", lane.name, write, MENU, group="one"),
            Command("chords.delete", "Delete Chord at Playhead", "Shift+H", lane.delete, here, MENU, group="one"),
            Command("chords.longer", "Chord a Beat Longer", "Ctrl+Alt+Up", lambda: lane.resize(1), here, MENU,
                    group="size"),
            Command("chords.shorter", "Chord a Beat Shorter", "Ctrl+Alt+Down", lambda: lane.resize(-1), here, MENU,
                    group="size"),
            Command("chords.later", "Chord a Beat Later", "Ctrl+Alt+Shift+Right", lambda: lane.move(1), here, MENU,
                    group="size"),
            Command("chords.earlier", "Chord a Beat Earlier", "Ctrl+Alt+Shift+Left", lambda: lane.move(-1), here, MENU,
                    group="size"),
            Command("chords.next", "Next Chord", "Ctrl+Alt+Right", lambda: lane.go(1), there, MENU, group="go"),
            Command("chords.previous", "Previous Chord", "Ctrl+Alt+Left", lambda: lane.go(-1), there, MENU, group="go"),
        ]  # fmt: skip

    def type(self) -> None:
        """Types chords from the selected clips on, or from the playhead."""
        stage, session = self._timeline.stage, self._session
        time = session.document.project.time
        frames = [int(clip_start(clip, time)) for clip in self._timeline.editing.chosen()]
        self.type_from(int(time.tick(min(frames))) if frames else round(stage.playhead_tick))

    def type_from(self, tick: int) -> None:
        """Types chords from a tick on."""
        from .dialog import ChordDialog

        self._show(lambda: ChordDialog(self._window, self._session, tick))

    def detect(self) -> None:
        """Detects the chords of the selected clip."""
        from .detect_dialog import DetectDialog

        chosen = self._timeline.editing.chosen()
        if len(chosen) == 1:
            self._show(lambda: DetectDialog(self._window, self._session, chosen[0].id))

    def _show(self, make: Callable[[], QDialog]) -> None:
        try:
            dialog = make()
        except StudioError as error:
            self._window.notices.error(error)
            return
        dialog.exec()
        dialog.deleteLater()

    @property
    def _session(self) -> Any:
        if self._window.session is None:
            raise StudioError("Open or make a song first.")
        return self._window.session

    def _may_write(self) -> bool:
        document = self._timeline.stage.document
        return document is not None and not document.read_only

    def _may_detect(self) -> bool:
        return self._may_write() and len(self._timeline.editing.chosen()) == 1

    def _has_chords(self) -> bool:
        project = self._timeline.stage.project
        return project is not None and bool(project.chords)

    def _at_chord(self) -> bool:
        return self._may_write() and self._timeline.chords.current is not None
