"""Marks of what was useful, and how far a member has read a discussion.

Revision ID: 1795443000
Revises: 1795442940
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "1795443000"
down_revision: str | None = "1795442940"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("comments", sa.Column("useful_count", sa.Integer(), nullable=False, server_default="0"))
    op.create_index(
        "ix_comments_useful",
        "comments",
        ["article_id", "useful_count"],
        sqlite_where=sa.text("useful_count > 0"),
        postgresql_where=sa.text("useful_count > 0"),
    )
    op.create_table(
        "useful_marks",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_useful_marks_user_id_users")),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_useful_marks_comment_id_comments")),
        sa.PrimaryKeyConstraint("user_id", "comment_id", name=op.f("pk_useful_marks")),
    )
    op.create_index(op.f("ix_useful_marks_comment_id"), "useful_marks", ["comment_id"], unique=False)
    op.create_table(
        "thread_visits",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("before_id", sa.Integer(), nullable=False),
        sa.Column("read_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_thread_visits_user_id_users")),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_thread_visits_article_id_articles")),
        sa.PrimaryKeyConstraint("user_id", "article_id", name=op.f("pk_thread_visits")),
    )
    op.create_index(op.f("ix_thread_visits_article_id"), "thread_visits", ["article_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_thread_visits_article_id"), table_name="thread_visits")
    op.drop_table("thread_visits")
    op.drop_index(op.f("ix_useful_marks_comment_id"), table_name="useful_marks")
    op.drop_table("useful_marks")
    op.drop_index("ix_comments_useful", table_name="comments")
    op.drop_column("comments", "useful_count")
