"""The library: what the studio knows beyond one project."""

from __future__ import annotations

import time
from collections.abc import Collection as Items
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from . import assets, coached, generations, jobs, marks, recent, search, tags
from .database import Database, LibraryError
from .drafts import Drafts
from .opening import open_database
from .records import (
    Approval,
    Asset,
    AssetKind,
    CoachedTake,
    Collection,
    Generation,
    JobRecord,
    JobState,
    Mark,
    NewAsset,
    Practised,
    RecentProject,
    Tag,
)
from .sessions import Session
from .text import clean, index_words

BATCH = 1000
"""Assets added in one transaction: about a tenth of a second."""


class Library:
    """An open library. Any thread may call any method; each is one short transaction and may wait for the disk, so the
    main thread calls only what it must.

    `read_only` is the reason why nothing can be written, empty otherwise: every method that changes something then
    raises LibraryReadOnly with it. `notice` is something to tell the user about the opening, empty mostly. `drafts` are
    those of datasets. All methods raise LibraryError with a sentence when the disk or the database fails.
    """

    def __init__(self, file: Path) -> None:
        """Opens the library in `file`, made if missing, upgraded if old; a damaged one is kept under another name and
        a fresh one begun. Raises LibraryTooNew when it was written by a newer version, LibraryError."""
        self._database: Database = open_database(file)
        self.read_only, self.notice = self._database.read_only, self._database.notice
        self.drafts = Drafts(self._database)
        self._session = None if self.read_only else Session(file.with_name(file.name + "-sessions"))

    def __enter__(self) -> Library:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file. The last thing to call."""
        self._database.close()
        if self._session is not None:
            self._session.close()

    # Assets

    def add_assets(self, new: Sequence[NewAsset]) -> list[int]:
        """Adds files and returns their ids in the same order. A path already there is brought up to date and keeps its
        id, tags, date and favour. Thousands go in several transactions, so that nobody else waits long."""
        ids: list[int] = []
        for part in assets.chunks(new, BATCH):
            with self._database.write() as connection:
                ids += assets.add(connection, part)
        return ids

    def asset(self, asset: int) -> Asset | None:
        """The asset with this id, None if it is gone."""
        return next(iter(self.assets([asset])), None)

    def assets(self, ids: Sequence[int]) -> list[Asset]:
        """The assets with these ids, in this order; those that are gone are left out."""
        with self._database.read() as connection:
            return assets.by_ids(connection, ids)

    def find_by_digest(self, digest: str) -> list[Asset]:
        """The assets whose content has this SHA-256, oldest first."""
        with self._database.read() as connection:
            return assets.by_digest(connection, digest)

    def find_by_path(self, path: Path) -> Asset | None:
        """The asset at this path, None if it is not in the library."""
        with self._database.read() as connection:
            return assets.by_path(connection, path)

    def rename_asset(self, asset: int, name: str) -> None:
        """Gives an asset another name; its file keeps its own."""
        text = clean(name)
        if not text:
            raise LibraryError("An asset needs a name.")
        found = self.asset(asset)
        if found is not None:
            self._change([asset], name=text, words=index_words(text, found.path))

    def describe_asset(self, asset: int, bpm: float | None, key: str) -> None:
        """Sets an asset's tempo in beats a minute (None if it has none) and key (empty if it has none)."""
        self._change([asset], bpm=bpm, key=clean(key))

    def set_favourite(self, ids: Sequence[int], favourite: bool = True) -> None:
        """Marks assets as favourites, or no longer."""
        self._change(ids, favourite=favourite)

    def mark_used(self, ids: Sequence[int]) -> None:
        """Notes that assets are used now; the latest are found first."""
        self._change(ids, used=time.time())

    def remove_assets(self, ids: Sequence[int]) -> int:
        """Forgets assets, never their files, and the tags that nothing bears any more. Returns how many there were."""
        with self._database.write() as connection:
            removed = assets.remove(connection, ids)
            tags.forget_unborne(connection)
        return removed

    def _change(self, ids: Sequence[int], **values: Any) -> None:
        with self._database.write() as connection:
            assets.change(connection, ids, values)

    # Search

    def search(
        self,
        text: str = "",
        kinds: Iterable[AssetKind] = (),
        tags: Iterable[str] = (),
        collection: int | None = None,
        *,
        limit: int = 200,
        offset: int = 0,
        favourites: bool = False,
        tasks: Iterable[str] = (),
        approval: Approval | None = None,
        stars: int = 0,
        models: Iterable[str] = (),
        doubtful: bool | None = None,
    ) -> list[Asset]:
        """A page of the assets that have every word of `text` at the beginning of a word of their name, tags or
        folders, are of one of `kinds` (any when empty), bear all of `tags`, and are in `collection`; made by a model
        for one of `tasks`, by one of `models`, so decided, with at least so many stars, and with remarks of its checks
        (`doubtful`) or without, where those are said.

        Best first: by relevance, then last use; without text by last use. Any text is fine, there are no operators;
        16 words count. Where more than 3,000 fit, those whose name fits come first, then the newest.
        """
        made = tuple(tasks), approval or "", stars, tuple(models), doubtful
        query = search.Query(text, tuple(kinds), tuple(tags), collection, favourites, *made)
        with self._database.read() as connection:
            return assets.by_ids(connection, search.search(connection, query, limit, offset))

    def search_ids(self, limit: int, **asked: Any) -> list[int]:
        """The ids of the first of what `search` finds when it is asked in the same words."""
        found = {**asked, "approval": asked.get("approval") or ""}
        told: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in found.items()
        }
        with self._database.read() as connection:
            return search.search(connection, search.Query(**told), limit, 0)

    def count(
        self,
        text: str = "",
        kinds: Iterable[AssetKind] = (),
        tags: Iterable[str] = (),
        collection: int | None = None,
        *,
        favourites: bool = False,
        tasks: Iterable[str] = (),
        approval: Approval | None = None,
        stars: int = 0,
        models: Iterable[str] = (),
        doubtful: bool | None = None,
    ) -> int:
        """How many assets `search` would find in all."""
        made = tuple(tasks), approval or "", stars, tuple(models), doubtful
        query = search.Query(text, tuple(kinds), tuple(tags), collection, favourites, *made)
        with self._database.read() as connection:
            return search.count(connection, query)

    # Tags and collections

    def tag(self, ids: Sequence[int], *names: str) -> None:
        """Puts tags on assets. Upper and lower case are one tag, shown as it was first written."""
        with self._database.write() as connection:
            tags.tag(connection, ids, names)

    def untag(self, ids: Sequence[int], *names: str) -> None:
        """Takes tags off assets; a tag that nothing bears any more is forgotten."""
        with self._database.write() as connection:
            tags.untag(connection, ids, names)

    def tags(self) -> list[Tag]:
        """All tags in alphabetical order, each with its number of assets."""
        with self._database.read() as connection:
            return tags.tags(connection)

    def rename_tag(self, old: str, new: str) -> None:
        """Renames a tag; where the new name exists the two become one. Raises LibraryError when there is none."""
        with self._database.write() as connection:
            tags.rename_tag(connection, old, new)

    def delete_tag(self, name: str) -> None:
        """Takes a tag off everything."""
        with self._database.write() as connection:
            tags.delete_tag(connection, name)

    def collections(self) -> list[Collection]:
        """All collections in alphabetical order, each with its number of assets."""
        with self._database.read() as connection:
            return tags.collections(connection)

    def collections_of(self, asset: int) -> list[str]:
        """The names of the collections that hold an asset, in alphabetical order."""
        with self._database.read() as connection:
            return tags.collections_of(connection, asset)

    def add_collection(self, name: str) -> int:
        """Makes a collection, or finds the one of that name, and returns its id."""
        with self._database.write() as connection:
            return tags.add_collection(connection, name)

    def rename_collection(self, collection: int, name: str) -> None:
        """Renames a collection. Raises LibraryError when another has that name."""
        with self._database.write() as connection:
            tags.rename_collection(connection, collection, name)

    def remove_collection(self, collection: int) -> None:
        """Forgets a collection; its assets stay."""
        with self._database.write() as connection:
            tags.remove_collection(connection, collection)

    def collect(self, collection: int, ids: Sequence[int]) -> None:
        """Puts assets into a collection. Raises LibraryError when it is gone."""
        with self._database.write() as connection:
            tags.collect(connection, collection, ids)

    def uncollect(self, collection: int, ids: Sequence[int]) -> None:
        """Takes assets out of a collection."""
        with self._database.write() as connection:
            tags.uncollect(connection, collection, ids)

    # Recent projects

    def touch_recent(self, path: Path, name: str) -> None:
        """Notes that a project has been opened now; the last 50 are kept."""
        with self._database.write() as connection:
            recent.touch(connection, path, name)

    def recent_projects(self, limit: int = 20) -> list[RecentProject]:
        """The projects opened last, the latest first. Whether they still exist is for the caller to see."""
        with self._database.read() as connection:
            return recent.projects(connection, limit)

    def forget_recent(self, path: Path) -> None:
        """Takes a project off the list; its folder stays."""
        with self._database.write() as connection:
            recent.forget(connection, path)

    # What models made

    def add_generation(self, generation: Generation) -> int:
        """Keeps the recipe of a file that a model made, and returns its id. Raises LibraryError for a recipe that JSON
        cannot say, and for a file that has a recipe already."""
        with self._database.write() as connection:
            return generations.add(connection, generation)

    def generation(self, generation: int) -> Generation | None:
        """The generation with this id."""
        with self._database.read() as connection:
            return next(iter(generations.by_ids(connection, [generation])), None)

    def generations_of(self, ids: Sequence[int]) -> dict[int, Generation]:
        """The generations of those of these assets that models made, by asset."""
        with self._database.read() as connection:
            return generations.of_assets(connection, ids)

    def marks_of(self, ids: Sequence[int]) -> dict[int, Mark]:
        """What a list shows of those of these assets that models made, by asset."""
        with self._database.read() as connection:
            return marks.of_assets(connection, ids)

    def made_with(self) -> tuple[list[str], list[str]]:
        """The tasks and the models of which there is something, by name."""
        with self._database.read() as connection:
            return marks.made_with(connection)

    def prints(self, most: int) -> list[tuple[str, bytes]]:
        """Up to so many of the latest sounds that models made, by name, each with the print that its checks hold."""
        with self._database.read() as connection:
            return marks.prints(connection, most)

    def lineage(self, generation: int) -> list[Generation]:
        """A generation, those it came from before it, oldest first, and all that came from it after it."""
        with self._database.read() as connection:
            return generations.lineage(connection, generation)

    def decide(self, ids: Sequence[int], approval: Approval, reason: str = "") -> None:
        """Approves or rejects generations, or takes that back ("open")."""
        with self._database.write() as connection:
            generations.change(connection, ids, {"approval": approval, "reason": clean(reason)})

    def rate(self, ids: Sequence[int], stars: int) -> None:
        """Gives generations 0 (none) to 5 stars."""
        if not 0 <= stars <= 5:
            raise LibraryError("There are no stars, or one to five.")
        with self._database.write() as connection:
            generations.change(connection, ids, {"rating": stars})

    def describe_generation(self, generation: int, title: str, description: str, category: str) -> None:
        """Says what a generation is; all of it is found by the search."""
        values = {"title": clean(title), "description": clean(description), "category": clean(category)}
        with self._database.write() as connection:
            generations.change(connection, [generation], values)

    def categorise(self, ids: Sequence[int], category: str) -> None:
        """Puts generations into a category, or into none."""
        with self._database.write() as connection:
            generations.change(connection, ids, {"category": clean(category)})

    def trash(self, ids: Sequence[int]) -> list[Path]:
        """Takes generations out of sight, with their tags and collections kept; returns where their files lie."""
        with self._database.write() as connection:
            return generations.trash(connection, ids)

    def trashed(self) -> list[tuple[Generation, Asset]]:
        """What lies in the trash, the latest first, each with the asset that it was."""
        with self._database.read() as connection:
            return generations.trashed(connection)

    def restore(self, ids: Sequence[int]) -> list[int]:
        """Brings generations back from the trash with all that was known of them; returns their assets."""
        with self._database.write() as connection:
            return generations.restore(connection, ids)

    def forget_generations(self, ids: Sequence[int]) -> None:
        """Forgets the recipes of generations for good; their files and what came from them stay."""
        with self._database.write() as connection:
            generations.forget(connection, ids)

    # Coached takes

    def add_coached_take(self, take: CoachedTake) -> int:
        """Keeps the figures of a take that the coach has judged, and returns its id."""
        with self._database.write() as connection:
            return coached.add(connection, take)

    def coached_takes(
        self, song: str | None = None, target: str | None = None, since: float = 0.0, limit: int = 1000
    ) -> list[CoachedTake]:
        """The latest takes of a song and a target (None: any) since a moment, oldest first."""
        with self._database.read() as connection:
            return coached.takes(connection, song, target, since, limit)

    def practised(self) -> list[Practised]:
        """Every song and exercise of which there are takes, that sung last first."""
        with self._database.read() as connection:
            return coached.practised(connection)

    def forget_coached_takes(self, ids: Sequence[int]) -> int:
        """Forgets the figures of takes; their recordings stay. Returns how many there were."""
        with self._database.write() as connection:
            return coached.forget(connection, list(ids))

    # Jobs

    def save_job(self, job: JobRecord) -> None:
        """Writes a job, new or changed. Running ones belong to this process. A job without `created` gets it now."""
        session = "" if self._session is None else self._session.id
        with self._database.write() as connection:
            jobs.save(connection, job, session)

    def claim_job(self, job: str) -> bool:
        """Makes a waiting job run in this process; False when another process has taken it or it is gone."""
        session = "" if self._session is None else self._session.id
        with self._database.write() as connection:
            return jobs.claim(connection, job, session)

    def load_jobs(self, *states: JobState) -> list[JobRecord]:
        """The jobs in these states (all when none is named), oldest first."""
        with self._database.read() as connection:
            return jobs.load(connection, states)

    def interrupt_running(self) -> int:
        """Marks as interrupted the jobs that ran in a process that is gone; returns how many. Call it at the start."""
        with self._database.write() as connection:
            return jobs.interrupt(connection, self._alive)

    def forget_jobs(self, ids: Items[str]) -> None:
        """Deletes jobs from the list."""
        with self._database.write() as connection:
            jobs.forget(connection, ids)

    def _alive(self, session: str) -> bool:
        return self._session is not None and self._session.alive(session)
