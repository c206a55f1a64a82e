"""Drafts of datasets: their items in order, each with what is said and what was measured of it."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Makes the tables of datasets and of the items of their drafts."""
    op.create_table(
        "datasets",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("folded", sa.String, nullable=False, unique=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("seed", sa.Integer, nullable=False),
        sa.Column("base", sa.Integer, nullable=False, server_default="0"),
        sa.Column("made", sa.Float, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "dataset_items",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("dataset", sa.Integer, sa.ForeignKey("datasets.id", ondelete="CASCADE"), nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("sha256", sa.String, nullable=False),
        sa.Column("told", sa.LargeBinary, nullable=False),
        sa.Column("facts", sa.LargeBinary, nullable=False),
        sa.Column("print", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("dataset", "sha256"),
        sqlite_autoincrement=True,
    )
    op.create_index("dataset_items_place", "dataset_items", ["dataset", "place"])
