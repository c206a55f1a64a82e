"""Songs of every released format open for ever. The files under tests/data are never made again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bundles import add_track, document_of
from studio.document.project import AudioClip, Comp, Project
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
