"""File names that every platform accepts, made from whatever a person types."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

MAX_BYTES = 180
"""Longest name in UTF-8, so that a number, an ending and a temporary mark still fit into 255."""

_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]+')
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)


def safe_name(text: str, default: str) -> str:
    """`text` as a file or folder name without its ending, as close to what was typed as all platforms allow.

    Without anything usable in it the result is `default`.
    """
    readable = text.encode("utf-8", "replace").decode()
    plain = "".join(
        " " if unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp"} and c != "\u200d" else c for c in readable
    )
    name = _FORBIDDEN.sub("-", unicodedata.normalize("NFC", plain))
    name = _trim(_shorten(" ".join(name.split())))
    if not name.strip("-_ ."):
        return default
    return f"{name}_" if _RESERVED.fullmatch(name) else name


def numbered(name: str, ending: str) -> Iterator[str]:
    """`name` + `ending`, then `name 2`, `name 3` and so on, for finding one that is free."""
    yield f"{name}{ending}"
    number = 2
    while True:
        yield f"{name} {number}{ending}"
        number += 1


def _shorten(name: str) -> str:
    return name.encode()[:MAX_BYTES].decode("utf-8", "ignore")


def _trim(name: str) -> str:
    """Without what hides a file or what Windows drops: dots and spaces at the ends."""
    return name.strip(". ")
