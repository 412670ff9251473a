"""What the pages of the journal are filtered by."""

from collections.abc import Sequence

revision: str = "1795442940"
down_revision: str | None = "1795442880"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
