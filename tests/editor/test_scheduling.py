"""Publishing at a time: set, moved, called off; done by the worker, or refused by it aloud."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from blog.accounts.models import User
from blog.articles import writing
from blog.articles.models import Article, Revision
from blog.editor import reviewing, scheduling
from blog.errors import Invalid, NotAllowed
from blog.extensions import db
from blog.journal.models import Event, Job
from blog.journal.worker import Handler, Worker
from blog.lib import clock
from blog.lib.database import writing as transaction
from tests.editor.editor_pages import as_person
from tests.factories.articles import make_approved, make_document, make_draft, make_published, make_submitted
from tests.people import ADA, ARUN, MIA, RAVI, ROSA, Person, join

HOUR = timedelta(hours=1)


def schedule(app: Flask, person: Person, revision: Revision, at: datetime) -> None:
    actor = join(app, person)
    with app.app_context(), transaction(db.session):
        row = db.session.get_one(Revision, revision.id)
        article = db.session.get_one(Article, row.article_id)
        scheduling.schedule(actor=actor, revision=row, article=article, publish_at=at)


def run_worker(app: Flask, *, at: datetime) -> None:
    with time_machine.travel(at, tick=False):
        app.extensions["hindsight_worker"].drain()


def row(app: Flask, revision: Revision) -> Revision:
    with app.app_context():
        return db.session.get_one(Revision, revision.id)


def events(app: Flask, kind: str) -> list[Event]:
    with app.app_context():
        return list(db.session.scalars(select(Event).where(Event.kind == kind).order_by(Event.id)))


def change(app: Flask, person: Person, **values: Any) -> None:
    number = join(app, person).id
    with app.app_context(), transaction(db.session):
        for name, value in values.items():
            setattr(db.session.get_one(User, number), name, value)


def test_an_approved_revision_goes_live_at_its_time_and_not_before(app: Flask) -> None:
    approved, at = make_approved(app, slug="later", reviewer=ROSA), clock.now() + HOUR
    schedule(app, RAVI, approved, at)
    run_worker(app, at=at - timedelta(seconds=1))
    assert app.test_client().get("/postmortems/later").status_code == 404
    run_worker(app, at=at)
    assert app.test_client().get("/postmortems/later").status_code == 200
    assert row(app, approved).publish_at is None
    published = events(app, "article.published")[0]
    assert (published.actor_id, published.data) == (join(app, RAVI).id, {"revision": approved.id, "scheduled": True})
    run_worker(app, at=at + HOUR)  # once is enough
    assert len(events(app, "article.published")) == 1


def test_the_time_outlives_the_process_that_set_it(make_app: Any) -> None:
    first = make_app()
    approved, at = make_approved(first), clock.now() + HOUR
    schedule(first, RAVI, approved, at)
    later = make_app()  # over the same data
    run_worker(later, at=at + timedelta(days=2))  # nothing ran meanwhile
    assert row(later, approved).state == "live"


def test_what_a_killed_worker_had_claimed_is_published_soon_after(app: Flask) -> None:
    approved, at = make_approved(app), clock.now() + HOUR
    schedule(app, RAVI, approved, at)

    class Killed(BaseException):
        pass

    def die(_: object) -> None:
        raise Killed

    dying = Worker(app, {"articles.publish": Handler(die, punctual=True)})
    with time_machine.travel(at, tick=False), pytest.raises(Killed):
        dying.run_once()
    assert row(app, approved).state == "approved"
    run_worker(app, at=at + timedelta(seconds=20))
    assert row(app, approved).state == "live"


def test_nothing_long_makes_a_publication_late(app: Flask) -> None:
    """The index is made anew for minutes by the same worker; what has its hour is done beside it."""
    make_published(app)  # its index job is first in line
    with app.app_context(), transaction(db.session):
        job = db.session.scalars(select(Job).where(Job.kind == "search.index")).first()
        assert job is not None
        db.session.add(
            Job(
                kind="articles.publish",
                event_id=job.event_id,
                subject_type="revision",
                subject_id=1,
                run_at=clock.now(),
            )
        )
    done, over = threading.Event(), threading.Event()

    def index(_: object) -> None:
        over.set() if done.wait(60) else None

    handlers = {"search.index": Handler(index), "articles.publish": Handler(lambda _: done.set(), punctual=True)}
    worker = Worker(app, handlers)
    thread = threading.Thread(target=worker.run_forever)
    thread.start()
    assert over.wait(60)
    worker.stopping.set()
    thread.join(60)


def refused(app: Flask, revision: Revision, at: datetime, caplog: pytest.LogCaptureFixture) -> str:
    """Let the hour come, and give the reason for which it was refused."""
    run_worker(app, at=at)
    after = row(app, revision)
    assert after.state != "live"
    assert after.publish_at is None
    assert after.publish_refused is not None
    assert [one.reason for one in events(app, "revision.publish_refused")] == [after.publish_refused]
    assert any(record.levelname == "ERROR" and after.publish_refused in record.message for record in caplog.records)
    return after.publish_refused


def test_it_is_refused_aloud_when_its_approval_holds_no_more(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    approved, at = make_approved(app, reviewer=ROSA), clock.now() + HOUR
    schedule(app, RAVI, approved, at)
    change(app, ROSA, role="author")
    assert "0 of 1 approval" in refused(app, approved, at, caplog)
    assert "This was not published at its time" in as_person(app, ARUN).get(f"/editor/revisions/{approved.id}").text
    assert "not published at its time" in as_person(app, RAVI).get("/editor/queue?part=publish").text


def test_it_is_refused_when_who_set_the_time_may_not_publish_any_more(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    approved, at = make_approved(app, reviewer=ROSA), clock.now() + HOUR
    schedule(app, RAVI, approved, at)
    change(app, RAVI, disabled_at=clock.now())
    assert "Who set the time" in refused(app, approved, at, caplog)


def test_it_is_refused_where_more_approvals_are_asked_for_by_then(
    make_app: Any, caplog: pytest.LogCaptureFixture
) -> None:
    approved, at = make_approved(make_app(), reviewer=ROSA), clock.now() + HOUR
    schedule(make_app(), RAVI, approved, at)
    assert "1 of 2 approval" in refused(make_app(approvals_required=2), approved, at, caplog)


def test_it_is_refused_while_the_write_up_is_retired(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    article, arun, rosa = make_published(app), join(app, ARUN), join(app, ROSA)
    with app.app_context(), transaction(db.session):
        row_of = db.session.get_one(Article, article.id)
        live_id = article.live_revision_id or 0
        later = writing.save_revision(
            actor=arun, article=row_of, document=make_document(), based_on_id=live_id, note="Said more exactly."
        )
        reviewing.submit(actor=arun, revision=later, article=row_of)
        reviewing.approve(actor=rosa, revision=later, document_hash=later.document_hash)
    at = clock.now() + HOUR
    schedule(app, RAVI, later, at)
    as_person(app, ROSA).post(f"/editor/articles/{article.id}/retire", data={"reason": "Wait."})
    assert "retired meanwhile" in refused(app, later, at, caplog)
    assert f"/revisions/{later.id}" not in as_person(app, RAVI).get("/editor/queue?part=publish").text  # until restored


def test_a_refused_revision_can_be_published_once_it_may_be(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    approved, at = make_approved(app, reviewer=ROSA), clock.now() + HOUR
    schedule(app, RAVI, approved, at)
    change(app, ROSA, role="author")
    refused(app, approved, at, caplog)
    change(app, ROSA, role="reviewer")
    assert as_person(app, ADA).post(f"/editor/revisions/{approved.id}/publish").status_code == 303
    assert row(app, approved).publish_refused is None


def test_the_time_can_be_moved_and_called_off(app: Flask) -> None:
    approved, at = make_approved(app), clock.now() + HOUR
    schedule(app, RAVI, approved, at)
    schedule(app, RAVI, approved, at + HOUR)
    run_worker(app, at=at)
    assert row(app, approved).state == "approved"
    page = as_person(app, RAVI).get(f"/editor/revisions/{approved.id}").text
    assert "Change the time" in page
    assert as_person(app, RAVI).post(f"/editor/revisions/{approved.id}/unschedule").status_code == 303
    run_worker(app, at=at + 2 * HOUR)
    after = row(app, approved)
    assert (after.state, after.publish_at, after.publish_refused) == ("approved", None, None)
    assert events(app, "revision.publish_refused") == []  # called off is not refused


@pytest.mark.parametrize("act", ["request-changes", "recall"])
def test_what_goes_back_to_its_authors_loses_its_time(app: Flask, act: str) -> None:
    approved, at = make_approved(app), clock.now() + HOUR
    schedule(app, RAVI, approved, at)
    person = ROSA if act == "request-changes" else ARUN
    address = f"/editor/revisions/{approved.id}/{act}"
    assert as_person(app, person).post(address, data={"reason": "Wait"}).status_code == 303
    run_worker(app, at=at)
    assert row(app, approved).state == ("changes-requested" if act == "request-changes" else "draft")
    assert "called_off" in events(app, f"revision.{'recalled' if act == 'recall' else 'changes_requested'}")[0].data


def test_a_draft_begun_meanwhile_stands_beside_what_has_its_time(app: Flask) -> None:
    approved, at = make_approved(app, slug="both", body="The planned text."), clock.now() + HOUR
    schedule(app, RAVI, approved, at)
    arun = join(app, ARUN)
    with app.app_context(), transaction(db.session):
        article = db.session.get_one(Article, approved.article_id)
        later = writing.save_revision(actor=arun, article=article, document=make_document(), based_on_id=approved.id)
    run_worker(app, at=at)
    assert "The planned text." in app.test_client().get("/postmortems/both").text
    assert row(app, later).state == "draft"


def test_an_older_text_never_takes_the_place_of_a_newer_one_at_its_time(app: Flask) -> None:
    approved, at = make_approved(app, slug="both", body="The older text."), clock.now() + HOUR
    schedule(app, RAVI, approved, at)
    arun, rosa = join(app, ARUN), join(app, ROSA)
    with app.app_context(), transaction(db.session):
        article = db.session.get_one(Article, approved.article_id)
        newer = make_document(body="The newer text.")
        later = writing.save_revision(actor=arun, article=article, document=newer, based_on_id=approved.id)
        reviewing.submit(actor=arun, revision=later, article=article)
        reviewing.approve(actor=rosa, revision=later, document_hash=later.document_hash)
    assert as_person(app, ROSA).post(f"/editor/revisions/{later.id}/publish").status_code == 303
    run_worker(app, at=at)
    assert "The newer text." in app.test_client().get("/postmortems/both").text
    assert row(app, approved).state == "replaced"


@pytest.mark.parametrize("make", [make_draft, make_submitted])
@pytest.mark.parametrize("person", [ARUN, RAVI, ADA], ids=lambda person: person.role)
def test_only_what_is_approved_is_given_a_time(app: Flask, make: Any, person: Person) -> None:
    revision = make(app)
    with pytest.raises(NotAllowed, match="0 of 1 approval"):
        schedule(app, person, revision, clock.now() + HOUR)
    address, soon = f"/editor/revisions/{revision.id}/schedule", (clock.now() + HOUR).isoformat()
    assert as_person(app, person).post(address, data={"publish_at": soon}).status_code == 403


@pytest.mark.parametrize("person", [ARUN, MIA], ids=lambda person: person.role)
def test_only_reviewers_set_a_time(app: Flask, person: Person) -> None:
    approved = make_approved(app)
    with pytest.raises(NotAllowed):
        schedule(app, person, approved, clock.now() + HOUR)


def test_an_author_calls_the_time_off_and_others_do_not(app: Flask) -> None:
    approved = make_approved(app, author=ARUN)
    schedule(app, RAVI, approved, clock.now() + HOUR)
    address = f"/editor/revisions/{approved.id}/unschedule"
    assert as_person(app, Person("Olga", ARUN.role)).post(address).status_code == 404  # sees no draft of others
    assert as_person(app, ARUN).post(address).status_code == 303
    assert row(app, approved).publish_at is None


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "say on which day"),
        ("tomorrow", "write day and time"),
        ("2030-01-01", "write day and time"),
        ("0001-01-01T00:00+23:59", "write day and time"),
        ("2" * 4_000, "write day and time"),
        ("2001-01-01T00:00", "this has passed"),
        ("2999-01-01T00:00", "within a year"),
    ],
)
def test_a_time_that_cannot_be_is_refused_beside_its_field(app: Flask, typed: str, reason: str) -> None:
    approved = make_approved(app)
    answer = as_person(app, RAVI).post(f"/editor/revisions/{approved.id}/schedule", data={"publish_at": typed})
    assert answer.status_code == 400
    assert reason in answer.text
    assert 'id="publish-at-error"' in answer.text
    assert row(app, approved).publish_at is None


def test_a_time_past_is_refused_in_the_data_layer(app: Flask) -> None:
    approved = make_approved(app)
    with pytest.raises(Invalid) as caught:
        schedule(app, RAVI, approved, clock.now() - HOUR)
    assert caught.value.at("publish_at")


def test_a_time_is_typed_in_utc_unless_it_says_otherwise(app: Flask) -> None:
    approved = make_approved(app)
    day = (clock.now() + timedelta(days=30)).date()
    client = as_person(app, RAVI)
    client.post(f"/editor/revisions/{approved.id}/schedule", data={"publish_at": f"{day}T09:30"})
    assert row(app, approved).publish_at == datetime(day.year, day.month, day.day, 9, 30, tzinfo=UTC)
    client.post(f"/editor/revisions/{approved.id}/schedule", data={"publish_at": f"{day}T09:30+02:00"})
    assert row(app, approved).publish_at == datetime(day.year, day.month, day.day, 7, 30, tzinfo=UTC)
