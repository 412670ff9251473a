"""What is said of a comment: its edits, its source, whether it was answered.

Revision ID: 1795442940
Revises: 1795442880
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "1795442940"
down_revision: str | None = "1795442880"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

COLUMNS = {
    "revision_id": sa.Integer(),
    "source": sa.Text(),
    "standing": sa.String(length=16),
    "standing_by_id": sa.Integer(),
    "standing_at": sa.DateTime(timezone=True),
    "standing_reason": sa.Text(),
    "answer_id": sa.Integer(),
    "proposed_id": sa.Integer(),
}
ANCHORED = sa.text("anchor <> '' AND parent_id IS NULL")
# What was live when it was said; none where it was said elsewhere, before there was a revision.
LIVE_THEN = (
    "UPDATE comments SET revision_id = (SELECT revisions.id FROM revisions"
    " WHERE revisions.article_id = COALESCE(comments.said_on_id, comments.article_id)"
    " AND revisions.live_at <= comments.created_at ORDER BY revisions.live_at DESC, revisions.id DESC LIMIT 1)"
)


def upgrade() -> None:
    for name, kind in COLUMNS.items():
        op.add_column("comments", sa.Column(name, kind, nullable=True))
    op.create_index(
        "ix_comments_anchored",
        "comments",
        ["article_id"],
        unique=False,
        sqlite_where=ANCHORED,
        postgresql_where=ANCHORED,
    )
    op.create_table(
        "comment_edits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_comment_edits_comment_id_comments")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment_edits")),
    )
    op.create_index(op.f("ix_comment_edits_comment_id"), "comment_edits", ["comment_id"], unique=False)
    op.execute(LIVE_THEN)
    op.execute("UPDATE comments SET standing = 'open' WHERE kind IN ('question', 'correction')")


def downgrade() -> None:
    op.drop_index(op.f("ix_comment_edits_comment_id"), table_name="comment_edits")
    op.drop_table("comment_edits")
    op.drop_index("ix_comments_anchored", table_name="comments")
    for name in reversed(COLUMNS):
        op.drop_column("comments", name)
