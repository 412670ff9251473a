"""Pages made before anybody asks: newest first, only what is due, and as if nobody had asked."""

import logging

import pytest
from flask import Flask
from sqlalchemy import text

from blog.extensions import db
from blog.journal.worker import Worker
from blog.pages import ahead_jobs
from blog.pages.ahead_jobs import FIRST, PagesAhead
from tests.conftest import MakeApp
from tests.factories.articles import make_published
from tests.factories.comments import make_comment
from tests.web.test_read_path import asked


@pytest.fixture
def make_app(make_app: MakeApp) -> MakeApp:
    return lambda **settings: make_app(site_url="http://localhost", **settings)


@pytest.fixture
def ahead(app: Flask) -> PagesAhead:
    made: PagesAhead = app.extensions["hindsight_pages_ahead"]
    return made


def go_round(ahead: PagesAhead) -> list[str]:
    """What came of each page."""
    ahead.begin()
    outcomes = []
    while not ahead.is_done:
        outcomes.append(ahead.step())
    return outcomes


def test_the_first_reader_gets_a_page_that_was_made_already_and_is_the_same(
    app: Flask, make_app: MakeApp, ahead: PagesAhead
) -> None:
    make_published(app, slug="live")
    assert go_round(ahead) == ["made"] * (len(FIRST) + 1)
    readers = make_app()
    with asked(readers) as seen:
        pages = [readers.test_client().get(path) for path in (*FIRST, "/postmortems/live")]
    assert seen == []
    (app.extensions["hindsight_settings"].data_dir / "pages.sqlite3").unlink()
    unmade = make_app().test_client()
    for page in pages:
        by_flask = unmade.get(page.request.path)
        varying = {"X-Request-Id"}
        assert page.data == by_flask.data
        assert [pair for pair in page.headers if pair[0] not in varying] == [
            pair for pair in by_flask.headers if pair[0] not in varying
        ]


def test_only_what_changed_is_made_anew_and_taken_by_processes_that_hold_the_old_page(
    app: Flask, make_app: MakeApp, ahead: PagesAhead
) -> None:
    article = make_published(app, slug="live")
    make_published(app, slug="other")
    go_round(ahead)
    readers = make_app()
    before = readers.test_client().get("/postmortems/live").data
    make_comment(app, article, text="Seen at the second site.")
    assert sorted(go_round(ahead)) == ["current"] + ["made"] * 3  # the lists count comments
    with asked(readers) as seen:
        after = readers.test_client().get("/postmortems/live").data
    assert seen == []
    assert b"Seen at the second site." in after
    assert after != before
    assert go_round(ahead) == ["current"] * 4


def test_the_newest_write_ups_come_first_and_drafts_never(
    app: Flask, ahead: PagesAhead, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day, slug in enumerate(("oldest", "newest", "middle")):
        make_published(app, slug=slug)
        with app.app_context(), db.engine.begin() as connection:
            published = f"2026-01-0{(1, 3, 2)[day]} 00:00:00"
            connection.execute(text("UPDATE articles SET published_at = :at WHERE slug = :slug"),
                               {"at": published, "slug": slug})  # fmt: skip
    monkeypatch.setattr(ahead_jobs, "MOST", 2)
    with asked(app) as seen:
        go_round(ahead)
    assert seen == [*FIRST, "/postmortems/newest", "/postmortems/middle"]


def test_it_stands_in_no_log_and_counts_against_no_limit(make_app: MakeApp, caplog: pytest.LogCaptureFixture) -> None:
    app = make_app(rate_limits=True, request_rates="3/minute")
    ahead: PagesAhead = app.extensions["hindsight_pages_ahead"]
    for number in range(5):
        make_published(app, slug=f"live-{number}")
    with caplog.at_level(logging.INFO, logger="hindsight.requests"):
        assert set(go_round(ahead)) == {"made"}
        assert caplog.records == []
        assert app.test_client().get("/about").status_code == 200
        assert [record.message for record in caplog.records] == ["request"]


def test_a_reader_cannot_pass_for_the_site(make_app: MakeApp) -> None:
    app = make_app(rate_limits=True, request_rates="3/minute")
    headers = {"Hindsight-Own": "1", "hindsight.own": "1"}
    answers = [app.test_client().get("/about", headers=headers).status_code for _ in range(4)]
    assert answers == [200] * 3 + [429]


def test_a_round_ends_where_nothing_can_be_kept(app: Flask, ahead: PagesAhead, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        make_published(app, slug=f"live-{number}")
    monkeypatch.setattr(ahead_jobs, "MOST_REFUSED", 3)
    monkeypatch.setattr("blog.lib.kept_pages.PageShelf.put", lambda *_: None)  # as when the disk is full
    assert go_round(ahead) == ["not kept"] * 3


def test_a_worker_makes_pages_when_nothing_is_due_and_waits_after_a_start(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_published(app, slug="live")
    worker: Worker = app.extensions["hindsight_worker"]
    ahead: PagesAhead = app.extensions["hindsight_pages_ahead"]
    done: list[int] = []
    assert worker.spare is not None
    worker.spare()
    assert ahead.is_done
    ahead._round_at = 0.0
    monkeypatch.setattr(worker, "run_once", lambda: done.append(1) or (len(done) < 3))

    def watched(spend: object = worker.spare) -> None:
        done.append(100)
        spend()  # type: ignore[operator]
        if ahead.is_done:
            worker.stopping.set()

    monkeypatch.setattr(worker, "spare", watched)
    monkeypatch.setattr("blog.journal.worker.REST_SECONDS", 0.0)
    monkeypatch.setattr("blog.journal.worker.POLL_SECONDS", 0.0)
    worker._work()
    assert done[:4] == [1, 1, 1, 100]  # jobs first
    with asked(app) as seen:
        app.test_client().get("/postmortems/live")
    assert seen == []


def test_the_command_makes_them_all_and_says_what_it_did(app: Flask, make_app: MakeApp) -> None:
    make_published(app, slug="live")
    said = [app.test_cli_runner().invoke(args=["pages", "make"]).output for _ in range(2)]
    assert "3 page(s) made, 0 were there." in said[0]
    assert "0 page(s) made, 3 were there." in said[1]
    readers = make_app()
    with asked(readers) as seen:
        readers.test_client().get("/postmortems/live")
    assert seen == []
