"""Flags, appeals and suspensions.

Revision ID: 1795443120
Revises: 1795443060
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "1795443120"
down_revision: str | None = "1795443060"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


# What was hidden and restored before acts were rows of their own.
FROM_THE_JOURNAL = """
INSERT INTO moderation_acts
    (verb, comment_id, person_id, actor_id, code, words, at, was, was_hidden_reason,
    event_id)
SELECT CASE events.kind WHEN 'comment.hidden' THEN 'hide' ELSE 'restore' END, comments.id, comments.user_id,
    events.actor_id, 'other', events.reason, events.at,
    CASE events.kind WHEN 'comment.hidden' THEN 'visible' ELSE 'hidden' END, '', events.id
FROM events JOIN comments ON comments.id = events.subject_id AND events.subject_type = 'comment'
WHERE events.kind IN ('comment.hidden', 'comment.restored') AND events.actor_id IN (SELECT id FROM users)
ORDER BY events.id
"""


def upgrade() -> None:
    op.add_column("users", sa.Column("suspended_until", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "moderation_acts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("verb", sa.String(length=16), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("was", sa.String(length=16), nullable=False),
        sa.Column("was_hidden_reason", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("was_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("appeal_id", sa.Integer(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_moderation_acts_actor_id_users")),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_moderation_acts_comment_id_comments")),
        sa.ForeignKeyConstraint(["person_id"], ["users.id"], name=op.f("fk_moderation_acts_person_id_users")),
        sa.ForeignKeyConstraint(["undone_by_id"], ["users.id"], name=op.f("fk_moderation_acts_undone_by_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moderation_acts")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_moderation_acts_comment", "moderation_acts", ["comment_id", "id"], unique=False)
    op.create_index("ix_moderation_acts_person", "moderation_acts", ["person_id", "id"], unique=False)
    op.execute(FROM_THE_JOURNAL)
    op.create_table(
        "comment_flags",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("act_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["act_id"], ["moderation_acts.id"], name=op.f("fk_comment_flags_act_id_moderation_acts")
        ),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name=op.f("fk_comment_flags_comment_id_comments")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_comment_flags_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment_flags")),
        sa.UniqueConstraint("comment_id", "user_id", name="uq_comment_flags_comment_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_comment_flags_by_outcome", "comment_flags", ["outcome", "comment_id"], unique=False)
    op.create_index("ix_comment_flags_by_user", "comment_flags", ["user_id", "at"], unique=False)
    op.create_table(
        "appeals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("act_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["act_id"], ["moderation_acts.id"], name=op.f("fk_appeals_act_id_moderation_acts")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_appeals_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeals")),
        sa.UniqueConstraint("act_id", name=op.f("uq_appeals_act_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_appeals_state", "appeals", ["state", "id"], unique=False)
    op.create_index(op.f("ix_appeals_user_id"), "appeals", ["user_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_appeals_user_id"), table_name="appeals")
    op.drop_index("ix_appeals_state", table_name="appeals")
    op.drop_table("appeals")
    op.drop_index("ix_comment_flags_by_user", table_name="comment_flags")
    op.drop_index("ix_comment_flags_by_outcome", table_name="comment_flags")
    op.drop_table("comment_flags")
    op.drop_index("ix_moderation_acts_person", table_name="moderation_acts")
    op.drop_index("ix_moderation_acts_comment", table_name="moderation_acts")
    op.drop_table("moderation_acts")
    op.drop_column("users", "suspended_until")
