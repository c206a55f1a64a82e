"""The kinds of datasets: what an item of each is, and how long it should be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from ....errors import StudioError

Kind = Literal["music", "drums", "voice", "image", "text"]

SOUNDS = (".wav", ".flac", ".mp3", ".ogg", ".opus", ".m4a", ".aac", ".aif", ".aiff")


class About(msgspec.Struct, frozen=True):
    """What is known of a kind: what its items are called, the endings of their files, and between how many seconds
    they teach well (both 0 where they have no length)."""

    title: str
    items: str
    endings: tuple[str, ...]
    shortest: float = 0.0
    longest: float = 0.0

    @property
    def sounds(self) -> bool:
        """Whether its items are sounds."""
        return self.endings == SOUNDS


KINDS: Mapping[Kind, About] = {
    "music": About("Music", "sound files", SOUNDS, 2.0, 300.0),
    "drums": About("Drums", "MIDI files", (".mid", ".midi"), 1.0, 600.0),
    "voice": About("Voice", "sound files", SOUNDS, 1.0, 30.0),
    "image": About("Images", "PNG and JPEG pictures", (".png", ".jpg", ".jpeg")),
    "text": About("Texts", "text files", (".txt", ".md")),
}


def kind_of(name: str) -> Kind:
    """The kind of this name. Raises StudioError for any other."""
    for kind in KINDS:
        if kind == name.strip().lower():
            return kind
    raise StudioError(f"“{name[:40]}” is no type of dataset; choose one of {', '.join(KINDS)}.")
