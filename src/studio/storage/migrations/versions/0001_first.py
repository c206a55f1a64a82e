"""Assets with tags, collections and full-text search; recent projects; jobs."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# Facets are one word each, so that a filter by kind, tag, collection or favourite is an intersection inside the index.
DOCUMENT = """
CREATE VIEW asset_document AS SELECT
  a.id AS id,
  a.name AS name,
  (SELECT group_concat(t.name, ' ') FROM asset_tags x JOIN tags t ON t.id = x.tag WHERE x.asset = a.id) AS tags,
  a.words AS words,
  'k' || a.kind
    || CASE WHEN a.favourite THEN ' fav' ELSE '' END
    || coalesce((SELECT group_concat(' t' || x.tag, '') FROM asset_tags x WHERE x.asset = a.id), '')
    || coalesce((SELECT group_concat(' c' || x.collection, '') FROM collection_assets x WHERE x.asset = a.id), '')
    AS facets
FROM assets a
"""

INDEX = """
CREATE VIRTUAL TABLE asset_text USING fts5(
  name, tags, words, facets,
  tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co So'", prefix = '1 2'
)
"""

REFRESH = (
    "UPDATE asset_text SET (name, tags, words, facets) ="
    " (SELECT name, tags, words, facets FROM asset_document WHERE id = {0}) WHERE rowid = {0};"
)

TRIGGERS = {
    "assets_insert AFTER INSERT ON assets": (
        "INSERT INTO asset_text(rowid, name, tags, words, facets)"
        " SELECT id, name, tags, words, facets FROM asset_document WHERE id = NEW.id;"
    ),
    "assets_delete AFTER DELETE ON assets": "DELETE FROM asset_text WHERE rowid = OLD.id;",
    "assets_update AFTER UPDATE OF name, words, kind, favourite ON assets"
    " WHEN OLD.name IS NOT NEW.name OR OLD.words IS NOT NEW.words"
    " OR OLD.kind IS NOT NEW.kind OR OLD.favourite IS NOT NEW.favourite": REFRESH.format("NEW.id"),
    "asset_tags_insert AFTER INSERT ON asset_tags": REFRESH.format("NEW.asset"),
    "asset_tags_delete AFTER DELETE ON asset_tags": REFRESH.format("OLD.asset"),
    "collection_assets_insert AFTER INSERT ON collection_assets": REFRESH.format("NEW.asset"),
    "collection_assets_delete AFTER DELETE ON collection_assets": REFRESH.format("OLD.asset"),
    "tags_rename AFTER UPDATE OF name ON tags WHEN OLD.name IS NOT NEW.name": (
        "UPDATE asset_text SET tags = (SELECT tags FROM asset_document d WHERE d.id = asset_text.rowid)"
        " WHERE rowid IN (SELECT asset FROM asset_tags WHERE tag = NEW.id);"
    ),
}


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String, nullable=False, server_default="")


def upgrade() -> None:
    """Makes the first schema."""
    op.execute("PRAGMA application_id = 0x53544C42")
    _assets()
    _tags()
    _collections()
    _recent_projects()
    _jobs()
    op.execute(DOCUMENT)
    op.execute(INDEX)
    for head, body in TRIGGERS.items():
        op.execute(f"CREATE TRIGGER {head} BEGIN {body} END")


def _assets() -> None:
    op.create_table(
        "assets",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("path", sa.String, nullable=False, unique=True),
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
        sqlite_autoincrement=True,
    )
    op.create_index("assets_recent", "assets", ["recent", "id", "kind"])
    op.create_index("assets_digest", "assets", ["digest"])


def _tags() -> None:
    op.create_table(
        "tags",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("folded", sa.String, nullable=False, unique=True),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "asset_tags",
        sa.Column("asset", sa.Integer, sa.ForeignKey("assets.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("tag", sa.Integer, sa.ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_index("asset_tags_tag", "asset_tags", ["tag", "asset"])


def _collections() -> None:
    op.create_table(
        "collections",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("folded", sa.String, nullable=False, unique=True),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "collection_assets",
        sa.Column("collection", sa.Integer, sa.ForeignKey("collections.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("asset", sa.Integer, sa.ForeignKey("assets.id", ondelete="CASCADE"), primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_index("collection_assets_asset", "collection_assets", ["asset", "collection"])


def _recent_projects() -> None:
    op.create_table(
        "recent_projects",
        sa.Column("path", sa.String, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("opened", sa.Float, nullable=False),
    )


def _jobs() -> None:
    op.create_table(
        "jobs",
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
    )
    op.create_index("jobs_state", "jobs", ["state"])
