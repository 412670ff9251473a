"""When an imported write-up counts as published: its own date, else its incident's, else now; never in the future."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from blog.articles.models import Article
from blog.extensions import db
from tests.transfer.site import run_import


@pytest.mark.parametrize(
    ("front", "published", "told"),
    [
        ("date: 2019-04-05", datetime(2019, 4, 5, tzinfo=UTC), ""),
        ("source_published_at: 2019-04-06", datetime(2019, 4, 6, tzinfo=UTC), ""),
        ("date: 2019-04-05\nstart_time: 2018-01-01", datetime(2019, 4, 5, tzinfo=UTC), ""),
        (
            "start_time: 2018-01-01T10:00:00Z",
            datetime(2018, 1, 1, 10, tzinfo=UTC),
            "dated when the incident was started",
        ),
        ("end_time: 2018-01-02", datetime(2018, 1, 2, tzinfo=UTC), "dated when the incident was resolved"),
        ("date: 2199-01-01", None, "lies in the future"),
        ("company: Example", None, ""),
    ],
)
def test_a_file_is_dated_by_itself_or_by_its_incident(
    app: Flask, tmp_path: Path, front: str, published: datetime | None, told: str
) -> None:
    file = tmp_path / "one.md"
    file.write_text(f"---\ntitle: Pump stopped\n{front}\n---\n\nThe pump stopped.\n", encoding="utf-8")
    begun = datetime.now(UTC)
    result = run_import(app, file)
    assert result.exit_code == 0, result.output
    assert told in result.output
    with app.app_context():
        at = db.session.scalars(select(Article.published_at)).one()
    assert at == published if published else at is not None and at >= begun.replace(microsecond=0)
