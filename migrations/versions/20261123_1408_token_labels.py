"""Which program and model wrote a revision."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "1795442880"
down_revision: str | None = "1795442820"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


# What a program wrote is labelled for ever: nothing changes a label or takes it away.
LABELS_STAY = """
CREATE TRIGGER program_labels_{verb} BEFORE {act} ON program_labels
BEGIN SELECT RAISE(ABORT, 'what a program wrote is labelled for ever'); END
"""
VERBS = {"stay": "DELETE", "keep": "UPDATE"}


def upgrade() -> None:
    op.add_column("api_tokens", sa.Column("model", sa.String(length=120), nullable=False, server_default=""))
    op.create_table(
        "program_labels",
        sa.Column("subject_type", sa.String(length=32), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("token_id", sa.Integer(), nullable=False),
        sa.Column("prefix", sa.String(length=16), nullable=False),
        sa.Column("program", sa.String(length=64), nullable=False),
        sa.Column("model", sa.String(length=120), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_program_labels_owner_id_users")),
        sa.ForeignKeyConstraint(["token_id"], ["api_tokens.id"], name=op.f("fk_program_labels_token_id_api_tokens")),
        sa.PrimaryKeyConstraint("subject_type", "subject_id", name=op.f("pk_program_labels")),
    )
    op.create_index(op.f("ix_program_labels_token_id"), "program_labels", ["token_id"], unique=False)
    _label_what_was_written()
    if op.get_bind().dialect.name == "sqlite":
        for verb, act in VERBS.items():
            op.execute(LABELS_STAY.format(verb=verb, act=act))


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in VERBS:
            op.execute(f"DROP TRIGGER program_labels_{verb}")
    op.drop_index(op.f("ix_program_labels_token_id"), table_name="program_labels")
    op.drop_table("program_labels")
    op.drop_column("api_tokens", "model")


def _label_what_was_written() -> None:
    """The journal knows what programs wrote before there were labels."""
    events = sa.table("events", *map(sa.column, ("kind", "actor_id", "subject_type", "subject_id")),
                      sa.column("data", sa.JSON), sa.column("at", sa.DateTime(timezone=True)))  # fmt: skip
    labels = sa.table("program_labels", *map(sa.column, (
        "subject_type", "subject_id", "token_id", "prefix", "program", "model", "owner_id"
    )), sa.column("at", sa.DateTime(timezone=True)))  # fmt: skip
    tokens = sa.table("api_tokens", *map(sa.column, ("id", "name")))
    connection = op.get_bind()
    names = dict(connection.execute(sa.select(tokens.c.id, tokens.c.name)).all())
    written = sa.select(events).where(events.c.kind.in_(("revision.written_by_token", "comment.written_by_token")))
    for event in connection.execute(written).all():
        if event.data.get("token") in names and event.actor_id is not None:
            row = {"subject_type": event.subject_type, "subject_id": event.subject_id, "owner_id": event.actor_id}
            row |= {"token_id": event.data["token"], "prefix": event.data.get("prefix", ""), "at": event.at}
            connection.execute(sa.insert(labels).values(row | {"program": names[event.data["token"]], "model": ""}))
