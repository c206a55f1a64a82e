"""Every odd, broken or foreign file dropped on the timeline opens or is refused with a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from rooms import Room, room
from studio.actions.placing import Target
from studio.document.project import clip_end, clip_start

__all__ = ["room"]

pytestmark = pytest.mark.soundless

FOLDERS = ("wav_odd", "flac_testbench", "mp3_conformance", "midi_odd")


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_file_opens_or_is_refused_with_a_sentence(room: Room, testdata: Path, folder: str) -> None:
    files = sorted(path for path in (testdata / folder).rglob("*") if path.is_file())
    session = room.new()
    job = room.over(session.import_files(files, Target()), 300)
    assert job.state == "done", job.error
    sounds, songs, failed = job.result.sounds, job.result.songs, job.result.failed
    assert {item.source for item in sounds}.isdisjoint(Path(failure.file) for failure in failed)
    assert len(sounds) + len(songs) + len(failed) == len(files)
    for failure in failed:
        assert len(failure.error) > 20, failure
        assert failure.error[-1] == ".", failure
        assert "Traceback" not in failure.error
    project = session.document.project
    audio = [track for track in project.tracks if track.kind == "audio"]
    assert len(audio) == len(sounds)
    assert all(
        clip_end(clip, project.time) > clip_start(clip, project.time) for t in project.tracks for clip in t.clips
    )
    assert len(sounds) + len(songs) > len(files) // 4
    assert {failure.error for failure in failed} <= set(job.failures)
    media = {path.name for path in (session.bundle.folder / "media").iterdir()}
    assert media == {Path(item.media.file).name for item in sounds}, "a refused file left something behind"


def test_the_good_ones_of_a_drop_stay_when_some_are_bad(room: Room, testdata: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.wav").write_bytes(b"")
    (tmp_path / "text.mp3").write_text("this is not music")
    (tmp_path / "folder.wav").mkdir()
    good = testdata / "samples_cc0" / "loop_compus.flac"
    session = room.new()
    bad = [tmp_path / "empty.wav", tmp_path / "text.mp3", tmp_path / "folder.wav", tmp_path / "gone.wav"]
    job = room.over(session.import_files([*bad, good], Target()))
    assert [track.name for track in session.document.project.tracks] == ["loop_compus"]
    assert len(job.failures) == 4
    session.document.undo()
    assert not session.document.project.tracks


def test_a_cancelled_import_leaves_nothing(room: Room, testdata: Path) -> None:
    session = room.new()
    files = [testdata / "samples_cc0" / f"loop_{name}.flac" for name in ("breakbeat", "compus", "mehackit1")] * 20
    job = session.import_files(files, Target())
    room.until(lambda: room.workspace.jobs.job(job.id).progress > 0.1)
    room.workspace.jobs.cancel(job.id)
    assert room.over(job).state == "cancelled"
    assert not session.document.project.tracks
    for name in ("media", "cache"):
        assert not [path for path in (session.bundle.folder / name).rglob("*") if path.is_file()]
