"""Working copies of writers, and who has which write-up open."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "1795442460"
down_revision: str | None = "1795433100"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "working_copies",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("is_discarded", sa.Boolean(), nullable=False),
        sa.Column("mode", sa.String(length=8), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("begun_from_id", sa.Integer(), nullable=True),
        sa.Column("window", sa.String(length=32), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_working_copies_user_id_users")),
        sa.ForeignKeyConstraint(
            ["begun_from_id"], ["revisions.id"], name=op.f("fk_working_copies_begun_from_id_revisions")
        ),
        sa.PrimaryKeyConstraint("user_id", "place", "is_discarded", name=op.f("pk_working_copies")),
    )
    op.create_table(
        "presences",
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_presences_article_id_articles")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_presences_user_id_users")),
        sa.PrimaryKeyConstraint("article_id", "user_id", name=op.f("pk_presences")),
    )


def downgrade() -> None:
    op.drop_table("presences")
    op.drop_table("working_copies")
