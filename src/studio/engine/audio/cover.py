"""The picture on a sound file: a square JPEG of a size that players like, made of whatever picture a person chose."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Any

from ...errors import StudioError

SIDE = 1400
"""Pixels a side at the most; smaller pictures stay as small as they are."""

QUALITY = 92
"""Of the JPEG, out of 100."""

MAX_FILE = 100_000_000
"""Bytes of a picture that are read."""

MAX_PIXELS = 150_000_000
"""Pixels of a picture that is opened."""

FORMATS = ("JPEG", "PNG", "WEBP")


class CoverError(StudioError):
    """A picture that cannot be a cover."""


def read_cover(path: Path) -> bytes:
    """The middle square of a picture file as a JPEG, upright and at most `SIDE` pixels a side. Worker threads.

    A file that is such a JPEG already is taken as it is, so that a cover does not fade from export to export. Raises
    CoverError with a sentence.
    """
    try:
        if path.stat().st_size > MAX_FILE:
            raise CoverError(f"The picture “{path.name}” is too large for a cover; choose a smaller one.")
        content = path.read_bytes()
    except OSError as error:
        reason = error.strerror or error
        raise CoverError(f"The picture “{path.name}” cannot be read ({reason}); choose another.") from error
    return square(content, path.name)


def square(content: bytes, name: str) -> bytes:
    """`read_cover` of a file's content; `name` is for the sentence that says what is wrong."""
    from PIL import Image, ImageOps

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    raise CoverError(f"The picture “{name}” has too many pixels for a cover; choose a smaller one.")
                if _is_cover(picture):
                    picture.load()
                    return content
                return _jpeg(_cropped(ImageOps.exif_transpose(picture)))
    except CoverError:
        raise
    except Exception as error:  # damaged pictures are met with errors of many kinds
        raise CoverError(f"“{name}” is no picture that can be read; choose a JPEG, PNG or WebP.") from error


def _is_cover(picture: Any) -> bool:
    """Whether it is a square JPEG of a fitting size that stands upright and tells nothing about a camera."""
    fits = picture.width == picture.height <= SIDE
    return picture.format == "JPEG" and picture.mode in {"RGB", "L"} and fits and not picture.getexif()


def _cropped(picture: Any) -> Any:
    """The middle square, on white where the picture is see-through."""
    from PIL import Image

    edge = min(picture.size)
    left, top = (picture.width - edge) // 2, (picture.height - edge) // 2
    side = min(edge, SIDE)
    box = (left, top, left + edge, top + edge)
    seen = picture.convert("RGBA").resize((side, side), Image.Resampling.LANCZOS, box)
    ground = Image.new("RGBA", seen.size, "white")
    ground.alpha_composite(seen)
    return ground.convert("RGB")


def _jpeg(picture: Any) -> bytes:
    made = io.BytesIO()
    picture.save(made, "JPEG", quality=QUALITY, optimize=True)
    return made.getvalue()
