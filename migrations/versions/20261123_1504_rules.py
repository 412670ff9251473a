"""Rules that hold comments."""

from collections.abc import Sequence

revision: str = "1795446240"
down_revision: str | None = "1795446180"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
