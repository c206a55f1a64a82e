"""Where files say how a model made them: tags of sounds, a text of pictures, a part of files of words."""

from __future__ import annotations

from pathlib import Path

import msgspec

from ..engine.audio.tags import MAX_RECIPE, RECIPE, read_tags
from ..errors import StudioError


class _Told(msgspec.Struct):
    """The part of a file of words that says how it was made."""

    recipe: msgspec.Raw


def recipe_text(path: Path) -> str:
    """What a sound, a picture or a file of words says of how it was made, unread; empty where it says nothing.

    Raises StudioError for a damaged file. Worker threads.
    """
    kind = path.suffix.lower()
    return _of_picture(path) if kind == ".png" else _of_words(path) if kind == ".json" else read_tags(path).recipe


def _of_picture(path: Path) -> str:
    """What stands in the head of a PNG file; its pixels are not read."""
    from PIL import Image

    try:
        with Image.open(path, formats=["PNG"]) as picture:
            return str(picture.info.get(RECIPE) or "")
    except FileNotFoundError as error:
        raise StudioError(f"“{path.name}” is not there any more.") from error
    except Exception as error:  # Pillow meets damaged files with errors of many kinds
        raise StudioError(f"“{path.name}” is no picture that can be read.") from error


def _of_words(path: Path) -> str:
    try:
        if path.stat().st_size > 4 * MAX_RECIPE:
            return ""
        return bytes(msgspec.json.decode(path.read_bytes(), type=_Told).recipe).decode()
    except OSError as error:
        raise StudioError(f"“{path.name}” cannot be read: {error.strerror or error}.") from error
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return ""
