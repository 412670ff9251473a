"""`flask search rebuild | status | check`: what an operator is told, and the exit codes that scripts read."""

import shutil

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import update

from blog.comments.models import Comment
from blog.extensions import db
from blog.journal.models import Job
from blog.journal.reactions import INDEX
from blog.lib import clock
from blog.lib.database import writing
from blog.search.engine import Delete
from tests.factories.articles import make_published
from tests.factories.comments import make_comment
from tests.search.site import engine_of, found, index_dir, index_now, jobs_left
from tests.visitor import Visitor


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    return app.test_cli_runner()


def run(runner: FlaskCliRunner, verb: str, *, code: int = 0) -> str:
    result = runner.invoke(args=["search", verb])
    assert result.exit_code == code, result.output
    return str(result.output)


def test_rebuild_makes_an_index_of_everything_and_settles_the_jobs(
    app: Flask, client: Visitor, runner: FlaskCliRunner
) -> None:
    article = make_published(app, body="The resolver looped.")
    make_comment(app, article, text="A gyrfalcon alarm.")
    assert "The index holds 2 document(s)." in run(runner, "rebuild")
    assert found(client, "resolver") == found(client, "gyrfalcon") == [article.slug]
    with app.app_context():
        kinds = {job.kind for job in db.session.query(Job)}
        assert "followups.project" in kinds
        assert INDEX not in kinds


def test_rebuild_says_who_is_in_the_way(app: Flask, runner: FlaskCliRunner) -> None:
    run(runner, "rebuild")
    with engine_of(app)._folder.locked("rebuild"):  # type: ignore[attr-defined]
        assert "locked by another rebuild" in run(runner, "rebuild", code=1)


def test_an_empty_site_has_an_empty_index(runner: FlaskCliRunner) -> None:
    assert "The index holds 0 document(s)." in run(runner, "rebuild")
    assert "The index is whole: 0 document(s)" in run(runner, "check")


def test_status_tells_how_far_behind_the_index_is(app: Flask, runner: FlaskCliRunner) -> None:
    said = run(runner, "status", code=1)
    assert "There is no search index yet." in said
    make_comment(app, make_published(app))
    index_now(app)
    said = run(runner, "status")
    assert "2 (1 write-ups, 1 comments)" in said
    assert "0 waiting, 0 given up" in said
    mark = engine_of(app).mark()
    assert f"event {mark}; the newest to index is {mark}" in said
    make_published(app)
    said = run(runner, "status")
    assert "1 waiting, 0 given up" in said
    assert f"event {mark}; the newest to index is {mark}" not in said


def test_check_is_content_with_an_index_that_says_what_the_database_says(app: Flask, runner: FlaskCliRunner) -> None:
    make_comment(app, make_published(app))
    index_now(app)
    assert "The index is whole: 2 document(s), as in the database." in run(runner, "check")


def test_check_names_what_is_missing_and_what_is_too_much(app: Flask, runner: FlaskCliRunner) -> None:
    article = make_published(app)
    comment = make_comment(app, article)
    index_now(app)
    engine_of(app).apply([Delete(f"pm:{article.id}")], 99)
    with app.app_context(), writing(db.session):
        db.session.execute(update(Comment).values(state="hidden"))
    said = run(runner, "check", code=1)
    assert f"1 missing: pm:{article.id}" in said
    assert f"1 too many: c:{comment.id}" in said
    run(runner, "rebuild")
    run(runner, "check")


def test_check_tells_of_waiting_and_given_up_jobs(app: Flask, runner: FlaskCliRunner) -> None:
    make_published(app)
    index_now(app)
    make_published(app)
    said = run(runner, "check", code=1)
    assert "1 job(s) wait for the index: this may pass by itself." in said
    with app.app_context(), writing(db.session):
        db.session.execute(update(Job).where(Job.kind == "search.index").values(failed_at=clock.now()))
    said = run(runner, "check", code=1)
    assert "1 job(s) were given up" in said
    run(runner, "rebuild")
    run(runner, "check")
    index_now(app)
    assert jobs_left(app) == {"waiting": 0, "failed": 0}


def test_check_finds_a_missing_index(app: Flask, runner: FlaskCliRunner) -> None:
    make_published(app)
    index_now(app)
    app.extensions["hindsight_search"].close()
    shutil.rmtree(index_dir(app))
    said = run(runner, "check", code=1)
    assert "There is no search index yet." in said
    assert "search rebuild" in said
