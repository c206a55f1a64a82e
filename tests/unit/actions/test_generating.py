"""What a model makes: files with their recipe inside, in the library, made again bit for bit from the file alone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import soundfile
from pytestqt.qtbot import QtBot

from models import TinyModels
from studio.actions.generatefile import generate_file
from studio.actions.generating import (
    KIND,
    Making,
    Workshop,
    making_again,
    recipe_of,
    run_queued,
)
from studio.actions.madefiles import check_ending, write_sound
from studio.actions.models import open_store
from studio.actions.queue import Queue
from studio.engine.ai.catalogue import Catalogue
from studio.engine.ai.hardware import accelerator
from studio.engine.ai.recipes import Recipe, read_recipe, write_recipe
from studio.engine.ai.runtime import Runtime
from studio.engine.ai.specs import ModelSpec
from studio.engine.audio.tags import Tags, write_tags
from studio.engine.jobs import Cancelled, JobRunner, Work
from studio.errors import StudioError
from studio.storage import locations
from studio.storage.library import Library, NewAsset

SOURCE = Path(__file__).resolve().parents[3] / "src"
ACE = "AceStepPipeline"


@pytest.fixture
def shop(tmp_path: Path, tiny_models: TinyModels, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workshop]:
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    entry: dict[str, Any] = {"task": "music", "licence": "MIT", "commercial": True, "attribution": "nobody"}
    tiny = ModelSpec(name="tiny", title="Tiny", loader=ACE, folder=str(tiny_models.folder(ACE)), **entry)
    absent = ModelSpec(name="absent", title="Absent", loader=ACE, repo="a/b", **entry)
    cover = ModelSpec(name="cover", title="Cover", loader="ZImagePipeline", repo="a/c", **{**entry, "task": "cover"})
    catalogue = Catalogue({spec.name: spec for spec in (tiny, absent, cover)})
    with Library(tmp_path / "library.db") as library:
        yield Workshop(catalogue, open_store(), Runtime(accelerator()), library, tmp_path / "made")


def library_of(shop: Workshop) -> Library:
    assert shop._library is not None
    return shop._library


def making(**values: Any) -> Making:
    given = {"prompt": "calm piano / soft: drums", "seconds": 1.0, "steps": 2, "seed": 5, **values}
    return Making(task="music", model="tiny", values=given)


def work() -> Work:
    return Work(lambda *_: None, threading.Event())


def test_a_batch_is_files_with_recipes_in_the_library(shop: Workshop) -> None:
    made = shop.make(making(batch=2, bpm=120, key="A minor"), work())
    assert [one.seed for one in made] == [5, 6]
    assert [Path(one.path).name for one in made] == ["calm piano - soft- drums.flac", "calm piano - soft- drums 2.flac"]
    for one in made:
        recipe = recipe_of(Path(one.path))
        generation = library_of(shop).generation(one.generation)
        asset = library_of(shop).asset(one.asset)
        assert recipe is not None and generation is not None and asset is not None
        assert msgspec.convert(generation.recipe, Recipe) == recipe and recipe.seed == one.seed
        assert (asset.kind, asset.seconds, asset.bpm, asset.key) == ("generated", 1.0, 120.0, "A minor")
        assert soundfile.info(one.path).frames == 48_000
    assert len(library_of(shop).search("piano", approval="open")) == 2
    assert not list((Path(made[0].path).parent).glob(".*"))


@pytest.mark.parametrize("kind", ["flac", "wav"])
def test_a_file_is_made_again_bit_for_bit_from_itself(shop: Workshop, tmp_path: Path, kind: str) -> None:
    (first,) = shop.make(making(), work(), tmp_path / f"first.{kind}")
    stranger = shutil.copy(first.path, tmp_path / f"from elsewhere.{kind}")
    recipe = recipe_of(Path(stranger))
    assert recipe is not None
    shop.runtime.unload()
    again = making_again(recipe, library_of(shop), first.generation)
    (second,) = shop.make(again, work(), tmp_path / f"second.{kind}")
    assert np.array_equal(soundfile.read(first.path)[0], soundfile.read(second.path)[0])
    assert Path(first.path).read_bytes() == Path(second.path).read_bytes()
    assert [one.id for one in library_of(shop).lineage(first.generation)] == [first.generation, second.generation]


def test_what_is_nearly_the_same_as_an_earlier_result_says_so(shop: Workshop) -> None:
    (first,) = shop.make(making(), work())
    (other,) = shop.make(making(seed=6, prompt="loud guitars", bpm=170), work())
    (again,) = shop.make(making(), work())
    library = library_of(shop)
    remarks = {one.generation: library.marks_of([one.asset])[one.asset].doubts for one in (first, other, again)}
    name = Path(first.path).name
    assert any(f"“{name}” (100% alike)" in sentence for sentence in remarks[again.generation])
    assert not any("nearly the same" in sentence for sentence in remarks[first.generation])
    assert again.asset in [asset.id for asset in library.search(doubtful=True)]


STEMS = ("drums", "bass", "other", "vocals", "guitar", "piano")

OTHERS = {
    "stems": ("stems", "InferenceSession", "", {"source": "SOURCE"}),
    "cover": ("cover", "ZImagePipeline", ".png", {"prompt": "night bus", "size": "512", "steps": 1}),
    "speech": ("speech", "PocketTTSForConditionalGeneration", ".flac", {"prompt": "Hello.", "speed": 1.25}),
    "lyrics": ("lyrics", "WhisperForConditionalGeneration", ".json", {"source": "SOURCE"}),
    "chat": ("chat", "AutoModelForCausalLM", ".txt", {"prompt": "Rhyme on bus.", "longest": 5}),
}


@pytest.mark.parametrize("task", OTHERS)
def test_every_other_task_makes_files_too(shop: Workshop, tiny_models: TinyModels, tmp_path: Path, task: str) -> None:
    kind, loader, ending, values = OTHERS[task]
    entry: dict[str, Any] = {"licence": "MIT", "commercial": True, "attribution": "nobody"}
    needs = {"audio-tokenizer": "codec"} if task == "speech" else {}
    spec = ModelSpec(
        name="other", title="Other", task=kind, loader=loader, folder=str(tiny_models.folder(loader)), needs=needs,
        stems=STEMS if task == "stems" else (), **entry,
    )  # fmt: skip
    codec = "PocketTTSAudioTokenizerModel"
    part = ModelSpec(
        name="codec", title="Codec", task="speech", loader=codec, folder=str(tiny_models.folder(codec)), kind="part",
        **entry,
    )  # fmt: skip
    shop.catalogue = Catalogue({"other": spec, "codec": part})
    source = tmp_path / "mix.wav"
    soundfile.write(source, np.random.default_rng(1).normal(0, 0.1, (44_100, 2)).astype(np.float32), 44_100)
    given = {name: str(source) if value == "SOURCE" else value for name, value in values.items()}
    made = shop.make(Making(task=task, model="other", values=given), work())
    assert all(Path(one.path).stat().st_size > 0 and one.path.endswith(ending) for one in made)
    kept = [library_of(shop).generation(one.generation) for one in made]
    assert all(one is not None and one.task == task and one.recipe["model"] == "other" for one in kept)
    assets = library_of(shop).assets([one.asset for one in made])
    expected = {"cover": "picture", "chat": "text", "lyrics": "text"}.get(task, "generated")
    assert [(one.kind, str(one.path)) for one in assets] == [(expected, one.path) for one in made]
    if task == "stems":
        assert [Path(one.path).name for one in made] == [f"mix ({stem}).flac" for stem in STEMS]
        assert all(one.asset and recipe_of(Path(one.path)) is not None for one in made)
    elif task == "cover":
        from PIL import Image

        with Image.open(made[0].path) as picture:
            assert read_recipe(picture.text["STUDIO_RECIPE"]).values["prompt"] == "night bus"
    elif task == "speech":
        plain = shop.make(Making(task=task, model="other", values={**given, "speed": 1.0}), work())
        lengths = [soundfile.info(one.path).frames for one in (*made, *plain)]
        assert lengths[0] == pytest.approx(lengths[1] / 1.25, rel=0.02)


def test_what_was_made_is_measured(shop: Workshop) -> None:
    (made,) = shop.make(making(bpm=120, key="A minor"), work())
    kept = library_of(shop).generation(made.generation)
    assert kept is not None and kept.checks["seconds"] == 1.0
    assert kept.checks["peak"] == pytest.approx(-1.0, abs=0.1)
    assert not {"numbers", "silence", "length"} & {remark["about"] for remark in kept.checks["remarks"]}


def test_a_sound_that_was_worked_on_is_found_by_what_it_holds(shop: Workshop, tmp_path: Path) -> None:
    source = tmp_path / "sung.wav"
    soundfile.write(source, np.random.default_rng(1).normal(0, 0.1, 96_000).astype(np.float32), 48_000)
    repaint = Making(
        task="music-repaint", model="tiny",
        values={"prompt": "strings", "source": str(source), "begin": 0.5, "end": 1.0, "steps": 2},
    )  # fmt: skip
    (first,) = shop.make(repaint, work())
    recipe = recipe_of(Path(first.path))
    assert recipe is not None and recipe.sources["source"].name == "sung"
    assert str(tmp_path) not in write_recipe(recipe)
    with pytest.raises(StudioError, match="“sung”, which is not in the library"):
        making_again(recipe, library_of(shop))
    moved = source.rename(tmp_path / "moved.wav")
    library_of(shop).add_assets([NewAsset("audio", moved, digest=recipe.sources["source"].sha256)])
    (second,) = shop.make(making_again(recipe, library_of(shop)), work())
    assert np.array_equal(soundfile.read(first.path)[0], soundfile.read(second.path)[0])


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        (Making(task="music", model="absent", values={"prompt": "a"}), "is not here yet; fetch it first"),
        (Making(task="music", model="cover", values={"prompt": "a"}), "does not do this; models that do: tiny, absent"),
        (Making(task="music", model="nothing", values={"prompt": "a"}), "is not in the catalogue"),
        (Making(task="music", model="tiny", values={}), "Description is empty"),
        (Making(task="music-cover", model="tiny", values={"prompt": "a", "source": "/no"}), "/no is not there"),
    ],
)
def test_what_cannot_be_made_is_said_before_anything_is_loaded(shop: Workshop, wanted: Making, sentence: str) -> None:
    with pytest.raises(StudioError, match=sentence):
        shop.make(wanted, work())
    assert not shop.runtime.warm


def test_a_cancel_keeps_what_is_done_and_leaves_nothing_half(shop: Workshop, tmp_path: Path) -> None:
    stop = threading.Event()

    def report(progress: float, _: str) -> None:
        if progress > 0.6:
            stop.set()

    with pytest.raises(Cancelled):
        shop.make(making(batch=2), Work(report, stop))
    assert len(list((tmp_path / "made").iterdir())) == 1 == library_of(shop).count(tasks=["music"])


def test_recipes_from_elsewhere_are_read_by_schema(tmp_path: Path) -> None:
    recipe = Recipe(task="music", model="tiny", values={"prompt": "a"}, seed=3)
    assert read_recipe(write_recipe(recipe)) == recipe
    plain = json.loads(write_recipe(recipe))
    for change in (
        {"format": 2}, {"task": "rm -rf"}, {"seed": -1}, {"seed": 2**60}, {"values": {"prompt": "a", "steps": "x"}},
        {"values": {"evil": 1}}, {"code": "import os"}, {"sources": {"source": {"name": "x", "sha256": "../../etc"}}},
    ):  # fmt: skip
        with pytest.raises(StudioError):
            read_recipe(json.dumps({**plain, **change}))
    for text in ("", "{", "[]", "null", '{"task":' * 1000):
        with pytest.raises(StudioError, match="no recipe"):
            read_recipe(text)
    file = tmp_path / "one.flac"
    write_sound(file, np.zeros((2, 480), np.float32), 48_000, recipe)
    assert recipe_of(file) == recipe
    write_tags(file, Tags(recipe="no recipe"))
    with pytest.raises(StudioError, match="no recipe"):
        recipe_of(file)
    for task, name in (("music", "one.mp3"), ("cover", "one.wav"), ("chat", "one"), ("lyrics", "one.flac")):
        with pytest.raises(StudioError, match=r"name it \."):
            check_ending(task, tmp_path / name)


def test_in_the_queue_one_job_works_on_what_another_made(qtbot: QtBot, shop: Workshop) -> None:
    runner = JobRunner(threads=1)
    told: list[StudioError] = []
    queue = Queue(library_of(shop), {"models": runner}, told.append)
    queue.can(KIND, lambda parameters, results, work: run_queued(shop, parameters, results, work))
    first = queue.add(KIND, "Piano", msgspec.to_builtins(making()))
    longer = {"prompt": "goes on", "source": {"job": first.id}, "seconds": 1.0, "steps": 2}
    extend = Making(task="music-extend", model="tiny", values=longer)
    second = queue.add(KIND, "Longer", msgspec.to_builtins(extend), needs=[first.id])

    def over() -> bool:
        job = queue.job(second.id)
        return job is not None and job.state in {"done", "failed"}

    qtbot.waitUntil(over, timeout=60_000)
    job = queue.job(second.id)
    assert job is not None and job.state == "done", job
    assert soundfile.info(job.result["made"][0]["path"]).frames == 96_000
    queue.close()
    assert not told


@pytest.fixture
def door(tmp_path: Path, tiny_models: TinyModels) -> Callable[..., subprocess.CompletedProcess[str]]:
    environment = os.environ | {"PYTHONPATH": str(SOURCE), "STUDIO_HOME": str(tmp_path / "home")}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "studio", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)

    added = run("models", "add", "tiny", "--task", "music", "--loader", ACE, "--licence", "MIT", "--folder",
                str(tiny_models.folder(ACE)))  # fmt: skip
    assert added.returncode == 0, added.stderr
    return run


def test_the_headless_door(
    door: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out.wav"
    done = door("generate", "music", "--model", "tiny", "--prompt", "dub", "--seconds", "1", "--seed", "9", "--set",
                "steps=2", "-o", str(out), "--json")  # fmt: skip
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["made"] == [{"path": str(out), "seed": 9, "seconds": 1.0}] and report["model"] == "tiny"
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    generate_file("music", "", {}, [], tmp_path / "again.wav", lambda *_: None, out, True)
    assert (tmp_path / "again.wav").read_bytes() == out.read_bytes()
    with Library(locations.library_file()) as library:
        assert library.count("dub", tasks=["music"]) == 1
    jobs = door("jobs", "--json")
    assert jobs.returncode == 0 and json.loads(jobs.stdout) == {"jobs": []}
    with pytest.raises(StudioError, match="Say with --model which model"):
        generate_file("music", "", {"prompt": "a"}, [], out, lambda *_: None)
