"""People who were erased.

Revision ID: 1795443240
Revises: 1795443180
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "1795443240"
down_revision: str | None = "1795443180"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# A label stays for ever. Where its owner was erased, the name that they gave the program goes, and nothing else.
KEEP = """
CREATE TRIGGER program_labels_keep BEFORE UPDATE ON program_labels{exception}
BEGIN SELECT RAISE(ABORT, 'what a program wrote is labelled for ever'); END
"""
BUT_FOR_ERASED = """
WHEN NOT (
    NEW.program = 'a program' AND NEW.subject_type = OLD.subject_type AND NEW.subject_id = OLD.subject_id
    AND NEW.token_id = OLD.token_id AND NEW.prefix = OLD.prefix AND NEW.model = OLD.model
    AND NEW.owner_id = OLD.owner_id AND NEW.at = OLD.at
    AND EXISTS (SELECT 1 FROM users WHERE users.id = OLD.owner_id AND users.erased_at IS NOT NULL)
)"""


def upgrade() -> None:
    op.add_column("users", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER program_labels_keep")
        op.execute(KEEP.format(exception=BUT_FOR_ERASED))


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER program_labels_keep")
        op.execute(KEEP.format(exception=""))
    op.drop_column("users", "erased_at")
