"""Flags, appeals and suspensions."""

from collections.abc import Sequence

revision: str = "1795446180"
down_revision: str | None = "1795446120"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
