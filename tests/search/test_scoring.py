"""One word is scored by a loop of our own over kept postings: the order and scores are those of the general way."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from blog.search import whoosh_search
from blog.search.engine import Put
from blog.search.language import parse
from blog.search.whoosh_engine import WhooshEngine
from blog.search.whoosh_match import Piece
from blog.search.whoosh_rank import best
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
    yield made
    made.close()


@pytest.mark.parametrize("word", ["queue", "disk", "word", "absent"])
@pytest.mark.parametrize("page", [1, 2, 3])
def test_a_single_word_is_ranked_as_by_the_general_way(
    engine: WhooshEngine, monkeypatch: pytest.MonkeyPatch, word: str, page: int
) -> None:
    ours = engine.search(parse(word), page=page, per_page=10)
    engine._kept.clear()

    def general(view, term, allowed, count, deadline):  # type: ignore[no-untyped-def]
        query = whoosh_search.scoring_query([(Piece("all", (term,)),)], any_word=False)
        return best(view, query, allowed, count, deadline)

    monkeypatch.setattr(whoosh_search, "best_of_term", general)
    theirs = engine.search(parse(word), page=page, per_page=10)
    assert [row.key for row in ours.rows] == [row.key for row in theirs.rows]
    assert [row.score for row in ours.rows] == pytest.approx([row.score for row in theirs.rows])


def test_a_kept_page_is_forgotten_when_the_index_changes(engine: WhooshEngine) -> None:
    before = engine.search(parse("disk")).total
    engine.apply([Put(article(900, "disk"))], 9)
    assert engine.search(parse("disk")).total == before + 1


def test_facets_of_a_common_word_are_counted_by_what_it_leaves_out(engine: WhooshEngine) -> None:
    found = engine.search(parse("queue"), per_page=100)
    tags: dict[str, int] = {}
    with engine._readers.reading() as view:
        for row in found.rows:
            for facet in view.articles[row.key].facets:
                if facet.startswith("tag:"):
                    tags[facet[4:]] = tags.get(facet[4:], 0) + 1
        assert found.total * 2 > len(view.articles)
    assert found.facets["tag"] == tags
