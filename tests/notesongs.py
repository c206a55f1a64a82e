"""Songs with notes for the tests, and notes and controls made up by hypothesis."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hypothesis import strategies as st
from msgspec.structs import replace

from studio.document.document import Document
from studio.document.edits import clips, tracks
from studio.document.edits.notes import make_note_clip
from studio.document.notes import Bend, Control, Controller, Note, NoteClip, Program
from studio.document.project import new_project

BAR = 3840

note_values = st.tuples(st.integers(-BAR, 3 * BAR), st.integers(1, 2 * BAR), st.integers(20, 100), st.integers(1, 127))
notes = st.lists(note_values, max_size=12)
"""Notes as (start, length, pitch, velocity)."""

steady_values = st.one_of(
    st.builds(Controller, st.integers(-BAR, 3 * BAR), st.sampled_from([1, 7, 64, 128]), st.integers(0, 127)),
    st.builds(Bend, st.integers(-BAR, 3 * BAR), st.integers(-8192, 8191)),
)
"""Controls that leave the program as it is."""

control_values = st.one_of(
    steady_values,
    st.builds(Program, st.integers(-BAR, 3 * BAR), st.integers(0, 127), st.integers(0, 300)),
)
controls = st.lists(control_values, max_size=10)


def notes_of(drawn: Iterable[tuple[int, int, int, int] | Note]) -> list[Note]:
    """Drawn notes with ids."""
    return [one if isinstance(one, Note) else Note(f"n{n:03}", *one) for n, one in enumerate(drawn)]


def note_song(
    drawn: Sequence[tuple[int, int, int, int] | Note],
    points: Sequence[Control],
    anchor: int = 5 * BAR,
    ticks: int = 4 * BAR,
    lead: int = 0,
    loop: int = 0,
) -> Document:
    """A song of one instrument track with one clip of these notes and controls."""
    document = Document(new_project("Song"))
    track = tracks.fresh_track(document.project, kind="instrument")
    clip = make_note_clip("Part", anchor, ticks, notes_of(drawn), points)
    document.apply(tracks.add_tracks((track,)))
    document.apply(clips.add_clips(track.id, (replace(clip, lead=lead, loop=loop),)))
    return document


def clips_of(document: Document, row: int = 0) -> list[NoteClip]:
    """The clips of notes on a track."""
    return [clip for clip in document.project.tracks[row].clips if isinstance(clip, NoteClip)]
