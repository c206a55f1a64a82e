"""What a sound file says of itself: title, artist, comment, cover, and how a model made it."""

from __future__ import annotations

import base64
import binascii
import importlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from ...errors import StudioError

MAX_RECIPE = 1_000_000
"""Characters of a recipe that are read; the longest lyrics take a fiftieth."""

MAX_COVER = 20_000_000
"""Bytes of a cover that are read."""

RECIPE = "STUDIO_RECIPE"
"""The name under which the recipe stands: a field of a FLAC or Ogg comment, a user's text frame of ID3."""

_FIELDS = {"title": "TIT2", "artist": "TPE1"}
_PICTURE = "metadata_block_picture"


class TagError(StudioError):
    """Tags that cannot be written or read."""


class Tags(msgspec.Struct, frozen=True):
    """What stands in a file, empty where nothing does. `recipe` is JSON; `cover` a whole JPEG or PNG file."""

    title: str = ""
    artist: str = ""
    comment: str = ""
    recipe: str = ""
    cover: bytes = b""


def write_tags(path: Path, tags: Tags) -> None:
    """Puts tags into a WAV, FLAC, MP3, Ogg Vorbis or Opus file; its sound stays as it is, other tags stay too.

    The file is changed in place: give it its name afterwards. Raises TagError. Worker threads.
    """
    if path.suffix.lower() not in _KINDS:
        raise TagError(f"“{path.name}” is of a kind that has no place for tags; use {_known()}.")
    if len(tags.cover) > MAX_COVER or len(tags.recipe) > MAX_RECIPE:
        raise TagError(f"What is to be written into “{path.name}” is too large.")
    opened, write, _ = _KINDS[path.suffix.lower()]
    with _told(path, "written into"):
        file = opened(path)
        if file.tags is None:
            file.add_tags()
        write(file, tags)
        file.save()


def read_tags(path: Path) -> Tags:
    """The tags of a file, empty where it is of a kind without. Raises TagError for a damaged one. Worker threads."""
    if path.suffix.lower() not in _KINDS:
        return Tags()
    opened, _, read = _KINDS[path.suffix.lower()]
    with _told(path, "read from"):
        file = opened(path)
        found: Tags = read(file) if file.tags is not None else Tags()
    within = len(found.recipe) <= MAX_RECIPE and len(found.cover) <= MAX_COVER
    return found if within else Tags(found.title, found.artist, found.comment)


def _known() -> str:
    return ", ".join(sorted(kind.removeprefix(".").upper() for kind in _KINDS))


@contextmanager
def _told(path: Path, what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise TagError(f"Tags cannot be {what} “{path.name}”: {error.strerror or error}.") from error
    except Exception as error:  # mutagen meets damaged files with errors of many kinds
        raise TagError(f"Tags cannot be {what} “{path.name}”; the file is damaged.") from error


def _mutagen(module: str) -> Any:
    """A part of the library, imported when the first tags are wanted."""
    return importlib.import_module(f"mutagen.{module}")


# -- ID3: WAV and MP3 ------------------------------------------------------------------------------------------------


def _id3(kind: str) -> Callable[[Path], Any]:
    def opened(path: Path) -> Any:
        module, name = {"wav": ("wave", "WAVE"), "mp3": ("mp3", "MP3")}[kind]
        return getattr(_mutagen(module), name)(path)

    return opened


def _write_id3(file: Any, tags: Tags) -> None:
    id3 = _mutagen("id3")
    for name, frame in _FIELDS.items():
        if getattr(tags, name):
            file.tags.setall(frame, [getattr(id3, frame)(encoding=3, text=[getattr(tags, name)])])
    if tags.comment:
        file.tags.setall("COMM", [id3.COMM(encoding=3, lang="XXX", desc="", text=[tags.comment])])
    if tags.recipe:
        file.tags.setall(f"TXXX:{RECIPE}", [id3.TXXX(encoding=3, desc=RECIPE, text=[tags.recipe])])
    if tags.cover:
        cover = id3.APIC(encoding=3, mime=_mime(tags.cover), type=3, desc="", data=tags.cover)
        file.tags.setall("APIC", [cover])


def _read_id3(file: Any) -> Tags:
    def text(frame: str) -> str:
        found = file.tags.getall(frame)
        return str(found[0].text[0]) if found and found[0].text else ""

    covers = file.tags.getall("APIC")
    title, artist, comment, recipe = (text(frame) for frame in (*_FIELDS.values(), "COMM", f"TXXX:{RECIPE}"))
    return Tags(title, artist, comment, recipe, covers[0].data if covers else b"")


# -- comments: FLAC, Ogg Vorbis, Opus --------------------------------------------------------------------------------


def _commented(kind: str) -> Callable[[Path], Any]:
    def opened(path: Path) -> Any:
        names = {"flac": ("flac", "FLAC"), "ogg": ("oggvorbis", "OggVorbis"), "opus": ("oggopus", "OggOpus")}
        module, name = names[kind]
        return getattr(_mutagen(module), name)(path)

    return opened


def _write_comments(file: Any, tags: Tags) -> None:
    for name, value in {**_texts(tags), RECIPE: tags.recipe}.items():
        if value:
            file.tags[name] = [value]
    if not tags.cover:
        return
    picture = _mutagen("flac").Picture()
    picture.type, picture.mime, picture.data = 3, _mime(tags.cover), tags.cover
    if hasattr(file, "add_picture"):
        file.clear_pictures()
        file.add_picture(picture)
    else:
        file.tags[_PICTURE] = [base64.b64encode(picture.write()).decode()]


def _texts(tags: Tags) -> Mapping[str, str]:
    return {"title": tags.title, "artist": tags.artist, "comment": tags.comment}


def _read_comments(file: Any) -> Tags:
    def text(name: str) -> str:
        found = file.tags.get(name)
        return str(found[0]) if found else ""

    return Tags(text("title"), text("artist"), text("comment"), text(RECIPE), _cover(file))


def _cover(file: Any) -> bytes:
    if hasattr(file, "pictures"):
        return bytes(file.pictures[0].data) if file.pictures else b""
    for block in file.tags.get(_PICTURE, [])[:1]:
        try:
            return bytes(_mutagen("flac").Picture(base64.b64decode(block, validate=True)).data)
        except binascii.Error:
            return b""
    return b""


def _mime(cover: bytes) -> str:
    return "image/png" if cover.startswith(b"\x89PNG") else "image/jpeg"


_KINDS: Mapping[str, tuple[Callable[[Path], Any], Callable[[Any, Tags], None], Callable[[Any], Tags]]] = {
    ".wav": (_id3("wav"), _write_id3, _read_id3),
    ".mp3": (_id3("mp3"), _write_id3, _read_id3),
    ".flac": (_commented("flac"), _write_comments, _read_comments),
    ".ogg": (_commented("ogg"), _write_comments, _read_comments),
    ".opus": (_commented("opus"), _write_comments, _read_comments),
}
