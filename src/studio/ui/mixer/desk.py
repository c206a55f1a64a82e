"""What strips do to the song: every hand movement on the mixer goes through here."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QObject, Signal

from ...document.document import Document, Edit
from ...document.edits import mix, song
from ...document.project import Project
from ...errors import StudioError


class MixerSession(Protocol):
    """What the mixer needs of an open song."""

    @property
    def document(self) -> Document:
        """The song's document."""

    def set_strip_live(self, strip_id: str, *, gain: float | None = None, pan: float | None = None) -> None:
        """Lets a fader or pan be heard while it moves; the document is not touched."""


class Desk(QObject):
    """Applies what the controls say. Main thread.

    `failed(error)` carries the StudioError of an edit that was refused; the controls then follow the document again.
    `picked(id)` says that a strip was chosen by hand.
    """

    failed = Signal(object)
    picked = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session: MixerSession | None = None
        self.channels = 2

    @property
    def project(self) -> Project | None:
        """The song as it is now."""
        return self.session.document.project if self.session else None

    def live(self, strip_id: str, *, gain: float | None = None, pan: float | None = None) -> None:
        """A control moves: heard at once, not yet in the song."""
        if self.session is not None:
            self.session.set_strip_live(strip_id, gain=gain, pan=pan)

    def apply(self, edit: Edit) -> bool:
        """Makes an edit; False when it was refused."""
        if self.session is None:
            return False
        try:
            self.session.document.apply(edit)
        except StudioError as error:
            self.failed.emit(error)
            return False
        return True

    def solo(self, strip_id: str, on: bool, alone: bool) -> bool:
        """Solos a strip or ends that; `alone` ends the solo of all others in the same step."""
        project = self.project
        if project is None:
            return False
        edits = [mix.set_solo(strip_id, on)]
        if alone:
            others = [track for track in project.tracks if track.strip.solo and track.id != strip_id]
            edits += [mix.set_solo(track.id, False) for track in others]
        return self.apply(edits[0] if len(edits) == 1 else song.sequence("Solo", edits))

    def end_solos(self) -> bool:
        """Ends every solo in one step; False when there was none."""
        soloed = [track.id for track in self.project.tracks if track.strip.solo] if self.project else []
        return bool(soloed) and self.apply(song.sequence("End solos", [mix.set_solo(key, False) for key in soloed]))
