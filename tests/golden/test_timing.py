"""Every note stands in the bounce where it stands in the song: a drummer's performance, on every kind of instrument."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile
from msgspec.structs import replace

from studio.actions.midi import open_midi, place_midi
from studio.actions.placing import Target
from studio.document.document import Document
from studio.document.edits.notes import mute_notes
from studio.document.edits.tracks import set_instrument
from studio.document.instruments import DRUM_BANK, Instrument
from studio.document.notes import NoteClip
from studio.document.project import Project, new_project
from studio.document.sounding import track_notes
from studio.engine.audio.bounce import bounce
from studio.engine.audio.compiler import compile_plan
from studio.engine.audio.instruments.soundfont import find_fonts

RATE = 48_000
APART = 0.09
"""Seconds without another note before and after one that is judged."""

TOLERANCE = 0.002
INSTRUMENTS = {
    "drum machine": Instrument("drums", "909"),
    "kit of the SoundFont": Instrument(bank=DRUM_BANK),
    "synthesiser": Instrument("synth", "Pluck"),
}


def performance(testdata: Path) -> Project:
    """A beat of a drummer, placed in an empty song as a drop places it."""
    files = sorted((testdata / "groove_midi").rglob("*rock*beat*.mid"))
    song = open_midi(files[3])
    document = Document(new_project("Song"))
    document.apply(place_midi(document.project, [song], Target())[0])
    return document.project


def lonely(project: Project) -> tuple[npt.NDArray[np.int64], int]:
    """The frames of notes that have no neighbour, and how many notes there are."""
    notes = [note for track in project.tracks for note in track_notes(track)]
    frames = np.unique(project.time.frames([note.start for note in notes]))
    frames = frames[frames < 20 * RATE]
    gaps = np.diff(frames, prepend=-RATE, append=frames[-1] + RATE)
    alone = (gaps[:-1] > APART * RATE) & (gaps[1:] > APART * RATE)
    return frames[alone], len(notes)


def rendered(project: Project, file: Path) -> npt.NDArray[np.float32]:
    """The bounce of a song, the louder of both channels."""
    bounce(compile_plan(project, {}), file, end=21 * RATE, bits="32f")
    sound, rate = soundfile.read(file, dtype="float32")
    assert rate == RATE
    return np.abs(sound).max(axis=1) * np.sign(sound[:, 0])


def without(project: Project, frames: npt.NDArray[np.int64]) -> Project:
    """The song with the notes at these frames muted."""
    for track in project.tracks:
        for clip in track.clips:
            assert isinstance(clip, NoteClip)
            at = project.time.frames([clip.origin + note.start for note in clip.notes])
            chosen = [note.id for note, frame in zip(clip.notes, at, strict=True) if frame in frames]
            if chosen:
                project = mute_notes(clip.id, chosen, True).change(project)
    return project


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_every_onset_of_a_performance_is_in_the_bounce_within_two_milliseconds(
    name: str, testdata: Path, tmp_path: Path
) -> None:
    instrument = INSTRUMENTS[name]
    if instrument.kind == "soundfont" and not find_fonts():
        pytest.skip("no SoundFont is installed")
    project = performance(testdata)
    for track in project.tracks:
        project = set_instrument(track.id, instrument).change(project)
    project = replace(project, master=replace(project.master, inserts=()))
    frames, count = lonely(project)
    frames = frames[::2]
    assert count > 50 and len(frames) > 10
    everything = rendered(project, tmp_path / "all.wav")
    rest = rendered(without(project, frames), tmp_path / "rest.wav")
    difference = np.abs(everything - rest)
    late = []
    for frame in frames.tolist():
        near = difference[frame - 480 : frame + 960]
        assert near.max() > 1e-3, "the note is heard"
        before = near[:384].max()  # FluidSynth shifts by part of a quantum what rings on
        if near.max() > 10 * before:
            loud = np.flatnonzero(near > max(0.02 * near.max(), 2 * before))
            late.append((int(loud[0]) - 480) / RATE)
    assert len(late) > len(frames) / 2
    assert np.abs(late).max() <= TOLERANCE, f"worst {1000 * np.abs(late).max():.2f} ms"


def test_the_drummer_s_feel_is_kept(testdata: Path) -> None:
    project = performance(testdata)
    notes = [note for track in project.tracks for note in track_notes(track)]
    off = np.array([(note.start + 120) % 240 - 120 for note in notes])
    loud = np.array([note.velocity for note in notes])
    assert off.std() > 5, "strokes stand off the grid as they were played"
    assert loud.std() > 10, "and differ in loudness"
