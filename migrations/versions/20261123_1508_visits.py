"""When the visit before the last one to a discussion ended.

Revision ID: 1795443360
Revises: 1795443300
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "1795443360"
down_revision: str | None = "1795443300"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("thread_visits", sa.Column("before_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("thread_visits", "before_at")
