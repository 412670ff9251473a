"""Waived findings of the checks before review, and what is known of links."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "1795442580"
down_revision: str | None = "1795442520"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "check_waivers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(length=32), nullable=False),
        sa.Column("check_name", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_check_waivers_article_id_articles")),
        sa.ForeignKeyConstraint(["created_by_id"], ["users.id"], name=op.f("fk_check_waivers_created_by_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_waivers")),
        sa.UniqueConstraint("article_id", "fingerprint", name=op.f("uq_check_waivers_article_id_fingerprint")),
    )
    op.create_table(
        "links",
        sa.Column("address_hash", sa.String(length=64), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("found", sa.String(length=200), nullable=False),
        sa.Column("misses", sa.Integer(), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("address_hash", name=op.f("pk_links")),
    )


def downgrade() -> None:
    op.drop_table("links")
    op.drop_table("check_waivers")
