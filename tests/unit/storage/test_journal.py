"""The recording journal: written as it goes, believed only when it makes sense."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec
import pytest

from bundles import new_song
from studio.storage import journal
from studio.storage.bundle import Bundle
from studio.storage.failures import BundleError
from studio.storage.journal import RecordingRow


def a_row(**changes: object) -> RecordingRow:
    row = RecordingRow(
        id="",
        file="media/Vocals.wav",
        track="track-1",
        position=48_000,
        latency=512,
        channels=1,
        rate=48_000,
        started=time.time(),
    )
    return msgspec.structs.replace(row, **changes)


def test_a_recording_is_found_after_a_crash_and_forgotten_at_its_end(tmp_path: Path) -> None:
    bundle, _ = new_song(tmp_path)
    first = bundle.begin_recording(a_row())
    second = bundle.begin_recording(a_row(file="media/Vocals 2.wav", loop=(0, 96_000)))
    assert first.id != second.id
    second = msgspec.structs.replace(second, passes=((0, 0), (96_000, 0)), dropouts=(17,))
    bundle.update_recording(second)
    assert bundle.unfinished_recordings() == (first, second)
    bundle.close()

    again = Bundle.open(bundle.folder)
    assert again.unfinished_recordings() == (first, second)
    again.end_recording(first.id)
    assert again.unfinished_recordings() == (second,)
    again.end_recording(second.id)
    again.end_recording("never begun")
    assert again.unfinished_recordings() == ()
    again.close()


@pytest.mark.parametrize(
    "changes",
    [
        {"file": "../elsewhere.wav"},
        {"file": "/etc/passwd"},
        {"file": "project.db"},
        {"position": 2**60},
        {"channels": 0},
        {"channels": 3},
        {"rate": 0},
        {"passes": ((0, 2**50),)},
        {"track": "\ud800"},
    ],
)
def test_a_senseless_row_is_refused_and_when_found_left_out(tmp_path: Path, changes: dict[str, object]) -> None:
    bundle, _ = new_song(tmp_path)
    with pytest.raises(BundleError):
        bundle.begin_recording(a_row(**changes))
    good = bundle.begin_recording(a_row())
    if changes != {"track": "\ud800"}:
        bundle._submit(lambda db: journal.put(db, a_row(id="odd", **changes)))
    bundle._submit(lambda db: db.execute("INSERT INTO recording VALUES ('junk', x'ff')") and None)
    assert bundle.unfinished_recordings() == (good,)
    bundle.close()


def test_a_file_that_is_a_link_to_another_place_is_not_recovered(tmp_path: Path) -> None:
    bundle, _ = new_song(tmp_path)
    (tmp_path / "victim.wav").write_bytes(b"precious")
    (bundle.folder / "media" / "Vocals.wav").symlink_to(tmp_path / "victim.wav")
    bundle.begin_recording(a_row())
    assert bundle.unfinished_recordings() == ()
    bundle.close()


def test_a_read_only_song_takes_no_recording(tmp_path: Path) -> None:
    bundle, _ = new_song(tmp_path)
    bundle.close()
    frozen = Bundle.open(bundle.folder, read_only=True)
    with pytest.raises(BundleError, match="read-only"):
        frozen.begin_recording(a_row())
    frozen.close()
