"""Comments on lines of a revision, and revisions that wait for their hour."""

from collections.abc import Sequence

revision: str = "1795442640"
down_revision: str | None = "1795442580"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
