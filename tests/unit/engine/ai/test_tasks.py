"""Every task through one door: batches, rates, settings, and what an installation can do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from models import TinyModels
from neural import Heard, Shelf
from studio.engine.ai import words
from studio.engine.ai.catalogue import Catalogue, load_catalogue
from studio.engine.ai.forms import FORMS, read_values
from studio.engine.ai.loading import Loaded
from studio.engine.ai.specs import ModelSpec
from studio.engine.ai.tasks import TASKS, capabilities, make, make_one, settings_of, source_rate
from studio.engine.jobs import Cancelled
from studio.errors import StudioError

CASES: tuple[tuple[str, str, dict[str, Any], str], ...] = (
    ("music", "StableAudio3Pipeline", {"prompt": "calm", "seconds": 1.0, "steps": 2}, "sound"),
    ("music-cover", "StableAudio3Pipeline", {"prompt": "calm", "source": "x", "steps": 2}, "sound"),
    ("stems", "InferenceSession", {"source": "x"}, "stems"),
    ("cover", "ZImagePipeline", {"prompt": "a boat", "steps": 1}, "picture"),
    ("speech", "PocketTTSForConditionalGeneration", {"prompt": "Hello."}, "sound"),
    ("lyrics", "WhisperForConditionalGeneration", {"source": "x"}, "words"),
    ("chat", "AutoModelForCausalLM", {"prompt": "why?", "longest": 4}, "text"),
)


@pytest.fixture(scope="module")
def shelf(tiny_models: TinyModels) -> Shelf:
    return Shelf(tiny_models)


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a random model writes is noise at every temperature."""
    monkeypatch.setattr(words, "FREEDOMS", (0.0,))


def model(shelf: Shelf, task: str, loader: str) -> Loaded:
    fields = {"stems": tuple("abcdef")} if task == "stems" else {}
    return shelf.get(loader, task.partition("-")[0], **fields)  # type: ignore[arg-type]


def test_every_form_has_its_task() -> None:
    assert set(TASKS) == set(FORMS)


@pytest.mark.parametrize(("task", "loader", "given", "kind"), CASES, ids=[case[0] for case in CASES])
def test_each_task_makes_its_kind(shelf: Shelf, task: str, loader: str, given: dict[str, Any], kind: str) -> None:
    loaded = model(shelf, task, loader)
    values = read_values(task, given) | ({"size": "64"} if task == "cover" else {})
    noise = np.random.default_rng(2).normal(0, 0.1, (2, source_rate(loaded) * 2)).astype(np.float32)
    made = make_one(loaded, task, values, 5, {"source": noise} if "source" in given else {}, Heard())
    filled = {name for name in ("sound", "picture", "words", "stems", "text") if _holds(getattr(made, name))}
    assert kind in filled and filled <= {kind, "text"} and made.seed == 5
    assert made.rate > 0 or kind not in {"sound", "stems"}


def _holds(value: Any) -> bool:
    return value is not None and len(value) > 0


def test_one_of_a_batch_is_as_if_made_alone(shelf: Shelf) -> None:
    loaded, work = shelf.get("StableAudio3Pipeline", "music"), Heard()
    values = read_values("music", {"prompt": "calm", "seconds": 1.0, "steps": 2, "batch": 3, "seed": 10})
    made = list(make(loaded, "music", values, {}, work))
    assert [one.seed for one in made] == [10, 11, 12]
    assert work.progress == sorted(work.progress) and work.progress[-1] == 1.0
    alone = make_one(loaded, "music", values, 11, {}, Heard())
    assert np.array_equal(made[1].sound, alone.sound) and not np.array_equal(made[0].sound, alone.sound)


def test_what_came_before_a_cancel_is_given(shelf: Shelf) -> None:
    values = read_values("music", {"prompt": "calm", "seconds": 1.0, "steps": 2, "batch": 3})
    work, given = Heard(), []
    with pytest.raises(Cancelled):
        for one in make(shelf.get("StableAudio3Pipeline", "music"), "music", values, {}, work):
            given.append(one)
            work._stop.set()
    assert len(given) == 1


def test_what_lacks_is_said(shelf: Shelf) -> None:
    with pytest.raises(StudioError, match="There is no task “dance”"):
        make_one(shelf.get("StableAudio3Pipeline", "music"), "dance", {}, 1, {}, Heard())
    with pytest.raises(StudioError, match="sound is missing"):
        make_one(model(shelf, "stems", "InferenceSession"), "stems", {}, 1, {}, Heard())


def test_a_form_shows_what_the_model_can_be_told() -> None:
    assert "lyrics" in settings_of("music", "AceStepPipeline")
    assert "lyrics" not in settings_of("music", "StableAudio3Pipeline")
    assert "guidance" in settings_of("cover", "ZImagePipeline")
    assert "guidance" not in settings_of("cover", "Flux2KleinPipeline")
    assert {"voice", "stability", "speed"} <= set(settings_of("speech", "PocketTTSForConditionalGeneration"))
    assert not {"voice", "stability"} & set(settings_of("speech", "Qwen3TTSModel"))


def test_what_an_installation_can_do() -> None:
    catalogue = load_catalogue()
    nothing = {one.task: one for one in capabilities(catalogue, {})}
    assert set(nothing) == set(FORMS) and not any(one.ready for one in nothing.values())
    assert all(one.missing for one in nothing.values())
    here = {one.task: one for one in capabilities(catalogue, {"pocket-tts": True, "htdemucs-6s": True})}
    assert here["stems"].models == ("htdemucs-6s",) and here["stems"].title == "Stems of a mix"
    (part,) = [one for one in here["speech"].missing if one.model == "pocket-tts"]
    assert part.lacks == "model" and part.name == "pocket-tts-codec" and part.hint.endswith("fetch it first.")
    packages = [one for one in here["speech"].missing if one.lacks == "package"]
    assert [one.name for one in packages] == ["qwen_tts"]
    both = {one.task: one for one in capabilities(catalogue, {"pocket-tts": True, "pocket-tts-codec": True})}
    assert both["speech"].models == ("pocket-tts",)


def test_a_model_is_not_offered_for_what_its_family_cannot_do() -> None:
    spec = ModelSpec(
        name="open", title="Open", task="music", loader="StableAudioPipeline", licence="MIT", commercial=True,
        attribution="nobody", folder="/x",
    )  # fmt: skip
    found = {one.task: one.models for one in capabilities(Catalogue({"open": spec}), {"open": True})}
    assert found["music"] == ("open",) and found["music-repaint"] == () and found["cover"] == ()
