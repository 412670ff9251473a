"""From a change to the index: what is published or said is found, what is hidden or retired is not; nothing is lost."""

import gc
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import delete, update

from blog.articles.models import Article, Revision
from blog.comments import changes as comment_changes
from blog.comments.models import Comment
from blog.editor import publishing
from blog.errors import Busy
from blog.extensions import db
from blog.journal.models import Job, Lease
from blog.journal.worker import CLAIM_SECONDS
from blog.lib import clock
from blog.lib.database import writing
from blog.moderation import changes as moderation
from blog.search import changes, document_queries, jobs
from blog.search.engine import IndexUnavailable, Status
from blog.search.engines import current_engine
from blog.search.whoosh_folder import POINTER
from blog.search.whoosh_schema import SCHEMA_VERSION
from tests.conftest import MakeApp
from tests.factories.articles import make_published
from tests.factories.comments import make_comment
from tests.people import MIA, MOSS, ROSA, join
from tests.search.site import comments_in, engine_of, found, hits, index_dir, index_now, jobs_left, page_of, words_of
from tests.visitor import Visitor, signed_in

pytestmark = [
    # Whoosh drops a file it could not read without closing it; the collector does that a moment later.
    pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def dropped_files_are_collected_here() -> Iterator[None]:
    yield
    gc.collect()


def retire(app: Flask, article: Article) -> None:
    rosa = join(app, ROSA)
    with app.app_context(), writing(db.session):
        publishing.retire(actor=rosa, article=db.session.get_one(Article, article.id), reason="It was told wrongly.")


def restore(app: Flask, article: Article) -> None:
    rosa = join(app, ROSA)
    with app.app_context(), writing(db.session):
        publishing.restore(
            actor=rosa,
            article=db.session.get_one(Article, article.id),
            revision=db.session.get_one(Revision, article.live_revision_id),
        )


def hide(app: Flask, comment: Comment) -> None:
    moss = join(app, MOSS)
    with app.app_context(), writing(db.session):
        moderation.hide_comment(
            actor=moss, comment=db.session.get_one(Comment, comment.id), reason="It names a person."
        )


def test_a_write_up_is_found_by_its_words_once_the_job_ran(app: Flask, client: Visitor) -> None:
    article = make_published(app, body="The resolver looped until the cache was emptied by hand.")
    index_now(app)
    assert found(client, "resolver emptied") == [article.slug]
    assert jobs_left(app) == {"waiting": 0, "failed": 0}


@pytest.mark.parametrize(
    "word", ["Brokerly", "rotatingly", "Kestrel", "quaggard", "merlinesque", "Ospreyed", "harrierly", "condorful"]
)
def test_the_words_of_every_row_are_found(app: Flask, client: Visitor, word: str) -> None:
    article = make_published(
        app,
        incidents=[
            {
                "services": ["Brokerly"],
                "factors": [{"name": "disk", "text": "It was rotatingly full."}],
                "ai": {"system": "Kestrel"},
                "permissions": [{"holder": "agent", "granted": "quaggard rights"}],
            }
        ],
        timeline=[{"text": "A merlinesque alarm rang."}],
        claims=[{"text": "It was so.", "claimant": "Ospreyed Ltd", "role": "vendor"}],
        actions=[{"text": "Alarms are harrierly."}],
        sources=[{"title": "A condorful report"}],
    )
    index_now(app)
    page = page_of(client, word)
    assert hits(page) == [article.slug]
    assert f"<mark>{word}</mark>".lower() in page.lower()


def test_facets_come_from_the_projections(app: Flask, client: Visitor) -> None:
    article = make_published(
        app,
        tags=["Split brain"],
        incidents=[
            {
                "kind": "near-miss",
                "severity": "SEV2",
                "services": ["Order Queue"],
                "organisations": ["Example Freight"],
                "times": {"started": "2024-03-01 10:00Z", "resolved": "2024-03-01 11:00Z"},
            }
        ],
        claims=[
            {"text": "It was slow.", "claimant": "A", "role": "vendor"},
            {"text": "It was not.", "claimant": "B", "role": "employee", "stance": "disputes", "toward": "c1"},
        ],
    )
    make_published(app)
    index_now(app)
    for condition in (
        "tag:split-brain", 'service:"order queue"', "organisation:example-freight", "kind:near-miss", "severity:sev2",
        "year:2024", "status:resolved", "status:disputed", "author:arun tag:split-brain",
    ):  # fmt: skip
        assert found(client, condition) == [article.slug], condition
    assert found(client, "status:mitigated") == []


def test_a_comment_is_found_under_its_write_up(app: Flask, client: Visitor) -> None:
    article = make_published(app)
    comment = make_comment(app, article, text="We saw the *gyrfalcon* alarm too.")
    index_now(app)
    page = page_of(client, "gyrfalcon")
    assert hits(page) == [article.slug]
    assert comments_in(page) == [f"/comments/{comment.id}"]
    assert "We saw the gyrfalcon alarm too." in words_of(page).replace(" alarm", " alarm")


def test_a_hidden_comment_is_not_found_and_a_restored_one_is(app: Flask, client: Visitor) -> None:
    article = make_published(app)
    comment = make_comment(app, article, text="We saw the gyrfalcon alarm too.")
    index_now(app)
    hide(app, comment)
    index_now(app)
    assert found(client, "gyrfalcon") == []
    assert f"c:{comment.id}" not in engine_of(app).all_keys()
    moss = join(app, MOSS)
    with app.app_context(), writing(db.session):
        moderation.restore_comment(actor=moss, comment=db.session.get_one(Comment, comment.id), reason="It was fine.")
    index_now(app)
    assert found(client, "gyrfalcon") == [article.slug]


def test_a_withdrawn_comment_is_not_found(app: Flask, client: Visitor) -> None:
    article = make_published(app)
    comment = make_comment(app, article, text="We saw the gyrfalcon alarm too.")
    index_now(app)
    mia = join(app, MIA)
    with app.app_context(), writing(db.session):
        comment_changes.withdraw(actor=mia, comment=db.session.get_one(Comment, comment.id))
    index_now(app)
    assert found(client, "gyrfalcon") == []


def test_a_retired_write_up_is_not_found_nor_are_its_comments_until_it_is_restored(app: Flask, client: Visitor) -> None:
    article = make_published(app, body="The resolver looped.")
    make_comment(app, article, text="We saw the gyrfalcon alarm too.")
    index_now(app)
    retire(app, article)
    index_now(app)
    assert found(client, "resolver") == found(client, "gyrfalcon") == []
    with app.app_context():
        jobs.rebuild()
    assert found(client, "gyrfalcon") == []
    restore(app, article)
    index_now(app)
    assert found(client, "resolver") == found(client, "gyrfalcon") == [article.slug]


@pytest.mark.parametrize("what", ["hidden", "retired", "withdrawn"])
def test_a_stale_index_cannot_leak(app: Flask, client: Visitor, what: str) -> None:
    article = make_published(app, title="A resolver looped", body="The resolver looped.")
    other = make_published(app, title="A resolver stopped", body="The resolver stopped.")
    comment = make_comment(app, article, text="We saw the gyrfalcon alarm at 10.0.0.1 too.")
    index_now(app)
    if what == "hidden":
        hide(app, comment)
    elif what == "withdrawn":
        mia = join(app, MIA)
        with app.app_context(), writing(db.session):
            comment_changes.withdraw(actor=mia, comment=db.session.get_one(Comment, comment.id))
    else:
        retire(app, article)
    assert f"c:{comment.id}" in engine_of(app).all_keys()  # no job ran: the index still holds it
    page = page_of(client, "gyrfalcon")
    assert hits(page) == comments_in(page) == []
    assert "10.0.0.1" not in page
    page = page_of(client, "resolver gyrfalcon OR resolver")
    assert comments_in(page) == []
    if what == "retired":
        assert hits(page) == [other.slug]
        assert "1 write-up" in words_of(page)
    else:
        assert set(hits(page)) == {article.slug, other.slug}
        assert "2 write-ups" in words_of(page)


def test_a_worker_killed_between_index_and_job_leaves_one_document(app: Flask, client: Visitor) -> None:
    make_published(app)
    index_now(app)
    article = make_published(app, body="The resolver looped.")
    script = (
        "import os, sys\n"
        "from app import create_app\n"
        "from blog.search import changes\n"
        "real = changes.bring_up_to_date\n"
        "def die(*given, **named):\n"
        "    real(*given, **named)\n"
        "    os._exit(9)\n"
        "changes.bring_up_to_date = die\n"
        "app = create_app({'data_dir': sys.argv[1], 'worker': 'off'})\n"
        "app.extensions['hindsight_worker'].drain()\n"
    )
    folder = str(app.extensions["hindsight_settings"].data_dir)
    with app.app_context(), writing(db.session):
        db.session.execute(delete(Lease))  # the one of the worker that ran above
    ended = subprocess.run([sys.executable, "-c", script, folder], cwd=ROOT, check=False, timeout=60)
    assert ended.returncode == 9
    app.extensions["hindsight_search"].close()
    assert found(client, "resolver") == [article.slug]  # it is in the index, and its job is not done yet
    assert jobs_left(app)["waiting"] > 0
    with time_machine.travel(clock.now() + timedelta(seconds=CLAIM_SECONDS + 1)):
        assert index_now(app) > 0
    status = engine_of(app).check(deep=True)
    assert (status.articles, status.documents, status.problems) == (2, 2, ())
    assert jobs_left(app) == {"waiting": 0, "failed": 0}


def remove_all(folder: Path) -> None:
    shutil.rmtree(folder)


def empty(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir(mode=0o700)


def cut_every_file(folder: Path) -> None:
    for path in current(folder).iterdir():
        if path.is_file():
            os.truncate(path, path.stat().st_size // 3)


def cut_terms(folder: Path) -> None:
    for path in current(folder).glob("*.trm"):
        os.truncate(path, path.stat().st_size // 3)


def cut_contents(folder: Path) -> None:
    for path in current(folder).glob("*.toc"):
        os.truncate(path, path.stat().st_size // 3)


def foreign(folder: Path) -> None:
    (folder / POINTER).write_text("something else entirely")


def other_version(folder: Path) -> None:
    (folder / POINTER).write_text((folder / POINTER).read_text().replace(f" {SCHEMA_VERSION} ", " 999 "))


def open_to_all(folder: Path) -> None:
    folder.chmod(0o777)


def current(folder: Path) -> Path:
    return folder / (folder / POINTER).read_text().split()[2]


DAMAGES = [remove_all, empty, cut_every_file, cut_terms, cut_contents, foreign, other_version, open_to_all]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_broken_index_stops_no_page_and_no_comment_and_is_built_anew(
    app: Flask, client: Visitor, damage: Callable[[Path], None]
) -> None:
    article = make_published(app, title="A resolver looped", body="The cache was emptied by hand.")
    make_comment(app, article, text="We saw the gyrfalcon alarm too.")
    index_now(app)
    app.extensions["hindsight_search"].close()
    damage(index_dir(app))
    page = page_of(client, "resolver")
    assert hits(page) == [article.slug]
    assert "The search is being rebuilt." in words_of(page)
    assert found(client, "100% _x_") == []
    assert client.get("/api/v1/search?q=resolver").status_code == 503
    assert client.get("/readyz").json["checks"]["search"].startswith("the index cannot be read")
    signed_in(client, MIA)
    said = client.post(f"/postmortems/{article.slug}/comments", data={"text": "A peregrine alarm, we found."})
    assert said.status_code in (201, 303)
    index_now(app)
    for word in ("emptied", "gyrfalcon", "peregrine"):
        assert found(client, word) == [article.slug], word
    assert "The search is being rebuilt." not in page_of(client, "resolver")
    assert jobs_left(app) == {"waiting": 0, "failed": 0}
    assert client.get("/readyz").json["checks"]["search"] == "ok"
    status = engine_of(app).check(deep=True)
    assert (status.articles, status.documents, status.problems) == (1, 3, ())


@pytest.mark.parametrize("damage", [remove_all, cut_terms, other_version], ids=lambda damage: damage.__name__)
def test_the_worker_finds_damage_by_itself(app: Flask, client: Visitor, damage: Callable[[Path], None]) -> None:
    article = make_published(app, body="The cache was emptied by hand.")
    index_now(app)
    app.extensions["hindsight_search"].close()
    damage(index_dir(app))
    assert found(client, "emptied") == []
    app.extensions["hindsight_worker"].do_chores()
    assert found(client, "emptied") == [article.slug]


@pytest.mark.parametrize("damage", [remove_all, cut_terms, other_version], ids=lambda damage: damage.__name__)
def test_the_worker_finds_damage_that_a_search_of_another_process_met(
    make_app: MakeApp, damage: Callable[[Path], None]
) -> None:
    web, beside = make_app(), make_app()
    article = make_published(web, body="The cache was emptied by hand.")
    index_now(beside)
    damage(index_dir(web))
    assert found(web.test_client(), "emptied") == []
    beside.extensions["hindsight_worker"].do_chores()
    web.extensions["hindsight_search"].close()  # it would remember for two seconds that the index was broken
    assert found(web.test_client(), "emptied") == [article.slug]
    assert not web.extensions["hindsight_search"].is_doubted


def test_a_place_that_cannot_be_written_keeps_the_jobs_until_it_can(app: Flask, client: Visitor) -> None:
    article = make_published(app, title="A resolver looped", body="The cache was emptied by hand.")
    index_dir(app).write_text("a file where the folder should be")
    for attempt in range(8):  # more often than a failing job is tried
        with time_machine.travel(clock.now() + timedelta(minutes=2 * attempt)):
            index_now(app)
        assert hits(page_of(client, "resolver")) == [article.slug]
    assert jobs_left(app) == {"waiting": 1, "failed": 0}
    index_dir(app).unlink()
    with time_machine.travel(clock.now() + timedelta(minutes=20)):
        index_now(app)
    assert found(client, "emptied") == [article.slug]
    assert jobs_left(app) == {"waiting": 0, "failed": 0}


def test_an_index_that_somebody_else_writes_is_left_alone(
    app: Flask, client: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_published(app)
    index_now(app)
    article = make_published(app, body="The resolver looped.")
    folder = index_dir(app)
    before = (folder / POINTER).read_text()
    with engine_of(app)._folder.locked("writer"):  # type: ignore[attr-defined]
        index_now(app)
        assert jobs_left(app) == {"waiting": 1, "failed": 0}
        with app.app_context(), pytest.raises(IndexUnavailable):
            jobs.rebuild()
    assert (folder / POINTER).read_text() == before
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        index_now(app)
    assert found(client, "resolver") == [article.slug]


def test_a_write_that_fails_on_a_whole_index_builds_nothing_anew(
    app: Flask, client: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_published(app)
    index_now(app)
    before = (index_dir(app) / POINTER).read_text()
    article = make_published(app, body="The resolver looped.")

    def full(*_given: object) -> None:
        raise IndexUnavailable("The search index cannot be written (OSError: No space left on device).")

    with monkeypatch.context() as patch:
        patch.setattr(engine_of(app), "apply", full)
        index_now(app)
    assert (index_dir(app) / POINTER).read_text() == before
    assert jobs_left(app) == {"waiting": 1, "failed": 0}
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        index_now(app)
    assert found(client, "resolver") == [article.slug]


def test_a_rebuild_settles_the_jobs_it_makes_needless_and_no_later_one(
    app: Flask, client: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = make_published(app, body="The resolver looped.")
    with app.app_context(), writing(db.session):
        db.session.execute(update(Job).values(failed_at=clock.now()))
    real = document_queries.all_documents

    def with_a_late_one(after_chunk: document_queries.Progress) -> Iterator[object]:
        yield from real(after_chunk)
        thread = threading.Thread(target=make_published, args=(app,), kwargs={"body": "A late resolver."})
        thread.start()
        thread.join()

    monkeypatch.setattr(document_queries, "all_documents", with_a_late_one)
    with app.app_context():
        jobs.rebuild()
    assert found(client, "resolver") == [first.slug]
    assert index_now(app) > 0
    assert len(found(client, "resolver")) == 2
    with app.app_context():
        assert document_queries.index_job_counts() == (0, 0)


def test_many_waiting_jobs_are_done_by_one_rebuild(
    app: Flask, client: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_published(app)
    index_now(app)
    articles = [make_published(app, body="The resolver looped.") for _ in range(3)]
    monkeypatch.setattr(jobs, "MANY_WAITING", 3)
    monkeypatch.setattr(changes, "bring_up_to_date", lambda *_given, **_named: pytest.fail("one by one"))
    index_now(app)
    assert set(found(client, "resolver")) == {article.slug for article in articles}
    assert jobs_left(app) == {"waiting": 0, "failed": 0}


def test_few_waiting_jobs_leave_a_large_index_as_it_is(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "MANY_WAITING", 1)
    for _ in range(4):
        make_published(app)
    index_now(app)
    before = (index_dir(app) / POINTER).read_text()
    make_published(app)
    index_now(app)
    assert (index_dir(app) / POINTER).read_text() == before
    assert engine_of(app).check().articles == 5


def test_the_mark_never_goes_back(app: Flask) -> None:
    make_published(app)
    index_now(app)
    engine = engine_of(app)
    mark = engine.mark()
    with app.app_context():
        assert mark == document_queries.newest_indexed_event()
        changes.bring_up_to_date(engine, article_ids=[], comment_ids=[], event_id=1)
    assert engine.mark() == mark


def test_a_busy_handler_is_no_poison(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    make_published(app)
    make_published(app)
    calls: list[int] = []

    def busy(work: list[Job]) -> None:
        calls.append(len(work))
        raise Busy("not now")

    worker = app.extensions["hindsight_worker"]
    monkeypatch.setattr(worker, "handlers", {**worker.handlers, "search.index": jobs.Handler(busy, batch=50)})
    index_now(app)
    assert calls == [2]  # not once more for each of them


def test_a_second_process_sees_the_change(make_app: MakeApp) -> None:
    writer, reader = make_app(), make_app()
    article = make_published(writer, body="The resolver looped.")
    index_now(writer)
    assert found(reader.test_client(), "resolver") == [article.slug]


def test_a_running_site_finds_a_new_comment_within_two_seconds(make_app: MakeApp) -> None:
    app = make_app()
    worker = app.extensions["hindsight_worker"]
    thread = threading.Thread(target=worker.run_forever)
    thread.start()
    try:
        article = make_published(app)
        client = app.test_client()
        make_comment(app, article, text="We saw the gyrfalcon alarm too.")
        pause, began = threading.Event(), time.monotonic()
        while found(client, "gyrfalcon") != [article.slug]:
            assert time.monotonic() - began < 10, "not found"  # two seconds, and patience with a busy machine
            pause.wait(0.05)
    finally:
        worker.stopping.set()
        thread.join()


@pytest.mark.parametrize(
    ("hour", "deleted", "is_rebuilt"), [(3, 3_000, True), (12, 3_000, False), (3, 1_500, False), (3, 900, False)]
)
def test_an_index_with_a_fifth_of_deleted_documents_is_built_anew_at_night(
    app: Flask, monkeypatch: pytest.MonkeyPatch, hour: int, deleted: int, is_rebuilt: bool
) -> None:
    make_published(app)
    with app.app_context():
        jobs.rebuild()
        before = current_engine().mark()
        status = Status(openable=True, documents=10_000, deleted=deleted)
        monkeypatch.setattr(type(current_engine()), "check", lambda _: status)
        rebuilt: list[int] = []
        monkeypatch.setattr(jobs, "rebuild", lambda: rebuilt.append(before))
        with time_machine.travel(datetime(2026, 5, 1, hour, 30, tzinfo=UTC)):
            jobs.tidy_index()
        assert bool(rebuilt) == is_rebuilt
