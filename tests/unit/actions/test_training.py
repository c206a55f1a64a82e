"""A frozen dataset teaches a tiny model through the headless door, and what comes of it is used by its name."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from models import TinyModels
from studio.actions.datasets.adding import Said
from studio.actions.datasets.headless import add_items, create_dataset, freeze_dataset
from studio.actions.generatefile import generate_file
from studio.actions.models import add_model, models_for
from studio.actions.trainfile import train_file
from studio.errors import StudioError

RATE = 48_000
FEW = {"steps": "6", "rank": "2", "learning_rate": "0.005", "validate_every": "3", "patience": "0", "seed": "1"}


def quiet(*_: object) -> None:
    """Hears of progress."""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny_models: TinyModels) -> Path:
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    entry = {"loader": "AceStepPipeline", "licence": "MIT", "commercial": True, "attribution": "nobody"}
    folder = str(tiny_models.folder("AceStepPipeline"))
    add_model({**entry, "name": "tiny", "title": "Tiny", "task": "music", "folder": folder})
    return tmp_path


def dataset(home: Path, count: int = 3) -> None:
    files = []
    for n in range(count):
        t = np.arange(RATE * 2) / RATE
        sound = 0.3 * np.sin(2 * np.pi * 110 * (n + 2) * t) * np.exp(-(t % 0.25) * 8)
        files.append(home / f"tone {n}.wav")
        soundfile.write(files[-1], sound.astype(np.float32), RATE, subtype="FLOAT")
    create_dataset("Tones", "music")
    add_items("Tones", files, Said(), quiet)
    freeze_dataset("Tones", quiet)


def test_a_dataset_teaches_a_model_that_is_used_by_name(home: Path) -> None:
    dataset(home)
    told = train_file("Tones@v1", "tiny", FEW, "Plucked", quiet)
    assert told["steps"] == 6 and told["best"] < told["base"] and told["adapter"] == "plucked"
    (known,) = [one for one in models_for("music")["models"] if one["name"] == "tiny"]
    assert [one["name"] for one in known["adapters"]] == ["plucked"]
    story = json.loads((Path(told["folder"]) / "lineage.json").read_text("utf-8"))
    assert story["dataset"]["name"] == "Tones" and story["base"]["name"] == "tiny"
    wishes = {"prompt": "a plucked tone", "seconds": 1, "steps": 1, "seed": 4}
    sounds = []
    for name, adapters in (("plain", []), ("taught", ["plucked=2"])):
        out = home / f"{name}.wav"
        generate_file("music", "tiny", wishes, [], out, quiet, adapters=adapters)
        sounds.append(soundfile.read(out)[0])
    assert not np.array_equal(*sounds)
    again = train_file("Tones@latest", "tiny", FEW, "Plucked", quiet)
    assert again["adapter"] == "plucked", "the same training gives the same adapter"


def test_what_is_no_better_is_not_offered(home: Path) -> None:
    dataset(home)
    told = train_file("Tones@v1", "tiny", {**FEW, "ema": "0.9999"}, "Same", quiet)
    assert told["best"] == pytest.approx(told["base"], rel=1e-3) and told["adapter"] == ""
    (known,) = [one for one in models_for("music")["models"] if one["name"] == "tiny"]
    assert not known["adapters"]


def test_what_cannot_be_trained_on_is_told(home: Path) -> None:
    dataset(home)
    with pytest.raises(StudioError, match="which version"):
        train_file("Tones", "tiny", FEW, "", quiet)
    with pytest.raises(StudioError, match="cannot be trained with"):
        train_file("Tones@v1", "tiny", {"rank": "many"}, "", quiet)
    with pytest.raises(StudioError, match="leave sample_every at 0"):
        train_file("Tones@v1", "tiny", {**FEW, "sample_every": "2"}, "", quiet)
    media = next((home / "home" / "data" / "datasets" / "Tones" / "media").iterdir())
    media.chmod(0o644)
    media.write_bytes(media.read_bytes()[:-4] + b"oops")
    with pytest.raises(StudioError, match="changed"):
        train_file("Tones@v1", "tiny", FEW, "", quiet)
