"""`studio dataset` as a script uses it: reports, exit codes, and parts of songs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from studio.cli import run
from studio.storage import locations

Door = Callable[..., Any]


@pytest.fixture
def door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Door:
    """Runs a sub-command in a home of its own and returns its report; `rc` is the exit status that it must have."""
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))

    def called(*words: object, rc: int = 0) -> Any:
        capsys.readouterr()
        assert run([*map(str, words), "--json"]) == rc
        return json.loads(capsys.readouterr().out)

    return called


def poems(folder: Path, *words: str) -> list[Path]:
    paths = [folder / f"{word}.txt" for word in words]
    for path in paths:
        path.write_text(f"these are words about {path.stem}")
    return paths


def test_a_dataset_from_beginning_to_end(
    door: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert door("dataset", "list") == {"datasets": []}
    assert door("dataset", "create", "Poems", "--type", "text")["draft"] == 0
    paths = poems(tmp_path, "sea", "sky", "moon")
    report = door("dataset", "add", "Poems", *paths, "--tag", "blue", "--licence", "CC0", "--caption", "<b>a poem</b>")
    assert (report["draft"], report["failed"]) == (3, []) and all(one["new"] for one in report["added"])
    report = door("dataset", "add", "poems", tmp_path / "nothing.txt", paths[0], rc=1)
    assert len(report["failed"]) == 1 and report["added"][0]["new"] is False
    listed = door("dataset", "list", "Poems")
    assert [one["caption"] for one in listed["items"]] == ["<b>a poem</b>"] * 3
    assert {one["split"] for one in listed["items"]} >= {"train", "validation"}
    first = door("dataset", "freeze", "Poems")
    assert (first["new"], first["number"], first["items"]) == (True, 1, 3)
    assert door("dataset", "freeze", "Poems")["new"] is False
    item = listed["items"][0]["item"]
    edited = door("dataset", "edit", "Poems", item[:6], "--bpm", "90", "--song", "Ocean")
    assert (edited["items"][0]["bpm"], edited["items"][0]["song"]) == (90.0, "Ocean")
    assert door("dataset", "diff", "Poems@v1", "Poems")["changed"] == 1
    assert "freeze it first" in door("dataset", "revert", "Poems@v1", rc=1)["error"]
    assert door("dataset", "revert", "Poems@v1", "--discard")["items"] == 3
    assert door("dataset", "diff", "Poems@v1", "Poems")["same"] == 3
    assert door("dataset", "remove", "Poems", item)["items"] == 2
    door("dataset", "export", "Poems@latest", tmp_path / "out.zip")
    assert "--yes" in door("dataset", "delete", "Poems", rc=1)["error"]
    door("dataset", "delete", "Poems", "--yes")
    come = door("dataset", "import", tmp_path / "out.zip")
    assert (come["digest"], come["new"]) == (first["digest"], True)
    capsys.readouterr()
    for words in (["list"], ["list", "Poems"], ["freeze", "Poems"], ["check", "Poems"], ["diff", "Poems@v1", "Poems"]):
        assert run(["dataset", *words]) == 0
    assert "3 items" in capsys.readouterr().out


def test_what_is_wrong_is_said_and_fails(door: Door, tmp_path: Path) -> None:
    door("dataset", "create", "Poems", "--type", "text")
    for words, sentence in (
        (("create", "poems", "--type", "text"), "already"),
        (("create", "Other", "--type", "video"), "no type of dataset"),
        (("add", "Poems"), "Say what is to be added"),
        (("add", "Poems", "--approved", "--since", "tomorrow"), "is no date"),
        (("add", "Poems", "--project", tmp_path / "no.studio", "--track", "x"), ""),
        (("edit", "Poems", "abc", "--key", "C"), "No item begins with “abc”"),
        (("edit", "Poems", "abc"), "Say what is to be changed"),
        (("freeze", "Poems"), "has no items"),
        (("list", "Poems@v1"), "no version yet"),
        (("list", "Nothing"), "There is no dataset"),
        (("diff", "Poems@x", "Poems"), "names no version"),
        (("revert", "Poems"), "Name the version too"),
        (("import", tmp_path / "none.zip"), "no folder and no zip"),
    ):
        assert sentence in door("dataset", *words, rc=1)["error"]


def test_files_that_vanished_are_found_and_unused_ones_tidied(door: Door, tmp_path: Path) -> None:
    door("dataset", "create", "Poems", "--type", "text")
    added = door("dataset", "add", "Poems", *poems(tmp_path, "sea", "sky", "moon"))["added"]
    door("dataset", "freeze", "Poems")
    folder = locations.data_folder() / "datasets" / "Poems"
    report = door("dataset", "check", "Poems")
    assert (report["checked"], report["items"], report["unused"]["files"]) == (3, [], 0)
    (folder / added[0]["media"]).unlink()
    report = door("dataset", "check", "Poems", rc=1)
    assert [(one["name"], one["unusable"]) for one in report["items"]] == [("sea", True)]
    assert door("dataset", "check", "Poems@v1", rc=1)["items"][0]["doubts"] == ["gone"]
    door("dataset", "add", "Poems", tmp_path / "sea.txt")
    assert door("dataset", "check", "Poems")["items"] == []
    new = door("dataset", "add", "Poems", *poems(tmp_path, "rain"))["added"][0]
    door("dataset", "remove", "Poems", new["item"])
    assert door("dataset", "check", "Poems")["unused"]["files"] == 1
    assert door("dataset", "check", "Poems", "--tidy")["unused"]["deleted"] is True
    assert sorted(file.name for file in (folder / "media").iterdir()) == sorted(one["media"][6:] for one in added)


def test_parts_of_songs_become_sounds_and_drums(door: Door, tmp_path: Path) -> None:
    song = tmp_path / "Night Bus.studio"
    door("beat", "--genre", "house", "--bars", "2", "--bpm", "120", "--parts", "drums", "--project", song)
    time = np.arange(2 * 48_000) / 48_000
    soundfile.write(tmp_path / "pad.wav", (0.2 * np.sin(2 * np.pi * 220 * time)).astype(np.float32), 48_000)
    door("import", song, tmp_path / "pad.wav", "--track", "Pad")
    door("dataset", "create", "Beats", "--type", "drums")
    door("dataset", "create", "Music", "--type", "music")
    tracks = [one["name"] for one in door("info", song)["tracks"]]
    drums = next(name for name in tracks if name != "Pad")
    (beat,) = door("dataset", "add", "Beats", "--project", song, "--track", drums, "--to", "2")["added"]
    assert (beat["bpm"], beat["song"]) == (120.0, "Night Bus") and 1.5 < beat["seconds"] <= 2.0
    assert beat["source"] == f"Night Bus: {drums}, bar 1" and beat["doubts"] == []
    (pad,) = door("dataset", "add", "Music", "--project", song, "--track", "pad", "--from", "0.5", "--to", "2")["added"]
    assert pad["seconds"] == 1.5 and pad["media"].endswith(".flac")
    for track, end, sentence in (("Bass", 2, "has no track “Bass”"), ("Pad", 0.01, "shorter than a tenth")):
        words = ("dataset", "add", "Music", "--project", song, "--track", track, "--from", 0, "--to", end)
        assert sentence in door(*words, rc=1)["error"]
    words = ("dataset", "add", "Music", "--project", song, "--track", "Pad", "--from", 30, "--to", 31)
    assert "silent" in door(*words, rc=1)["error"]
