"""What models have made: each with its recipe, its parent and what was said of it; the order and tries of jobs."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

# As in 0001, and of what a model made also its words, its task, what was decided of it and its stars.
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
    || coalesce((SELECT ' g' || g.task || ' is' || g.approval || ' stars' || g.rating
                 FROM generations g WHERE g.asset = a.id), '')
    AS facets
FROM assets a
"""

REFRESH = (
    "UPDATE asset_text SET (name, tags, words, facets) ="
    " (SELECT name, tags, words, facets FROM asset_document WHERE id = NEW.asset) WHERE rowid = NEW.asset;"
)

TRIGGERS = {
    "generations_insert AFTER INSERT ON generations": REFRESH,
    "generations_update AFTER UPDATE OF words, task, approval, rating, asset ON generations"
    " WHEN NEW.asset IS NOT NULL": REFRESH,
}


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String, nullable=False, server_default="")


def upgrade() -> None:
    """Makes the table of generations, lets the search see it, and gives jobs their place in the queue."""
    op.create_table(
        "generations",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("asset", sa.Integer, sa.ForeignKey("assets.id", ondelete="SET NULL"), unique=True),
        sa.Column("task", sa.String, nullable=False),
        sa.Column("model", sa.String, nullable=False),
        _text("revision"),
        sa.Column("recipe", sa.LargeBinary, nullable=False),
        sa.Column("parent", sa.Integer, sa.ForeignKey("generations.id", ondelete="SET NULL")),
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
        sqlite_autoincrement=True,
    )
    op.create_index("generations_parent", "generations", ["parent"])
    op.create_index("generations_made", "generations", ["made"])
    op.execute("DROP VIEW asset_document")
    op.execute(DOCUMENT)
    for head, body in TRIGGERS.items():
        op.execute(f"CREATE TRIGGER {head} BEGIN {body} END")
    op.add_column("jobs", sa.Column("place", sa.Float, nullable=False, server_default="0"))
    op.add_column("jobs", sa.Column("tries", sa.Integer, nullable=False, server_default="0"))
