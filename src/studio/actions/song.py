"""A song that is open: its document and its bundle, joined. Window and headless door share it."""

from __future__ import annotations

from pathlib import Path

from ..document.document import Document
from ..document.edits import song as song_edits
from ..document.project import Project, new_project
from ..errors import StudioError
from ..storage.bundle import Bundle

SUFFIX = ".studio"


class OpenSong:
    """An open bundle and the document made from it; every change of the document goes to the bundle. Main thread."""

    def __init__(self, bundle: Bundle) -> None:
        project, revisions, present = bundle.load()
        self.bundle = bundle
        self.document = Document(project, revisions, present, bundle.recall)
        self.document.read_only = bundle.read_only
        self._unsubscribe = bundle.subscribe_to(self.document)

    @property
    def project(self) -> Project:
        """The present state."""
        return self.document.project

    def save(self) -> None:
        """Waits until every change is on disk. Raises StudioError with the reason where it cannot be."""
        if not self.bundle.flush() or self.bundle.read_only:
            raise StudioError(self.bundle.read_only or "The song could not be written; check the disk and try again.")

    def close(self) -> None:
        """Writes what is left, leaves `project.db` complete, and frees the lock."""
        self._unsubscribe()
        self.bundle.close()


def create_song(folder: Path, rate: int = 48_000, tempo: float = 120.0) -> OpenSong:
    """Makes an empty song in `folder`, which must not exist, and opens it. Its name is that of the folder."""
    name = folder.name.removesuffix(SUFFIX) or "Song"
    project = song_edits.set_tempo(0, tempo).change(new_project(name, rate))
    return OpenSong(Bundle.create(folder.parent, name, project))


def open_song(folder: Path, read_only: bool = False) -> OpenSong:
    """Opens a song. Raises StudioError with the reason when it cannot be opened."""
    return OpenSong(Bundle.open(folder, read_only=read_only))
