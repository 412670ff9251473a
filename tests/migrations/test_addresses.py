"""What stood before there were numbers and merges keeps its place, in both directions."""

from pathlib import Path

from sqlalchemy import text

from app import create_app
from blog.extensions import db
from blog.lib.migrating import alembic

BEFORE, AFTER = "1795442700", "1795442760"
AT = "2026-03-01 10:00:00"
ARTICLE = (
    "INSERT INTO articles (id, slug, state, title, summary, card, authors, comment_count, created_at, retired_reason)"
    f" VALUES (:id, :slug, 'published', 'A', '', '{{}}', '[]', 0, '{AT}', '')"
)
INCIDENT = (
    "INSERT INTO incidents (id, article_id, row_id, kind, severity, ai_system)"
    " VALUES (:id, :of, :row, 'incident', '', '')"
)


def test_incidents_are_numbered_and_merges_become_retired_on_the_way_back(tmp_path: Path) -> None:
    app = create_app({"data_dir": tmp_path, "worker": "off"})
    with app.app_context():
        alembic.upgrade(BEFORE)
        with db.engine.begin() as connection:
            connection.execute(text(ARTICLE), [{"id": 1, "slug": "one"}, {"id": 2, "slug": "two"}])
            rows = [{"id": 5, "of": 2, "row": "i1"}, {"id": 9, "of": 1, "row": "i1"}, {"id": 7, "of": 1, "row": "i2"}]
            connection.execute(text(INCIDENT), rows)
        alembic.upgrade(AFTER)
        with db.engine.begin() as connection:
            numbers = connection.execute(text("SELECT number, article_id, row_id FROM incident_numbers")).all()
            connection.execute(text("UPDATE articles SET state = 'merged' WHERE id = 1"))
            connection.execute(text(f"INSERT INTO merges VALUES (1, 2, 'published', 'Told twice.', '{AT}')"))
        assert [tuple(row) for row in numbers] == [(1, 2, "i1"), (2, 1, "i2"), (3, 1, "i1")]
        alembic.downgrade(BEFORE)
        with db.engine.connect() as connection:
            states = connection.execute(text("SELECT state, retired_reason FROM articles ORDER BY id")).all()
        told = "This was merged into write-up 2: Told twice."
        assert [tuple(row) for row in states] == [("retired", told), ("published", "")]
        alembic.upgrade()
        db.engine.dispose()
