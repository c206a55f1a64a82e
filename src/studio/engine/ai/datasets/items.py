"""An item of a dataset: a file named by its content, and all that is said of it. One JSON object on a line."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Any, Literal

import msgspec

from ....errors import StudioError

Split = Literal["", "train", "validation", "test"]
"""What an item serves for; empty until it is settled."""

SPLITS: tuple[Split, ...] = ("train", "validation", "test")

MAX_LINE = 1 << 20
"""Bytes of a line; the longest recipe with lyrics takes a tenth."""

Line = Annotated[str, msgspec.Meta(max_length=400)]
Digest = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]
MediaPath = Annotated[str, msgspec.Meta(pattern=r"^media/[0-9a-f]{64}\.[a-z0-9]{1,8}$")]


class DatasetError(StudioError):
    """A dataset that cannot be read, or that may not be used as it is."""


class Unfit(Exception):
    """What is wrong with an item, in words that go into a sentence."""


class Item(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One item. `media` is its file inside the dataset's folder, whose name is its SHA-256, `size` its bytes.

    `source` says where it came from in words, `recipe` how a model made it (None: no model did). `song` is the group
    that is never divided between splits; empty: the item alone is one. `seconds` is 0 for what has no length. `bpm` and
    `key` are what the user says, such as 92.0 and "Eb minor". Captions and lyrics are text, whatever markup is in them.
    """

    media: MediaPath
    sha256: Digest
    size: Annotated[int, msgspec.Meta(ge=0, le=1 << 40)]
    name: Line = ""
    caption: Annotated[str, msgspec.Meta(max_length=20_000)] = ""
    tags: Annotated[tuple[Annotated[str, msgspec.Meta(min_length=1, max_length=80)], ...],
                    msgspec.Meta(max_length=64)] = ()  # fmt: skip
    lyrics: Annotated[str, msgspec.Meta(max_length=50_000)] = ""
    bpm: Annotated[float, msgspec.Meta(ge=10.0, le=999.0)] | None = None
    key: Annotated[str, msgspec.Meta(max_length=40)] = ""
    source: Line = ""
    licence: Line = ""
    recipe: dict[str, Any] | None = None
    song: Line = ""
    seconds: Annotated[float, msgspec.Meta(ge=0.0, le=1e6)] = 0.0
    split: Split = ""


_decoder = msgspec.json.Decoder(Item)


def write_item(item: Item) -> bytes:
    """The item as a line without its end: the same item is the same bytes."""
    return msgspec.json.encode(item, order="deterministic")


def read_item(line: bytes) -> Item:
    """The item that a line holds. Raises Unfit with what is wrong with it."""
    if len(line) > MAX_LINE:
        raise Unfit(f"an item has more than {MAX_LINE:,} bytes")
    try:
        return checked(_decoder.decode(line))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unfit(f"it holds no item ({error})") from error


def convert_item(told: Any) -> Item:
    """The item out of plain values, as the library keeps them. Raises Unfit with what is wrong with it."""
    try:
        return checked(msgspec.convert(told, Item))
    except (msgspec.ValidationError, RecursionError) as error:
        raise Unfit(f"this is no item ({error})") from error


def checked(item: Item) -> Item:
    """The item, if its file's name is its digest. Raises Unfit."""
    if item.media[6:70] != item.sha256:
        raise Unfit("the name of its file is not its SHA-256")
    return item


def group_of(item: Item) -> str:
    """The song that an item belongs to, however its name is spelt; the item itself where it has none."""
    return folded(item.song) or item.sha256


def folded(song: str) -> str:
    """A song's name without differences that a reader does not see."""
    return " ".join(unicodedata.normalize("NFKC", song).casefold().split())


def plain(text: str, most: int) -> str:
    """Text that every file can hold: without control characters but line breaks, at most so many characters long."""
    valid = text.encode("utf-8", "replace").decode().replace("\r\n", "\n").replace("\r", "\n")
    seen = (letter for letter in valid if letter in "\n\t" or unicodedata.category(letter) != "Cc")
    return "".join(seen).strip()[:most].rstrip()
