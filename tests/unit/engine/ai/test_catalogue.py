"""models.toml is read by schema; whatever is wrong with an entry is a sentence that names the entry and the field."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from studio.engine.ai.catalogue import MAX_SIZE, load_catalogue, read_entry
from studio.engine.ai.loaders import LOADERS
from studio.errors import StudioError

ENTRY: dict[str, Any] = {
    "name": "own",
    "title": "Own",
    "task": "music",
    "loader": "AceStepPipeline",
    "licence": "MIT",
    "commercial": True,
    "attribution": "me",
    "repo": "me/own",
    "revision": "a" * 40,
}


def test_every_shipped_entry_can_be_used() -> None:
    catalogue = load_catalogue()
    assert catalogue.refused == ()
    assert {spec.task for spec in catalogue.specs.values()} == {
        "music", "cover", "chat", "speech", "lyrics", "stems", "video",
    }  # fmt: skip
    for spec in catalogue.specs.values():
        assert spec.loader in LOADERS and spec.memory > 0 and spec.attribution and spec.licence
        assert spec.revision or spec.name.startswith("pocket-tts"), "only these two are pinned by their first download"
    assert [spec.name for spec in catalogue.of_task("music")] == ["ace-step-xl-turbo", "ace-step-turbo"]
    assert "pocket-tts-codec" not in [spec.name for spec in catalogue.of_task("speech")]


def test_an_unknown_name_lists_what_there_is() -> None:
    with pytest.raises(StudioError, match=r"“gpt” is not in the catalogue; choose one of ace-step-turbo, "):
        load_catalogue().spec("gpt")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"revision": "main"}, "field `revision` makes no sense (it is to be the 40 hexadecimal digits"),
        ({"revision": "A" * 40}, "field `revision`"),
        ({"repo": "https://x/y"}, "field `repo` makes no sense (it is to be OWNER/NAME"),
        ({"task": "dance"}, "field `task` makes no sense (it is to be one of music, cover"),
        ({"loader": "os.system"}, "field `loader` names “os.system”; the loaders are AceStepPipeline"),
        ({"commercial": "perhaps"}, "field `commercial` makes no sense (it is to be true or false)"),
        ({"dtype": "int3"}, "field `dtype` makes no sense (it is to be float32"),
        ({"overrides": {"vae": "int3"}}, "field `overrides` makes no sense"),
        ({"files": [{"path": "x", "sha256": "12"}]}, "field `sha256` makes no sense (it is to be 64 hexadecimal"),
        ({"files": [{"path": "../x"}]}, "field `path` makes no sense (it is to be a path inside"),
        ({"files": [{"path": "/x"}]}, "field `path`"),
        ({"files": [{"path": "x"}, {"path": "x"}]}, "field `files` names a path twice"),
        ({"memory": -1.0}, "field `memory` makes no sense (it is to be gigabytes"),
        ({"memory": 8.0, "comfortable": 2.0}, "field `comfortable` is below `memory`"),
        ({"licence": "do what you want"}, "field `licence` makes no sense"),
        ({"trust_remote_code": True}, "field `trust_remote_code` is not known"),
        ({"repo": ""}, "either the field `repo` or the field `folder`"),
        ({"folder": "/models/own"}, "either the field `repo` or the field `folder`"),
        ({"kind": "adapter"}, "field `base` is missing"),
        ({"timestep_rule": "random"}, "field `timestep_rule` makes no sense (it is to be uniform"),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(StudioError) as refused:
        read_entry({**ENTRY, **change}, "mine.toml")
    assert str(refused.value).startswith("The entry “own” of mine.toml cannot be used: ")
    assert sentence in str(refused.value)


def test_a_field_that_is_missing_is_named() -> None:
    for name in ("title", "task", "loader", "licence", "commercial", "attribution"):
        with pytest.raises(StudioError, match=f"“own” of mine.toml .* field `{name}` is missing"):
            read_entry({key: value for key, value in ENTRY.items() if key != name}, "mine.toml")


def test_entries_of_the_users_own_replace_and_add_and_a_bad_one_costs_only_itself(tmp_path: Path) -> None:
    own = tmp_path / "models.toml"
    own.write_text(
        """
[[model]]
name = "ace-step-turbo"
title = "Mine"
task = "music"
loader = "AceStepPipeline"
licence = "MIT"
commercial = false
attribution = "me"
folder = "/models/mine"

[[model]]
name = "broken"
title = 3

[[model]]
name = "style"
title = "A style"
task = "music"
kind = "adapter"
base = "ace-step-turbo"
loader = "AceStepPipeline"
licence = "CC-BY-4.0"
commercial = true
attribution = "me"
folder = "/models/style.safetensors"
""",
        "utf-8",
    )
    catalogue = load_catalogue(own)
    assert catalogue.spec("ace-step-turbo").title == "Mine" and catalogue.spec("ace-step-turbo").local
    assert [spec.name for spec in catalogue.adapters("ace-step-turbo")] == ["style"]
    assert "style" not in [spec.name for spec in catalogue.of_task("music")]
    (sentence,) = catalogue.refused
    assert sentence.startswith("The entry “broken” of models.toml cannot be used: the field `title`")


def test_an_entry_that_points_at_nothing_is_told(tmp_path: Path) -> None:
    own = tmp_path / "models.toml"
    lines = [f"{key} = {str(value).lower() if value is True else repr(value)}" for key, value in ENTRY.items()]
    own.write_text("[[model]]\n" + "\n".join([*lines, 'training_base = "nowhere"']), "utf-8")
    assert load_catalogue(own).refused == (
        "The entry “own” names “nowhere” as its training_base, which is not in the catalogue; add it.",
    )


@pytest.mark.parametrize(
    "content", [b"[[model]", b"\xff\xfe", b"model = 3", b"[other]", b"#" * (MAX_SIZE + 1)], ids=range(5)
)
def test_a_file_that_is_no_catalogue_leaves_the_studios_own(tmp_path: Path, content: bytes) -> None:
    own = tmp_path / "models.toml"
    own.write_bytes(content)
    catalogue = load_catalogue(own)
    assert len(catalogue.refused) == 1 and catalogue.refused[0].startswith("The catalogue models.toml ")
    assert catalogue.specs == load_catalogue(tmp_path / "none.toml").specs
