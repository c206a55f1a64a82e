"""Takes that the coach has judged: what was sung, when, and how well."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String, nullable=False, server_default="")


def upgrade() -> None:
    """Makes the table of judged takes."""
    op.create_table(
        "coached_takes",
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
        sqlite_autoincrement=True,
    )
    op.create_index("coached_takes_song", "coached_takes", ["song", "target", "taken"])
    op.create_index("coached_takes_taken", "coached_takes", ["taken"])
