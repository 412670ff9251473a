"""The best of the matching documents, scored by Whoosh's BM25F."""

from collections.abc import Sequence
from heapq import heappush, heapreplace, nlargest
from typing import Any

from whoosh import query as wq

from blog.search.whoosh_match import STEP, Clause, Deadline, Piece, Term, term_postings
from blog.search.whoosh_reader import View

SCORED_EXPANSIONS = 8  # of a prefix; a union of all 64 takes a hundred times longer and ranks no better

Scored = tuple[float, int, int]  # score, segment, document number in it


def scoring_query(clauses: Sequence[Clause], *, any_word: bool) -> wq.Query:
    """Build the Whoosh query that scores. What matches was decided before; this one only has to reach it."""
    parts = [_either([_piece(piece) for piece in clause]) for clause in clauses]
    return _either(parts) if any_word or len(parts) == 1 else wq.And(parts)


def weighted_query(weights: dict[Term, float]) -> wq.Query:
    return wq.Or([wq.Term(field, text, boost=weight) for (field, text), weight in weights.items()])


def _piece(piece: Piece) -> wq.Query:
    terms = [wq.Term(field, text) for field, text in dict.fromkeys(piece.terms)]
    if piece.how == "any":
        return _either(terms[:SCORED_EXPANSIONS])
    return terms[0] if len(terms) == 1 else wq.And(terms)


def _either(parts: list[wq.Query]) -> wq.Query:
    return parts[0] if len(parts) == 1 else wq.Or(parts)


def best(view: View, query: wq.Query, allowed: Sequence[set[int]], count: int, deadline: Deadline) -> list[Scored]:
    """Give the `count` best of the allowed documents, best first; of equals the older number first.

    Own loop instead of a collector: Whoosh's TimeLimitCollector drops filters, and an empty filter means "all".
    """
    top = _Top(count, deadline)
    for number, leaf in enumerate(view.leaves):
        if allowed[number]:
            top.take(query.matcher(leaf.searcher, leaf.searcher.context()), number, allowed[number])
    return [(score, -number, -doc) for score, number, doc in sorted(top.heap, reverse=True)]


def best_of_term(view: View, term: Term, allowed: Sequence[set[int]], count: int, deadline: Deadline) -> list[Scored]:
    """As `best`, for a single term: the same formula over its kept postings, without a matcher's step for each."""
    scored: list[Scored] = []
    for number, leaf in enumerate(view.leaves):
        good = allowed[number]
        if not good:
            continue
        formula = leaf.searcher.weighting.scorer(leaf.searcher, term[0], term[1].encode())
        postings = term_postings(leaf, term, deadline)
        pairs = zip(postings.ids, postings.weights, strict=True)
        some = ((formula.of(weight, doc), -number, -doc) for doc, weight in pairs if doc in good)
        scored = nlargest(count, [*scored, *nlargest(count, some)])
    return [(score, -number, -doc) for score, number, doc in scored]


class _Top:
    """The best so far. Segments come in order, so of equal scores the first seen stays."""

    def __init__(self, count: int, deadline: Deadline) -> None:
        self.heap: list[tuple[float, int, int]] = []
        self._count = count
        self._deadline = deadline

    def take(self, matcher: Any, number: int, allowed: set[int]) -> None:
        heap, count = self.heap, self._count
        skips, fresh_block, steps = matcher.supports_block_quality(), True, 0
        while matcher.is_active():
            if skips and fresh_block and len(heap) == count:
                matcher.skip_to_quality(heap[0][0])  # past blocks that cannot hold a better one
                if not matcher.is_active():
                    return
            doc = matcher.id()
            if doc in allowed:
                item = (matcher.score(), -number, -doc)
                if len(heap) < count:
                    heappush(heap, item)
                elif item > heap[0]:
                    heapreplace(heap, item)
            fresh_block = matcher.next()
            steps += 1
            if not steps % STEP:
                self._deadline.check()
