"""A song with a clip of notes, and a note editor that shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from msgspec.structs import replace
from PySide6.QtWidgets import QApplication

from notesongs import BAR, note_song
from studio.document.document import Document
from studio.document.edits import tracks
from studio.document.instruments import DRUM_BANK, Instrument
from studio.document.notes import Note, NoteClip
from studio.ui import theme
from studio.ui.pianoroll.panel import NotePanel
from studio.ui.pianoroll.rows import Rows
from studio.ui.pianoroll.view import NoteView
from studio.ui.timeline.axis import fitting

from ..timeline.conftest import Hand

BEAT = 960


class OpenSong:
    """What the editor needs of an open song."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.by_hand: list[str] = []
        self.keys: list[tuple[int, int]] = []

    def play_by_hand(self, track_id: str) -> None:
        self.by_hand.append(track_id)

    def note(self, pitch: int, velocity: int) -> None:
        self.keys.append((pitch, velocity))


class Editor:
    """A panel with the first clip of a song, and where things are on it."""

    def __init__(self, panel: NotePanel, document: Document) -> None:
        self.panel, self.document = panel, document
        self.failures: list[str] = []
        panel.failed.connect(lambda error: self.failures.append(str(error)))
        panel.painting_failed.connect(lambda _, detail: pytest.fail(detail))
        self.open()

    def open(self) -> None:
        """Shows the first clip, two bars of it from its beginning."""
        self.panel.open(self.clip.id)
        self.show(self.clip.anchor, self.clip.anchor + 2 * BAR)

    def show(self, first: int, last: int) -> None:
        stage, view = self.panel.stage, self.view
        stage.axis = fitting(first, last, view.canvas.backing.width, stage.axis.ratio)
        view.update_ranges()
        view.redraw()
        self.paint()

    def paint(self) -> None:
        """Paints the canvas, whether or not the screen has asked for it."""
        self.view.viewport().grab()
        assert not self.view.canvas.stale

    @property
    def view(self) -> NoteView:
        return self.panel.view

    @property
    def rows(self) -> Rows:
        return self.view.canvas.rows

    @property
    def clip(self) -> NoteClip:
        clip = self.document.project.tracks[0].clips[0]
        assert isinstance(clip, NoteClip)
        return clip

    @property
    def notes(self) -> list[tuple[int, int, int, int]]:
        """Start, length, pitch and velocity of every note."""
        return [(note.start, note.length, note.pitch, note.velocity) for note in self.clip.notes]

    @property
    def hand(self) -> Hand:
        return Hand(self.view.viewport())

    def at(self, beat: float, pitch: int) -> tuple[float, float]:
        """The place of a beat of the clip and a pitch, in logical pixels."""
        axis = self.panel.stage.axis
        row = int(self.rows.of_pitch[pitch])
        x = axis.x(self.clip.anchor + beat * BEAT) / axis.ratio
        return x, (self.view.canvas.y(row) + self.rows.height / 2) / axis.ratio


@pytest.fixture
def edit(qapp: QApplication) -> Iterator[Callable[[Document], Editor]]:
    """Shows the first clip of a song in an editor of 900 x 420 pixels."""
    theme.load_fonts()
    panels: list[NotePanel] = []

    def make(document: Document) -> Editor:
        panel = NotePanel()
        panels.append(panel)
        panel.resize(900, 420)
        panel.show()
        panel.set_session(OpenSong(document))
        return Editor(panel, document)

    yield make
    for panel in panels:
        panel.set_session(None)
        panel.close()
        panel.deleteLater()
    qapp.processEvents()


def scale_song() -> Document:
    """Four quarter notes from C4 up in thirds, in a clip of four bars that begins at bar 2."""
    return note_song([Note(f"n{n}", n * BEAT, BEAT // 2, 60 + 4 * n) for n in range(4)], [], anchor=BAR)


@pytest.fixture
def editor(edit: Callable[[Document], Editor]) -> Editor:
    """An editor of the four notes."""
    return edit(scale_song())


@pytest.fixture
def kit(edit: Callable[[Document], Editor]) -> Editor:
    """An editor of an empty clip on a drum kit."""
    document = note_song([], [], anchor=0, ticks=2 * BAR)
    track = document.project.tracks[0]
    document.apply(tracks.set_instrument(track.id, replace(Instrument(), bank=DRUM_BANK)))
    return edit(document)
