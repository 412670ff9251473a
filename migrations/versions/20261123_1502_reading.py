"""Marks of what was useful.

Revision ID: 1795443000
Revises: 1795442940
"""

from collections.abc import Sequence

revision: str = "1795443000"
down_revision: str | None = "1795442940"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
