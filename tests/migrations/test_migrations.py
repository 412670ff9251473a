"""The schema: made by the migrations, equal to the models, in both directions."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from app import create_app
from blog.extensions import db
from blog.lib.migrating import alembic


@pytest.fixture
def empty(tmp_path: Path) -> Flask:
    return create_app({"data_dir": tmp_path, "worker": "off"})


def tables() -> set[str]:
    return set(inspect(db.engine).get_table_names()) - {"alembic_version"}


def test_migrations_go_up_down_and_up_again(empty: Flask) -> None:
    with empty.app_context():
        alembic.upgrade()
        first = tables()
        alembic.downgrade("base")
        assert tables() == set()
        alembic.upgrade()
        assert tables() == first
        assert "articles" in first


def test_models_and_migrations_agree(empty: Flask) -> None:
    with empty.app_context():
        alembic.upgrade()
        assert alembic.compare_metadata() == []


def test_upgrading_twice_changes_nothing(empty: Flask) -> None:
    runner = empty.test_cli_runner()
    with empty.app_context():
        assert runner.invoke(args=["db", "upgrade"]).exit_code == 0
        assert runner.invoke(args=["db", "upgrade"]).exit_code == 0


def test_sqlite_is_opened_as_the_site_needs_it(app: Flask) -> None:
    with app.app_context(), db.engine.connect() as connection:
        pragma = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragma == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}


def test_a_row_that_points_nowhere_is_refused(app: Flask) -> None:
    with app.app_context(), pytest.raises(IntegrityError):
        db.session.execute(text("INSERT INTO revision_authors (revision_id, user_id) VALUES (1, 1)"))
        db.session.commit()
