"""Files of datasets on a real disk: whole or not at all, never written again, and packages that mean harm."""

from __future__ import annotations

import hashlib
import io
import os
import stat
import subprocess
import sys
import textwrap
import time
import zipfile
from pathlib import Path

import pytest

from studio.errors import StudioError
from studio.storage.datasets import DatasetFolder, Seen, open_package, pack
from studio.storage.datasets.folder import PART
from studio.storage.modelstore.wanted import UNWATCHED


@pytest.fixture
def folder(tmp_path: Path) -> DatasetFolder:
    return DatasetFolder(tmp_path / "datasets", "Beats")


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def put(folder: DatasetFolder, content: bytes) -> str:
    return folder.take_stream(io.BytesIO(content), ".wav").media


def frozen(folder: DatasetFolder, number: int = 1, lines: tuple[bytes, ...] = (b"one\n",)) -> None:
    folder.publish(folder.stage(lines), number, b'{"about":1}')


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_a_file_is_kept_by_its_content(folder: DatasetFolder, tmp_path: Path) -> None:
    source = tmp_path / "Kick Drum.WAV"
    source.write_bytes(b"boom")
    taken = folder.take_in(source, ".wav")
    assert (taken.media, taken.sha256, taken.size, taken.new) == (f"media/{sha(b'boom')}.wav", sha(b"boom"), 4, True)
    source.unlink()
    assert folder.media(taken.media).read_bytes() == b"boom"
    folder.media(taken.media).write_bytes(b"broken")
    assert not folder.take_stream(io.BytesIO(b"boom"), ".wav").new
    assert folder.media(taken.media).read_bytes() == b"boom"
    assert folder.unused(set()) == [folder.media(taken.media)] and folder.unused({taken.media}) == []
    with pytest.raises(StudioError, match=r"Reading “Kick Drum\.WAV” failed"):
        folder.take_in(source, ".wav")
    with pytest.raises(StudioError, match="content differs"):
        folder.take_stream(io.BytesIO(b"other"), ".wav", sha(b"boom"))
    assert names(folder.folder / "media") == [f"{sha(b'boom')}.wav"]


@pytest.mark.parametrize("path", ["media/../x.wav", "/etc/passwd", f"media/{'a' * 64}.wav/../../x", "media/kick.wav"])
def test_no_path_leads_outside(folder: DatasetFolder, path: str) -> None:
    with pytest.raises(StudioError, match="none of a dataset's media"):
        folder.media(path)


def test_a_version_is_written_once_and_read_only(folder: DatasetFolder) -> None:
    assert (folder.numbers(), folder.latest()) == ([], 0)
    frozen(folder)
    assert (folder.numbers(), folder.latest(), folder.digest(1)) == ([1], 1, sha(b"one\n"))
    assert folder.read_about(1) == b'{"about":1}'
    assert not folder.lines(1).stat().st_mode & stat.S_IWUSR and not folder.about(1).stat().st_mode & stat.S_IWUSR
    staged = folder.stage([b"two\n"])
    with pytest.raises(StudioError, match="Version 1 of “Beats” is there already"):
        folder.publish(staged, 1, b"{}")
    folder.publish(staged, 2, b"{}")
    assert folder.lines(1).read_bytes() == b"one\n" and folder.latest() == 2
    assert (folder.folder / "latest").read_text() == "dataset_v2.json\n" and not (folder.folder / "latest").is_symlink()
    folder.set_latest(1)
    assert folder.latest() == 1
    for lost in ("", "dataset_v9.json", "../dataset_v1.json"):
        (folder.folder / "latest").write_text(lost)
        assert folder.latest() == 2
    assert names(folder.folder) == [f"dataset_v{n}.{ending}" for n in (1, 2) for ending in ("json", "jsonl")] + [
        "latest"
    ]


def test_lines_that_fail_leave_nothing(folder: DatasetFolder) -> None:
    def broken() -> object:
        yield b"one\n"
        raise StudioError("An item vanished.")

    with pytest.raises(StudioError, match="vanished"):
        folder.stage(broken())  # type: ignore[arg-type]
    folder.discard(folder.stage([b"one\n"]))
    assert names(folder.folder) == []


@pytest.mark.skipif(sys.platform != "linux", reason="needs a limit of file sizes")
def test_a_full_disk_is_said_and_leaves_nothing(folder: DatasetFolder) -> None:
    import resource
    import signal

    folder.stage([b"x"])
    before = names(folder.folder)
    limits, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        for write in (lambda: folder.stage([b"x" * 5000]), lambda: put(folder, b"x" * 5000)):
            with pytest.raises(StudioError, match=r"Writing .* failed: .+\."):
                write()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert names(folder.folder) == sorted([*before, "media"]) and names(folder.folder / "media") == []


@pytest.mark.parametrize("step", [1, 2, 3, 4])
def test_a_kill_between_two_files_leaves_no_half_version(folder: DatasetFolder, step: int) -> None:
    """The process ends at the n-th name that is given: lines, description, note of the latest."""
    frozen(folder)
    script = f"""
        import os, sys
        from pathlib import Path
        from studio.storage.datasets import DatasetFolder
        given = Path.replace
        left = [{step}]
        def replace(self, target):
            left[0] -= 1
            if left[0] == 0:
                os._exit(9)
            return given(self, target)
        Path.replace = replace
        folder = DatasetFolder(Path(sys.argv[1]), "Beats")
        folder.publish(folder.stage([b"two\\n"]), 2, b"about two")
    """
    ended = subprocess.run([sys.executable, "-c", textwrap.dedent(script), str(folder.folder.parent)], check=False)
    assert ended.returncode == (9 if step < 4 else 0)
    whole = step > 2
    assert folder.numbers() == ([1, 2] if whole else [1])
    assert folder.digest(1) == sha(b"one\n")
    if not whole:
        frozen(folder, 2, (b"three\n",))
        assert folder.digest(2) == sha(b"three\n") and folder.latest() == 2


def test_what_a_killed_process_left_goes_after_a_day(folder: DatasetFolder) -> None:
    put(folder, b"boom")
    old, fresh = folder.folder / f"{PART}old", folder.folder / "media" / f"{PART}fresh"
    old.write_bytes(b"x")
    fresh.write_bytes(b"x")
    os.utime(old, (time.time() - 90_000,) * 2)
    folder.discard(folder.stage([b"one\n"]))
    assert not old.exists() and fresh.exists()
    assert folder.unused({f"media/{sha(b'boom')}.wav"}) == []


def test_two_studios_do_not_freeze_at_once(folder: DatasetFolder) -> None:
    other = DatasetFolder(folder.folder.parent, "Beats")
    with folder.alone(), pytest.raises(StudioError, match="changed by another studio"), other.alone():
        pass
    with other.alone():
        pass


def test_media_that_vanished_or_changed_are_found_and_read_once(folder: DatasetFolder) -> None:
    good, gone, changed = (put(folder, content) for content in (b"good", b"gone", b"changed"))
    reads: list[str] = []

    class Watched:
        def report(self, progress: float, message: str = "") -> None:
            """Nobody hears."""

        def check(self) -> None:
            reads.append("read")

    seen = Seen(folder)
    assert [seen.state(path, path[6:70], Watched()) for path in (good, gone, changed)] == ["", "", ""]
    seen.note()
    assert len(reads) == 3
    folder.media(gone).unlink()
    folder.media(changed).write_bytes(b"CHANGED")
    os.utime(folder.media(changed), ns=(1, 1))
    again = Seen(folder)
    assert [again.state(path, path[6:70], Watched()) for path in (good, gone, changed)] == ["", "gone", "changed"]
    assert len(reads) == 4
    (folder.folder / "checked.json").write_bytes(b"nonsense")
    assert Seen(folder).state(good, sha(b"good")) == ""


def packed(folder: DatasetFolder, target: Path) -> Path:
    frozen(folder)
    media = [put(folder, content) for content in (b"kick", b"snare")]
    pack(folder, 1, [(path, path[6:70]) for path in media], target, UNWATCHED)
    return target


@pytest.mark.parametrize("name", ["out", "out.zip"])
def test_a_package_holds_a_version_and_its_media(folder: DatasetFolder, tmp_path: Path, name: str) -> None:
    target = packed(folder, tmp_path / "there" / name)
    package = open_package(target)
    assert package.number == 1 and package.about() == b'{"about":1}'
    with package.open("dataset_v1.jsonl") as stream:
        assert stream.read() == b"one\n"
    with package.open(f"media/{sha(b'kick')}.wav") as stream:
        assert stream.read() == b"kick"
    assert package.size(f"media/{sha(b'snare')}.wav") == 5 and package.size("other") is None
    with pytest.raises(StudioError, match="lacks media/x"), package.open("media/x"):
        pass
    package.close()
    with pytest.raises(StudioError, match="exists already"):
        pack(folder, 1, [], target, UNWATCHED)


def test_the_same_version_is_the_same_zip(folder: DatasetFolder, tmp_path: Path) -> None:
    media = [(path, path[6:70]) for path in (put(folder, b"kick"),)]
    frozen(folder)
    for name in ("a.zip", "b.zip"):
        pack(folder, 1, media, tmp_path / name, UNWATCHED)
        time.sleep(0.01)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_a_changed_or_missing_file_is_not_packed(folder: DatasetFolder, tmp_path: Path) -> None:
    frozen(folder)
    media = put(folder, b"kick")
    folder.media(media).write_bytes(b"KICK")
    for target in (tmp_path / "out", tmp_path / "out.zip"):
        with pytest.raises(StudioError, match="has changed since"):
            pack(folder, 1, [(media, sha(b"kick"))], target, UNWATCHED)
    folder.media(media).unlink()
    with pytest.raises(StudioError, match="no longer in the dataset's folder"):
        pack(folder, 1, [(media, sha(b"kick"))], tmp_path / "out", UNWATCHED)
    assert names(tmp_path) == ["datasets"]


def zipped(path: Path, entries: dict[str, bytes], link: str = "") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            about = zipfile.ZipInfo(name)
            about.external_attr = (stat.S_IFLNK | 0o777) << 16 if name == link else 0
            archive.writestr(about, content)
    return path


GOOD = {"dataset_v1.json": b"{}", "dataset_v1.jsonl": b"one\n"}


@pytest.mark.parametrize(
    ("extra", "sentence"),
    [
        ("../evil", "outside of itself"),
        ("media/../../evil", "outside of itself"),
        ("/etc/evil", "outside of itself"),
        ("C:/evil", "outside of itself"),
        ("media\\..\\evil", "outside of itself"),
        ("link", "holds a link"),
        ("dataset_v2.json", "several versions"),
    ],
)
def test_a_zip_that_means_harm_is_refused(tmp_path: Path, extra: str, sentence: str) -> None:
    path = zipped(tmp_path / "in.zip", {**GOOD, extra: b"x"}, link="link")
    with pytest.raises(StudioError, match=f"“in.zip” .*{sentence}"):
        open_package(path)
    assert names(tmp_path) == ["in.zip"]


def test_a_zip_of_a_folder_and_of_a_mac_is_read(tmp_path: Path) -> None:
    entries = {f"Beats/{name}": content for name, content in GOOD.items()}
    package = open_package(zipped(tmp_path / "in.zip", {**entries, "__MACOSX/Beats/._latest": b"x"}))
    assert package.size("dataset_v1.jsonl") == 4
    package.close()


def test_what_is_no_package_is_refused(tmp_path: Path, folder: DatasetFolder) -> None:
    (tmp_path / "text.zip").write_bytes(b"no zip at all")
    zipped(tmp_path / "empty.zip", {})
    (tmp_path / "empty").mkdir()
    (tmp_path / "linked").symlink_to(tmp_path)
    for name, sentence in (
        ("text.zip", "no zip that can be read"),
        ("empty.zip", "holds no version"),
        ("empty", "holds no version"),
        ("linked", "no folder and no zip"),
        ("nothing", "no folder and no zip"),
    ):
        with pytest.raises(StudioError, match=sentence):
            open_package(tmp_path / name)
    whole = packed(folder, tmp_path / "out.zip").read_bytes()
    for cut in (len(whole) // 2, len(whole) - 30):
        (tmp_path / "cut.zip").write_bytes(whole[:cut])
        with pytest.raises(StudioError, match="no zip that can be read"):
            open_package(tmp_path / "cut.zip")
    at = whole.index(f"media/{sha(b'kick')}.wav".encode()) + 95  # within what was packed
    (tmp_path / "bad.zip").write_bytes(whole[:at] + bytes([whole[at] ^ 255]) + whole[at + 1 :])
    package = open_package(tmp_path / "bad.zip")
    with pytest.raises(StudioError, match="is damaged"), package.open(f"media/{sha(b'kick')}.wav") as stream:
        stream.read()
    package.close()


def test_a_folder_with_a_link_in_it_is_refused(folder: DatasetFolder, tmp_path: Path) -> None:
    target = packed(folder, tmp_path / "out")
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    (target / "media" / f"{sha(b'secret')}.wav").symlink_to(secret)
    with pytest.raises(StudioError, match="holds a link"):
        open_package(target)
