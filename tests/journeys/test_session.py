"""Songs opened, shared, moved, broken and recovered through the same actions as the window."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import numpy as np
import pytest

from rooms import Room, room
from studio.actions.placing import Target
from studio.actions.recording import passes_of
from studio.actions.song import OpenSong
from studio.document.edits import clips, song
from studio.document.project import Comp, Marker
from studio.engine.audio.riff import Bext
from studio.engine.audio.take import Pass
from studio.engine.audio.wavefile import RecordingFile
from studio.storage.bundle import Bundle, RecordingRow

__all__ = ["room"]

RATE = 48_000


def _with_a_loop(room: Room, testdata: Path) -> None:
    loop = testdata / "samples_cc0" / "loop_compus.flac"
    room.over(room.session.import_files([loop], Target()))


def test_a_song_is_found_again_with_its_history(room: Room, testdata: Path) -> None:
    folder = room.new("Again").bundle.folder
    _with_a_loop(room, testdata)
    clip = room.session.document.project.tracks[0].clips[0]
    room.session.document.apply(clips.split_clips((clip.id,), RATE))
    before = room.session.document.project
    room.workspace.close_project()
    session = room.open(folder)
    assert session.document.project == before
    session.document.undo()
    session.document.undo()
    assert not session.document.project.tracks
    session.document.redo()
    session.document.redo()
    assert session.document.project == before
    room.until(lambda: session.peaks(before.media[0].id) is not None)


def test_a_song_that_is_still_being_closed_is_opened_when_that_is_done(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, close = room.new("Slow"), OpenSong.close

    def slowly(song: OpenSong) -> None:
        time.sleep(0.5)
        close(song)

    monkeypatch.setattr(OpenSong, "close", slowly)
    session.document.apply(song.put_marker(Marker("marker-1", 960, "Here")))
    room.workspace.close_project()
    again = room.open(session.bundle.folder)
    assert not room.told, room.told
    assert not again.read_only
    assert [marker.name for marker in again.document.project.markers] == ["Here"]


def test_a_song_that_is_open_elsewhere_opens_to_read(room: Room) -> None:
    folder = room.new("Shared").bundle.folder
    room.workspace.close_project()
    room.until(lambda: not room.workspace.jobs.running())
    other = Bundle.open(folder)
    try:
        session = room.open(folder)
        assert session.read_only
        assert any("Shared" in str(error) for error in room.told)
    finally:
        other.close()


def test_a_song_moved_elsewhere_opens_there(room: Room, testdata: Path, tmp_path: Path) -> None:
    folder = room.new("Mover").bundle.folder
    _with_a_loop(room, testdata)
    room.workspace.close_project()
    room.until(lambda: not room.workspace.jobs.running())
    target = tmp_path / "other disk" / "Mover.studio"
    shutil.move(folder, target)
    session = room.open(target)
    assert not session.missing
    assert session.bundle.folder == target


def test_a_missing_sound_keeps_its_clip_and_is_found_again(room: Room, testdata: Path, tmp_path: Path) -> None:
    session = room.new("Lost")
    _with_a_loop(room, testdata)
    folder, media = session.bundle.folder, session.document.project.media[0]
    room.workspace.close_project()
    room.until(lambda: not room.workspace.jobs.running())
    away = tmp_path / "away"
    away.mkdir()
    shutil.move(folder / media.file, away / Path(media.file).name)
    session = room.open(folder)
    assert session.missing == {media.id}
    assert session.document.project.tracks[0].clips[0].media == media.id
    job = room.over(session.relink_from(away))
    assert job.state == "done", job.error
    assert not session.missing
    assert session.peaks(media.id) is not None
    assert session.document.project.tracks[0].clips[0].length > 0


def test_a_deleted_cache_is_made_again(room: Room, testdata: Path) -> None:
    folder = room.new("Cache").bundle.folder
    _with_a_loop(room, testdata)
    room.workspace.close_project()
    room.until(lambda: not room.workspace.jobs.running())
    shutil.rmtree(folder / "cache")
    session = room.open(folder)
    media = session.document.project.media[0]
    room.until(lambda: session.peaks(media.id) is not None)
    room.workspace.player.play()
    room.until(lambda: any(max(peaks) > 0.01 for peaks in room.workspace.poll().meters.values()))


def test_a_broken_song_is_refused_and_the_open_one_left(room: Room, tmp_path: Path) -> None:
    broken = tmp_path / "Broken.studio"
    broken.mkdir()
    (broken / "project.db").write_bytes(b"nothing" * 100)
    room.new("Good")
    job = room.over(room.workspace.open_project(broken))
    assert job.state == "failed"
    assert job.error.endswith(".")
    assert (broken / "project.db").read_bytes() == b"nothing" * 100


def test_a_recording_that_a_crash_cut_off_becomes_a_take(room: Room) -> None:
    session = room.new("Crash")
    folder = session.bundle.folder
    room.workspace.close_project()
    room.until(lambda: not room.workspace.jobs.running())
    _leave_a_recording(folder, track="gone", loop=None)
    session = room.open(folder)
    (track,) = session.document.project.tracks
    (clip,) = track.clips
    assert clip.length == 2 * RATE
    assert any("recovered" in str(error) for error in room.told)
    session.document.undo()
    assert not session.document.project.tracks
    assert not session.bundle.unfinished_recordings()


def test_a_loop_recording_that_a_crash_cut_off_keeps_its_passes(room: Room) -> None:
    session = room.new("Rounds")
    folder = session.bundle.folder
    room.workspace.close_project()
    room.until(lambda: not room.workspace.jobs.running())
    _leave_a_recording(folder, track="gone", loop=(0, RATE // 2))
    session = room.open(folder)
    (comp,) = session.document.project.tracks[0].clips
    assert isinstance(comp, Comp)
    assert [(take.length, take.source) for take in comp.takes] == [(RATE // 2, n * RATE // 2) for n in range(4)]


def _leave_a_recording(folder: Path, track: str, loop: tuple[int, int] | None) -> None:
    """What is on disk when the process was killed while it recorded."""
    bundle = Bundle.open(folder)
    path = bundle.recording_path("Vocals")
    file = RecordingFile(path, RATE, 1, Bext(description="x"))
    file.append(np.full((1, RATE), 0.25, np.float32))
    file.flush_header()
    file.append(np.full((1, RATE), 0.25, np.float32))
    row = RecordingRow(
        id="",
        file=bundle.relative(path),
        track=track,
        position=0,
        latency=0,
        channels=1,
        rate=RATE,
        started=time.time(),
        loop=loop,
    )
    bundle.begin_recording(row)
    bundle.flush()
    bundle.close()
    as_killed = path.read_bytes()
    file.close()
    path.write_bytes(as_killed)


def test_pieces_of_a_round_are_one_pass_and_what_lies_before_the_song_is_cut() -> None:
    played = [Pass(0, 0, -100, 300), Pass(0, 300, 200, 700), Pass(1, 1000, 0, 500), Pass(2, 1500, 0, 10)]
    found = list(passes_of(played, (50, 400, 1200)))
    assert [(one.start, one.source, one.length) for one in found] == [(0, 100, 900), (0, 1000, 500)]
    assert [one.dropouts for one in found] == [(400,), (1200,)]


def test_a_fader_is_heard_at_once_and_undo_too(room: Room, testdata: Path) -> None:
    session = room.new("Mix")
    _with_a_loop(room, testdata)
    track = session.document.project.tracks[0].id
    from studio.document.edits import mix

    room.workspace.player.play()
    room.until(lambda: room.workspace.poll().position > RATE // 10)
    session.document.apply(mix.set_gain(track, 0.0))
    assert session.document.project.tracks[0].strip.gain == 0.0
    session.document.undo()
    assert session.document.project.tracks[0].strip.gain == 1.0


def test_switching_songs_leaves_the_first_complete(room: Room, testdata: Path) -> None:
    first = room.new("First").bundle.folder
    _with_a_loop(room, testdata)
    room.new("Second")
    assert not (first / "project.db-wal").exists()
    session = room.open(first)
    assert len(session.document.project.tracks) == 1
    assert [item.name for item in room.workspace.recent()][:2] == ["First", "Second"]


def test_renaming_the_song_is_an_edit(room: Room) -> None:
    session = room.new("Old")
    session.document.apply(song.rename_song("New"))
    session.document.undo()
    assert session.document.project.name == "Old"
