"""Plug-in files: found, examined in a process of their own, blocked when they are broken."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from studio.document.instruments import Instrument
from studio.engine.audio.instruments import plugins
from studio.engine.audio.instruments.changing import changed_names, with_values
from studio.engine.audio.instruments.plugins import Catalogue, PluginFile
from vst3 import MAKER, build


def scan(folder: Path, known: list[PluginFile] | None = None) -> list[PluginFile]:
    return plugins.scan([folder], known or [], lambda *_: None, lambda: False)


def test_files_and_bundles_are_found_and_bundles_are_not_entered(tmp_path: Path) -> None:
    inner = tmp_path / "maker" / "One.vst3" / "Contents" / "x86_64-linux"
    inner.mkdir(parents=True)
    (inner / "Inner.vst3").write_bytes(b"x")
    (tmp_path / "Two.VST3").write_bytes(b"x")
    (tmp_path / "three.so").write_bytes(b"x")
    found = plugins.find_files([tmp_path, tmp_path / "maker", tmp_path / "absent"])
    assert found == [tmp_path / "Two.VST3", tmp_path / "maker" / "One.vst3"]


def test_an_instrument_is_known_by_name_maker_and_parameters(tmp_path: Path) -> None:
    bundle = build(tmp_path)
    (found,) = scan(tmp_path)
    (plugin,) = found.plugins
    assert (found.path, found.blocked) == (str(bundle), "")
    assert (plugin.identity, plugin.channels) == (f"Tone ({MAKER})", 2)
    assert [(knob.name, knob.title, knob.default) for knob in plugin.knobs] == [
        ("level", "Level", 0.5),
        ("octave", "Octave", 0.0),
    ]


def test_broken_files_are_blocked_with_a_reason_and_effects_are_left_out(tmp_path: Path) -> None:
    build(tmp_path, "Crash", "CRASHES")
    build(tmp_path, "Echo", "EFFECT")
    build(tmp_path, "Good")
    (tmp_path / "Text.vst3").write_text("no library")
    files = {Path(file.path).stem: file for file in scan(tmp_path)}
    assert files["Crash"].blocked.startswith("It crashed")
    assert files["Text"].blocked.startswith("It cannot be used")
    assert (files["Echo"].plugins, files["Echo"].blocked) == ((), "")
    catalogue = Catalogue()
    catalogue.know(files.values())
    assert [plugin.name for plugin in catalogue.plugins()] == ["Good"]
    assert {Path(file.path).stem for file in catalogue.blocked()} == {"Crash", "Text"}


def test_a_file_that_never_answers_is_given_up(tmp_path: Path) -> None:
    bundle = build(tmp_path, "Hang", "HANGS")
    found = plugins.examine(bundle, (0, 0), patience=3.0)
    assert found.blocked == "It did not answer within 3 seconds."


def test_only_new_and_changed_files_are_examined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle, asked = build(tmp_path), list[str]()
    known = scan(tmp_path)
    assert not plugins.out_of_date([tmp_path], known)
    monkeypatch.setattr(plugins, "examine", lambda path, at: asked.append(path.name) or PluginFile(str(path), at))
    assert scan(tmp_path, known) == known
    assert not asked
    (binary,) = bundle.glob("Contents/*/*.so")
    os.utime(binary, (1, 2_000_000_000))
    assert plugins.out_of_date([tmp_path], known)
    scan(tmp_path, known)
    assert asked == ["Tone.vst3"]
    assert plugins.out_of_date([], known)
    assert scan(tmp_path / "absent", known) == []


def test_a_scan_ends_when_it_is_cancelled(tmp_path: Path) -> None:
    (tmp_path / "One.vst3").write_bytes(b"x")
    assert plugins.scan([tmp_path], [], lambda *_: None, lambda: True) == []


def test_parameters_are_offered_for_an_editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(tmp_path)
    catalogue = Catalogue()
    catalogue.know(scan(tmp_path))
    monkeypatch.setattr(plugins, "catalogue", catalogue)
    offered = plugins.parameters_of(Instrument("plugin", f"Tone ({MAKER})"))
    assert [(p.name, p.low, p.high, p.default) for p in offered] == [("level", 0, 1, 0.5), ("octave", 0, 1, 0.0)]
    instrument = Instrument("plugin", f"Tone ({MAKER})", parameters=(("of_a_newer_version", 0.3),))
    turned = with_values(instrument, {"level": 2.0})
    assert turned.parameters == (("level", 1.0), ("of_a_newer_version", 0.3))
    assert changed_names(turned) == {"level"}
    assert with_values(turned, {"level": 0.5}) == instrument
    assert plugins.parameters_of(Instrument("plugin", "Absent")) == ()
    assert plugins.parameters_of(Instrument("synth")) == ()
