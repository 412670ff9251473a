"""What was hidden and restored before acts were rows is taken over from the journal."""

from pathlib import Path

from sqlalchemy import text

from app import create_app
from blog.extensions import db
from blog.lib.migrating import alembic

BEFORE, AFTER = "1795443060", "1795443120"
AT = "2026-03-01 10:00:00"
USER = (
    "INSERT INTO users (id, name, name_key, email, email_key, role, about, created_at)"
    f" VALUES (:id, :name, :name, :name, :name, 'member', '', '{AT}')"
)
ARTICLE = (
    "INSERT INTO articles (id, slug, state, title, summary, card, authors, comment_count, created_at, retired_reason)"
    f" VALUES (1, 'one', 'published', 'A', '', '{{}}', '[]', 0, '{AT}', '')"
)
COMMENT = (
    "INSERT INTO comments (id, article_id, user_id, state, kind, anchor, text, html, renderer_version, created_at,"
    f" hidden_reason) VALUES (:id, 1, 7, 'visible', 'comment', '', 'x', 'x', '', '{AT}', '')"
)
EVENT = (
    "INSERT INTO events (id, at, kind, actor_id, subject_type, subject_id, reason, data, request_id, previous_hash,"
    f" hash) VALUES (:id, '{AT}', :kind, :actor, :of, :number, :reason, '{{}}', '', '', '')"
)


def event(number: int, kind: str, *, of: str = "comment", subject: int = 3, actor: int | None = 8) -> dict[str, object]:
    return {"id": number, "kind": kind, "actor": actor, "of": of, "number": subject, "reason": f"Reason {number}."}


def test_the_journal_says_what_moderators_did(tmp_path: Path) -> None:
    app = create_app({"data_dir": tmp_path, "worker": "off"})
    with app.app_context():
        alembic.upgrade(BEFORE)
        with db.engine.begin() as connection:
            connection.execute(text(USER), [{"id": 7, "name": "arun"}, {"id": 8, "name": "moss"}])
            connection.execute(text(ARTICLE))
            connection.execute(text(COMMENT), [{"id": 3}, {"id": 4}])
            told = [
                event(11, "comment.hidden"),
                event(12, "comment.restored"),
                event(13, "comment.posted"),
                event(14, "comment.hidden", subject=99),
                event(15, "comment.hidden", of="article"),
            ]
            connection.execute(text(EVENT), told)
        alembic.upgrade(AFTER)
        with db.engine.connect() as connection:
            rows = connection.execute(
                text("SELECT verb, comment_id, person_id, actor_id, code, words, was, event_id FROM moderation_acts")
            ).all()
        assert [tuple(row) for row in rows] == [
            ("hide", 3, 7, 8, "other", "Reason 11.", "visible", 11),
            ("restore", 3, 7, 8, "other", "Reason 12.", "hidden", 12),
        ]
        alembic.downgrade(BEFORE)
        alembic.upgrade()
        db.engine.dispose()
