"""When each revision went live and its public note, and what members have read of each write-up."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "1795442700"
down_revision: str | None = "1795442640"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

articles = sa.table("articles", sa.column("id"), sa.column("published_at"))
revisions = sa.table(
    "revisions", sa.column("id"), sa.column("article_id"), sa.column("number"), sa.column("state"), sa.column("live_at")
)
events = sa.table(
    "events",
    sa.column("at"),
    sa.column("kind"),
    sa.column("subject_type"),
    sa.column("subject_id"),
    sa.column("data", sa.JSON()),
)
WAS_LIVE = revisions.c.state.in_(["live", "superseded"])


def upgrade() -> None:
    op.add_column("revisions", sa.Column("live_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("revisions", sa.Column("public_note", sa.Text(), nullable=True))
    op.create_table(
        "visits",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_visits_article_id_articles")),
        sa.ForeignKeyConstraint(["revision_id"], ["revisions.id"], name=op.f("fk_visits_revision_id_revisions")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_visits_user_id_users")),
        sa.PrimaryKeyConstraint("user_id", "article_id", name=op.f("pk_visits")),
    )
    op.create_index(op.f("ix_visits_article_id"), "visits", ["article_id"], unique=False)
    _tell_when_revisions_went_live()


def _tell_when_revisions_went_live() -> None:
    """From the journal; the first one of a write-up has its date from there: an import may bring one of long ago."""
    published = sa.select(sa.func.max(events.c.at)).where(
        events.c.subject_type == "article",
        events.c.subject_id == revisions.c.article_id,
        events.c.kind == "article.published",
        events.c.data["revision"].as_integer() == revisions.c.id,
    )
    op.execute(revisions.update().where(WAS_LIVE).values(live_at=published.scalar_subquery()))
    other = revisions.alias("other")
    has_earlier = sa.exists().where(
        other.c.article_id == revisions.c.article_id,
        other.c.number < revisions.c.number,
        other.c.state.in_(["live", "superseded"]),
    )
    first = sa.select(articles.c.published_at).where(articles.c.id == revisions.c.article_id)
    op.execute(revisions.update().where(WAS_LIVE, ~has_earlier).values(live_at=first.scalar_subquery()))


def downgrade() -> None:
    op.drop_index(op.f("ix_visits_article_id"), table_name="visits")
    op.drop_table("visits")
    op.drop_column("revisions", "public_note")
    op.drop_column("revisions", "live_at")
