"""Many things of the library at once, what is told of one, and making one again: on real files and a real library."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import soundfile

from models import TinyModels
from studio.actions import curating
from studio.actions.again import label_of, making_of, varied
from studio.actions.checking import Asked, check_sound
from studio.actions.generating import Making, Workshop
from studio.actions.madefiles import digest_of
from studio.actions.models import add_model, open_catalogue, open_store
from studio.actions.stories import story_of, title_of
from studio.engine.ai.hardware import accelerator
from studio.engine.ai.recipes import AdapterUse, Recipe, Source
from studio.engine.ai.runtime import Runtime
from studio.engine.jobs import Cancelled, Work
from studio.errors import StudioError
from studio.storage.library import Generation, Library, LibraryReadOnly, NewAsset

RATE = 8000


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library(tmp_path / "library.db") as opened:
        yield opened


def work(stop_at: float = 2.0) -> Work:
    stop = threading.Event()
    return Work(lambda progress, _: stop.set() if progress >= stop_at else None, stop)


def made(library: Library, folder: Path, name: str, parent: int | None = None, **recipe: Any) -> tuple[int, int]:
    """A short tone made by a model, as the workshop keeps it: asset and generation."""
    file = folder / f"{name}.wav"
    folder.mkdir(exist_ok=True)
    sound = (0.3 * np.sin(np.arange(RATE) * 0.3)).astype(np.float32)
    soundfile.write(file, sound, RATE)
    about = file.stat()
    (asset,) = library.add_assets([NewAsset("generated", file, name, about.st_size, about.st_mtime, digest_of(file))])
    told = Recipe(task="music", model="tiny", values={"prompt": f"a {name}", "steps": 2}, seed=4, **recipe)
    facts = msgspec.to_builtins(check_sound(sound[None], RATE, Asked(seconds=9.0)))
    generation = Generation(0, asset, "music", "tiny", "", msgspec.to_builtins(told), parent, checks=facts)
    return asset, library.add_generation(generation)


def test_a_selection_is_decided_rated_categorised_and_tagged(library: Library, tmp_path: Path) -> None:
    assets = [made(library, tmp_path / "made", f"tone {n}")[0] for n in range(5)]
    (plain,) = library.add_assets([NewAsset("audio", tmp_path / "loop.wav", "Loop")])
    every, told = [*assets, plain], work()
    assert curating.decide(library, every, "rejected", "hums", told) == 5
    assert told.failures == ["1 thing is not made by a model and left as it is."]
    assert curating.rate(library, assets, 3, work()) == 5
    assert curating.categorise(library, assets[:2], "drones", work()) == 2
    assert curating.tag(library, every, "Low", True, work()) == 6
    marks = library.marks_of(every)
    assert {(mark.approval, mark.reason, mark.rating) for mark in marks.values()} == {("rejected", "hums", 3)}
    assert {asset.id for asset in library.search("drones")} == set(assets[:2])
    assert library.count(tags=["low"]) == 6
    curating.tag(library, assets, "low", False, work())
    assert library.count(tags=["low"]) == 1


def test_one_that_fails_does_not_hold_up_the_others(library: Library, tmp_path: Path) -> None:
    assets = [made(library, tmp_path / "made", f"tone {n}")[0] for n in range(4)]
    done: list[int] = []

    def change(picked: Any) -> None:
        if any(one.asset.id == assets[2] for one in picked):
            raise StudioError("It is stuck.")
        done.extend(one.asset.id for one in picked)

    told = work()
    assert curating.for_all(library, [*assets, 999], change, told) == 3
    assert sorted(done) == sorted(set(assets) - {assets[2]})
    assert told.failures == ["1 thing is no longer in the library.", "“tone 2”: It is stuck."]


def test_a_library_that_can_only_be_read_says_so_once(library: Library, tmp_path: Path) -> None:
    assets = [made(library, tmp_path / "made", f"tone {n}")[0] for n in range(3)]

    def change(_: Any) -> None:
        raise LibraryReadOnly("The library is open for reading only.")

    told = work()
    with pytest.raises(LibraryReadOnly):
        curating.for_all(library, assets, change, told)
    assert told.failures == []


def test_a_cancel_keeps_what_is_done(library: Library, tmp_path: Path) -> None:
    assets = [made(library, tmp_path / "made", f"tone {n}")[0] for n in range(4)]
    with pytest.raises(Cancelled):
        curating.export_copies(library, assets, tmp_path / "out", work(stop_at=0.2))
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["tone 0.wav"]


def test_copies_are_whole_and_never_overwrite(library: Library, tmp_path: Path) -> None:
    asset, _ = made(library, tmp_path / "made", "tone")
    lost, _ = made(library, tmp_path / "made", "lost")
    (tmp_path / "made" / "lost.wav").unlink()
    out, told = tmp_path / "out", work()
    assert curating.export_copies(library, [asset, lost, asset], out, told) == 2
    assert sorted(file.name for file in out.iterdir()) == ["tone 2.wav", "tone.wav"]
    assert (out / "tone.wav").read_bytes() == (tmp_path / "made" / "tone.wav").read_bytes()
    assert len(told.failures) == 1 and told.failures[0].startswith("“lost” is not at")
    (tmp_path / "blocked").write_text("a file where a folder should be")
    told = work()
    assert curating.export_copies(library, [asset], tmp_path / "blocked", told) == 0
    assert "tone" in told.failures[0]


def test_files_are_verified(library: Library, tmp_path: Path) -> None:
    names = ("good", "gone", "short", "changed")
    assets = [made(library, tmp_path / "made", name)[0] for name in names]
    files = [tmp_path / "made" / f"{name}.wav" for name in names]
    files[1].unlink()
    files[2].write_bytes(files[2].read_bytes()[:-10])
    data = bytearray(files[3].read_bytes())
    data[100] ^= 1
    files[3].write_bytes(data)
    told = work()
    assert curating.verify(library, assets, told) == 1
    assert [sentence.split("”")[0][1:] for sentence in told.failures] == ["gone", "short", "changed"]
    assert ["is not at" in told.failures[0], "size" in told.failures[1], "content" in told.failures[2]] == [True] * 3


def test_the_trash_deletes_its_own_files_and_nothing_else(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "made"
    pairs = {name: made(library, folder, name) for name in ("keep", "back", "go", "replaced", "listed")}
    thrown = [pairs[name] for name in ("back", "go", "replaced", "listed")]
    assert curating.trash(library, [asset for asset, _ in thrown], work()) == 4
    assert all((folder / f"{name}.wav").exists() for name in pairs)
    (folder / "replaced.wav").write_bytes(b"something else by now")
    library.add_assets([NewAsset("audio", folder / "listed.wav", "Mine now")])
    assert curating.restore(library, [pairs["back"][1]], work()) == 1
    gone = [pairs[name][1] for name in ("go", "replaced", "listed")]
    told = work()
    assert curating.delete_for_good(library, [*gone, 999], told) == 3
    assert told.failures == ["Something is no longer in the trash."]
    left = {file.stem for file in folder.iterdir()}
    assert left == {"keep", "back", "replaced", "listed"}
    assert library.trashed() == [] and all(library.generation(key) is None for key in gone)
    assert {asset.name for asset in library.search()} == {"keep", "back", "Mine now"}


def test_what_is_told_of_a_result(library: Library, tmp_path: Path) -> None:
    first, root = made(library, tmp_path / "made", "root")
    source = Source("take one", "")
    _, child = made(
        library, tmp_path / "made", "child", root, adapters=(AdapterUse("warm", "", 0.7),), sources={"source": source}
    )
    library.collect(library.add_collection("Best"), [first])
    library.describe_generation(root, "Night bus", "for the bridge", "drones")
    story = story_of(library, root)
    assert title_of(story.generation) == "Night bus" and story.collections == ("Best",)
    assert [one.id for one in story.family] == [root, child]
    rows = dict(story.recipe)
    assert (rows["Task"], rows["Model"], rows["Seed"]) == ("Music from text", "tiny", "4")
    assert rows["Description"] == "a root" and rows["Steps"] == "2"
    facts = dict(story.facts)
    assert facts["Duplicates"] == "none among the latest results"
    assert facts["Length"] == "1.00 s" and facts["Clipping"] == "none" and facts["Loudness"].endswith("LUFS")
    assert story.doubts == ("It lasts 1.0 s; 9.0 s were asked for.",)
    assert dict(story_of(library, child).recipe)["Adapter"] == "warm, strength 0.7"
    library.trash([root])
    thrown = story_of(library, root)
    assert thrown.asset is not None and thrown.asset.path.name == "root.wav"
    with pytest.raises(StudioError, match="no longer"):
        story_of(library, 999)


def test_a_recipe_of_another_version_is_shown_as_it_is(library: Library, tmp_path: Path) -> None:
    (asset,) = library.add_assets([NewAsset("text", tmp_path / "rhyme.txt")])
    generation = library.add_generation(Generation(0, asset, "verse", "poet", recipe={"format": 9, "mood": "sad"}))
    story = story_of(library, generation)
    assert ("mood", "sad") in story.recipe and story.facts == ()
    with pytest.raises(StudioError, match="another version"):
        making_of(library, generation)


def test_gains_bring_all_to_the_softest() -> None:
    assert curating.equal_gains([-14.0, -20.0, None, -16.5]) == [-6.0, 0.0, 0.0, -3.5]
    assert curating.equal_gains([None, float("-inf")]) == [0.0, 0.0]


@pytest.fixture
def shop(
    tmp_path: Path, tiny_models: TinyModels, monkeypatch: pytest.MonkeyPatch, library: Library
) -> Callable[[Making], int]:
    """Makes something with a tiny model of the person's own catalogue; returns the generation."""
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    entry = {"task": "music", "loader": "AceStepPipeline", "licence": "MIT", "commercial": True, "attribution": "me"}
    add_model({**entry, "name": "tiny", "title": "Tiny", "folder": str(tiny_models.folder("AceStepPipeline"))})
    add_model({**entry, "name": "absent", "title": "Absent", "repo": "a/b"})
    workshop = Workshop(open_catalogue(), open_store(), Runtime(accelerator()), library, tmp_path / "made")
    return lambda making: workshop.make(making, work())[0].generation


def test_a_result_is_made_again_bit_for_bit_and_varied(library: Library, shop: Callable[[Making], int]) -> None:
    values = {"prompt": "slow dub", "seconds": 1.0, "steps": 2, "seed": 5}
    first = shop(Making(task="music", model="tiny", values=values))
    again = shop(making_of(library, first))
    other = shop(varied(making_of(library, first)))
    longer = shop(varied(making_of(library, first), {"seconds": 2.0}))
    assert [one.id for one in library.lineage(first)] == [first, again, other, longer]
    sounds = []
    for key in (first, again, other, longer):
        generation = library.generation(key)
        assert generation is not None and first in {key, generation.parent}
        sounds.append(soundfile.read(library.assets([generation.asset or 0])[0].path)[0])
    assert np.array_equal(sounds[0], sounds[1]) and not np.array_equal(sounds[0], sounds[2])
    assert len(sounds[3]) == 2 * len(sounds[0])
    assert label_of(library, first, "varied") == "slow dub, varied"
    with pytest.raises(StudioError, match="Length"):
        varied(making_of(library, first), {"seconds": -1})


def test_what_cannot_be_made_again_says_what_is_missing(
    library: Library, tmp_path: Path, shop: Callable[[Making], int]
) -> None:
    def kept(**changes: Any) -> int:
        recipe = Recipe(**{"task": "music", "model": "tiny", "values": {"prompt": "dub"}, **changes})
        return library.add_generation(
            Generation(0, None, recipe.task, recipe.model, recipe=msgspec.to_builtins(recipe))
        )

    cases = {
        kept(model="absent"): "“Absent” is not here yet; fetch it first",
        kept(model="nobody"): "nobody",
        kept(task="music-extend", sources={"source": Source("my take", "ab" * 32)}): "“my take”",
        999: "no longer in the library",
    }
    for generation, sentence in cases.items():
        with pytest.raises(StudioError, match=sentence):
            making_of(library, generation)
