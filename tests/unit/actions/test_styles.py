"""Adapters of a request: they change what is made, stand in the recipe, and are asked for again by it."""

from __future__ import annotations

import json
import shutil
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from models import TinyModels
from neural import write_style
from studio.__main__ import main
from studio.actions.generating import Making, Workshop, making_again, recipe_of
from studio.actions.models import add_model, open_catalogue, open_store
from studio.actions.styles import parse_uses
from studio.engine.ai.hardware import accelerator
from studio.engine.ai.recipes import AdapterUse
from studio.engine.ai.runtime import Runtime
from studio.engine.jobs import Work
from studio.errors import StudioError
from studio.storage.library import Library

ACE = "AceStepPipeline"
ENTRY = {"task": "music", "loader": ACE, "licence": "MIT", "commercial": True, "attribution": "nobody"}


@pytest.fixture(scope="module")
def style(tiny_models: TinyModels, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_style(tiny_models, tmp_path_factory.mktemp("style"))


@pytest.fixture
def own(tmp_path: Path, tiny_models: TinyModels, style: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A catalogue with a model and an adapter for it; the adapter's file."""
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    file = Path(shutil.copy(style, tmp_path / "warm.safetensors"))
    add_model({**ENTRY, "name": "tiny", "title": "Tiny", "folder": str(tiny_models.folder(ACE))})
    add_model({**ENTRY, "name": "other", "title": "Other", "folder": str(tiny_models.folder(ACE))})
    add_model({**ENTRY, "name": "warm", "title": "Warm", "kind": "adapter", "base": "tiny", "folder": str(file)})
    return file


def making(*adapters: AdapterUse, model: str = "tiny") -> Making:
    values = {"prompt": "calm piano", "seconds": 1.0, "steps": 2, "seed": 5}
    return Making(task="music", model=model, values=values, adapters=adapters)


def work() -> Work:
    return Work(lambda *_: None, threading.Event())


def test_an_adapter_changes_the_result_and_stands_in_its_recipe(own: Path, tmp_path: Path) -> None:
    with Library(tmp_path / "library.db") as library:
        shop = Workshop(open_catalogue(), open_store(), Runtime(accelerator()), library, tmp_path / "made")

        def sound(one: Making) -> bytes:
            (made,) = shop.make(one, work())
            return soundfile.read(made.path)[0].tobytes()

        plain, half, full = sound(making()), sound(making(AdapterUse("warm", "", 0.5))), None
        (made,) = shop.make(making(AdapterUse("warm", "", 1.0)), work())
        full = soundfile.read(made.path)[0].tobytes()
        assert len({plain, half, full}) == 3
        recipe = recipe_of(Path(made.path))
        assert recipe is not None
        (use,) = recipe.adapters
        assert (use.name, use.weight, len(use.sha256)) == ("warm", 1.0, 64)
        assert sound(making_again(recipe, library)) == full
        assert sound(making()) == plain, "nothing of it stays"
        own.write_bytes(own.read_bytes() + b"\0")
        with pytest.raises(StudioError, match="another than the one it was made with"):
            shop.make(making_again(recipe, library), work())


@pytest.mark.parametrize(
    ("uses", "model", "sentence"),
    [
        ([AdapterUse("warm", ""), AdapterUse("warm", "", 0.5)], "tiny", "chosen twice"),
        ([AdapterUse("warm", "", 9.0)], "tiny", "strength of “Warm” goes from 0 to 4"),
        ([AdapterUse("warm", "")], "other", "was not trained on “Other”; adapters that were: none is known"),
        ([AdapterUse("cold", "")], "tiny", "“cold” is not in the catalogue"),
    ],
)
def test_what_cannot_be_laid_over_a_model_is_refused_before_it_is_queued(
    own: Path, uses: list[AdapterUse], model: str, sentence: str
) -> None:
    shop = Workshop(open_catalogue(), open_store(), Runtime(accelerator()), None, own.parent)
    with pytest.raises(StudioError) as refused:
        shop.check(making(*uses, model=model))
    assert sentence in str(refused.value)
    own.unlink()
    with pytest.raises(StudioError, match="“Warm” is not here yet"):
        shop.check(making(AdapterUse("warm", "")))


def test_the_headless_door_lays_adapters(own: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["generate", "music", "--model", "tiny", "--prompt", "calm piano", "--seconds", "1", "--set", "steps=2"]

    def door(*more: str) -> tuple[int, dict[str, Any]]:
        status = main([*given, "-o", str(tmp_path / "out.flac"), *more, "--json"])
        return status, json.loads(capsys.readouterr().out)

    assert door("--adapter", "warm=0.7")[0] == 0
    recipe = recipe_of(tmp_path / "out.flac")
    assert recipe is not None and [(use.name, use.weight) for use in recipe.adapters] == [("warm", 0.7)]
    status, report = door("--adapter", "warm=loud")
    assert status == 1 and "write its name, or name=strength" in report["error"]
    assert parse_uses(["warm"]) == (AdapterUse("warm", "", 1.0),)


@pytest.mark.parametrize(
    ("task", "seconds", "more", "sentence"),
    [
        ("music-cover", 601, {}, "longer than ten minutes"),
        ("music-repaint", 2, {"begin": 3.0}, "lies beyond “mix.flac”, which ends at 2.00 s"),
    ],
)
def test_a_sound_that_cannot_be_worked_on_is_refused_before_it_is_queued(
    own: Path, tmp_path: Path, task: str, seconds: int, more: dict[str, Any], sentence: str
) -> None:
    sound = tmp_path / "mix.flac"
    soundfile.write(sound, np.zeros(seconds * 8000, np.int16), 8000)
    shop = Workshop(open_catalogue(), open_store(), Runtime(accelerator()), None, tmp_path)
    with pytest.raises(StudioError) as refused:
        shop.check(Making(task=task, model="tiny", values={"prompt": "a", "source": str(sound), **more}))
    assert sentence in str(refused.value)
    sound.write_bytes(b"no sound")
    with pytest.raises(StudioError, match=r"mix\.flac"):
        shop.check(Making(task="music-cover", model="tiny", values={"prompt": "a", "source": str(sound)}))
