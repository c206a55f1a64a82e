"""Every odd, broken or foreign file dropped on the timeline opens or is refused with a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from rooms import Room, room
from studio.actions.placing import Target

__all__ = ["room"]

FOLDERS = ("wav_odd", "flac_testbench", "mp3_conformance", "midi_odd")


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_file_opens_or_is_refused_with_a_sentence(room: Room, testdata: Path, folder: str) -> None:
    files = sorted(path for path in (testdata / folder).rglob("*") if path.is_file())
    session = room.new()
    job = room.over(session.import_files(files, Target()), 300)
    assert job.state == "done", job.error
    done, failed = job.result
    assert {Path(f.file) for f in failed} | {item.source for item in done} == set(files)
    assert len(done) + len(failed) == len(files)
    for failure in failed:
        assert len(failure.error) > 20, failure
        assert failure.error[-1] == ".", failure
        assert "Traceback" not in failure.error
    project = session.document.project
    assert len(project.tracks) == len(done)
    assert all(track.clips[0].length > 0 for track in project.tracks)
    if folder != "midi_odd":
        assert len(done) > len(files) // 4
    assert set(job.failures) == {failure.error for failure in failed}
    media = {path.name for path in (session.bundle.folder / "media").iterdir()}
    assert media == {Path(item.media.file).name for item in done}, "a refused file left something behind"


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
