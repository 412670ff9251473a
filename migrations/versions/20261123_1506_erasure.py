"""People who were erased.

Revision ID: 1795443240
Revises: 1795443180
"""

from collections.abc import Sequence

revision: str = "1795443240"
down_revision: str | None = "1795443180"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
