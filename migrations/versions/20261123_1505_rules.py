"""Rules that hold comments.

Revision ID: 1795443180
Revises: 1795443120
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "1795443180"
down_revision: str | None = "1795443120"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


HELD = sa.text("state = 'held'")
WAS_HELD = sa.text("held_code <> ''")


def upgrade() -> None:
    op.create_table(
        "comment_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trial", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["users.id"], name=op.f("fk_comment_rules_person_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment_rules")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_comment_rules_state"), "comment_rules", ["state"], unique=False)
    op.add_column("comments", sa.Column("held_code", sa.String(length=64), server_default="", nullable=False))
    op.create_index(
        "ix_comments_held", "comments", ["article_id", "id"], unique=False, sqlite_where=HELD, postgresql_where=HELD
    )
    op.create_index(
        "ix_comments_held_code",
        "comments",
        ["held_code", "state"],
        unique=False,
        sqlite_where=WAS_HELD,
        postgresql_where=WAS_HELD,
    )


def downgrade() -> None:
    """The program before knew no waiting: what waits is hidden for it, with the reason."""
    op.execute(
        "UPDATE comments SET state = 'hidden', hidden_reason = 'It was waiting for a moderator.' WHERE state = 'held'"
    )
    op.drop_index("ix_comments_held_code", table_name="comments")
    op.drop_index("ix_comments_held", table_name="comments")
    op.drop_column("comments", "held_code")
    op.drop_index(op.f("ix_comment_rules_state"), table_name="comment_rules")
    op.drop_table("comment_rules")
