"""Search pages against bare FTS5; and how soon what was saved is seen, and found."""

import random
import re
import socket
import sqlite3
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from urllib.parse import quote

from bench import fts
from bench.machine import Watch
from bench.run import Run, told
from bench.table import Need, Row
from bench.visitor import Visitor

SEEN, FOUND = 20, 24  # comments
FRESH = 24  # connections after each comment: every worker answers some of them
BESIDE = 10  # searches a second while we wait for what was saved
_HIT = 'class="search-hit"'


def search(run: Run) -> Iterator[Row]:
    """The whole page (hits, snippets, counts, facets) against one FTS5 query for 20 hits. Both are asked every query
    once before; then the index changes, so that no list of hits that the engine kept is given again.
    """
    connection = fts.opened(run.site, run.base)
    asked = {kind: fts.queries(connection, kind) for kind in fts.KINDS}
    with socket.create_connection(("127.0.0.1", run.server.port)) as line:  # to one worker, which is asked all the time
        for kind, queries in asked.items():
            _timed(run, connection, kind, queries, line)
        _change_index(run)
        for kind, queries in asked.items():
            yield from _compared(run, connection, kind, queries, line)


def _change_index(run: Run) -> None:
    word = f"zq{time.time_ns()}"
    run.members[0].visitor.comment(run.site.slugs[0], f"Seen before, marked {word}.", run.members[0].token)
    _until_found(run, word)


def _compared(
    run: Run, connection: sqlite3.Connection, kind: fts.Kind, asked: list[list[str]], line: socket.socket
) -> Iterator[Row]:
    with Watch() as watch:
        before = run.server.cpu_seconds()
        ours, theirs, empty = _timed(run, connection, kind, asked, line)
        cpu = (run.server.cpu_seconds() - before) * 1000 / len(asked)
    (p50, p95), (other50, other95) = _percentiles(ours), _percentiles(theirs)
    figures = f"p50 {p50:.1f} against {other50:.1f} ms, {len(asked)} queries; CPU {cpu:.1f} ms a page"
    yield Row(f"search, {kind.name}", figures, p50 / other50, Need(3, 1.5, "times FTS5 (p50)", True), told(watch))
    figures = f"p95 {p95:.1f} against {other95:.1f} ms{f', {empty} without a hit' if empty else ''}"
    yield Row("- its p95", figures, p95 / other95, Need(4, 1.5, "times FTS5 (p95)", True))


def _timed(
    run: Run, connection: sqlite3.Connection, kind: fts.Kind, asked: list[list[str]], line: socket.socket
) -> tuple[list[float], list[float], int]:
    """(milliseconds of pages, of FTS5, pages without a hit), each query asked of both in turn."""
    ours, theirs, empty = [], [], 0
    for words in asked:
        path = f"/search?q={quote(kind.joint.join(words))}"
        begun = time.perf_counter()
        answer = run.visitor().get(path, line)
        between = time.perf_counter()
        rows = fts.best(connection, kind, words)
        theirs.append((time.perf_counter() - between) * 1000)
        ours.append((between - begun) * 1000)
        page = answer.text
        if answer.status != 200 or "</html>" not in page or not rows:
            sys.exit(f"{path} answered {answer.status}:\n{page[:1000]}")
        empty += _HIT not in page
    return ours, theirs, empty


def _percentiles(times: list[float]) -> tuple[float, float]:
    return statistics.median(times), sorted(times)[int(len(times) * 0.95)]


def visible(run: Run) -> Iterator[Row]:
    """A comment is on the page in the next GET, whichever worker answers."""
    member, stale, waits = run.members[0], 0, []
    slug = "write-up-7"  # one with few comments, so that new ones are on its first page
    for number in range(SEEN):
        text = f"Seen at once, number {number} of {time.time_ns()}"
        member.visitor.comment(slug, text, member.token)
        begun = time.perf_counter()
        for again in range(FRESH):
            is_there = text in run.visitor().get(f"/postmortems/{slug}").text
            waits += [time.perf_counter() - begun] if not again else []
            stale += not is_there
    figures = f"{SEEN} comments, {FRESH} new connections after each; the first GET took {_ms(waits)} ms"
    yield Row("saved to visible: stale pages", figures, float(stale), Need(0, at_most=True))


def found(run: Run) -> Iterator[Row]:
    """From the answer to a comment until a search finds it, while others search."""
    member, ended, waits, chance = run.members[0], threading.Event(), [], random.Random(5)
    words = re.findall(r"[a-z]{5,}", run.visitor().get(run.article).text)
    crowd = threading.Thread(target=_search_on, args=(run.visitor(), words, ended))
    crowd.start()
    try:
        for number in range(FOUND):
            word = f"zq{number}x{chance.randrange(10**9)}"
            member.visitor.comment(chance.choice(run.site.slugs), f"Seen here too, marked {word}.", member.token)
            waits.append(_until_found(run, word))
    finally:
        ended.set()
        crowd.join()
    p95 = sorted(waits)[int(len(waits) * 0.95)]
    figures = f"p50 {statistics.median(waits):.2f}, longest {max(waits):.2f} s of {FOUND}, beside {BESIDE} searches/s"
    yield Row("saved to found", figures, p95, Need(1, unit="s (p95)", at_most=True))


def _until_found(run: Run, word: str) -> float:
    begun, pause = time.perf_counter(), threading.Event()
    while _HIT not in run.visitor().get(f"/search?q={word}").text:
        if time.perf_counter() - begun > 30:
            sys.exit("a comment was not found within 30 s")
        pause.wait(0.02)
    return time.perf_counter() - begun


def _search_on(visitor: Visitor, words: list[str], ended: threading.Event) -> None:
    chance = random.Random(9)
    while not ended.wait(1 / BESIDE):
        visitor.get(f"/search?q={chance.choice(words)}+{chance.choice(words)}")


def _ms(seconds: list[float]) -> str:
    return f"{statistics.median(seconds) * 1000:.0f}"
