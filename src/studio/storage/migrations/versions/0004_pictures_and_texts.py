"""Pictures and texts that models made stand in the library like their sounds; what models made is found by its task and
model as a whole word each, and by whether its checks have remarks."""

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

KINDS = {"cover": "picture", "chat": "text", "lyrics": "text"}

# As in 0003, but names of tasks and models in hexadecimal: the index would take "music-cover" apart.
DOCUMENT = """
CREATE VIEW asset_document AS SELECT
  a.id AS id,
  a.name AS name,
  (SELECT group_concat(t.name, ' ') FROM asset_tags x JOIN tags t ON t.id = x.tag WHERE x.asset = a.id) AS tags,
  a.words || coalesce((SELECT ' ' || g.words FROM generations g WHERE g.asset = a.id), '') AS words,
  'k' || a.kind
    || CASE WHEN a.favourite THEN ' fav' ELSE '' END
    || coalesce((SELECT group_concat(' t' || x.tag, '') FROM asset_tags x WHERE x.asset = a.id), '')
    || coalesce((SELECT group_concat(' c' || x.collection, '') FROM collection_assets x WHERE x.asset = a.id), '')
    || coalesce((SELECT ' gt' || hex(g.task) || ' gm' || hex(g.model) || ' is' || g.approval || ' stars' || g.rating
                   || CASE WHEN json_valid(CAST(g.checks AS TEXT))
                            AND json_array_length(CAST(g.checks AS TEXT), '$.remarks') > 0
                           THEN ' doubtful' ELSE ' clear' END
                 FROM generations g WHERE g.asset = a.id), '')
    AS facets
FROM assets a
"""

REFRESH = (
    "UPDATE asset_text SET (name, tags, words, facets) ="
    " (SELECT name, tags, words, facets FROM asset_document WHERE id = {0}) WHERE rowid {1};"
)

UPDATED = (
    "generations_update AFTER UPDATE OF words, task, model, approval, rating, asset, checks ON generations"
    " WHEN NEW.asset IS NOT NULL"
)


def upgrade() -> None:
    """Lets the search see more of what models made, and gives pictures and texts that were made before their assets."""
    op.execute("DROP TRIGGER generations_update")
    op.execute("DROP VIEW asset_document")
    op.execute(DOCUMENT)
    op.execute(f"CREATE TRIGGER {UPDATED} BEGIN {REFRESH.format('NEW.asset', '= NEW.asset')} END")
    op.create_index("generations_made_with", "generations", ["task", "model"])
    made = "IN (SELECT asset FROM generations WHERE asset IS NOT NULL)"
    op.execute(REFRESH.format("asset_text.rowid", made).rstrip(";"))
    _give_assets(op.get_bind())


def _give_assets(connection: sa.Connection) -> None:
    """Where a file lies is known only to the job that made it."""
    for generation, path in _files(connection):
        row = connection.execute(
            sa.text("SELECT task, made FROM generations WHERE id = :id AND asset IS NULL AND trashed IS NULL"),
            {"id": generation},
        ).first()
        if row is None or row.task not in KINDS:
            continue
        values = {"kind": KINDS[row.task], "path": path, "name": path.replace("\\", "/").rpartition("/")[2]}
        inserted = connection.execute(
            sa.text(
                "INSERT OR IGNORE INTO assets (kind, path, name, size, modified, seconds, rate, channels, added)"
                " VALUES (:kind, :path, :name, 0, 0.0, 0.0, 0, 0, :made)"
            ),
            {**values, "made": row.made},
        )
        if inserted.rowcount:
            connection.execute(
                sa.text("UPDATE generations SET asset = (SELECT id FROM assets WHERE path = :path) WHERE id = :id"),
                {"path": path, "id": generation},
            )


def _files(connection: sa.Connection) -> Iterator[tuple[int, str]]:
    for (result,) in connection.execute(sa.text("SELECT result FROM jobs WHERE kind = 'generate'")).all():
        told: Any = json.loads(result)
        for made in told.get("made", ()) if isinstance(told, dict) else ():
            if made.get("generation") and made.get("path"):
                yield int(made["generation"]), str(made["path"])
