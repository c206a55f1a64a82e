"""The tables as this version knows them. They are made and changed by the scripts in `migrations/`, never from here;
a test holds the two together.

`asset_text` (full-text search) and its triggers exist only in the migrations: SQLAlchemy has no words for them.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import sqlalchemy as sa

metadata = sa.MetaData()

HEAD = "0005"
"""The revision of the schema that this version reads and writes."""

APPLICATION_ID = 0x53544C42
"""`PRAGMA application_id` of a library: tells it from any other SQLite file."""


class PathText(sa.types.TypeDecorator[Path]):
    """A path as UTF-8 text, or as bytes where the file system's name is not valid text (both come back equal)."""

    impl = sa.String
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> Any:
        if value is None:
            return None
        text = os.fspath(value)
        try:
            text.encode()
        except UnicodeEncodeError:
            return text.encode("utf-8", "surrogatepass")
        return text

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> Path | None:
        if value is None:
            return None
        return Path(value.decode("utf-8", "surrogatepass") if isinstance(value, bytes) else value)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String, nullable=False, server_default="")


assets = sa.Table(
    "assets",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("path", PathText, nullable=False, unique=True),
    sa.Column("name", sa.String, nullable=False),
    _text("words"),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("modified", sa.Float, nullable=False),
    _text("digest"),
    sa.Column("seconds", sa.Float, nullable=False),
    sa.Column("rate", sa.Integer, nullable=False),
    sa.Column("channels", sa.Integer, nullable=False),
    sa.Column("bpm", sa.Float),
    _text("key"),
    sa.Column("added", sa.Float, nullable=False),
    sa.Column("used", sa.Float),
    sa.Column("recent", sa.Float, sa.Computed("coalesce(used, added)", persisted=False)),
    sa.Column("favourite", sa.Boolean, nullable=False, server_default="0"),
    _text("project"),
    sa.Index("assets_recent", "recent", "id", "kind"),
    sa.Index("assets_digest", "digest"),
    sqlite_autoincrement=True,
)

tags = sa.Table(
    "tags",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("folded", sa.String, nullable=False, unique=True),
    sqlite_autoincrement=True,
)

asset_tags = sa.Table(
    "asset_tags",
    metadata,
    sa.Column("asset", sa.ForeignKey("assets.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("tag", sa.ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True),
    sa.Index("asset_tags_tag", "tag", "asset"),
    sqlite_with_rowid=False,
)

collections = sa.Table(
    "collections",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("folded", sa.String, nullable=False, unique=True),
    sqlite_autoincrement=True,
)

collection_assets = sa.Table(
    "collection_assets",
    metadata,
    sa.Column("collection", sa.ForeignKey("collections.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("asset", sa.ForeignKey("assets.id", ondelete="CASCADE"), primary_key=True),
    sa.Index("collection_assets_asset", "asset", "collection"),
    sqlite_with_rowid=False,
)

recent_projects = sa.Table(
    "recent_projects",
    metadata,
    sa.Column("path", PathText, primary_key=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("opened", sa.Float, nullable=False),
)

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("kind", sa.String, nullable=False),
    _text("label"),
    sa.Column("parameters", sa.LargeBinary, nullable=False),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("progress", sa.Float, nullable=False),
    _text("message"),
    sa.Column("needs", sa.LargeBinary, nullable=False),
    sa.Column("result", sa.LargeBinary, nullable=False),
    _text("error"),
    _text("detail"),
    sa.Column("failures", sa.LargeBinary, nullable=False),
    sa.Column("created", sa.Float, nullable=False),
    sa.Column("started", sa.Float, nullable=False),
    sa.Column("finished", sa.Float, nullable=False),
    _text("session"),
    sa.Column("place", sa.Float, nullable=False, server_default="0"),
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    sa.Index("jobs_state", "state"),
)

coached_takes = sa.Table(
    "coached_takes",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("taken", sa.Float, nullable=False),
    sa.Column("name", sa.String, nullable=False),
    _text("song"),
    _text("target"),
    _text("track"),
    sa.Column("seconds", sa.Float, nullable=False),
    sa.Column("notes", sa.Integer, nullable=False),
    sa.Column("low", sa.Float),
    sa.Column("high", sa.Float),
    sa.Column("accuracy", sa.Float, nullable=False),
    sa.Column("precision", sa.Float, nullable=False),
    sa.Column("late", sa.Float),
    sa.Column("spread", sa.Float),
    sa.Column("overall", sa.Float, nullable=False),
    sa.Column("pitch", sa.Float, nullable=False),
    sa.Column("rhythm", sa.Float),
    sa.Column("consistency", sa.Float),
    sa.Column("confidence", sa.Float, nullable=False),
    sa.Column("karaoke", sa.Integer),
    sa.Index("coached_takes_song", "song", "target", "taken"),
    sa.Index("coached_takes_taken", "taken"),
    sqlite_autoincrement=True,
)

generations = sa.Table(
    "generations",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("asset", sa.ForeignKey("assets.id", ondelete="SET NULL"), unique=True),
    sa.Column("task", sa.String, nullable=False),
    sa.Column("model", sa.String, nullable=False),
    _text("revision"),
    sa.Column("recipe", sa.LargeBinary, nullable=False),
    sa.Column("parent", sa.ForeignKey("generations.id", ondelete="SET NULL")),
    _text("job"),
    sa.Column("made", sa.Float, nullable=False),
    sa.Column("approval", sa.String, nullable=False, server_default="open"),
    _text("reason"),
    sa.Column("rating", sa.Integer, nullable=False, server_default="0"),
    _text("title"),
    _text("description"),
    _text("category"),
    sa.Column("checks", sa.LargeBinary, nullable=False),
    _text("words"),
    sa.Column("trashed", sa.LargeBinary),
    sa.Index("generations_parent", "parent"),
    sa.Index("generations_made", "made"),
    sa.Index("generations_made_with", "task", "model"),
    sqlite_autoincrement=True,
)

datasets = sa.Table(
    "datasets",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("folded", sa.String, nullable=False, unique=True),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("seed", sa.Integer, nullable=False),
    sa.Column("base", sa.Integer, nullable=False, server_default="0"),
    sa.Column("made", sa.Float, nullable=False),
    sqlite_autoincrement=True,
)

dataset_items = sa.Table(
    "dataset_items",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("dataset", sa.ForeignKey("datasets.id", ondelete="CASCADE"), nullable=False),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("sha256", sa.String, nullable=False),
    sa.Column("told", sa.LargeBinary, nullable=False),
    sa.Column("facts", sa.LargeBinary, nullable=False),
    sa.Column("print", sa.LargeBinary, nullable=False),
    sa.UniqueConstraint("dataset", "sha256"),
    sa.Index("dataset_items_place", "dataset", "place"),
    sqlite_autoincrement=True,
)
