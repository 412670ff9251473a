"""What members have read of a write-up, and public notes of corrections."""

from collections.abc import Sequence

revision: str = "1795442700"
down_revision: str | None = "1795442640"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
