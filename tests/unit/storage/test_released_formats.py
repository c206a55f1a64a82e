"""Songs of every released format open for ever. The files under tests/data are never made again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bundles import add_track, document_of
from studio.document.edits.notes import set_lengths
from studio.document.harmony import Chord
from studio.document.instruments import DRUM_BANK, Instrument, Lane, Zone
from studio.document.notes import PRESSURE, Bend, Controller, Note, NoteClip, Program
from studio.document.project import AudioClip, Comp, Project
from studio.document.sounding import track_notes
from studio.storage.bundle import Bundle, RecordingRow

DATA = Path(__file__).resolve().parents[2] / "data"


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """The first format: every kind of part, a gesture, two branches, a named version and a recording cut off."""
    return Path(shutil.copytree(DATA / "project_v1.studio", tmp_path / "project_v1.studio"))


def check_song(project: Project) -> None:
    assert (project.name, project.rate) == ("First song", 48_000)
    assert [(point.tick, point.bpm, point.ramp) for point in project.tempo] == [(0, 96.0, False), (7680, 120.0, True)]
    assert [(s.tick, s.numerator, s.denominator) for s in project.signatures] == [(0, 4, 4), (7680, 3, 4)]
    assert [(s.id, s.start, s.length, s.name) for s in project.sections] == [("section-verse", 0, 7680, "Verse")]
    assert [(m.start, m.name) for m in project.markers] == [(960, "Hier \U0001f3b5")]
    assert (project.loop.start, project.loop.end, project.loop.on) == (0, 7680, True)
    drums, vocals = project.tracks
    assert (drums.id, drums.name, drums.base) == ("track-drums", "Drums", "musical")
    assert [clip.id for clip in drums.clips] == ["clip-0", "clip-1", "clip-2", "clip-3"]
    assert [clip.gain for clip in drums.clips] == [1.0, 1.0, 0.5, 1.0]
    assert [clip.muted for clip in drums.clips] == [False, False, False, True]
    faded = drums.clips[1]
    assert isinstance(faded, AudioClip)
    assert (faded.media, faded.length, faded.fade_in, faded.fade_out) == ("media-click", 2400, 100, 200)
    comp = vocals.clips[0]
    assert isinstance(comp, Comp)
    assert [(take.number, take.media, take.source, take.length) for take in comp.takes] == [
        (1, "media-take", 0, 4800),
        (2, "media-take", 4800, 4800),
    ]
    assert [(span.end, span.take) for span in comp.spans] == [(4800, comp.takes[1].id)]


@pytest.mark.parametrize("read_only", [False, True])
def test_the_first_project_format(song: Path, read_only: bool) -> None:
    bundle = Bundle.open(song, read_only=read_only)
    project, known, present = bundle.load()
    assert bundle.notice == ""
    assert (present, len(known)) == (16, 18)
    assert [(known[n].parent, known[n].label) for n in (0, 14, 15, 16, 17)] == [
        (-1, "New song"),
        (13, "Fader"),
        (14, "Add effect"),
        (13, "Pan"),
        (16, "Rename song"),
    ]
    check_song(project)
    assert (project.tracks[1].strip.gain, project.tracks[1].strip.pan) == (1.0, -0.5)
    (version,) = bundle.versions()
    assert (version.number, version.name) == (15, "Rough mix")
    mixed = bundle.recall(15).tracks[1].strip
    assert (mixed.gain, mixed.inserts[0].kind, mixed.inserts[0].parameters) == (0.7, "reverb", (("mix", 0.25),))
    assert bundle.recall(17).name == "Second thoughts"
    assert bundle.recall(0).tracks == ()
    for revision in known:
        bundle.recall(revision.number)
    assert bundle.missing(project) == frozenset()
    assert bundle.unfinished_recordings() == (
        RecordingRow(
            id="recording-cut",
            file="media/Cut off.wav",
            track="track-vocals",
            position=96_000,
            latency=0,
            channels=1,
            rate=48_000,
            started=1.7e9,
            passes=((0, 96_000),),
            loop=(0, 192_000),
        ),
    )
    bundle.close()


def test_the_first_project_format_can_be_worked_on(song: Path) -> None:
    bundle = Bundle.open(song)
    document = document_of(bundle)
    add_track(document, "More")
    document.undo()
    document.visit(15)
    assert bundle.unused_media() == ()
    bundle.close()
    again = Bundle.open(song)
    assert again.load().present == 15
    again.close()


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """The first format with notes: clips of notes, controls, syllables, chords, keys, instruments with zones, lanes."""
    return Path(shutil.copytree(DATA / "project_notes_v1.studio", tmp_path / "project_notes_v1.studio"))


def check_lead(clip: NoteClip) -> None:
    assert (clip.name, clip.anchor, clip.ticks, clip.lead, clip.loop) == ("Strophe \U0001f3b5", 3840, 7680, 480, 0)
    assert (clip.gain, clip.transpose, clip.muted) == (0.75, -2, False)
    assert clip.notes == (
        Note("note-a", 480, 440, 69, 100, text="Mor-"),
        Note("note-b", 1200, 900, 72, 84, text="gen "),
        Note("note-c", 1920, 240, 76, 127, True, 0.25),
        Note("note-d", 2403, 470, 74, 90, False, 1.0, 3, -6, "tram "),
        Note("note-e", 12_000, 960, 60, 1, text="f\u00e4hrt"),
    )
    assert clip.controls == (
        Controller(0, 1, 0),
        Controller(480, 1, 64),
        Controller(480, 64, 127),
        Bend(960, -8192),
        Bend(1200, 8191),
        Bend(1440, 0),
        Controller(1900, 64, 0),
        Controller(2000, PRESSURE, 33),
        Program(3840, 40, 0),
    )


def check_notes(project: Project) -> None:
    assert [(key.tick, key.tonic, key.mode) for key in project.keys] == [(0, 9, "minor"), (7680, 0, "major")]
    assert project.chords == (
        Chord("chord-1", 0, 3840, 9, "m7", symbol="Am7"),
        Chord("chord-2", 3840, 3840, 7, "", bass=11),
    )
    lead, drums, keys = project.tracks
    assert lead.instrument == Instrument("synth", "Lead", parameters=(("cutoff_hz", 900.0), ("resonance", 0.5)))
    clap = Zone("media-clap", 39, 39, 39, 0, 1200, 0.8, -12.0, True, 3)
    assert drums.instrument == Instrument("drums", "909", bank=DRUM_BANK, zones=(clap,))
    assert drums.lanes == (Lane(39, "Klatschen"), Lane(38, "Snare", True), Lane(36, "Kick"))
    pad = Zone("media-clap", 0, 127, 60, 100, 1000, one_shot=False)
    assert keys.instrument == Instrument("sampler", "Soft sampler", zones=(pad,))
    assert isinstance(lead.clips[0], NoteClip)
    check_lead(lead.clips[0])
    beat, muted = drums.clips
    assert isinstance(beat, NoteClip) and isinstance(muted, NoteClip)
    assert (beat.lead, beat.loop, beat.ticks) == (960, 3840, 15_360)
    assert [(n.start, n.shift, n.pitch, n.velocity) for n in beat.notes[:4]] == [
        (0, 0, 36, 70),
        (576, 96, 39, 71),
        (960, 0, 38, 72),
        (1536, 96, 39, 73),
    ]
    assert (muted.muted, muted.note_count) == (True, 1)
    (many,) = keys.clips
    assert isinstance(many, NoteClip)
    assert len(many.note_blocks) == 2
    assert [note.start for note in many.notes] == [n * 48 for n in range(300)]


@pytest.mark.parametrize("read_only", [False, True])
def test_the_first_format_with_notes(notes: Path, read_only: bool) -> None:
    bundle = Bundle.open(notes, read_only=read_only)
    project, known, present = bundle.load()
    assert (bundle.notice, project.name, present, len(known)) == ("", "Notes for ever", 19, 20)
    assert [(known[n].parent, known[n].label) for n in (14, 16, 17, 18, 19)] == [
        (13, "Move note"),
        (15, "Lyrics"),
        (16, "Draw controller"),
        (16, "Delete note"),
        (16, "Instrument"),
    ]
    check_notes(project)
    (version,) = bundle.versions()
    assert (version.number, version.name) == (16, "Erste Strophe")
    assert bundle.recall(16).tracks[2].instrument == Instrument(preset="Rhodes EP", program=4)
    (drawn,) = bundle.recall(17).tracks[0].clips
    assert isinstance(drawn, NoteClip)
    assert [p.value for p in drawn.controls if isinstance(p, Controller) and p.number == 1][:3] == [10, 17, 25]
    for revision in known:
        bundle.recall(revision.number)
    assert bundle.missing(project) == frozenset()
    bundle.close()


def test_the_first_format_with_notes_can_be_worked_on_and_heard(notes: Path) -> None:
    bundle = Bundle.open(notes)
    document = document_of(bundle)
    document.apply(set_lengths("clip-lead", ("note-a",), 100))
    document.undo()
    check_notes(document.project)
    assert [(p.start, p.pitch, p.velocity) for p in track_notes(document.project.tracks[0])][:2] == [
        (3840, 67, 75),
        (4560, 70, 63),
    ]
    assert bundle.unused_media() == ()
    bundle.close()
