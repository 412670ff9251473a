"""What became of promised actions."""

import json
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "1795442820"
down_revision: str | None = "1795442760"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

CHECKS = {
    "confirmed_by_another": "confirmed_by_id IS NULL OR confirmed_by_id <> done_by_id",
    "done_with_evidence": "state NOT IN ('done', 'confirmed') OR evidence <> '' OR evidence_url <> ''",
    "dropped_with_reason": "state <> 'dropped' OR reason <> ''",
}
PEOPLE = ("owner_id", "done_by_id", "confirmed_by_id")
STATED = "id, article_id, row_id, text, kind, owner_role, promised_by, due_on"  # what the table held before


def before() -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("row_id", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("owner_role", sa.String(length=120), nullable=False),
        sa.Column("promised_by", sa.String(length=120), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_action_items_article_id_articles")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_items")),
        sa.UniqueConstraint("article_id", "row_id", name=op.f("uq_action_items_article_id_row_id")),
    ]


def added() -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("is_live", sa.Boolean(), server_default="1", nullable=False),
        sa.Column("promised_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=16), server_default="promised", nullable=False),
        sa.Column("step", sa.Integer(), server_default="0", nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("evidence", sa.Text(), server_default="", nullable=False),
        sa.Column("evidence_url", sa.String(length=2_000), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("done_by_id", sa.Integer(), nullable=True),
        sa.Column("done_text", sa.Text(), server_default="", nullable=False),
        sa.Column("confirmed_by_id", sa.Integer(), nullable=True),
        sa.Column("confirmed_on", sa.Date(), nullable=True),
        *(sa.ForeignKeyConstraint([name], ["users.id"], name=op.f(f"fk_action_items_{name}_users")) for name in PEOPLE),
        *(sa.CheckConstraint(condition, name=op.f(f"ck_action_items_{name}")) for name, condition in CHECKS.items()),
    ]


def upgrade() -> None:
    _make_anew(*before(), *added(), sqlite_autoincrement=True)
    op.create_index(
        "ix_action_items_board", "action_items", ["is_live", "state", "due_on", "id", "article_id"], unique=False
    )
    op.create_index(op.f("ix_action_items_owner_id"), "action_items", ["owner_id"], unique=False)
    op.create_table(
        "related_write_ups",
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("target_slug", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_related_write_ups_article_id_articles")),
        sa.PrimaryKeyConstraint("article_id", "target_slug", name=op.f("pk_related_write_ups")),
    )
    op.create_index(op.f("ix_related_write_ups_target_slug"), "related_write_ups", ["target_slug"], unique=False)
    _date_promises()
    _relate()


def downgrade() -> None:
    op.drop_index(op.f("ix_related_write_ups_target_slug"), table_name="related_write_ups")
    op.drop_table("related_write_ups")
    op.drop_index(op.f("ix_action_items_owner_id"), table_name="action_items")
    op.drop_index("ix_action_items_board", table_name="action_items")
    _make_anew(*before())


def _make_anew(*parts: sa.schema.SchemaItem, **options: bool) -> None:
    """The table with these parts and its rows. By hand: what Alembic makes of a changed table is worded otherwise than
    a new one, and backups compare the schema word for word.
    """
    op.execute(f"CREATE TEMPORARY TABLE kept_action_items AS SELECT {STATED} FROM action_items")  # noqa: S608
    op.drop_table("action_items")
    op.create_table("action_items", *parts, **options)
    op.execute(f"INSERT INTO action_items ({STATED}) SELECT {STATED} FROM kept_action_items")  # noqa: S608
    op.execute("DROP TABLE kept_action_items")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SELECT setval(pg_get_serial_sequence('action_items', 'id'), (SELECT max(id) FROM action_items))")


def _date_promises() -> None:
    """What is here was promised when its write-up went live, as far as anybody can tell now."""
    action_items = sa.table("action_items", sa.column("article_id"), sa.column("promised_on", sa.Date()))
    articles = sa.table("articles", sa.column("id"), sa.column("published_at", sa.DateTime(timezone=True)))
    connection = op.get_bind()
    known = sa.select(articles.c.id, articles.c.published_at).where(
        articles.c.published_at.is_not(None), articles.c.id.in_(sa.select(action_items.c.article_id))
    )
    for article_id, published_at in connection.execute(known).all():
        dated = sa.update(action_items).where(action_items.c.article_id == article_id)
        connection.execute(dated.values(promised_on=published_at.date()))


def _relate() -> None:
    """What the live revisions name as related; later ones are projected as they go live."""
    articles = sa.table("articles", sa.column("id"), sa.column("state"), sa.column("live_revision_id"))
    revisions = sa.table("revisions", sa.column("id"), sa.column("document"))
    related = sa.table("related_write_ups", sa.column("article_id"), sa.column("target_slug"))
    connection = op.get_bind()
    live = sa.select(articles.c.id, revisions.c.document).join_from(
        articles, revisions, revisions.c.id == articles.c.live_revision_id
    )
    for article_id, document in connection.execute(live.where(articles.c.state == "published")).all():
        slugs = {row["target"].partition("#")[0] for row in json.loads(document).get("relations", ())}
        if slugs:
            rows = [{"article_id": article_id, "target_slug": slug} for slug in sorted(slugs)]
            connection.execute(sa.insert(related), rows)
