"""Comments on lines of a revision, and revisions that wait for their hour."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "1795442640"
down_revision: str | None = "1795442580"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "remarks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("answers_id", sa.Integer(), nullable=True),
        sa.Column("path", sa.String(length=120), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["answers_id"], ["remarks.id"], name=op.f("fk_remarks_answers_id_remarks")),
        sa.ForeignKeyConstraint(["resolved_by_id"], ["users.id"], name=op.f("fk_remarks_resolved_by_id_users")),
        sa.ForeignKeyConstraint(["revision_id"], ["revisions.id"], name=op.f("fk_remarks_revision_id_revisions")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_remarks_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remarks")),
    )
    op.create_index(op.f("ix_remarks_revision_id"), "remarks", ["revision_id"], unique=False)
    op.add_column("revisions", sa.Column("publish_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("revisions", sa.Column("publish_by_id", sa.Integer(), nullable=True))
    op.add_column("revisions", sa.Column("publish_refused", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("revisions", "publish_refused")
    op.drop_column("revisions", "publish_by_id")
    op.drop_column("revisions", "publish_at")
    op.drop_index(op.f("ix_remarks_revision_id"), table_name="remarks")
    op.drop_table("remarks")
