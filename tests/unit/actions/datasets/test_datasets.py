"""Datasets as a user works with them: a real library, real files, and what goes wrong with them."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import stat
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from midibytes import midi, off, on, track
from studio.actions.datasets.adding import Added, Said, add_files
from studio.actions.datasets.approving import add_approved
from studio.actions.datasets.editing import change_items, planned, take_out, undo
from studio.actions.datasets.exchanging import export_version, import_version
from studio.actions.datasets.freezing import differences, draft_items, figures, freeze, overview, revert, unfrozen
from studio.actions.datasets.shelf import Shelf
from studio.engine.ai.datasets.items import DatasetError, group_of
from studio.engine.ai.datasets.splits import plan_splits
from studio.engine.ai.recipes import Recipe, Source
from studio.engine.jobs import Cancelled, Work
from studio.errors import StudioError
from studio.storage.library import Dataset, Generation, Library, NewAsset

RATE = 8000


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    with Library(tmp_path / "library.db") as library:
        yield Shelf(library, tmp_path / "datasets")


def work() -> Work:
    return Work(lambda *_: None, threading.Event())


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def texts(folder: Path, *words: str) -> list[Path]:
    """Texts of five words, each named after its last."""
    folder.mkdir(exist_ok=True)
    paths = [folder / f"{word}.txt" for word in words]
    for path, word in zip(paths, words, strict=True):
        path.write_text(f"these are words about {word}\n")
    return paths


def poems(shelf: Shelf, folder: Path, *words: str) -> tuple[Dataset, list[Added]]:
    dataset = shelf.create("Poems", "text")
    told = work()
    added = add_files(shelf, dataset, texts(folder, *words), Said(licence="CC0"), told)
    assert told.failures == []
    return dataset, added


def sound(path: Path, frequency: float = 220.0, seconds: float = 3.0, level: float = 0.3) -> Path:
    """A tone that pulses in its own rhythm, so that no two are alike."""
    at = np.arange(int(seconds * RATE)) / RATE
    pulse = np.sin(2 * np.pi * at * (1 + frequency / 300)) ** 2
    soundfile.write(path, (level * pulse * np.sin(2 * np.pi * frequency * at)).astype(np.float32), RATE)
    return path


def drums(path: Path, *pitches: int, channel: int = 9) -> Path:
    beats = [event for p in pitches for event in ((0, on(p, 60 + p % 9, channel)), (240, off(p, channel)))]
    path.write_bytes(midi([track(*beats)]))
    return path


# Adding


def test_files_come_in_with_what_is_said_and_outlive_their_source(shelf: Shelf, tmp_path: Path) -> None:
    dataset = shelf.create("My  music", "music")
    assert dataset.name == "My music"
    paths = [sound(tmp_path / "Warm pad (vocals).wav"), sound(tmp_path / "low.wav", 90.0)]
    said = Said(tags=("Warm", "Warm", " pad "), bpm=92.0, caption="<b>warm</b> & low", licence="CC0")
    added = add_files(shelf, dataset, paths, said, work())
    paths[0].unlink()
    first = next(iter(shelf.items(dataset)))
    assert (first.name, first.song, first.source) == ("Warm pad (vocals)", "Warm pad", "file Warm pad (vocals).wav")
    assert (first.caption, first.tags, first.bpm, first.licence) == ("<b>warm</b> & low", ("Warm", "pad"), 92.0, "CC0")
    assert first.seconds == 3.0 and shelf.folder(dataset).media(first.media).stat().st_size == first.size
    facts = shelf.library.drafts.by_ids([added[0].id])[0].facts
    assert facts["seconds"] == 3.0 and facts["figures"]["loudness"] < 0
    assert [one.song for one in shelf.items(dataset)] == ["Warm pad", "low"]


def test_doubts_are_told_and_refuse_nothing(shelf: Shelf, tmp_path: Path) -> None:
    dataset = shelf.create("Music", "music")
    soundfile.write(tmp_path / "silent.wav", np.zeros(3 * RATE, np.float32), RATE)
    soundfile.write(tmp_path / "clips.wav", np.sign(np.sin(np.arange(3 * RATE) * 0.2)).astype(np.float32), RATE)
    sound(tmp_path / "short.wav", 150.0, 0.5)
    sound(tmp_path / "soft.wav", 500.0, 3.0, 0.01)
    told = work()
    stems = ("silent", "clips", "short", "soft")
    added = add_files(shelf, dataset, [tmp_path / f"{name}.wav" for name in stems], Said(), told)
    abouts = {one.item.name: {doubt.about for doubt in one.doubts} for one in added}
    assert told.failures == [] and len(list(shelf.items(dataset))) == 4
    assert abouts["silent"] >= {"silence"} and abouts["clips"] >= {"clipping", "loudness"}
    assert abouts["short"] == {"length"} and "loudness" in abouts["soft"]
    assert all(doubt.sentence.endswith(".") for one in added for doubt in one.doubts)


def test_duplicates_are_told_and_what_is_nearly_the_same_is_one_song(shelf: Shelf, tmp_path: Path) -> None:
    dataset = shelf.create("Music", "music")
    first = sound(tmp_path / "first.wav")
    shutil.copyfile(first, tmp_path / "copy.wav")
    softer = sound(tmp_path / "softer.wav", level=0.15)
    other = sound(tmp_path / "other.wav", 700.0)
    added = add_files(shelf, dataset, [first, tmp_path / "copy.wav", softer, other], Said(), work())
    assert [one.new for one in added] == [True, False, True, True]
    assert [doubt.about for doubt in added[1].doubts] == ["duplicate"] and "“first”" in added[1].doubts[0].sentence
    assert [doubt.about for doubt in added[2].doubts] == ["likeness"] and "100% alike" in added[2].doubts[0].sentence
    assert [group_of(one) for one in shelf.items(dataset)] == ["first", "first", "other"]
    change_items(shelf, dataset, [added[3].id], {"song": ""})
    louder = sound(tmp_path / "louder.wav", 700.0, level=0.31)
    (twin,) = add_files(shelf, dataset, [louder], Said(), work())
    groups = [group_of(one) for one in shelf.items(dataset)]
    assert groups[-1] == groups[-2] and twin.new


def test_what_cannot_be_read_is_refused_with_a_sentence_and_leaves_nothing(shelf: Shelf, tmp_path: Path) -> None:
    dataset = shelf.create("Music", "music")
    (tmp_path / "broken.wav").write_bytes(b"RIFF nothing more")
    (tmp_path / "text.txt").write_text("words")
    (tmp_path / "empty").mkdir()
    given = [tmp_path / name for name in ("broken.wav", "text.txt", "empty", "nowhere.wav")]
    told = work()
    assert add_files(shelf, dataset, [*given, sound(tmp_path / "good.wav")], Said(), told)[0].item.name == "good"
    assert len(told.failures) == 4
    for sentence, word in zip(told.failures, ("empty", "nowhere", "broken", "text"), strict=True):
        assert word in sentence and sentence.endswith(".") and "media" not in sentence
        assert not re.search("[0-9a-f]{64}", sentence), "the file is called by the name that the user knows"
    assert len(names(shelf.folder(dataset).folder / "media")) == 1


def test_a_folder_gives_what_fits(shelf: Shelf, tmp_path: Path) -> None:
    dataset = shelf.create("Poems", "text")
    texts(tmp_path / "in", "sea", "sky")
    (tmp_path / "in" / "deep").mkdir()
    texts(tmp_path / "in" / "deep", "moon", ".hidden")
    sound(tmp_path / "in" / "noise.wav")
    told = work()
    added = add_files(shelf, dataset, [tmp_path / "in"], Said(), told)
    assert sorted(one.item.name for one in added) == ["moon", "sea", "sky"] and told.failures == []


@pytest.mark.skipif(sys.platform == "win32", reason="needs a named pipe")
def test_pipes_and_enormous_files_are_left_alone(shelf: Shelf, tmp_path: Path) -> None:
    dataset = shelf.create("Poems", "text")
    folder = tmp_path / "in"
    texts(folder, "sea")
    os.mkfifo(folder / "pipe.txt")
    with (folder / "vast.txt").open("wb") as file:
        file.truncate(3 << 30)  # a hole: it takes no room
    told = work()
    assert [one.item.name for one in add_files(shelf, dataset, [folder], Said(), told)] == ["sea"]
    assert len(told.failures) == 1 and "“vast” has more than 2 GB" in told.failures[0]
    assert len(names(shelf.folder(dataset).folder / "media")) == 1


def test_a_cancel_stops_between_files(shelf: Shelf, tmp_path: Path) -> None:
    dataset = shelf.create("Poems", "text")
    stop = threading.Event()

    class Stopping(Work):
        def check(self) -> None:
            if list(shelf.items(dataset)):
                stop.set()
            super().check()

    with pytest.raises(Cancelled):
        add_files(shelf, dataset, texts(tmp_path / "in", "sea", "sky", "moon"), Said(), Stopping(lambda *_: None, stop))
    assert [one.name for one in shelf.items(dataset)] == ["sea"]


def test_drums_pictures_and_texts_are_examined(shelf: Shelf, tmp_path: Path) -> None:
    beats, covers, poems_ = (shelf.create(f"of {kind}", kind) for kind in ("drums", "image", "text"))
    drums(tmp_path / "beat.mid", 36, 42, 38, 42, 36)
    drums(tmp_path / "same.mid", 36, 42, 38, 42, 36, channel=9).write_bytes(
        midi([track(*[e for p in (36, 42, 38, 42, 36) for e in ((0, on(p, 99, 9)), (240, off(p, 9)))])])
    )
    drums(tmp_path / "piano.mid", 60, 64, channel=0)
    (tmp_path / "none.mid").write_bytes(midi([track()]))
    told = work()
    stems = ("beat", "same", "piano", "none")
    added = add_files(shelf, beats, [tmp_path / f"{name}.mid" for name in stems], Said(), told)
    assert [{doubt.about for doubt in one.doubts} - {"length"} for one in added] == [
        set(),
        {"dynamics", "likeness"},
        {"drums"},
    ]
    assert len(told.failures) == 1 and "holds no notes" in told.failures[0]
    rng = np.random.default_rng(1)
    picture = rng.integers(0, 255, (8, 8, 3), np.uint8).repeat(40, 0).repeat(40, 1)
    Image.fromarray(picture).save(tmp_path / "a.png")
    Image.fromarray(picture).save(tmp_path / "b.jpg", quality=80)
    Image.fromarray(np.zeros((20, 20, 3), np.uint8)).save(tmp_path / "black.png")
    (tmp_path / "cut.png").write_bytes((tmp_path / "a.png").read_bytes()[:200])
    told = work()
    added = add_files(
        shelf, covers, [tmp_path / name for name in ("a.png", "b.jpg", "black.png", "cut.png")], Said(), told
    )
    assert [{doubt.about for doubt in one.doubts} for one in added] == [set(), {"likeness"}, {"size", "plain"}]
    assert len(told.failures) == 1 and "no picture that can be read" in told.failures[0]
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9 au lait")
    (tmp_path / "void.txt").write_bytes(b" \n")
    (tmp_path / "one.txt").write_text("word")
    told = work()
    added = add_files(shelf, poems_, [tmp_path / name for name in ("latin.txt", "void.txt", "one.txt")], Said(), told)
    assert len(told.failures) == 2 and [doubt.about for doubt in added[0].doubts] == ["length"]


def generation(shelf: Shelf, path: Path, task: str = "music", approval: str = "approved", **told: Any) -> int:
    """What a model made, in the library, decided."""
    values, sources = told.pop("values", {}), told.pop("sources", {})
    kind = {".wav": "generated", ".png": "picture", ".mid": "midi"}.get(path.suffix, "text")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    (asset,) = shelf.library.add_assets([NewAsset(kind, path, digest=digest)])  # type: ignore[arg-type]
    shelf.library.tag([asset], "Warm")
    recipe = Recipe(task=task, model="tiny", values=values, seed=4, sources=sources)
    given = {"parent": None, "checks": None, **told}
    return shelf.library.add_generation(
        Generation(0, asset, task, "tiny", "", msgspec.to_builtins(recipe), approval=approval, **given)  # type: ignore[arg-type]
    )


def test_approved_results_come_in_with_their_recipe(shelf: Shelf, tmp_path: Path) -> None:
    dataset = shelf.create("Music", "music")
    values = {"prompt": "warm pad", "bpm": 92, "key": "C major", "lyrics": "la la"}
    first = generation(shelf, sound(tmp_path / "a.wav"), values=values, made=100.0)
    doubted = {"remarks": [{"about": "tempo", "sentence": "It sounds like 120 BPM."}]}
    second = generation(shelf, sound(tmp_path / "b.wav", 90.0), values=values, parent=first, checks=doubted, made=200.0)
    generation(shelf, sound(tmp_path / "c.wav", 500.0), approval="rejected", values=values)
    generation(shelf, sound(tmp_path / "d.wav", 600.0), approval="open", values=values)
    generation(shelf, sound(tmp_path / "e.wav", 800.0), "speech", values={"text": "hello"})
    told = work()
    added = add_approved(shelf, dataset, Said(), told)
    assert told.failures == [] and [one.item.source for one in added] == [f"generation {first}", f"generation {second}"]
    one, other = (one.item for one in added)
    assert (one.caption, one.bpm, one.key, one.lyrics, one.tags) == ("warm pad", 92.0, "C major", "la la", ("Warm",))
    assert one.recipe is not None and one.recipe["seed"] == 4
    assert other.bpm is None and other.key == "C major"
    assert group_of(one) == group_of(other) == f"generation {first}"
    assert add_approved(shelf, dataset, Said(), work()) == []
    take_out(shelf, [one.id for one in added])
    assert [one.item.source for one in add_approved(shelf, dataset, Said(), work(), since=150.0)] == [
        f"generation {second}"
    ]
    voices = shelf.create("Voices", "voice")
    assert [one.item.lyrics for one in add_approved(shelf, voices, Said(), work())] == ["hello"]


def test_what_was_made_from_an_item_is_the_same_song(shelf: Shelf, tmp_path: Path) -> None:
    dataset = shelf.create("Music", "music")
    source = sound(tmp_path / "Blue sky.wav")
    (item,) = add_files(shelf, dataset, [source], Said(song="Album"), work())
    used = {"source": Source("renamed", item.item.sha256)}
    generation(shelf, sound(tmp_path / "cover.wav", 500.0), "music-cover", sources=used, values={"prompt": "again"})
    generation(shelf, sound(tmp_path / "cover 2.wav", 900.0), "music-cover", sources={"source": Source("else", "")})
    added = add_approved(shelf, dataset, Said(), work())
    assert [one.item.song for one in added] == ["Album", "else"]


def test_words_that_were_heard_become_texts_and_lost_files_are_told(shelf: Shelf, tmp_path: Path) -> None:
    dataset = shelf.create("Poems", "text")
    (tmp_path / "heard.json").write_text(json.dumps({"text": "five words that were heard", "words": []}))
    generation(shelf, tmp_path / "heard.json", "lyrics")
    (tmp_path / "odd.json").write_text("[]")
    generation(shelf, tmp_path / "odd.json", "lyrics")
    (tmp_path / "gone.txt").write_text("words")
    generation(shelf, tmp_path / "gone.txt", "chat")
    (tmp_path / "gone.txt").unlink()
    told = work()
    (added,) = add_approved(shelf, dataset, Said(), told)
    assert shelf.folder(dataset).media(added.item.media).read_text() == "five words that were heard"
    assert len(told.failures) == 2 and all(sentence.endswith(".") for sentence in told.failures)


# Editing


def test_items_are_edited_undone_and_bounded(shelf: Shelf, tmp_path: Path) -> None:
    dataset, added = poems(shelf, tmp_path / "in", "sea", "sky", "moon")
    ids = [one.id for one in added]
    before = list(shelf.items(dataset))
    change = change_items(shelf, dataset, ids[:2], {"caption": "<i>blue</i>\x00", "tags": ["a", "a", " "], "bpm": 90})
    assert [(one.caption, one.tags, one.bpm) for one in shelf.items(dataset)][:2] == [("<i>blue</i>", ("a",), 90.0)] * 2
    undo(shelf, dataset, change)
    assert list(shelf.items(dataset)) == before
    for wrong in (
        {"bpm": 5000.0},
        {"bpm": float("nan")},
        {"sha256": "0" * 64},
        {"split": "other"},
        {"tags": ["x"] * 3, "size": 1},
    ):
        with pytest.raises(DatasetError, match=r"cannot be"):
            change_items(shelf, dataset, ids, wrong)
    assert list(shelf.items(dataset)) == before
    out = take_out(shelf, ids[:1])
    assert [one.name for one in shelf.items(dataset)] == ["sky", "moon"]
    undo(shelf, dataset, out)
    assert sorted(one.name for one in shelf.items(dataset)) == ["moon", "sea", "sky"]
    assert len(shelf.library.drafts.prints(dataset.id, 9)) == 3


def test_a_song_changes_its_split_as_a_whole(shelf: Shelf, tmp_path: Path) -> None:
    dataset, added = poems(shelf, tmp_path / "in", "sea", "sky", "moon", "sun")
    change_items(shelf, dataset, [one.id for one in added[:2]], {"song": "Water"})
    change_items(shelf, dataset, [added[0].id], {"split": "test"})
    plan = planned(shelf, dataset)
    assert [one.split for one in shelf.items(dataset)][:2] == ["test", "test"] and plan.of["water"] == "test"


# Freezing


def test_a_draft_is_frozen_once_and_goes_on(shelf: Shelf, tmp_path: Path) -> None:
    dataset, added = poems(shelf, tmp_path / "in", "sea", "sky", "moon")
    assert unfrozen(shelf, dataset)
    first = freeze(shelf, dataset)
    assert (first.new, first.version.number, first.version.parent, first.version.items) == (True, 1, "", 3)
    again = freeze(shelf, dataset)
    assert (again.new, again.version) == (False, first.version) and not unfrozen(shelf, dataset)
    change_items(shelf, dataset, [added[0].id], {"caption": "about the sea"})
    add_files(shelf, dataset, texts(tmp_path / "in", "sun"), Said(), work())
    second = freeze(shelf, dataset)
    assert (second.version.number, second.version.parent) == (2, first.version.digest)
    folder = shelf.folder(dataset)
    assert folder.latest() == 2 and [one.number for one in shelf.versions(dataset)] == [1, 2]
    for number in (1, 2):
        assert not folder.lines(number).stat().st_mode & stat.S_IWUSR
    one, two = shelf.version(dataset, 1), shelf.version(dataset)
    change = differences(one.items, two.items)
    assert (change.added, change.removed, change.changed) == (1, 0, 1)
    assert change.changes[0].fields == {"caption": ("", "about the sea")}
    kept = {item.sha256: item.split for item in two.items()}
    assert all(kept[item.sha256] == item.split for item in one.items())
    line = folder.lines(1).read_bytes().splitlines()[0]
    assert json.loads(line)["media"].startswith("media/") and json.loads(line)["licence"] == "CC0"


def test_a_revert_brings_a_version_back_and_freezes_to_it(shelf: Shelf, tmp_path: Path) -> None:
    dataset, added = poems(shelf, tmp_path / "in", "sea", "sky", "moon")
    first = freeze(shelf, dataset).version
    take_out(shelf, [added[0].id])
    change_items(shelf, dataset, [added[1].id], {"caption": "changed"})
    assert freeze(shelf, dataset).version.number == 2
    _, frozen = shelf.refer("poems@v1")
    assert frozen is not None
    revert(shelf, dataset, frozen)
    assert differences(frozen.items, draft_items(shelf, dataset)).empty
    assert [row.facts is not None for row in shelf.library.drafts.items(dataset.id)] == [False, True, True]
    again = freeze(shelf, dataset)
    assert (again.new, again.version) == (False, first) and shelf.folder(dataset).latest() == 1


def test_a_song_that_was_moved_to_validate_stays_there(shelf: Shelf, tmp_path: Path) -> None:
    """Two songs that chance sends to training: one validates, also when a third comes that chance sends there."""

    def drawn(seed: int) -> list[str]:
        plan = plan_splits(dict.fromkeys(("sea", "sky", "moon", "sun", "rain"), ""), seed)
        return [plan.of[song] for song in ("sea", "sky", "moon")]

    seed = next(seed for seed in range(10_000) if drawn(seed) == ["train", "train", "validation"])
    dataset = shelf.create("Poems", "text", seed)
    add_files(shelf, dataset, texts(tmp_path / "in", "sea", "sky"), Said(), work())
    first = freeze(shelf, dataset).version
    assert first.splits == {"train": 1, "validation": 1, "test": 0}
    add_files(shelf, dataset, texts(tmp_path / "in", "moon"), Said(), work())
    assert freeze(shelf, dataset).version.splits == {"train": 1, "validation": 2, "test": 0}
    one, two = ({item.name: item.split for item in shelf.version(dataset, n).items()} for n in (1, 2))
    assert all(two[name] == split for name, split in one.items())


def test_an_empty_draft_is_refused_and_one_song_is_told(shelf: Shelf, tmp_path: Path) -> None:
    dataset = shelf.create("Poems", "text")
    with pytest.raises(DatasetError, match="has no items"):
        freeze(shelf, dataset)
    add_files(shelf, dataset, texts(tmp_path / "in", "sea"), Said(), work())
    done = freeze(shelf, dataset)
    assert done.version.splits == {"train": 1, "validation": 0, "test": 0} and "one song" in done.notices[0]
    add_files(shelf, dataset, texts(tmp_path / "in", "sky"), Said(), work())
    done = freeze(shelf, dataset)
    assert done.version.splits["validation"] == 1 and done.notices == ()


def test_media_that_vanished_or_changed_stop_a_freezing_and_a_use(shelf: Shelf, tmp_path: Path) -> None:
    dataset, added = poems(shelf, tmp_path / "in", "sea", "sky", "moon")
    freeze(shelf, dataset)
    frozen = shelf.version(dataset, 1)
    frozen.check_media()
    frozen.media(added[0].item).unlink()
    frozen.media(added[1].item).write_text("tampered with")
    with pytest.raises(DatasetError, match=r"Version 1 of “Poems” cannot be used: “sea” is gone, “sky” has changed"):
        frozen.check_media()
    change_items(shelf, dataset, [added[2].id], {"caption": "new"})
    with pytest.raises(DatasetError, match="“sea” is gone"):
        freeze(shelf, dataset)
    assert shelf.folder(dataset).numbers() == [1]
    add_files(shelf, dataset, texts(tmp_path / "in", "sea", "sky"), Said(), work())
    frozen.check_media()
    assert freeze(shelf, dataset).version.number == 2


def test_a_version_that_was_tampered_with_is_refused(shelf: Shelf, tmp_path: Path) -> None:
    dataset, _ = poems(shelf, tmp_path / "in", "sea", "sky")
    freeze(shelf, dataset)
    lines = shelf.folder(dataset).lines(1)
    lines.chmod(0o644)
    lines.write_bytes(lines.read_bytes().replace(b"CC0", b"GPL"))
    with pytest.raises(DatasetError, match="its digest differs"):
        shelf.version(dataset, 1)
    with pytest.raises(DatasetError, match=r"no version 7; it has v1"):
        shelf.version(dataset, 7)


def test_what_stands_in_the_folders_outlives_the_library(shelf: Shelf, tmp_path: Path) -> None:
    dataset, _ = poems(shelf, tmp_path / "in", "sea", "sky", "moon")
    version = freeze(shelf, dataset).version
    with Library(tmp_path / "fresh.db") as library:
        fresh = Shelf(library, shelf.root)
        found = fresh.open("poems")
        assert (found.items, found.seed, found.base, found.kind) == (3, dataset.seed, 1, "text")
        assert freeze(fresh, found).version == version
        with pytest.raises(StudioError, match="already"):
            fresh.create("POEMS", "text")


@pytest.mark.parametrize("name", ["", "a/b", "..", "a@v1", "x" * 90, "con", "a:b", "tab\tin \x01"])
def test_names_that_no_folder_can_have_are_refused(shelf: Shelf, name: str) -> None:
    with pytest.raises(DatasetError, match="cannot be a dataset's name"):
        shelf.create(name, "text")
    assert shelf.all() == []


def test_figures_and_deleting(shelf: Shelf, tmp_path: Path) -> None:
    dataset, added = poems(shelf, tmp_path / "in", "sea", "sky")
    change_items(shelf, dataset, [added[0].id], {"tags": ["water"], "caption": "x"})
    told = figures(shelf, dataset)
    assert overview(shelf, shelf.open("Poems")) == (planned(shelf, dataset), told, True)
    assert (told.items, told.songs, told.bare, told.tags) == (2, 2, 1, (("water", 1),))
    assert {part.items for name, part in told.splits.items() if name != "test"} == {1}
    shelf.delete(dataset)
    assert shelf.all() == [] and names(shelf.root) == []
    (shelf.root / ".dead.gone").mkdir()
    assert shelf.all() == []
    with pytest.raises(DatasetError, match="There is no dataset “Poems”"):
        shelf.open("Poems")


# Exchanging


@pytest.mark.parametrize("name", ["out", "out.zip"])
def test_an_export_comes_back_as_the_same_version(shelf: Shelf, tmp_path: Path, name: str) -> None:
    dataset, added = poems(shelf, tmp_path / "in", "sea", "sky", "moon")
    freeze(shelf, dataset)
    take_out(shelf, [added[0].id])
    version = freeze(shelf, dataset).version
    export_version(shelf.version(dataset), tmp_path / name)
    with Library(tmp_path / "other.db") as library:
        other = Shelf(library, tmp_path / "elsewhere")
        come = import_version(other, tmp_path / name)
        assert come.new and come.version == version and come.dataset.name == "Poems"
        other.version(come.dataset, 2).check_media()
        assert other.open("Poems").seed == dataset.seed
        assert freeze(other, come.dataset).version.digest == version.digest
        again = import_version(other, tmp_path / name)
        assert not again.new and again.version == version and len(other.all()) == 1
    assert import_version(shelf, tmp_path / name).new is False


def test_a_version_goes_into_a_dataset_that_is_there(shelf: Shelf, tmp_path: Path) -> None:
    dataset, _ = poems(shelf, tmp_path / "in", "sea", "sky")
    version = freeze(shelf, dataset).version
    export_version(shelf.version(dataset), tmp_path / "out")
    other = shelf.create("Verses", "text")
    add_files(shelf, other, texts(tmp_path / "in", "rain"), Said(), work())
    freeze(shelf, other)
    come = import_version(shelf, tmp_path / "out", "verses")
    assert (come.version.number, come.version.digest, come.version.name) == (2, version.digest, "Verses")
    assert [one.name for one in shelf.items(other)] == ["rain"]
    music = shelf.create("Music", "music")
    with pytest.raises(DatasetError, match="of the type music"):
        import_version(shelf, tmp_path / "out", music.name)
    named = import_version(shelf, tmp_path / "out", "Brought")
    assert named.dataset.name == "Brought" and named.dataset.items == 2


def test_an_export_that_fails_leaves_nothing(shelf: Shelf, tmp_path: Path) -> None:
    dataset, added = poems(shelf, tmp_path / "in", "sea", "sky")
    freeze(shelf, dataset)
    shelf.folder(dataset).media(added[1].item.media).unlink()
    for name in ("out", "out.zip"):
        with pytest.raises(StudioError, match="no longer in the dataset's folder"):
            export_version(shelf.version(dataset), tmp_path / name)
    assert not [file for file in tmp_path.iterdir() if "out" in file.name or file.name.endswith(".part")]


def _drop_a_file(folder: Path) -> None:
    next((folder / "media").iterdir()).unlink()


def _change_a_file(folder: Path) -> None:
    file = next((folder / "media").iterdir())
    file.write_bytes(file.read_bytes()[::-1])


def _cut_a_file(folder: Path) -> None:
    file = next((folder / "media").iterdir())
    file.write_bytes(file.read_bytes()[:-1])


def _in_lines(old: bytes, new: bytes) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        (lines,) = folder.glob("*.jsonl")
        lines.chmod(0o644)
        lines.write_bytes(lines.read_bytes().replace(old, new, 1))

    return change


def _claim(old: bytes, new: bytes) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        about = folder / "dataset_v1.json"
        about.chmod(0o644)
        about.write_bytes(about.read_bytes().replace(old, new, 1))

    return change


HARM = {
    "a missing file": (_drop_a_file, "lacks the file of"),
    "another file": (_change_a_file, "content differs"),
    "a cut file": (_cut_a_file, "another size"),
    "other lines": (_in_lines(b"CC0", b"GPL"), "digest of its lines differs"),
    "a path that leads outside": (_in_lines(b"media/", b"../../media/"), "Line 1 of .* cannot be read"),
    "a huge line": (_in_lines(b"CC0", b"C" * 2_000_000), "cannot be read"),
    "no lines": (lambda folder: next(folder.glob("*.jsonl")).unlink(), "lacks dataset_v1.jsonl"),
    "another type": (_claim(b'"text"', b'"music"'), "none of its files"),
    "another number of items": (_claim(b'"items": 2', b'"items": 3'), "another number of items"),
    "no description": (_claim(b"{", b"["), "does not describe a version"),
}


@pytest.mark.parametrize(("harm", "sentence"), HARM.values(), ids=HARM.keys())
def test_a_package_that_is_not_as_it_should_be_is_refused_whole(
    shelf: Shelf, tmp_path: Path, harm: Callable[[Path], None], sentence: str
) -> None:
    dataset, _ = poems(shelf, tmp_path / "in", "sea", "sky")
    freeze(shelf, dataset)
    export_version(shelf.version(dataset), tmp_path / "out")
    shelf.delete(dataset)
    kept = shelf.create("Kept", "text")
    add_files(shelf, kept, texts(tmp_path / "in", "rain"), Said(), work())
    harm(tmp_path / "out")
    with zipfile.ZipFile(tmp_path / "out.zip", "w") as archive:
        for file in (tmp_path / "out").rglob("*.*"):
            archive.write(file, file.relative_to(tmp_path / "out"))
    for name in ("out", "out.zip"):
        with pytest.raises(StudioError, match=sentence):
            import_version(shelf, tmp_path / name)
        if "describe" in sentence:
            continue
        with pytest.raises(StudioError, match=sentence):
            import_version(shelf, tmp_path / name, "Kept" if "none of" not in sentence else "")
    assert [one.name for one in shelf.all()] == ["Kept"]
    assert names(shelf.root) == ["Kept"] and len(names(shelf.root / "Kept" / "media")) == 1


def test_a_package_larger_than_the_disk_is_refused_before_it_fills_it(shelf: Shelf, tmp_path: Path) -> None:
    dataset, added = poems(shelf, tmp_path / "in", "sea", "sky")
    freeze(shelf, dataset)
    out = tmp_path / "out"
    export_version(shelf.version(dataset), out)
    shelf.delete(dataset)
    vast = shutil.disk_usage(tmp_path).free + (1 << 30)
    with (out / added[0].item.media).open("wb") as file:
        file.truncate(vast)  # a hole: it takes no room here
    lines, about = (out / f"dataset_v1.{ending}" for ending in ("jsonl", "json"))
    old = lines.read_bytes()
    for file_, before, after in (
        (lines, f'"size":{added[0].item.size},'.encode(), f'"size":{vast},'.encode()),
        (about, hashlib.sha256(old).hexdigest().encode(), b""),
    ):
        content = file_.read_bytes()
        digest = hashlib.sha256(lines.read_bytes()).hexdigest().encode()
        file_.write_bytes(content.replace(before, after or digest, 1))
    with pytest.raises(StudioError, match=r"“out” needs .* GB, and the disk has .* GB; free some space"):
        import_version(shelf, out)
    assert shelf.all() == [] and names(shelf.root) == []


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Shelf, Shelf]]:
    """Datasets of two computers."""
    folder = tmp_path_factory.mktemp("two")
    with Library(folder / "one.db") as one, Library(folder / "other.db") as other:
        yield Shelf(one, folder / "one"), Shelf(other, folder / "other")


@settings(max_examples=15, deadline=None)
@given(
    drawn=st.lists(
        st.tuples(st.integers(0, 30), st.sampled_from("ABCDE"), st.text(max_size=8)), min_size=1, max_size=6
    ),
    seed=st.integers(0, 2**32 - 1),
)
def test_whatever_is_frozen_comes_back_the_same(
    two: tuple[Shelf, Shelf], drawn: list[tuple[int, str, str]], seed: int
) -> None:
    here, there = two
    dataset = here.create("Poems", "text", seed)
    package = here.root.with_name("out.zip")
    try:
        for number, song, caption in drawn:
            given = texts(here.root.with_name("in"), str(number))
            add_files(here, dataset, given, Said(song=song, caption=caption), work())
        done = freeze(here, dataset)
        items = list(here.version(dataset).items())
        songs = {group_of(one): {each.split for each in items if group_of(each) == group_of(one)} for one in items}
        assert all(len(splits) == 1 for splits in songs.values())
        assert len(songs) == 1 or any(splits == {"validation"} for splits in songs.values())
        export_version(here.version(dataset), package)
        come = import_version(there, package)
        assert come.version == done.version
        assert freeze(there, come.dataset).version.digest == done.version.digest
    finally:
        package.unlink(missing_ok=True)
        for shelf in two:
            for one in shelf.all():
                shelf.delete(one)
