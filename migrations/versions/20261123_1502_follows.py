"""What people follow, mail that was sent, and links by mail that work once."""

from collections.abc import Sequence

revision: str = "1795446120"
down_revision: str | None = "1795446060"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
