"""The groove model judged and trained by command: any folder of drum MIDI, as it is found."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from studio.__main__ import main
from studio.actions.drumfiles import performance_of, read_drums
from studio.actions.groovefigures import compare_figures
from studio.actions.groovemodel import COUNTS, SHIPPED, evaluate
from studio.actions.grooveplay import Wanted, play_file
from studio.actions.midi import open_midi
from studio.engine.ai.groove.hits import Hits, coded
from studio.engine.ai.groove.keeping import read_card
from studio.errors import StudioError

ROOT = Path(__file__).resolve().parents[3]
DRUMS = ROOT / "tests" / "data" / "groove_midi"
TINY = ["--rows", "2", "--width", "20", "--layers", "1"]


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, dict[str, Any]]:
    status = main([*map(str, arguments), "--json"])
    return status, json.loads(capsys.readouterr().out)


def test_what_the_table_tells_of_files_is_known() -> None:
    found = read_drums(DRUMS)
    assert (len(found.files), len(found.of("train")), len(found.of("validation"))) == (7, 3, 4)
    assert {file.group for file in found.of("validation")} == {"rock", "hiphop", "jazz", "funk"}
    (sentence,) = found.skipped
    assert "3_rock_80_beat_6-8.mid" in sentence and "is in 6/8; only performances in 4/4" in sentence
    (filling,) = [file for file in found.files if file.performance.filled]
    assert filling.performance.bpm == 95.0 and filling.group == "funk"


def test_a_folder_is_judged_in_parts_by_style_and_beside_the_baselines(capsys: pytest.CaptureFixture[str]) -> None:
    status, report = run(capsys, "groove", "evaluate", DRUMS)
    assert status == 0 and report["split"] == "validation" and report["files"] == 4
    bits = report["bits_per_hit"]
    assert bits["total"] == pytest.approx(sum(bits[part] for part in ("step", "lane", "fine", "velocity")), abs=1e-3)
    styles = report["styles"]
    weighed = sum(one["total"] * one["hits"] for one in styles.values()) / report["hits"]
    assert set(styles) == {"rock", "hiphop", "jazz", "funk"} and weighed == pytest.approx(bits["total"], abs=1e-3)
    totals = [report["baselines"][name]["total"] for name in ("uniform", "unigram", "hits", "bars")]
    assert totals[0] > 16 and sorted(totals, reverse=True) == totals
    assert bits["total"] < min(totals) - 1
    assert report["skipped"] and report["model"]["bytes"] < 6_000_000


def test_the_model_that_ships_says_what_it_is() -> None:
    _, card = read_card(SHIPPED)
    assert card.licence == "CC BY 4.0" and "Groove MIDI Dataset" in card.credit and 0 < card.bits <= 7.4
    assert (SHIPPED.parent / "groove.md").is_file() and COUNTS.is_file()


def test_files_without_a_table_are_one_group_and_odd_ones_are_told(tmp_path: Path) -> None:
    shutil.copy(DRUMS / "drummer2/session2/2_rock_130_beat_4-4.mid", tmp_path / "mine.MID")
    (tmp_path / "broken.mid").write_bytes(b"MThd no more")
    (tmp_path / "empty.mid").write_bytes(b"")
    (tmp_path / "notes.txt").write_text("not a MIDI file")
    report = evaluate(tmp_path)
    assert report["split"] == "all" and set(report["styles"]) == {"all"} and report["files"] == 1
    assert len(report["skipped"]) == 2 and all("“" in sentence for sentence in report["skipped"])
    fitted = evaluate(tmp_path, fit=DRUMS)["baselines"]["bars"]["total"]
    assert fitted != report["baselines"]["bars"]["total"], "baselines fitted on another folder are others"


def test_folders_that_cannot_be_judged_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, report = run(capsys, "groove", "evaluate", tmp_path / "absent")
    assert status == 1 and "is not there" in report["error"]
    with pytest.raises(StudioError, match="holds no MIDI files"):
        evaluate(tmp_path)
    (tmp_path / "empty.mid").write_bytes(b"")
    with pytest.raises(StudioError, match="no drum performance that can be judged"):
        evaluate(tmp_path)
    with pytest.raises(StudioError, match="none of the split “test”"):
        evaluate(DRUMS, split="test")
    with pytest.raises(StudioError, match=r"absent\.safetensors"):
        evaluate(DRUMS, model=tmp_path / "absent.safetensors")


def test_a_table_of_another_sort_is_no_harm(tmp_path: Path) -> None:
    shutil.copytree(DRUMS, tmp_path / "set")
    (tmp_path / "set" / "info.csv").write_bytes(b"\xff\xfe broken")
    found = read_drums(tmp_path / "set")
    assert len(found.files) == 7 and not found.has_splits and "cannot be read" in found.notices[0]
    (tmp_path / "set" / "info.csv").write_text("a,b\n1,2\n")
    assert {file.group for file in read_drums(tmp_path / "set").files} == {""}


def test_a_training_by_command_repeats_and_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    train = ("groove", "train", DRUMS)
    status, report = run(capsys, *train, tmp_path / "a.safetensors", "--steps", 6, *TINY)
    assert status == 0 and report["steps"] == 6 and report["files"] == 3
    assert [entry["step"] for entry in report["history"]] == [6], "judged on the validation split"
    _, half = run(capsys, *train, tmp_path / "b.safetensors", "--steps", 6, "--stop-after", 3, *TINY)
    assert half["steps"] == 3 and not (tmp_path / "b.safetensors").exists()
    run(capsys, *train, tmp_path / "b.safetensors", "--steps", 6, *TINY)
    assert (tmp_path / "a.safetensors").read_bytes() == (tmp_path / "b.safetensors").read_bytes()
    judged = evaluate(DRUMS, model=tmp_path / "a.safetensors")["bits_per_hit"]["total"]
    assert judged == pytest.approx(report["bits_per_hit"]["total"], abs=0.02), "what is written is what was judged"
    status, refused = run(capsys, *train, tmp_path / "b.safetensors", "--steps", 7, *TINY)
    assert status == 1 and "another training" in refused["error"]
    status, refused = run(capsys, *train, tmp_path / "c.safetensors", "--width", "33")
    assert status == 1 and "multiple of 10" in refused["error"]


def test_figures_stand_beside_those_of_people() -> None:
    report = compare_figures(DRUMS, most=1)
    assert report["performances"] == 1
    for kind in ("human", "model"):
        figures = report[kind]
        assert figures["hits"] > 1 and sum(figures["steps"]) == pytest.approx(1.0, abs=0.01)
        assert figures["dynamics"] > 0 and 0 <= figures["likeness"] <= 1
        assert 0 <= report["copies"][kind]["same_places"] <= 1
    assert compare_figures(DRUMS, most=1)["model"] == report["model"]


@pytest.mark.parametrize("how", ["continue", "fill", "vary", "humanise"])
def test_a_file_is_played_by_command(how: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = DRUMS / "drummer2/session2/2_rock_130_beat_4-4.mid"
    before = coded(performance_of(open_midi(source))[0])
    play = ("groove", "play", source, tmp_path / "out.mid", "--how", how, "--bars", 2, "--style", "rock")
    status, report = run(capsys, *play)
    assert status == 0 and report["before"] == before.count and report["bpm"] == 130
    after = coded(performance_of(open_midi(tmp_path / "out.mid"))[0])
    assert after.count == report["hits"]
    if how == "continue":
        assert before.bars < after.bars <= before.bars + 2
        assert set(places(after.between(0, before.bars))) == set(places(before))
    elif how == "fill":
        last = before.bars - 1
        assert set(places(after.between(0, last))) == set(places(before.between(0, last)))
        assert places(after.between(last, last + 1)) != places(before.between(last, last + 1))
    else:
        shared, either = set(places(before)) & set(places(after)), set(places(before)) | set(places(after))
        assert len(shared) > (0.99 if how == "humanise" else 0.7) * len(either)
        assert after.fines.tolist() != before.fines.tolist()
    first = (tmp_path / "out.mid").read_bytes()
    run(capsys, *play)
    assert (tmp_path / "out.mid").read_bytes() == first, "the same seed plays the same"


def places(hits: Hits) -> list[tuple[int, int]]:
    return list(zip(hits.steps.tolist(), hits.lanes.tolist(), strict=True))


def test_what_cannot_be_played_is_told(tmp_path: Path) -> None:
    source = DRUMS / "drummer2/session2/2_rock_130_beat_4-4.mid"
    for wanted, why in (
        (Wanted("fill", bar=99), "There is no bar 99"),
        (Wanted("vary", style="polka"), "is not a style; choose from afrobeat"),
        (Wanted("continue", bars=511), "more than 512 bars"),
        (Wanted("sing"), "cannot be done; choose from continue"),
    ):
        with pytest.raises(StudioError, match=why):
            play_file(source, tmp_path / "out.mid", wanted)
    with pytest.raises(StudioError, match="written over"):
        play_file(source, source, Wanted("vary"))
    with pytest.raises(StudioError, match="only performances in 4/4"):
        play_file(DRUMS / "drummer6/session1/3_rock_80_beat_6-8.mid", tmp_path / "out.mid", Wanted("vary"))
    assert not (tmp_path / "out.mid").exists()
