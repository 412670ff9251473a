"""Former addresses, numbers of incidents, and write-ups that were merged into another."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "1795442760"
down_revision: str | None = "1795442700"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# The rule of blog.articles.addresses, once more where nothing can walk around it.
SLUG_IS_ITS_OWN = """
CREATE TRIGGER articles_slug_{name} BEFORE {event} ON articles
WHEN EXISTS (SELECT 1 FROM former_slugs WHERE slug = NEW.slug AND article_id IS NOT NEW.id)
BEGIN SELECT RAISE(ABORT, 'a slug that a write-up once had is never given to another'); END
"""
TRIGGERS = {"made": "INSERT", "changed": "UPDATE OF slug"}


def upgrade() -> None:
    op.create_table(
        "former_slugs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_former_slugs_article_id_articles")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_slugs")),
        sa.UniqueConstraint("slug", name=op.f("uq_former_slugs_slug")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_former_slugs_article_id"), "former_slugs", ["article_id"], unique=False)
    op.create_table(
        "incident_numbers",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("row_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_incident_numbers_article_id_articles")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_incident_numbers")),
        sa.UniqueConstraint("article_id", "row_id", name=op.f("uq_incident_numbers_article_id_row_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "merges",
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("into_id", sa.Integer(), nullable=False),
        sa.Column("state_before", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_merges_article_id_articles")),
        sa.ForeignKeyConstraint(["into_id"], ["articles.id"], name=op.f("fk_merges_into_id_articles")),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_merges")),
    )
    op.create_index(op.f("ix_merges_into_id"), "merges", ["into_id"], unique=False)
    op.add_column("comments", sa.Column("said_on_id", sa.Integer(), nullable=True))
    op.execute("INSERT INTO incident_numbers (article_id, row_id) SELECT article_id, row_id FROM incidents ORDER BY id")
    if op.get_bind().dialect.name == "sqlite":
        for name, event in TRIGGERS.items():
            op.execute(SLUG_IS_ITS_OWN.format(name=name, event=event))


def downgrade() -> None:
    """The program before knew no merging: what was merged is retired for it, and comments stay where they are."""
    if op.get_bind().dialect.name == "sqlite":
        for name in TRIGGERS:
            op.execute(f"DROP TRIGGER articles_slug_{name}")
    op.execute(
        "UPDATE articles SET state = 'retired', retired_reason = (SELECT"
        " 'This was merged into write-up ' || into_id || ': ' || reason FROM merges WHERE article_id = articles.id)"
        " WHERE id IN (SELECT article_id FROM merges)"
    )
    op.drop_column("comments", "said_on_id")
    op.drop_index(op.f("ix_merges_into_id"), table_name="merges")
    op.drop_table("merges")
    op.drop_table("incident_numbers")
    op.drop_index(op.f("ix_former_slugs_article_id"), table_name="former_slugs")
    op.drop_table("former_slugs")
