"""A song in one go: a language model writes the words, a music model sings them, another paints the cover. Each is a
job of the queue that waits for the one before it.
"""

from __future__ import annotations

from typing import Any

import msgspec

from ..document.project import new_id
from ..engine.ai.catalogue import Catalogue
from ..engine.ai.forms import LONGEST_LYRICS, LONGEST_PROMPT
from ..engine.ai.tasks import settings_of
from ..errors import StudioError
from ..storage.library import JobRecord
from ..storage.modelstore import ModelStore
from .generating import KIND, Making, check_making
from .models import open_catalogue, open_store

ROLE = (
    "You write lyrics for songs. You answer with nothing but the lyrics: each part begins with a line such as [verse],"
    " [chorus] or [bridge], then come its lines. No title, no remarks."
)

TOKENS_A_SECOND = 5.0
"""The most that is sung in a second of a song, in tokens of a language model."""

LONGEST_ABOUT = 2_000
"""Characters of what a song is about."""

STAND_IN = "[verse]"
"""Stands for words that are not written yet, while a request is checked."""


class SongWishes(msgspec.Struct, frozen=True, kw_only=True):
    """What is wanted of a song. `writer`, `player` and `painter` name the models for words, music and cover; an empty
    one leaves that part out. Without a writer `lyrics` are sung, and nobody sings where they are empty. `picture` says
    what the cover shows; empty: what the song is about. `seconds` is the length of the music."""

    about: str = ""
    style: str = ""
    lyrics: str = ""
    picture: str = ""
    language: str = "en"
    seconds: float = 120.0
    seed: int = 0
    writer: str = ""
    player: str = ""
    painter: str = ""


def plan_song(wishes: SongWishes) -> list[JobRecord]:
    """The jobs of a song, to be given to `Queue.add_all`: words, music, cover. Looks at the disk: worker threads.

    Raises StudioError for what cannot be done here and now, so that no job of a chain fails for a reason that could be
    seen before.
    """
    catalogue, store = open_catalogue(), open_store()
    name = _name(wishes)
    jobs: list[JobRecord] = []
    for title, part in (("Words", _words), ("Music", _music), ("Cover", _cover)):
        making = part(wishes, catalogue, store, jobs)
        if making is not None:
            needs = (jobs[-1].id,) if jobs else ()
            jobs.append(JobRecord(new_id("job"), KIND, f"{title}: {name}", msgspec.to_builtins(making), needs=needs))
    if not jobs:
        raise StudioError("Nothing of a song was chosen; choose at least one of words, music and cover.")
    return jobs


def _name(wishes: SongWishes) -> str:
    """What the jobs are known by."""
    if len(wishes.about) > LONGEST_ABOUT:
        count = len(wishes.about)
        raise StudioError(
            f"What the song is about has {count:,} characters; {LONGEST_ABOUT:,} is the most, shorten it."
        )
    words = (wishes.about or wishes.style or wishes.picture).split()[:6]
    if not words:
        raise StudioError("Say in a few words what the song is about.")
    return " ".join(words)[:60]


def _words(wishes: SongWishes, catalogue: Catalogue, store: ModelStore, _: list[JobRecord]) -> Making | None:
    if not wishes.writer:
        return None
    if not wishes.about.strip():
        raise StudioError("Say in a few words what the song is about, so that its words can be written.")
    style = f" Style: {wishes.style}." if wishes.style else ""
    prompt = f"{wishes.about}\n\nWrite the lyrics of a song of {wishes.seconds:.0f} seconds about this.{style}"
    language = f" Write in the language with the code “{wishes.language}”." if wishes.language != "en" else ""
    longest = min(max(round(wishes.seconds * TOKENS_A_SECOND), 100), 2_000)
    values = {"prompt": (prompt + language)[:LONGEST_LYRICS], "system": ROLE, "longest": longest, "seed": wishes.seed}
    return check_making(Making(task="chat", model=wishes.writer, values=values), catalogue, store)


def _music(wishes: SongWishes, catalogue: Catalogue, store: ModelStore, before: list[JobRecord]) -> Making | None:
    if not wishes.player:
        return None
    spec = catalogue.spec(wishes.player)
    known = settings_of("music", spec.loader)
    sung: Any = {"job": before[-1].id} if before else wishes.lyrics
    if sung and "lyrics" not in known:
        raise StudioError(f"“{spec.title}” does not sing; leave the words out, or choose another model for the music.")
    values: dict[str, Any] = {
        "prompt": wishes.style or wishes.about,
        "seconds": wishes.seconds,
        "language": wishes.language,
        "seed": wishes.seed,
        "lyrics": STAND_IN if before else wishes.lyrics,
    }
    making = check_making(Making(task="music", model=wishes.player, values=values), catalogue, store)
    return msgspec.structs.replace(making, values={**making.values, "lyrics": sung})


def _cover(wishes: SongWishes, catalogue: Catalogue, store: ModelStore, _: list[JobRecord]) -> Making | None:
    if not wishes.painter:
        return None
    about = ", ".join(part for part in (wishes.about, wishes.style) if part)
    prompt = wishes.picture or f"Cover picture of a song: {about}. No letters."
    making = Making(task="cover", model=wishes.painter, values={"prompt": prompt[:LONGEST_PROMPT], "seed": wishes.seed})
    return check_making(making, catalogue, store)
