"""Which program and model wrote a revision."""

from collections.abc import Sequence

revision: str = "1795442880"
down_revision: str | None = "1795442820"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
