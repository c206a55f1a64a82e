"""Texts that were encoded before are not encoded again: a second seed begins at the first step."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

KEPT = 32
"""Encodings kept with each model; one takes about a megabyte."""

_PLAIN = (str, int, float, bool, type(None))


def remember_encodings(pipe: Any, check: Callable[[], None]) -> Callable[[], None]:
    """Has a pipeline keep what its `encode_prompt` gives; returns how to give the pipeline back as it was.

    `check` is called before and after an encoding and may raise: that is when a job can be stopped there. What is kept
    stays with the pipeline. The thread that runs models.
    """
    kept: OrderedDict[Any, Any] = pipe.__dict__.setdefault("_studio_encodings", OrderedDict())
    encode = type(pipe).encode_prompt

    def encoded(*arguments: Any, **named: Any) -> Any:
        check()
        key = _key((arguments, sorted(named.items())))
        if key is not None and key in kept:
            kept.move_to_end(key)
            return kept[key]
        result = encode(pipe, *arguments, **named)
        check()
        if key is not None:
            kept[key] = result
            if len(kept) > KEPT:
                kept.popitem(last=False)
        return result

    pipe.encode_prompt = encoded

    def give_back() -> None:
        pipe.__dict__.pop("encode_prompt", None)

    return give_back


def _key(value: Any) -> Any:
    """Something that tells arguments apart; None where one of them is a tensor."""
    if isinstance(value, _PLAIN):
        return (type(value).__name__, value)
    if isinstance(value, list | tuple):
        parts = tuple(_key(one) for one in value)
        return None if None in parts else parts
    return ("device", str(value)) if type(value).__name__ == "device" else None
