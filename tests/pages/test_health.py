"""What monitors ask: does the process answer, and can it serve."""

import pytest
from flask import Flask
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from blog.extensions import alembic, db
from blog.pages import queries
from tests.factories.articles import make_published
from tests.visitor import Visitor


def test_health_asks_nothing_of_the_database(app: Flask, client: Visitor) -> None:
    statements: list[str] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *facts: statements.append(facts[2]))
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})
    assert answer.headers["Cache-Control"] == "no-store"
    assert statements == []


def test_a_site_in_order_is_ready(app: Flask, client: Visitor) -> None:
    make_published(app)
    app.extensions["hindsight_checks"].clear()  # those of other features are theirs to test
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json["status"] == "ready"
    assert answer.json["checks"]["database"] == answer.json["checks"]["migrations"] == "ok"
    assert answer.json["jobs"]["failed"] == 0
    assert answer.json["jobs"]["waiting"] >= 1


def test_an_old_schema_is_not_ready(app: Flask, client: Visitor) -> None:
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "db upgrade" in answer.json["checks"]["migrations"]
    assert "jobs" not in answer.json
    with app.app_context():
        assert alembic.heads()


def test_without_a_database_the_site_is_not_ready_and_tells_no_detail(
    client: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> bool:
        raise OperationalError("SELECT 1 FROM postgresql://user:4711@host", {}, Exception("4711"))

    monkeypatch.setattr(queries, "is_database_reachable", gone)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["status"] == "not ready"
    assert list(answer.json["checks"]) == ["database"]
    assert "4711" not in answer.text
    assert client.get("/healthz").status_code == 200


def test_features_add_checks_of_their_own(app: Flask, client: Visitor) -> None:
    checks = app.extensions["hindsight_checks"]
    checks["other"] = lambda: None
    assert client.get("/readyz").json["checks"]["other"] == "ok"
    checks["other"] = lambda: "the index is being rebuilt"
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["checks"]["other"]) == (503, "the index is being rebuilt")

    def broken() -> str:
        raise RuntimeError("4711")

    checks["other"] = broken
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "4711" not in answer.text
