"""Recipes that files bring: read from every kind of file, refused where they are none, held against what is here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import soundfile

from studio.actions.generating import recipe_of
from studio.actions.madefiles import digest_of, write_picture, write_sound
from studio.actions.models import open_store
from studio.actions.recreating import hold_against, made_of
from studio.engine.ai.catalogue import Catalogue
from studio.engine.ai.recipes import AdapterUse, Place, Recipe, Source, read_recipe, write_recipe
from studio.engine.ai.specs import ModelSpec
from studio.errors import StudioError
from studio.storage.library import Generation, Library, NewAsset

PLACE = Place(song="project-1", name="Night Bus", track="track-1", anchor=3840, offset=-2, length=96_000, rate=48_000)
RECIPE = Recipe(task="music", model="tiny", values={"prompt": "slow dub", "steps": 2}, seed=3, place=PLACE)


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    with Library(tmp_path / "library.db") as opened:
        yield opened


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "model_index.json").write_text("{}")
    entry: dict[str, Any] = {"task": "music", "licence": "MIT", "commercial": True, "attribution": "nobody"}
    ace = {"loader": "AceStepPipeline"}
    tiny = ModelSpec(name="tiny", title="Tiny", folder=str(tmp_path / "model"), **ace, **entry)
    absent = ModelSpec(name="absent", title="Absent", repo="a/b", revision="cd" * 20, **ace, **entry)
    return Catalogue({"tiny": tiny, "absent": absent})


def test_sounds_pictures_and_words_tell_how_they_were_made(tmp_path: Path) -> None:
    sound = np.zeros((2, 480), np.float32)
    for name in ("one.flac", "one.wav"):
        write_sound(tmp_path / name, sound, 48_000, RECIPE)
        assert recipe_of(tmp_path / name) == RECIPE
    write_picture(tmp_path / "one.png", np.zeros((8, 8, 3), np.uint8), RECIPE)
    assert recipe_of(tmp_path / "one.png") == RECIPE
    (tmp_path / "one.json").write_text(json.dumps({"text": "la", "recipe": msgspec.to_builtins(RECIPE)}))
    assert recipe_of(tmp_path / "one.json") == RECIPE


def test_files_that_say_nothing_or_nonsense(tmp_path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (8, 8)).save(tmp_path / "plain.png")
    (tmp_path / "words.json").write_text('{"text": "la"}')
    (tmp_path / "list.json").write_text("[" * 100_000)
    (tmp_path / "words.txt").write_text("la")
    for name in ("plain.png", "words.json", "list.json", "words.txt"):
        assert recipe_of(tmp_path / name) is None
    whole = (tmp_path / "plain.png").read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[:20])
    (tmp_path / "gif.png").write_bytes(b"GIF89a" + whole)
    for name, sentence in (("cut.png", "no picture"), ("gif.png", "no picture"), ("gone.png", "not there any more")):
        with pytest.raises(StudioError, match=sentence):
            recipe_of(tmp_path / name)
    (tmp_path / "evil.json").write_text(json.dumps({"recipe": {"task": "music", "model": "x", "run": "rm -rf"}}))
    with pytest.raises(StudioError, match="no recipe"):
        recipe_of(tmp_path / "evil.json")


@pytest.mark.parametrize(
    "change",
    [{"length": 0}, {"length": -5}, {"rate": 0}, {"rate": 10**9}, {"anchor": 2**60}, {"offset": "0"}, {"lead": -1},
     {"under": "../../etc"}, {"song": "x" * 500}, {"path": "/etc/passwd"}, {"over": "yes"}],
)  # fmt: skip
def test_a_place_that_makes_no_sense_does_not_get_in(change: dict[str, Any]) -> None:
    told = json.loads(write_recipe(RECIPE))
    assert read_recipe(json.dumps(told)) == RECIPE
    told["place"].update(change)
    with pytest.raises(StudioError, match="no recipe"):
        read_recipe(json.dumps(told))


def test_what_is_missing_is_said_with_what_to_do(library: Library, catalogue: Catalogue, tmp_path: Path) -> None:
    def held(**changes: Any) -> Any:
        return hold_against(msgspec.structs.replace(RECIPE, **changes), library, catalogue, open_store(), 7)

    fine = held()
    assert fine.making is not None and (fine.making.place, fine.making.parent) == (PLACE, 7)
    assert not fine.obstacle and not fine.differs and fine.making.values["seed"] == 3
    assert "“nobody”, which the catalogue does not have; add that model" in held(model="nobody").obstacle
    assert "“Absent” is not here yet; fetch it first" in held(model="absent", revision="cd" * 20).obstacle
    other = held(revision="ab" * 20)
    assert other.making is not None and "it was made with abababababab" in other.differs[0]
    assert "is not in the catalogue" in held(adapters=(AdapterUse("warm", "", 0.5),)).obstacle
    source = tmp_path / "sung.wav"
    soundfile.write(source, np.zeros(48_000, np.float32), 48_000)
    repaint = {"task": "music-repaint", "values": {"prompt": "a", "begin": 0.1, "end": 0.5, "steps": 2}}
    sung = {"source": Source("sung", digest_of(source))}
    assert "“sung”, which is not in the library; import that sound" in held(**repaint, sources=sung).obstacle
    library.add_assets([NewAsset("audio", source, digest=digest_of(source))])
    found = held(**repaint, sources=sung)
    assert found.making is not None and found.making.values["source"] == str(source)


def test_a_file_is_known_by_its_place_or_by_what_it_holds(library: Library, tmp_path: Path) -> None:
    file, copy = tmp_path / "one.flac", tmp_path / "copy.flac"
    write_sound(file, np.zeros((2, 480), np.float32), 48_000, RECIPE)
    assert made_of(library, file) is None
    (asset,) = library.add_assets([NewAsset("generated", file.resolve(), digest=digest_of(file))])
    made = library.add_generation(Generation(0, asset, "music", "tiny", recipe=msgspec.to_builtins(RECIPE)))
    copy.write_bytes(file.read_bytes())
    assert made_of(library, file) == made_of(library, copy) == made
    assert made_of(library, tmp_path / "none.flac") is None
