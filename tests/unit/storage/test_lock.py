"""One writer per song."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from studio.storage.failures import BundleError, BundleLocked
from studio.storage.lock import LOCK_FILE, BundleLock, read_holder

HOLD = """
import sys, time
from pathlib import Path
from studio.storage.lock import BundleLock
lock = BundleLock(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(60)
"""


def test_a_second_lock_is_refused_and_told_who_has_it(tmp_path: Path) -> None:
    lock = BundleLock(tmp_path)
    with pytest.raises(BundleLocked, match=rf"this computer \(process {os.getpid()}, since \d\d:\d\d\)"):
        BundleLock(tmp_path)
    lock.release()
    BundleLock(tmp_path).release()
    assert not (tmp_path / LOCK_FILE).exists()


def test_another_process_is_named_and_its_death_frees_the_lock(tmp_path: Path) -> None:
    source = str(Path(__file__).resolve().parents[3] / "src")
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": source},
    )
    assert child.stdout is not None
    with child.stdout:
        assert child.stdout.readline() == b"held\n"
        with pytest.raises(BundleLocked, match=f"process {child.pid}"):
            BundleLock(tmp_path)
        child.send_signal(signal.SIGKILL)
        child.wait()
    assert read_holder(tmp_path / LOCK_FILE).pid == child.pid
    lock = BundleLock(tmp_path)
    assert read_holder(tmp_path / LOCK_FILE).pid == os.getpid()
    lock.release()


@pytest.mark.parametrize("text", [b"", b"\xff\x00garbage", b'{"pid": "x"}', b'{"pid":1,"host":"h","since":1e308}'])
def test_whatever_stands_in_a_stale_file_never_blocks(tmp_path: Path, text: bytes) -> None:
    (tmp_path / LOCK_FILE).write_bytes(text)
    lock = BundleLock(tmp_path)
    lock.release()
    lock.release()


def test_an_odd_text_of_a_holder_still_gives_a_sentence(tmp_path: Path) -> None:
    lock = BundleLock(tmp_path)
    (tmp_path / LOCK_FILE).write_bytes(b'{"pid":1,"host":"h","since":1e308}')
    with pytest.raises(BundleLocked, match="computer 'h'"):
        BundleLock(tmp_path)
    lock.release()


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
def test_a_lock_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / LOCK_FILE).symlink_to(victim)
    with pytest.raises(BundleError):
        BundleLock(tmp_path)
    assert victim.read_text() == "precious"
