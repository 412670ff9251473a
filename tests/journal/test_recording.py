"""Events and their jobs: one transaction, one chain."""

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from blog.extensions import db
from blog.journal import queries
from blog.journal.changes import record
from blog.journal.models import FIRST_HASH, Event, Job
from blog.lib.database import writing
from tests.people import ARUN, MIA, join


def test_an_event_names_who_did_what_to_which_row(app: Flask) -> None:
    mia = join(app, MIA)
    with app.app_context(), writing(db.session):
        event = record("account.renamed", subject=mia, actor=mia, reason="married")
        assert (event.subject_type, event.subject_id, event.actor_id) == ("user", mia.id, mia.id)
        assert event.reason == "married"


def test_events_are_chained_across_transactions(app: Flask) -> None:
    mia = join(app, MIA)
    with app.app_context():
        for _ in range(2):
            with writing(db.session):
                record("account.renamed", subject=mia)
                record("account.renamed", subject=mia)
        hashes = db.session.execute(select(Event.previous_hash, Event.hash).order_by(Event.id)).all()
        assert hashes[0].previous_hash == FIRST_HASH
        assert [row.previous_hash for row in hashes[1:]] == [row.hash for row in hashes[:-1]]
        assert list(queries.broken_links()) == []


def test_an_event_that_asks_for_work_leaves_jobs_in_the_same_transaction(app: Flask) -> None:
    arun = join(app, ARUN)
    with app.app_context():
        with pytest.raises(RuntimeError), writing(db.session):
            record("article.published", subject=arun)
            raise RuntimeError("the change failed")
        assert db.session.scalar(select(func.count()).select_from(Event)) == 0
        assert db.session.scalar(select(func.count()).select_from(Job)) == 0
        with writing(db.session):
            record("article.published", subject=arun)
        assert set(db.session.scalars(select(Job.kind))) == {
            "search.index", "followups.project", "notices.tell", "notices.match",
        }  # fmt: skip


@pytest.mark.parametrize(
    ("tampering", "finding"),
    [
        ("UPDATE events SET reason = 'other' WHERE id = 2", (2, "the row was changed")),
        ("DELETE FROM events WHERE id = 2", (3, "the row before it is missing or was changed")),
        ("UPDATE events SET actor_id = 99 WHERE id = 3", (3, "the row was changed")),
        ("DELETE FROM events WHERE id = 1", (2, "the row before it is missing or was changed")),
        (
            "UPDATE events SET id = 99 WHERE id = 2",
            (3, "the row before it is missing or was changed"),
        ),
        (
            "INSERT INTO events (id, at, kind, actor_id, subject_type, subject_id, reason, data, request_id,"
            " previous_hash, hash) SELECT 9, at, kind, actor_id, subject_type, subject_id, reason, data, request_id,"
            " previous_hash, hash FROM events WHERE id = 4",
            (9, "the row before it is missing or was changed"),
        ),
    ],
)
def test_tampering_with_the_journal_is_found(app: Flask, tampering: str, finding: tuple[int, str]) -> None:
    mia = join(app, MIA)
    with app.app_context():
        with writing(db.session):
            for _ in range(4):
                record("account.renamed", subject=mia)
        with writing(db.session):
            db.session.execute(text(tampering))
        assert finding in list(queries.broken_links())


def test_the_verify_command_tells_a_whole_journal_from_a_broken_one(app: Flask) -> None:
    mia = join(app, MIA)
    with app.app_context(), writing(db.session):
        record("account.renamed", subject=mia)
        record("account.renamed", subject=mia)
    assert app.test_cli_runner().invoke(args=["journal", "verify"]).exit_code == 0
    with app.app_context(), writing(db.session):
        db.session.execute(text("UPDATE events SET kind = 'account.erased' WHERE id = 1"))
    result = app.test_cli_runner().invoke(args=["journal", "verify"])
    assert result.exit_code == 1
    assert "event 1" in result.output
