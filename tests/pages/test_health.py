"""What monitors ask: does the process answer, and can it serve."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from blog.extensions import db
from blog.journal.models import Job
from blog.lib import clock
from blog.lib.database import writing
from blog.pages import queries, readiness_queries
from tests.conftest import MakeApp
from tests.factories.articles import make_published
from tests.statements import counted
from tests.visitor import Visitor

OWN_CHECKS = {"serving", "database", "schema", "writing", "jobs", "disk"}


@pytest.fixture
def checks(app: Flask) -> dict[str, Any]:
    """The checks that other features add, without theirs: those are theirs to test."""
    found: dict[str, Any] = app.extensions["hindsight_checks"]
    found.clear()
    return found


@pytest.fixture
def locked(app: Flask) -> Iterator[None]:
    with app.app_context(), db.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield


def test_health_asks_nothing_of_the_database(app: Flask, client: Visitor) -> None:
    with counted(app) as statements:
        answer = client.get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})
    assert answer.headers["Cache-Control"] == "no-store"
    assert statements == []


@pytest.mark.usefixtures("checks")
def test_a_site_in_order_is_ready(app: Flask, client: Visitor) -> None:
    make_published(app)
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json["status"] == "ready"
    assert answer.json["checks"] == dict.fromkeys(OWN_CHECKS, "ok")
    assert answer.json["jobs"]["failed"] == answer.json["figures"]["jobs_given_up"] == 0
    assert answer.json["jobs"]["waiting"] >= 1
    assert answer.json["figures"]["disk_free_bytes"] > 0
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("DELETE FROM alembic_version", "db upgrade"),
        ("UPDATE alembic_version SET version_num = '99'", "newer version"),
    ],
)
def test_another_schema_is_not_ready(app: Flask, client: Visitor, statement: str, words: str) -> None:
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text(statement))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["status"] == "not ready"
    assert words in answer.json["checks"]["schema"]
    assert "jobs" not in answer.json


def test_without_a_database_the_site_is_not_ready_and_tells_no_detail(
    client: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> bool:
        raise OperationalError("SELECT 1 FROM postgresql://user:4711@host", {}, Exception("4711"))

    monkeypatch.setattr(queries, "is_database_reachable", gone)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["status"] == "not ready"
    assert set(answer.json["checks"]) == {"serving", "database"}
    assert "4711" not in answer.text
    assert client.get("/healthz").status_code == 200


def test_a_site_that_stops_asks_for_no_more_visitors(app: Flask, client: Visitor) -> None:
    class Stopping:
        has_begun = True

    app.extensions["hindsight_stopping"] = Stopping()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["checks"]["serving"]) == (503, "the site is being stopped")
    assert client.get("/healthz").status_code == 200


@pytest.mark.usefixtures("checks", "locked")
def test_a_site_that_can_only_be_read_is_degraded(client: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness_queries, "WRITE_WAIT_MS", 20)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["status"]) == (200, "degraded")
    assert "could not be written" in answer.json["checks"]["writing"]
    assert client.get("/").status_code == 200


@pytest.mark.usefixtures("checks")
def test_asking_writes_nothing_and_leaves_no_lock(app: Flask, client: Visitor) -> None:
    client.get("/readyz")
    with app.app_context(), writing(db.session):
        before = db.session.connection().exec_driver_sql("PRAGMA data_version").scalar()
    for _ in range(3):
        assert client.get("/readyz").status_code == 200
    with app.app_context():
        assert db.session.connection().exec_driver_sql("PRAGMA data_version").scalar() == before


@pytest.mark.usefixtures("checks")
def test_jobs_that_wait_for_long_or_were_given_up_are_told(make_app: MakeApp, app: Flask) -> None:
    make_published(app)
    site = make_app(worker="process")
    site.extensions["hindsight_checks"].clear()
    client = site.test_client()
    assert client.get("/readyz").json["checks"]["jobs"] == "ok"
    with app.app_context(), writing(db.session):
        for job in db.session.scalars(select(Job)):
            job.run_at = clock.now() - timedelta(seconds=readiness_queries.LATE_SECONDS + 60)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["status"]) == (200, "degraded")
    assert "is a worker running" in answer.json["checks"]["jobs"]
    assert answer.json["figures"]["queue_age_seconds"] > readiness_queries.LATE_SECONDS
    assert answer.json["figures"]["index_lag_seconds"] > readiness_queries.LATE_SECONDS
    with app.app_context(), writing(db.session):
        jobs = db.session.scalars(select(Job)).all()
        for job in jobs:
            job.failed_at = clock.now()
    answer = client.get("/readyz")
    assert "given up" in answer.json["checks"]["jobs"]
    assert answer.json["jobs"] == {"waiting": 0, "failed": len(jobs)}
    assert answer.json["figures"]["index_lag_seconds"] == 0


@pytest.mark.usefixtures("checks")
def test_a_disk_that_fills_up_is_told(client: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness_queries, "LOW_BYTES", shutil.disk_usage("/").total * 1_000)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["status"]) == (200, "degraded")
    assert "little space" in answer.json["checks"]["disk"]


def test_features_add_checks_of_their_own(client: Visitor, checks: dict[str, Any]) -> None:
    checks["other"] = lambda: None
    assert client.get("/readyz").json["checks"]["other"] == "ok"
    checks["other"] = lambda: "the index is being rebuilt"
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["status"]) == (200, "degraded")
    assert answer.json["checks"]["other"] == "the index is being rebuilt"

    def broken() -> str:
        raise RuntimeError("4711")

    checks["other"] = broken
    answer = client.get("/readyz")
    assert answer.json["status"] == "degraded"
    assert "4711" not in answer.text


def test_many_who_ask_cost_one_look(limited_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness_queries, "KEEP_SECONDS", 3_600.0)
    limited_app.extensions["hindsight_checks"].clear()
    client = limited_app.test_client()
    with counted(limited_app) as first:
        client.get("/readyz")
    with counted(limited_app) as later:
        for _ in range(5):
            assert client.get("/readyz").status_code == 200
    assert len(first) <= 8
    assert later == []
