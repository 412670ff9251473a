"""Flags, appeals and suspensions.

Revision ID: 1795443120
Revises: 1795443060
"""

from collections.abc import Sequence

revision: str = "1795443120"
down_revision: str | None = "1795443060"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
