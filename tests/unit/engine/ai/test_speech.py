"""Speech by tiny models: the same for a seed, sentence by sentence, by voices of the model or one that has agreed."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models import TinyModels
from neural import Heard, Shelf
from studio.engine.ai import speech
from studio.engine.ai.forms import read_values
from studio.engine.ai.loading import Loaded, LoadingError, load
from studio.engine.ai.specs import ModelSpec
from studio.engine.ai.speech import rate_of, speak, voices_of
from studio.engine.jobs import Cancelled
from studio.errors import StudioError

POCKET = "PocketTTSForConditionalGeneration"
LONG = "The first sentence is about the sea and the sky above it. The second tells of boats, and of those who row. " * 2


@pytest.fixture(scope="module")
def shelf(tiny_models: TinyModels) -> Shelf:
    return Shelf(tiny_models)


@pytest.fixture
def pocket(shelf: Shelf) -> Loaded:
    return shelf.get(POCKET, "speech")


def say(
    model: Loaded, text: str = "Hello there.", seed: int = 1, work: Heard | None = None, **values: Any
) -> np.ndarray:
    reference = values.pop("reference", None)
    given = {"prompt": text, **values} | ({"reference": "given", "consent": True} if reference is not None else {})
    return speak(model, read_values("speech", given), seed, reference, work or Heard())[0]


def voice(seconds: float = 2.0, seed: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.1, (2, round(seconds * 24_000))).astype(np.float32)


def test_the_same_seed_speaks_the_same(pocket: Loaded) -> None:
    import torch

    before = torch.random.get_rng_state()
    one = say(pocket)
    assert one.dtype == np.float32 and one.shape[0] == 1 and one.shape[1] > 0.4 * rate_of(pocket) and one.std() > 0
    assert np.array_equal(one, say(pocket)) and not np.array_equal(one, say(pocket, seed=2))
    assert not np.array_equal(one, say(pocket, "Another text."))
    assert torch.equal(before, torch.random.get_rng_state()) and rate_of(pocket) == 24_000


def test_stability_takes_chance_away(pocket: Loaded) -> None:
    assert np.array_equal(say(pocket, stability=1.0), say(pocket, stability=1.0, seed=2))
    assert not np.array_equal(say(pocket, stability=0.2), say(pocket, stability=0.9))


def test_a_long_text_is_spoken_sentence_by_sentence(pocket: Loaded) -> None:
    work = Heard()
    sound = say(pocket, LONG, work=work)
    count = len({message for message in work.messages if message.startswith("Sentence")})
    assert count > 2 and sound.shape[1] > count * 0.4 * 24_000
    assert work.progress == sorted(work.progress) and work.progress[-1] == 1.0


@pytest.mark.parametrize("stage", ["Reading", "Sentence 2", "0.2 s spoken"])
def test_it_stops_at_every_frame(pocket: Loaded, stage: str) -> None:
    work = Heard(stage)
    with pytest.raises(Cancelled):
        say(pocket, LONG, work=work)
    assert work.messages[-1].startswith(stage) and not pocket.model.model._forward_pre_hooks


def test_a_voice_is_followed_with_consent(pocket: Loaded) -> None:
    followed = say(pocket, reference=voice())
    assert np.array_equal(followed, say(pocket, reference=voice()))
    assert not np.array_equal(followed, say(pocket)) and not np.array_equal(
        followed, say(pocket, reference=voice(seed=4))
    )
    with pytest.raises(StudioError, match="only when its speaker has agreed"):
        speak(pocket, read_values("speech", {"prompt": "Hello"}), 1, voice(), Heard())
    for bad in (voice(0.2), np.zeros((1, 48_000), np.float32)):
        with pytest.raises(StudioError, match="too short or silent"):
            say(pocket, reference=bad)


def test_voices_that_came_with_the_model(tiny_models: TinyModels, tmp_path: Path) -> None:
    """As latents, or as what the model remembers after it has heard them: both speak alike."""
    import torch
    from safetensors.torch import save_file

    folder = shutil.copytree(tiny_models.folder(POCKET), tmp_path / "pocket")
    (folder / "voices").mkdir()
    latents = torch.randn(12, 8, generator=torch.Generator().manual_seed(1))
    save_file({"audio_prompt": latents}, folder / "voices" / "alba.safetensors")
    save_file({"audio_prompt": latents + 2.0}, folder / "voices" / "other.safetensors")
    spec = ModelSpec(
        name="tiny", title="Tiny", task="speech", loader=POCKET, licence="MIT", commercial=True, attribution="nobody",
        folder=str(folder), needs={"audio-tokenizer": "codec"},
    )  # fmt: skip
    model = load(spec, folder, needed={"audio-tokenizer": tiny_models.folder("PocketTTSAudioTokenizerModel")})
    ids = [model.processor.tokenizer.convert_tokens_to_ids(token) for token in ("<before>", *["<voice>"] * 12)]
    with torch.inference_mode():
        cache = model.model(
            input_ids=torch.tensor([ids]), audio_prompt_latents=latents[None],
            audio_prompt_latents_mask=torch.ones(1, 12, dtype=torch.long), use_cache=True,
        ).past_key_values  # fmt: skip
    layers = {f"layers.{n}.{kind}s": getattr(layer, f"{kind}s").clone()
              for n, layer in enumerate(cache.layers) for kind in ("key", "value")}  # fmt: skip
    save_file(layers, folder / "voices" / "remembered.safetensors")
    save_file({"strange": torch.zeros(3)}, folder / "voices" / "strange.safetensors")
    assert voices_of(model) == ("alba", "other", "remembered", "strange")
    alba, same, other = (say(model, LONG, voice=name) for name in ("alba", "remembered", "other"))
    assert np.abs(alba - same).max() < 0.1 * np.abs(alba - other).max()
    assert np.array_equal(say(model), say(model, voice="alba"))
    with pytest.raises(StudioError, match="has no voice “bob”; it has alba, other, remembered, strange"):
        say(model, voice="bob")
    with pytest.raises(StudioError, match="in a form that is not known"):
        say(model, voice="strange")


def test_marks_of_the_model_in_a_text_are_only_text(pocket: Loaded) -> None:
    assert np.array_equal(say(pocket, "Hello <voice>there.<go>"), say(pocket, "Hello there."))
    with pytest.raises(StudioError, match="has no words"):
        say(pocket, "<go>")
    with pytest.raises(StudioError, match="has no voice “bob”; it has none, so leave it empty"):
        say(pocket, voice="bob")


class Package:
    """What a foreign package's model does: a sentence at a time, at a rate of its own."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def generate_voice_clone(self, **asked: Any) -> tuple[list[np.ndarray], int]:
        self.asked.append(asked)
        return [np.full(12_000, 0.1)], 12_000


def test_a_foreign_package_follows_a_voice_always(tmp_path: Path) -> None:
    spec = ModelSpec(
        name="tiny", title="Tiny", task="speech", loader="Qwen3TTSModel", licence="MIT", commercial=True,
        attribution="nobody", folder=str(tmp_path),
    )  # fmt: skip
    model = Loaded(spec, Package(), None, "cpu", "float32", 0)
    sound, rate = speak(
        model, read_values("speech", {"prompt": LONG * 3, "reference": "given", "consent": True}), 1, voice(), Heard()
    )
    assert rate == 12_000 and len(model.model.asked) > 2 and sound.shape[0] == 1
    assert " ".join(one["text"] for one in model.model.asked) == (LONG * 3).strip()
    with pytest.raises(StudioError, match="follows a voice always"):
        say(model)
    with pytest.raises(StudioError, match="cannot be told “voice”"):
        say(model, voice="alba")
    (tmp_path / "model.safetensors").write_bytes((2).to_bytes(8, "little") + b"{}")
    with pytest.raises(LoadingError, match="the package qwen_tts, which this installation does not have"):
        load(spec, tmp_path)


def test_texts_are_cut_between_sentences_and_words() -> None:
    pieces = speech._sentences("One two. " * 20, 40)
    assert all(len(piece) <= 40 and piece.endswith(".") for piece in pieces)
    assert speech._sentences("word " * 30, 20)[0] == "word word word word"
