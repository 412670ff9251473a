"""Scores are added up by loops of our own over kept postings: order, scores and counts are those of Whoosh itself."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from whoosh import query as wq
from whoosh.index import open_dir
from whoosh.scoring import BM25F

from blog.search import whoosh_catalogue, whoosh_postings
from blog.search.engine import Delete, Put
from blog.search.language import parse
from blog.search.whoosh_analysis import stem
from blog.search.whoosh_catalogue import flags_of, mask_of
from blog.search.whoosh_engine import WhooshEngine
from blog.search.whoosh_postings import KeptPostings, Postings, array
from blog.search.whoosh_schema import make_schema
from tests.search.documents import article, comment


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[WhooshEngine]:
    made = WhooshEngine(tmp_path / "index", write_mb=4)
    made.rebuild([], 0)
    for part in range(3):  # several segments, and replaced documents in the first
        numbers = range(part * 20, part * 20 + 30)
        documents = [
            article(n, "queue " * (n % 7 + 1) + "disk " * (n % 5) + "word " * n, tags=(f"t{n % 3}",)) for n in numbers
        ]
        said = [comment(n, n, "the queue again " * (n % 3)) for n in numbers if n % 4 == 0]
        made.apply([Put(one) for one in [*documents, *said]], part + 1)
    made.apply([Delete("pm:7"), Delete("c:8")], 4)
    yield made
    made.close()


def stock(engine: WhooshEngine, query: wq.Query) -> dict[str, float]:
    """What Whoosh itself scores each write-up: by its best document."""
    index = open_dir(str(engine._folder.current()), schema=make_schema())
    scores: dict[str, float] = {}
    with engine._readers.reading() as view, index.searcher(weighting=BM25F()) as searcher:
        column = searcher.reader()
        for hit in searcher.search(query, limit=None):
            leaf, offset = next((one, at) for one, at in reversed(column.leaf_readers()) if at <= hit.docnum)
            segment = next(mine for mine in view.leaves if mine.reader.segment() == leaf.segment())
            card = segment.segment.cards[hit.docnum - offset]
            assert card is not None
            home = card.parent or card.key
            if home in view.articles:
                scores[home] = max(scores.get(home, 0.0), hit.score)
    return scores


def term(word: str) -> wq.Term:
    return wq.Term("text", stem(word))


CASES = [
    ("queue", term("queue")),
    ("word", term("word")),
    ("absent", term("absent")),
    ("disk queue", wq.And([term("disk"), term("queue")])),
    ("again queue -disk", wq.AndNot(wq.And([term("again"), term("queue")]), term("disk"))),
    ("disk OR again OR word", wq.Or([term("disk"), term("again"), term("word")])),
    ("again disk word", wq.Or([term("disk"), term("again"), term("word")])),  # too few have all
    ('"queue disk" word', wq.And([wq.Phrase("text", ["queue", "disk"]), term("word")])),
    ("disk OR again queue", wq.And([wq.Or([term("disk"), term("again")]), term("queue")])),
]


@pytest.mark.parametrize(("typed", "query"), CASES, ids=[typed for typed, _ in CASES])
@pytest.mark.parametrize("is_warm", [False, True], ids=["cold", "warm"])
def test_order_and_scores_are_those_of_whoosh(engine: WhooshEngine, typed: str, query: wq.Query, is_warm: bool) -> None:
    if is_warm:
        engine.search(parse(typed))
        engine._kept.clear()
    theirs = stock(engine, query)
    ours = engine.search(parse(typed), per_page=100)
    assert {row.key: row.score for row in ours.rows} == pytest.approx(theirs)
    assert ours.total == len(theirs)
    assert [row.score for row in ours.rows] == pytest.approx(sorted(theirs.values(), reverse=True))


@pytest.mark.parametrize("typed", ["queue", "disk queue", "disk OR word"])
def test_pages_are_cuts_of_one_order(engine: WhooshEngine, typed: str) -> None:
    every = [row.key for row in engine.search(parse(typed), per_page=200).rows]
    pages = [engine.search(parse(typed), page=page, per_page=7).rows for page in range(1, len(every) // 7 + 2)]
    assert [row.key for page in pages for row in page] == every


def test_a_kept_page_is_forgotten_when_the_index_changes(engine: WhooshEngine) -> None:
    before = engine.search(parse("disk")).total
    engine.apply([Put(article(900, "disk"))], 9)
    assert engine.search(parse("disk")).total == before + 1


@pytest.mark.parametrize("typed", ["queue", "disk", "tag:t1", "queue -tag:t1", "again"])
@pytest.mark.parametrize("rare", [1, 4, 1_000])
def test_facets_counted_by_bits_are_those_counted_by_hand(
    engine: WhooshEngine, monkeypatch: pytest.MonkeyPatch, typed: str, rare: int
) -> None:
    monkeypatch.setattr(whoosh_catalogue, "RARE", rare)
    monkeypatch.setattr(whoosh_catalogue, "COUNT_IS_FASTER", 0)
    engine.close()
    for step in range(3):  # the counts of a generation are made from those of the one before
        found = engine.search(parse(typed), per_page=200)
        with engine._readers.reading() as view:
            facets = [facet for row in found.rows for facet in view.articles[row.key].facets]
        tags = Counter(facet.removeprefix("tag:") for facet in facets if facet.startswith("tag:"))
        assert dict(found.facets["tag"]) == dict(tags)
        assert list(found.facets["tag"].values()) == sorted(tags.values(), reverse=True)
        changed = article(step * 9, "queue disk", tags=("t1", "other"))
        engine.apply([Put(changed), Delete(f"pm:{step + 20}")], 5 + step)


@pytest.mark.parametrize("size", [1, 7, 8, 100])
def test_bits_and_flags_say_the_same(size: int) -> None:
    numbers = {number for number in range(size) if number % 3 == 0}
    flags = flags_of(mask_of(numbers, size), size)
    assert {number for number in range(size) if flags[number]} == numbers
    assert (len(flags), flags[-1]) == (size + 1, 0)


def test_kept_postings_stay_within_their_bytes_and_the_latest_stay() -> None:
    kept = KeptPostings(limit=10_000)
    for number in range(500):
        kept.keep("segment", ("text", str(number)), Postings(array("H", range(100)), None))
        assert kept.get("segment", ("text", "0")) is not None
        assert kept.size <= 10_000
    assert kept.get("segment", ("text", "499")) is not None
    assert kept.get("segment", ("text", "1")) is None
    kept.forget({"segment"})
    assert kept.size == 0


def test_looking_up_and_walking_give_the_same_postings(monkeypatch: pytest.MonkeyPatch) -> None:
    postings = Postings(array("H", range(0, 600, 3)), array("B", [n % 5 + 1 for n in range(200)]))
    docs = {0, 1, 3, 150, 597, 599}
    walked = dict(postings.pairs_in(docs)), postings.kept_in(docs)
    monkeypatch.setattr(whoosh_postings, "BISECT", 10**6)
    assert (dict(postings.pairs_in(docs)), postings.kept_in(docs)) == walked
    assert walked == ({0: 1, 3: 2, 150: 1, 597: 5}, {0, 3, 150, 597})
