"""Words by tiny models: times that rise within the sound, windows of long sounds, text that is shown while it grows."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from models import TinyModels
from neural import Heard, Shelf
from studio.engine.ai import words
from studio.engine.ai.forms import read_values
from studio.engine.ai.loading import Loaded
from studio.engine.ai.words import RATE, _joined, answer, transcribe
from studio.engine.jobs import Cancelled
from studio.errors import StudioError


@pytest.fixture(scope="module")
def shelf(tiny_models: TinyModels) -> Shelf:
    return Shelf(tiny_models)


@pytest.fixture
def writer(shelf: Shelf) -> Loaded:
    return shelf.get("WhisperForConditionalGeneration", "lyrics")


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a random model writes is noise at every temperature."""
    monkeypatch.setattr(words, "FREEDOMS", (0.0,))


@pytest.fixture
def talker(shelf: Shelf) -> Loaded:
    return shelf.get("AutoModelForCausalLM", "chat")


def noise(seconds: float) -> np.ndarray:
    return np.random.default_rng(5).normal(0, 0.1, (2, round(seconds * RATE))).astype(np.float32)


@pytest.mark.parametrize("heads", [[[0, 0], [1, 1]], None])
def test_words_or_lines_have_times_within_the_sound(
    writer: Loaded, heads: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer.model.generation_config, "alignment_heads", heads, raising=False)
    found = transcribe(writer, noise(8.0), "en", Heard())
    assert found and found == transcribe(writer, noise(8.0), "en", Heard())
    assert all(word.text.strip() and 0 <= word.start <= word.end <= 8.0 for word in found)
    assert all(one.start <= other.start for one, other in pairwise(found))


def test_a_long_sound_is_heard_in_windows(writer: Loaded, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line that is cut off by a window's end is heard again from its beginning."""
    tokenizer, heard, work = writer.processor.tokenizer, [], Heard()
    windows = [
        ["<|1.00|>", "a", "<|10.00|>", "<|10.00|>", "b"],
        ["<|0.50|>", "b", "<|26.00|>"],
        ["c", "<|2.00|>"],
        ["<|0.00|>", "d", "<|1.00|>", "<|1.00|>", "e"],
    ]

    def tokens(_: Loaded, mono: np.ndarray, *__: Any) -> tuple[list[int], None]:
        heard.append(len(mono) / RATE)
        return tokenizer.convert_tokens_to_ids(
            ["<|startoftranscript|>", *windows[len(heard) - 1], "<|endoftext|>"]
        ), None

    monkeypatch.setattr(words, "_tokens", tokens)
    found = transcribe(writer, noise(72.0), "", work)
    assert heard == [30.0, 30.0, 30.0, 2.0]
    expected = [("a", 1, 10), ("b", 10.5, 36), ("c", 40, 42), ("d", 70, 71), ("e", 71, 72)]
    assert [(one.text, one.start, one.end) for one in found] == [(text, pytest.approx(begin), pytest.approx(end))
                                                                for text, begin, end in expected]  # fmt: skip
    assert work.progress == sorted(work.progress) and work.progress[-1] == 1.0 and len(set(work.messages)) > 2


def test_a_silent_window_is_not_asked_about(writer: Loaded, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[int] = []
    monkeypatch.setattr(words, "_tokens", lambda *_: heard.append(1) or ([], None))
    sound = noise(65.0)
    sound[:, 30 * RATE : 60 * RATE] = 0.0
    assert transcribe(writer, sound, "", Heard()) == () and len(heard) == 2


def test_in_silence_there_are_no_words(writer: Loaded) -> None:
    assert transcribe(writer, np.zeros((2, RATE), np.float32), "en", Heard()) == ()
    assert transcribe(writer, np.zeros((1, 0), np.float32), "en", Heard()) == ()


@pytest.mark.parametrize("stage", ["Listening", "Listening at 0"])
def test_listening_stops_at_every_stage(writer: Loaded, stage: str) -> None:
    with pytest.raises(Cancelled):
        transcribe(writer, noise(65.0), "en", Heard(stage))
    assert transcribe(writer, noise(8.0), "en", Heard())


def test_what_is_not_known_is_said(writer: Loaded, talker: Loaded) -> None:
    with pytest.raises(StudioError, match="does not know the language “de”; it knows en"):
        transcribe(writer, noise(1.0), "de", Heard())
    with pytest.raises(StudioError, match="writes down no words"):
        transcribe(talker, noise(1.0), "", Heard())
    with pytest.raises(StudioError, match="does not answer"):
        answer(writer, ask(), 1, Heard())


class Letters:
    """A tokenizer whose tokens are texts, or bytes of one letter."""

    def __init__(self, *tokens: bytes) -> None:
        self.tokens = tokens

    def decode(self, numbers: list[int]) -> str:
        return b"".join(self.tokens[number] for number in numbers).decode(errors="replace")


def joined(*tokens: bytes) -> list[tuple[str, float, float]]:
    return _joined(Letters(*tokens), [(n, n / 2, n / 2 + 0.5) for n in range(len(tokens))])


def test_tokens_become_words() -> None:
    assert joined(b" sing", b"ing", b",", b" caf", b"\xc3", b"\xa9") == [("singing,", 0.0, 1.5), ("café", 1.5, 3.0)]
    assert joined("歌".encode(), "を".encode(), "。".encode()) == [("歌", 0.0, 0.5), ("を", 0.5, 1.0), ("。", 1.0, 1.5)]
    assert joined(b" ", b"") == []


def ask(**values: Any) -> dict[str, Any]:
    return read_values("chat", {"prompt": "write a verse", "longest": 24, **values})


def test_the_same_seed_answers_the_same(talker: Loaded) -> None:
    import torch

    before, work = torch.random.get_rng_state(), Heard()
    one = answer(talker, ask(), 1, work)
    assert one and one == answer(talker, ask(), 1, Heard()) and one != answer(talker, ask(), 2, Heard())
    assert work.shown[-1] == one and work.progress[-1] == 1.0 and "Writing, token 1" in work.messages
    assert one != answer(talker, ask(system="you are a pirate"), 1, Heard())
    free, bound = (answer(talker, ask(temperature=temperature), 1, Heard()) for temperature in (2.0, 0.1))
    assert bound not in (free, one)
    sure = answer(talker, ask(temperature=0.0), 1, Heard())
    assert sure == answer(talker, ask(temperature=0.0), 2, Heard())
    assert torch.equal(before, torch.random.get_rng_state())


@pytest.mark.parametrize("stage", ["Reading", "Writing, token 5"])
def test_an_answer_stops_at_every_token(talker: Loaded, stage: str) -> None:
    work = Heard(stage)
    with pytest.raises(Cancelled):
        answer(talker, ask(), 1, work)
    assert work.messages[-1].startswith(stage)


def test_a_question_that_does_not_fit_is_refused(talker: Loaded) -> None:
    with pytest.raises(StudioError, match="longer than “Tiny” can hold; shorten it"):
        answer(talker, ask(prompt="why? " * 3000), 1, Heard())
