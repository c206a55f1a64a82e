"""Words by neural models: what is sung or said in a recording, with times, and answers to questions."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import msgspec
import numpy as np

from ...errors import StudioError
from ..jobs import Work
from .guarded import guarded
from .loading import Loaded
from .sounding import Planar

RATE = 16_000
"""Frames a second of the sounds that are transcribed."""

WINDOW_S = 30.0
"""Seconds that Whisper hears in one go."""

SILENT = 1e-3
"""The peak below which nothing is heard in a window; Whisper would make words up."""

LEAST_S = 5.0
"""Seconds by which the next window begins later at least, so that a sound comes to its end."""

FREEDOMS = (0.0, 0.4, 0.8)
"""Temperatures that are tried one after the other where a window came out as a loop or as noise."""

SHOWN_EVERY_S = 0.05
"""Seconds between two showings of an answer that grows."""


class Word(msgspec.Struct, frozen=True, gc=False):
    """A word, or a line where the model knows no more, from `start` to `end`, seconds in the sound."""

    text: str
    start: float
    end: float


def transcribe(loaded: Loaded, sound: Planar, language: str, work: Work) -> tuple[Word, ...]:
    """The words of a sound, float32 (channels, frames) at `RATE`, of any length, by start; none in silence.

    `language` is a code such as "de", empty to have it found. The same sound gives the same words. The thread that runs
    models; can be stopped at every token. Raises StudioError for a language the model does not know, and Cancelled.
    """
    if loaded.spec.runs_on.family != "transcriber":
        raise StudioError(f"“{loaded.spec.title}” writes down no words; choose another model.")
    _check_language(loaded, language)
    mono = np.ascontiguousarray(sound.mean(axis=0, dtype=np.float32)) if sound.size else np.zeros(0, np.float32)
    seconds, at = len(mono) / RATE, 0.0
    words: list[Word] = []
    work.report(0.0, "Listening")
    work.check()
    with guarded(loaded):
        while at < seconds:
            work.report(at / seconds, f"Listening at {at:.0f} of {seconds:.0f} s")
            heard, further = _window(loaded, mono[round(at * RATE) : round((at + WINDOW_S) * RATE)], language, work)
            words += [Word(one.text, at + one.start, at + one.end) for one in heard]
            at += further
    work.report(1.0)
    return tuple(words)


def _window(loaded: Loaded, mono: Any, language: str, work: Work) -> tuple[list[Word], float]:
    """The words of at most a window of sound, by seconds in it, and how much later the next one is to begin."""
    if float(np.abs(mono).max(initial=0.0)) < SILENT:
        return [], WINDOW_S
    seconds = len(mono) / RATE
    tokens, times = _tokens(loaded, mono, language, work)
    lines, rest = _lines(loaded.processor.tokenizer, tokens, times)
    full = seconds >= WINDOW_S - 1 / RATE
    if full and rest and lines and lines[-1].end >= LEAST_S:
        further = lines[-1].end  # the last line was cut off: it is heard again, from its beginning
    else:
        further = WINDOW_S
        lines += [Line(rest, lines[-1].end if lines else 0.0, seconds)] if rest else []
    words = [word for line in lines for word in _words(loaded.processor.tokenizer, line)]
    kept = [word for word in words if word.start < seconds]
    return [Word(one.text, one.start, min(max(one.end, one.start), seconds)) for one in kept], further


def _check_language(loaded: Loaded, language: str) -> None:
    known = sorted(name.strip("<|>") for name in getattr(loaded.model.generation_config, "lang_to_id", None) or {})
    if language and known and language not in known:
        some = ", ".join(known[:12])
        raise StudioError(f"“{loaded.spec.title}” does not know the language “{language[:20]}”; it knows {some}.")


def _tokens(loaded: Loaded, mono: Any, language: str, work: Work) -> tuple[list[int], list[float] | None]:
    """What the model writes down of a window, and when each token sounds, None where it does not know."""
    from transformers import StoppingCriteriaList

    heard = loaded.processor.feature_extractor(
        mono, sampling_rate=RATE, padding="max_length", return_attention_mask=True, return_tensors="pt"
    )
    told = {"language": language, "task": "transcribe"} if _many(loaded) and language else {}
    made = loaded.model.generate(
        heard.input_features.to(loaded.device, loaded.model.dtype),
        attention_mask=heard.attention_mask.to(loaded.device),
        return_timestamps=True,
        return_token_timestamps=_times_words(loaded),
        return_dict_in_generate=True,
        # one window only: asked for more, the library may hear the same second for ever
        force_unique_generate_call=True,
        temperature=FREEDOMS,
        logprob_threshold=-1.0,
        compression_ratio_threshold=1.35,
        condition_on_prev_tokens=False,
        stopping_criteria=StoppingCriteriaList([_checking(work)]),
        **told,
    )
    times = made["token_timestamps"][0].tolist() if _times_words(loaded) else None
    return made["sequences"][0].tolist(), times


def _many(loaded: Loaded) -> bool:
    return bool(getattr(loaded.model.generation_config, "is_multilingual", False))


def _times_words(loaded: Loaded) -> bool:
    """Whether the model tells when each word sounds, rather than each line only."""
    return bool(getattr(loaded.model.generation_config, "alignment_heads", None))


Token = tuple[int, float | None]
"""A token, and when it sounds where that is known."""


class Line(NamedTuple):
    """A line that is sung from `start` to `end`, seconds in its window."""

    tokens: list[Token]
    start: float
    end: float


def _lines(tokenizer: Any, tokens: Sequence[int], times: Sequence[float] | None) -> tuple[list[Line], list[Token]]:
    """The lines between marks of time, and the tokens after the last mark."""
    first, marks = (tokenizer.convert_tokens_to_ids(name) for name in ("<|endoftext|>", "<|0.00|>"))
    lines: list[Line] = []
    held: list[Token] = []
    begin = 0.0
    for number, token in enumerate(tokens):
        if token >= marks:
            mark = (token - marks) * 0.02
            if held:
                lines.append(Line(held, min(begin, mark), mark))
                held = []
            begin = mark
        elif token < first:  # what stands between is for the model only
            held.append((token, times[number] if times is not None else None))
    return lines, held


def _words(tokenizer: Any, line: Line) -> list[Word]:
    """The words of a line, or the line as one where nothing is known of when each sounds."""
    if line.tokens[0][1] is None:
        text = tokenizer.decode([token for token, _ in line.tokens]).strip()
        return [Word(text, line.start, line.end)] if text else []
    starts = [min(max(at or 0.0, line.start), line.end) for _, at in line.tokens]
    pieces = [(token, *times) for (token, _), times in zip(line.tokens, pairwise([*starts, line.end]), strict=True)]
    return [Word(*word) for word in _joined(tokenizer, pieces)]


def _joined(tokenizer: Any, pieces: Sequence[tuple[int, float, float]]) -> list[tuple[str, float, float]]:
    """Words out of tokens with times: a space begins one, and letters of scripts without spaces stand alone."""
    words: list[tuple[str, float, float]] = []
    tokens: list[int] = []
    begin = 0.0
    for token, start, end in pieces:
        begin = begin if tokens else start
        tokens.append(token)
        text = tokenizer.decode(tokens)
        if "\ufffd" in text and len(tokens) < 4:
            continue  # a letter whose bytes are in several tokens
        if words and not _begins(text, words[-1][0]):
            words[-1] = (words[-1][0] + text, words[-1][1], end)
        else:
            words.append((text, begin, end))
        tokens = []
    return [(text.strip(), begin, end) for text, begin, end in words if text.strip()]


def _begins(text: str, before: str) -> bool:
    """Whether a new word begins with `text`, which follows `before`."""
    return text[:1].isspace() or (_alone(text) and text.strip().isalnum()) or _alone(before)


def _alone(text: str) -> bool:
    """Whether it ends with a letter of a script that is written without spaces."""
    last = text.strip()[-1:]
    return "\u3040" <= last <= "\u30ff" or "\u3400" <= last <= "\u9fff" or "\u0e00" <= last <= "\u0e7f"


def answer(loaded: Loaded, values: Mapping[str, Any], seed: int, work: Work) -> str:
    """The answer to a question; `values` from `forms.read_values("chat", …)`. The text so far goes to `work.show`.

    The same seed gives the same answer. The thread that runs models; can be stopped at every token. Raises StudioError
    for a question that is longer than the model can hold, and Cancelled.
    """
    if loaded.spec.runs_on.family != "chat":
        raise StudioError(f"“{loaded.spec.title}” does not answer; choose another model.")
    work.report(0.0, "Reading the question")
    work.check()
    with guarded(loaded, seed):
        asked = _asked(loaded, values)
        room = int(getattr(loaded.model.config, "max_position_embeddings", 1 << 30)) - asked["input_ids"].shape[1]
        if room < 1:
            raise StudioError(f"The question is longer than “{loaded.spec.title}” can hold; shorten it.")
        return _written(loaded, asked, min(values["longest"], room), values["temperature"], work)


def _asked(loaded: Loaded, values: Mapping[str, Any]) -> Any:
    """The question as tokens, in the model's manner of talking."""
    role = [{"role": "system", "content": values["system"]}] if values["system"] else []
    told = [*role, {"role": "user", "content": values["prompt"]}]
    return loaded.processor.apply_chat_template(
        told, add_generation_prompt=True, enable_thinking=False, return_dict=True, return_tensors="pt"
    ).to(loaded.device)


def _written(loaded: Loaded, asked: Any, longest: int, temperature: float, work: Work) -> str:
    from transformers import StoppingCriteriaList

    length = asked["input_ids"].shape[1]
    shown = 0.0

    def read(tokens: Any) -> str:
        return str(loaded.processor.decode(tokens[0, length:], skip_special_tokens=True))

    def grown(tokens: Any) -> None:
        nonlocal shown
        count, now = tokens.shape[1] - length, time.monotonic()
        work.report(min(count / longest, 0.99), f"Writing, token {count}")
        if now - shown >= SHOWN_EVERY_S:
            shown = now
            work.show(read(tokens).rstrip("\ufffd"))

    how = {"do_sample": True, "temperature": temperature} if temperature > 0 else _surely()
    made = loaded.model.generate(
        input_ids=asked["input_ids"],
        attention_mask=asked["attention_mask"],
        max_new_tokens=longest,
        stopping_criteria=StoppingCriteriaList([_checking(work, grown)]),
        **how,
    )
    text = read(made).strip()
    work.show(text)
    work.report(1.0)
    return text


def _surely() -> dict[str, Any]:
    """The likeliest token every time, and nothing of what a model's file says about chance."""
    return {"do_sample": False, "temperature": None, "top_p": None, "top_k": None, "min_p": None}


def _checking(work: Work, grown: Any = None) -> Any:
    """A rule of transformers' that never ends a text, but hears each token and lets a cancel through."""
    import torch
    from transformers import StoppingCriteria

    class Checking(StoppingCriteria):  # type: ignore[misc,unused-ignore]
        def __call__(self, input_ids: Any, scores: Any, **_: Any) -> Any:
            work.check()
            if grown is not None:
                grown(input_ids)
            return torch.zeros(input_ids.shape[0], dtype=torch.bool, device=input_ids.device)

    return Checking()
