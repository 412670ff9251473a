"""The dearest searches that are allowed: they end when their time is up, and nobody else waits for them."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from blog.search.engine import SearchDocument
from blog.search.language import parse
from blog.search.whoosh_engine import TIME_LIMIT_SECONDS, WhooshEngine
from tests.factories.articles import make_published
from tests.search.documents import article
from tests.search.site import engine_of, found, index_now
from tests.visitor import Visitor

COMMON = ("time", "page", "data", "node", "disk", "load", "link", "rate", "path", "lock", "call", "host")
DOCUMENTS = 1_200
LOOKS = 6  # at the clock, until the time of a search is up
WORST = {
    "three phrases": '"time page data node" "disk load link rate" "path lock call host"',
    "twelve alternatives": " OR ".join(COMMON),
    "twelve words": " ".join(COMMON),
    "two beginnings": "data* host* time page",
    "all but some": 'time -"data time" -"node disk load call" -"path rate"',
}


class Looks:
    """A clock that counts how often it was looked at; each time is a second later."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> float:
        self.count += 1
        return float(self.count)


def documents() -> Iterator[SearchDocument]:
    words = " ".join(COMMON)
    for number in range(1, DOCUMENTS + 1):
        yield article(number, f"{words} data{number} host{number} {words}")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("worst") / "index"
    engine = WhooshEngine(path)
    engine.rebuild(documents(), 1)
    engine.close()
    return path


@pytest.mark.parametrize("typed", WORST.values(), ids=WORST)
def test_the_worst_queries_end_soon_after_their_time_is_up(folder: Path, typed: str) -> None:
    engine, began = WhooshEngine(folder), time.thread_time()
    hits = engine.search(parse(typed))
    spent = time.thread_time() - began
    engine.close()
    assert hits.total or hits.cut_short
    assert spent < 10 * TIME_LIMIT_SECONDS


@pytest.mark.parametrize(
    ("kind", "least"),
    [("three phrases", 12 * DOCUMENTS // 200), ("twelve alternatives", len(COMMON)), ("twelve words", len(COMMON))],
)
def test_a_search_whose_time_is_up_stops_at_its_next_look_at_the_clock(folder: Path, kind: str, least: int) -> None:
    looks = Looks()
    whole = WhooshEngine(folder, work_clock=looks, time_limit_seconds=1_000_000)
    assert not whole.search(parse(WORST[kind])).cut_short
    assert looks.count > least
    whole.close()
    looks = Looks()
    engine = WhooshEngine(folder, work_clock=looks, time_limit_seconds=LOOKS)
    assert engine.search(parse(WORST[kind])).cut_short
    engine.close()
    assert looks.count <= 2 * LOOKS  # when all words together take too long, any of them are tried once


def test_nobody_waits_for_the_search_of_another(app: Flask, client: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    slug = make_published(app, body="The resolver looped.").slug
    index_now(app)
    begun, go_on, answers, late = threading.Event(), threading.Event(), list[list[str]](), list[float]()

    def clock() -> float:
        if threading.current_thread() is searcher and not begun.is_set():
            begun.set()
            if not go_on.wait(60):
                late.append(60.0)  # the others waited for this search, which waits for them
        return 0.0

    def search() -> None:
        answers.append(found(app.test_client(), "looped"))

    monkeypatch.setattr(engine_of(app), "_work_clock", clock)
    searcher = threading.Thread(target=search)
    searcher.start()
    try:
        assert begun.wait(60)
        assert client.get(f"/postmortems/{slug}").status_code == 200
        assert found(client, "resolver") == [slug]
        assert (answers, late) == ([], [])
    finally:
        go_on.set()
        searcher.join(60)
    assert answers == [[slug]]
