"""Waived findings of the checks before review, and what is known of links."""

from collections.abc import Sequence

revision: str = "1795442580"
down_revision: str | None = "1795442520"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
