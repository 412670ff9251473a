"""What programs wrote before there were labels is labelled from the journal."""

from pathlib import Path
from typing import Any

from sqlalchemy import text

from app import create_app
from blog.extensions import db
from blog.lib.migrating import alembic

BEFORE = "1795442820"
AT = "2026-03-01 10:00:00"
USER = "INSERT INTO users (id, name, name_key, email, email_key, role, about, created_at)" \
    f" VALUES (7, 'Arun', 'arun', 'a@x.example', 'a@x.example', 'author', '', '{AT}')"  # fmt: skip
TOKEN = "INSERT INTO api_tokens (id, user_id, name, prefix, token_hash, scopes, created_at, expires_at)" \
    f" VALUES (3, 7, 'night bot', 'hs_12345678', 'x', 'propose', '{AT}', '{AT}')"  # fmt: skip
EVENT = (
    "INSERT INTO events (at, kind, actor_id, subject_type, subject_id, reason, data, request_id, previous_hash, hash)"
    f" VALUES ('{AT}', :kind, 7, :of, :number, '', :data, '', '', '')"
)


def event(kind: str, of: str, number: int, data: str) -> dict[str, Any]:
    return {"kind": kind, "of": of, "number": number, "data": data}


def test_the_journal_says_what_programs_wrote(tmp_path: Path) -> None:
    app = create_app({"data_dir": tmp_path, "worker": "off"})
    with app.app_context():
        alembic.upgrade(BEFORE)
        with db.engine.begin() as connection:
            connection.execute(text(USER))
            connection.execute(text(TOKEN))
            known = '{"token": 3, "prefix": "hs_12345678"}'
            connection.execute(
                text(EVENT),
                [
                    event("revision.written_by_token", "revision", 41, known),
                    event("comment.written_by_token", "comment", 42, known),
                    event("comment.posted", "comment", 43, "{}"),
                    event("comment.written_by_token", "comment", 44, '{"token": 99}'),
                ],
            )
        alembic.upgrade()
        with db.engine.connect() as connection:
            found = connection.execute(
                text("SELECT subject_type, subject_id, token_id, prefix, program, model, owner_id FROM program_labels")
            ).all()
        assert {tuple(row) for row in found} == {
            ("revision", 41, 3, "hs_12345678", "night bot", "", 7),
            ("comment", 42, 3, "hs_12345678", "night bot", "", 7),
        }
        alembic.downgrade(BEFORE)
        alembic.upgrade()
        db.engine.dispose()
