"""Comments that nobody but moderators ever saw.

Revision ID: 1795443300
Revises: 1795443240
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "1795443300"
down_revision: str | None = "1795443240"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

UNSEEN = sa.text("is_unseen")


def upgrade() -> None:
    op.add_column("comments", sa.Column("is_unseen", sa.Boolean(), server_default="0", nullable=False))
    op.create_index(
        "ix_comments_unseen", "comments", ["article_id"], unique=False, sqlite_where=UNSEEN, postgresql_where=UNSEEN
    )


def downgrade() -> None:
    op.drop_index("ix_comments_unseen", table_name="comments")
    op.drop_column("comments", "is_unseen")
