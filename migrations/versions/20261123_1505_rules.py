"""Rules that hold comments.

Revision ID: 1795443180
Revises: 1795443120
"""

from collections.abc import Sequence

revision: str = "1795443180"
down_revision: str | None = "1795443120"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
