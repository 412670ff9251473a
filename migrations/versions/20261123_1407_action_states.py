"""What became of promised actions."""

from collections.abc import Sequence

revision: str = "1795442820"
down_revision: str | None = "1795442760"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
