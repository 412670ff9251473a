"""What is said of a comment: its edits, its source, whether it was answered.

Revision ID: 1795442940
Revises: 1795442880
"""

from collections.abc import Sequence

revision: str = "1795442940"
down_revision: str | None = "1795442880"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
