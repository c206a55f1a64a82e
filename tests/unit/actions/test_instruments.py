"""Instruments by the headless door."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from msgspec.structs import replace

from studio.actions.song import open_song
from studio.cli import run
from studio.document.edits.tracks import set_instrument
from studio.document.instruments import Instrument, Zone
from studio.engine.audio.instruments.presets import KINDS
from studio.engine.audio.instruments.soundfont import find_fonts


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A song without tracks."""
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    made = tmp_path / "Song.studio"
    assert run(["new", str(made)]) == 0
    return made


def told(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> dict[str, Any]:
    """What a command says with --json."""
    capsys.readouterr()
    assert run([*arguments, "--json"]) == status
    return json.loads(capsys.readouterr().out)


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    return str(told(capsys, *arguments, status=1)["error"])


def test_kinds_parameters_and_sounds_are_listed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = told(capsys, "instruments")
    assert [kind["kind"] for kind in report["kinds"]] == list(KINDS)
    synth = next(kind for kind in report["kinds"] if kind["kind"] == "synth")
    assert "Bass" in synth["presets"]
    cutoff = next(one for one in synth["parameters"] if one["name"] == "cutoff_hz")
    assert (cutoff["unit"], cutoff["low"], cutoff["high"]) == ("Hz", 20.0, 20_000.0)
    assert len(report["sounds"]) >= 128
    assert bool(report["notice"]) != bool(find_fonts())
    assert run(["instruments"]) == 0


def test_a_track_gets_an_instrument_with_parameters(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = (str(folder), "--track", "Low")
    assert refused(capsys, "instrument", *at, "--kind", "synth") == (
        "There is no instrument track “Low”; make it with --add."
    )
    report = told(capsys, "instrument", *at, "--add", "--kind", "synth", "--preset", "bass", "--set", "cutoff_hz=800")
    assert report["instrument"]["preset"] == "Bass" and report["instrument"]["parameters"] == {"cutoff_hz": 800.0}
    assert report["instrument"]["values"]["resonance"] == 0.3
    report = told(capsys, "instrument", *at, "--set", "resonance=9", "--set", "unison=2.2")
    assert report["instrument"]["parameters"] == {"cutoff_hz": 800.0, "resonance": 1.0, "unison": 2.0}
    (track,) = told(capsys, "info", str(folder))["tracks"]
    assert track["instrument"]["parameters"] == {"cutoff_hz": 800.0, "resonance": 1.0, "unison": 2.0}
    assert track["kind"] == "instrument" and track["base"] == "musical"
    report = told(capsys, "instrument", *at, "--kind", "drums", "--preset", "909")
    assert (report["instrument"]["bank"], report["instrument"]["parameters"]) == (128, {})


def test_samples_stay_on_their_keys(folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    soundfile.write(tmp_path / "Clap.wav", np.full(480, 0.1, np.float32), 48_000)
    told(capsys, "import", str(folder), str(tmp_path / "Clap.wav"))
    told(capsys, "instrument", str(folder), "--track", "Beat", "--add", "--kind", "drums")
    opened = open_song(folder)
    (media,), track = opened.project.media, opened.project.tracks[-1]
    zone = Zone(media.id, 39, 39, 39, 0, media.frames)
    opened.document.apply(set_instrument(track.id, replace(track.instrument, zones=(zone,))))
    opened.close()
    told(capsys, "instrument", str(folder), "--track", "Beat", "--kind", "drums", "--preset", "909")
    after = open_song(folder, read_only=True)
    assert after.project.tracks[-1].instrument == Instrument("drums", "909", bank=128, zones=(zone,))
    after.close()


def test_sounds_of_a_font_go_by_name_or_number(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = (str(folder), "--track", "Keys")
    report = told(capsys, "instrument", *at, "--add", "--program", "40")
    assert (report["instrument"]["kind"], report["instrument"]["program"]) == ("soundfont", 40)
    report = told(capsys, "instrument", *at, "--kind", "soundfont", "--preset", "church organ")
    assert (report["instrument"]["bank"], report["instrument"]["program"]) == (0, 19)


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        (["--kind", "tuba"], "There is no instrument “tuba”; choose one of drums, synth"),
        (["--kind", "synth", "--preset", "Tuba"], "Synthesiser has no preset “Tuba”; choose one of Bass"),
        (["--kind", "soundfont", "--preset", "Tubaphone"], "The SoundFont has no sound “Tubaphone”"),
        (["--kind", "synth", "--program", "3"], "--program and --bank choose a sound of the SoundFont"),
        (["--kind", "synth", "--set", "wobble=1"], "Synthesiser has no parameter “wobble”"),
        (["--kind", "plugin", "--preset", "Nothing"], "The plug-in “Nothing” was not found"),
        (["--set", "cutoff_hz=1"], "This instrument has no parameters that can be set; choose one with --kind."),
    ],
)
def test_what_does_not_exist_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], wish: list[str], sentence: str
) -> None:
    told(capsys, "instrument", str(folder), "--track", "Keys", "--add", "--program", "4")
    before = told(capsys, "info", str(folder))
    assert refused(capsys, "instrument", str(folder), "--track", "Keys", *wish).startswith(sentence)
    assert told(capsys, "info", str(folder)) == before


def test_wrong_arguments_end_with_two(folder: Path) -> None:
    for wish in (["--set", "cutoff_hz"], ["--set", "cutoff_hz=high"], ["--program", "128"]):
        with pytest.raises(SystemExit) as ended:
            run(["instrument", str(folder), "--track", "Keys", *wish])
        assert ended.value.code == 2
