"""A rebuild with no downtime: the old index answers until the new one is whole, whatever happens meanwhile."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest
from flask import Flask

from blog.extensions import db
from blog.search import document_queries, jobs
from blog.search.engine import Delete, IndexUnavailable, Put, SearchDocument
from blog.search.engines import current_engine
from blog.search.language import parse
from blog.search.whoosh_engine import WhooshEngine
from blog.search.whoosh_writer import write_batch
from tests.factories.articles import make_published
from tests.factories.comments import make_comment
from tests.search.documents import article
from tests.search.site import engine_of, found, hits, index_dir, index_now, jobs_left, page_of, words_of
from tests.visitor import Visitor

SEARCHES = 1_000
FORK = multiprocessing.get_context("fork")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with an index of 40 write-ups."""
    engine = WhooshEngine(tmp_path / "index")
    engine.rebuild((article(n, f"kiro word{n}", tags=("dns",)) for n in range(40)), 5)
    engine.close()
    return tmp_path / "index"


def test_a_thousand_searches_during_a_rebuild_are_answered_and_what_changed_meanwhile_is_found(root: Path) -> None:
    """The rebuild waits in its middle for the searches, so that it runs as long as they do."""
    reader, builder, writer = WhooshEngine(root), WhooshEngine(root), WhooshEngine(root)
    asked, failed = threading.Event(), []

    def documents() -> Iterator[SearchDocument]:
        for n in range(40):
            yield article(n, f"kiro word{n} new", tags=("dns",))
            if n == 20:
                assert asked.wait(120)

    def rebuild() -> None:
        try:
            builder.rebuild(documents(), 5)
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=rebuild)
    thread.start()
    try:
        totals = set()
        for number in range(SEARCHES):
            if number % 250 == 100:
                writer.apply([Put(article(1000 + number, "late arrival")), Delete(f"pm:{number // 250}")], 6 + number)
            reader._readers.expire()
            totals.add(reader.search(parse(f"kiro OR word{number % 40}")).total)
    finally:
        asked.set()
        thread.join(60)
    assert failed == []
    assert totals == {40, 39, 38, 37, 36}
    fresh = WhooshEngine(root)
    for engine in (reader, fresh):
        engine._readers.expire()
        assert engine.search(parse("new")).total == 36
        assert engine.search(parse("arrival")).total == 4
        assert engine.mark() == 6 + 850
    assert fresh.check(deep=True).problems == ()
    assert len(list(root.glob("index-*"))) == 1
    for engine in (reader, builder, writer, fresh):
        engine.close()


@pytest.mark.parametrize(
    "point", ["while it is written", "while it catches up", "before the switch", "after the switch"]
)
def test_a_kill_at_any_point_of_a_rebuild_leaves_a_whole_index(root: Path, point: str) -> None:
    reached = FORK.Event()
    builder = FORK.Process(target=rebuild_and_stop_at, args=(root, point, reached))
    builder.start()
    assert reached.wait(30)
    assert builder.pid is not None
    os.kill(builder.pid, signal.SIGKILL)
    builder.join(30)
    engine = WhooshEngine(root)
    is_new = point == "after the switch"
    assert engine.search(parse("new")).total == (40 if is_new else 0)
    assert engine.search(parse("kiro")).total == 40
    assert engine.search(parse("arrival")).total == 1  # what was applied meanwhile is in either
    status = engine.check(deep=True)
    assert (status.mark, status.locked, status.problems) == (6, False, ())
    assert engine.rebuild((article(n, "again") for n in range(3)), 7) == 3
    assert engine.search(parse("kiro")).total == 0
    assert len(list(root.glob("index-*"))) == 1
    engine.close()


def rebuild_and_stop_at(root: Path, point: str, reached: Event) -> None:
    engine, writer = WhooshEngine(root), WhooshEngine(root)

    def stop(*_args: object, **_options: object) -> None:
        reached.set()
        threading.Event().wait(60)

    def documents() -> Iterator[SearchDocument]:
        for n in range(40):
            yield article(n, f"kiro word{n} new")
            if n == 20:
                writer.apply([Put(article(1000, "late arrival"))], 6)
                if point == "while it is written":
                    stop()

    folder = engine._folder
    if point == "while it catches up":
        from blog.search import whoosh_writer

        def catch_up(*args: object, **options: object) -> None:
            write_batch(*args, **options)  # type: ignore[arg-type]
            stop()

        whoosh_writer.write_batch = catch_up
    elif point == "before the switch":
        folder.switch_to = stop  # type: ignore[method-assign]
    elif point == "after the switch":
        folder.discard_all_but = stop  # type: ignore[method-assign]
    engine.rebuild(documents(), 5)


def test_pages_and_readiness_go_on_while_the_index_is_rebuilt(app: Flask, client: Visitor) -> None:
    """A comment that arrives in the middle is found in the old index, and in the new one after the switch."""
    first = make_published(app, body="The resolver looped.")
    index_now(app)
    reached, go_on = threading.Event(), threading.Event()

    def in_the_middle(_size: int) -> None:
        reached.set()
        assert go_on.wait(60)

    def rebuild() -> None:
        with app.app_context():
            jobs.rebuild(in_the_middle)

    thread = threading.Thread(target=rebuild)
    thread.start()
    try:
        assert reached.wait(60)
        assert client.get("/readyz").json["checks"]["search"] == "ok"
        assert found(client, "resolver") == [first.slug]
        make_comment(app, first, text="A gyrfalcon alarm.")
        index_now(app)
        assert found(client, "gyrfalcon") == [first.slug]
    finally:
        go_on.set()
        thread.join(60)
    assert found(client, "gyrfalcon") == [first.slug]
    assert engine_of(app).check(deep=True).documents == 2
    assert jobs_left(app) == {"waiting": 0, "failed": 0}
    assert client.get("/readyz").json["checks"]["search"] == "ok"


def test_a_first_index_is_no_reason_to_take_the_site_away(app: Flask, client: Visitor) -> None:
    """Until it stands titles are searched, and the site is ready; without anybody building it, it is not."""
    article = make_published(app, title="The resolver looped")
    index_now(app)
    app.extensions["hindsight_search"].close()
    for path in index_dir(app).iterdir():
        path.unlink() if path.is_file() else [file.unlink() for file in path.iterdir()]
    assert client.get("/readyz").json["checks"]["search"].startswith("the index cannot be read")
    seen: list[object] = []

    def in_the_middle(_size: int) -> None:
        page = page_of(client, "resolver")
        seen.append((hits(page), "The search is being rebuilt." in words_of(page)))
        seen.append(client.get("/readyz").json["checks"]["search"])

    with app.app_context():
        jobs.rebuild(in_the_middle)
    assert seen[:2] == [([article.slug], True), "ok"]
    assert "being rebuilt" not in page_of(client, "resolver")


def test_a_rebuild_that_fails_half_way_leaves_jobs_and_index_as_they_were(app: Flask, client: Visitor) -> None:
    article = make_published(app, body="The resolver looped.")
    index_now(app)
    make_comment(app, article, text="A gyrfalcon alarm.")
    waiting = jobs_left(app)

    def broken(_size: int) -> None:
        raise RuntimeError("the database went away")

    with app.app_context():
        with pytest.raises(IndexUnavailable):
            jobs.rebuild(broken)
        db.session.rollback()
        assert current_engine().mark() <= document_queries.newest_indexed_event()
        assert not current_engine().check().locked
    assert jobs_left(app) == waiting
    assert found(client, "resolver") == [article.slug]
    index_now(app)
    assert found(client, "gyrfalcon") == [article.slug]
