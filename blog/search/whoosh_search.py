"""One search on one view: match and score, fold, count, cut the page."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, islice

from blog.search.engine import FEW_HITS, MAX_ROW_COMMENTS, Hits, Row, SearchDocument, Sort
from blog.search.language import Query
from blog.search.whoosh_fold import Conditions, Fold, fold
from blog.search.whoosh_match import Deadline, Plan, TimeUp, plan
from blog.search.whoosh_rank import Scored, Scores, best
from blog.search.whoosh_reader import View
from blog.search.whoosh_score import Scorer
from blog.search.whoosh_suggest import similar_terms, suggestions


class Search:
    def __init__(self, view: View, query: Query, rules: Conditions, deadline: Deadline) -> None:
        self._view = view
        self._query = query
        self._rules = rules
        self._scorer = Scorer(view, deadline)
        self._cut_short = False
        self._any_word = False

    def run(self, sort: Sort, start: int, end: int) -> Hits:
        """Give the rows from `start` up to `end`, and the counts over all of them."""
        prepared = plan(self._view, self._query)
        if self._query.groups and not prepared.clauses:
            return Hits(notes=tuple(prepared.notes))
        found, flags = self._find(prepared)
        total = flags.count(1)
        order = self._order(found, flags, "newest" if sort == "relevance" and not prepared.ranks else sort, end)
        return Hits(
            total=total,
            rows=tuple(self._row(number, found) for number in order[start:end]),
            facets=self._view.catalogue.count_facets(flags),
            any_word=self._any_word,
            suggestions=suggestions(self._view, self._query) if self._any_word or not total else (),
            notes=tuple(dict.fromkeys(prepared.notes)),
            cut_short=self._cut_short or self._scorer.is_cut_short,
            generation=self._view.identity,
        )

    def _find(self, prepared: Plan) -> tuple[list[Scores], bytearray]:
        """The documents of each segment with their scores, and 1 for each write-up they belong to."""
        rules = self._rules
        if not prepared.clauses and rules.comments is None and not rules.concern_comments:
            rules = replace(rules, comments=False)
        folding = fold(self._view, rules)
        found = self._match(folding, prepared, any_word=False)
        flags = folding.flags(found)
        if len(prepared.clauses) > 1 and flags.count(1) < FEW_HITS:
            more = self._match(folding, prepared, any_word=True)
            with_any = folding.flags(more)
            if with_any.count(1) > flags.count(1):
                self._any_word = True
                return more, with_any
        return found, flags

    def _match(self, folding: Fold, prepared: Plan, *, any_word: bool) -> list[Scores]:
        found: list[Scores] = []
        try:
            for leaf in self._view.leaves:
                found.append(folding.keep(leaf, self._scorer.matches(leaf, prepared, any_word=any_word)))
        except TimeUp:
            self._cut_short = True
        return found + [{} for _ in range(len(self._view.leaves) - len(found))]

    def _order(self, found: Sequence[Scores], flags: bytearray, sort: Sort, end: int) -> list[int]:
        """Give the first `end` write-ups or more: by their best document, or by age."""
        if sort != "relevance":
            aged = self._view.catalogue.newest
            return list(islice(filter(flags.__getitem__, aged if sort == "newest" else reversed(aged)), end))
        documents = sum(map(len, found))
        # Several documents may be comments on one write-up.
        count = end if documents == flags.count(1) else end * 2 + 20
        while True:
            ranked = dict.fromkeys(map(self._home_of, best(found, count)))
            if len(ranked) >= end or count >= documents:
                return list(ranked)
            count *= 4

    def _home_of(self, scored: Scored) -> int:
        return self._view.leaves[scored[1]].homes[scored[2]]

    def _row(self, number: int, found: Sequence[Scores]) -> Row:
        articles = self._view.catalogue
        card = articles.cards[number]
        assert card is not None  # found ones are live
        own = found[articles.leaf_of[number]].get(articles.doc_of[number])
        comments = [
            (-scores[doc], -said.created_at, said.key)
            for leaf, scores in zip(self._view.leaves, found, strict=True)
            for doc in leaf.segment.comments.of(number)
            if doc in scores and (said := leaf.segment.cards[doc])
        ]
        comments.sort()
        return Row(
            key=card.key,
            score=max(chain(() if own is None else (own,), (-score for score, _, _ in comments[:1])), default=0.0),
            matched=own is not None,
            comments=tuple(key for _, _, key in comments[:MAX_ROW_COMMENTS]),
            comment_count=len(comments),
        )


def similar_rows(
    view: View, document: SearchDocument, rules: Conditions, limit: int, deadline: Deadline
) -> tuple[Row, ...]:
    """Rank the other write-ups by the document's most telling words."""
    weights = similar_terms(view, document)
    folding, scorer = fold(view, rules), Scorer(view, deadline)
    try:
        found = [folding.keep(leaf, scorer.weighted(leaf, weights)) for leaf in view.leaves]
    except TimeUp:
        return ()
    cards = ((view.leaves[leaf].segment.cards[doc], score) for score, leaf, doc in best(found, limit + 1))
    rows = [Row(card.key, score, True, (), 0) for card, score in cards if card and card.key != document.key]
    return tuple(rows[:limit])
