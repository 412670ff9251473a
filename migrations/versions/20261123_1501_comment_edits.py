"""Edits of comments, what came of questions and corrections, and what members found useful."""

from collections.abc import Sequence

revision: str = "1795446060"
down_revision: str | None = "1795442880"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
