"""Samples by the headless door."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from studio.actions.song import open_song
from studio.cli import run
from studio.document.instruments import DRUM_BANK


@pytest.fixture
def song(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty song in a home of its own."""
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    assert run(["new", str(tmp_path / "Song.studio"), "--json"]) == 0
    return tmp_path / "Song.studio"


def sampled(song: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> dict:
    capsys.readouterr()
    assert run(["sample", str(song), *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_track_plays_one_file_on_all_keys_several_as_a_kit_and_one_on_a_key(
    song: Path, testdata: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bass, kick, snare = (
        str(testdata / "samples_cc0" / f"{name}.flac") for name in ("bass_dnb_f", "bd_haus", "sn_dolf")
    )
    one = sampled(song, capsys, bass, "--track", "Bass", "--add")
    assert [(zone["low"], zone["high"], zone["root"]) for zone in one["zones"]] == [(0, 127, 29)]
    kit = sampled(song, capsys, kick, snare, "--track", "Kit", "--add")
    assert [(zone["low"], zone["name"]) for zone in kit["zones"]] == [(36, "bd_haus"), (37, "sn_dolf")]
    lane = sampled(song, capsys, snare, "--track", "Kit", "--key", "38")
    assert [zone["low"] for zone in lane["zones"]] == [36, 37, 38]
    opened = open_song(song, read_only=True)
    try:
        bass_track, kit_track = opened.project.tracks
        assert bass_track.instrument.kind == kit_track.instrument.kind == "sampler"
        assert kit_track.instrument.bank == DRUM_BANK
        assert len(opened.project.media) == 4
    finally:
        opened.close()


def test_what_cannot_be_is_said_and_changes_nothing(
    song: Path, testdata: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kick = str(testdata / "samples_cc0" / "bd_haus.flac")
    (tmp_path / "bad.wav").write_bytes(b"no sound")
    for arguments, said in (
        ([kick, "--track", "Kit"], "no instrument track"),
        ([kick, kick, "--track", "Kit", "--add", "--key", "36"], "one sound at a time"),
        ([kick, str(tmp_path / "bad.wav"), "--track", "Kit", "--add"], "bad.wav"),
    ):
        capsys.readouterr()
        assert run(["sample", str(song), *arguments]) == 1
        assert said in capsys.readouterr().err
    opened = open_song(song, read_only=True)
    try:
        assert (opened.project.tracks, opened.project.media) == ((), ())
    finally:
        opened.close()
    assert not [file for file in (song / "media").iterdir() if file.is_file()]
