"""Rules that hold comments.

Revision ID: 1795443180
Revises: 1795443120
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "1795443180"
down_revision: str | None = "1795443120"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


HELD = sa.text("state = 'held'")
WAS_HELD = sa.text("held_code <> ''")


def upgrade() -> None:
    op.add_column("comments", sa.Column("held_code", sa.String(length=64), server_default="", nullable=False))
    op.create_index(
        "ix_comments_held", "comments", ["article_id", "id"], unique=False, sqlite_where=HELD, postgresql_where=HELD
    )
    op.create_index(
        "ix_comments_held_code",
        "comments",
        ["held_code", "state"],
        unique=False,
        sqlite_where=WAS_HELD,
        postgresql_where=WAS_HELD,
    )


def downgrade() -> None:
    """The program before knew no waiting: what waits is hidden for it, with the reason."""
    op.execute(
        "UPDATE comments SET state = 'hidden', hidden_reason = 'It was waiting for a moderator.' WHERE state = 'held'"
    )
    op.drop_index("ix_comments_held_code", table_name="comments")
    op.drop_index("ix_comments_held", table_name="comments")
    op.drop_column("comments", "held_code")
