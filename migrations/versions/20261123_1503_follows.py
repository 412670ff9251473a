"""Follows, messages, and proofs of an address.

Revision ID: 1795443060
Revises: 1795443000
"""

from collections.abc import Sequence

revision: str = "1795443060"
down_revision: str | None = "1795443000"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
