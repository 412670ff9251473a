"""One search on one view: match, fold, count, rank, cut the page."""

from collections.abc import Sequence
from dataclasses import replace

from blog.search.engine import FEW_HITS, MAX_ROW_COMMENTS, Hits, Row, SearchDocument, Sort
from blog.search.language import Query
from blog.search.whoosh_fold import Conditions, Folded, count_facets, fold
from blog.search.whoosh_match import Clause, Deadline, Plan, TimeUp, clause_ids, piece_ids, plan
from blog.search.whoosh_rank import Scored, best, best_of_term, scoring_query, weighted_query
from blog.search.whoosh_reader import Leaf, View
from blog.search.whoosh_suggest import similar_terms, suggestions


class Search:
    def __init__(self, view: View, query: Query, rules: Conditions, deadline: Deadline) -> None:
        self._view = view
        self._query = query
        self._rules = rules
        self._deadline = deadline
        self._cut_short = False
        self._any_word = False

    def run(self, sort: Sort, start: int, end: int) -> Hits:
        """Give the rows from `start` up to `end`, and the counts over all of them."""
        prepared = plan(self._view, self._query)
        if self._query.groups and not prepared.clauses:
            return Hits(notes=tuple(prepared.notes))
        found = self._find(prepared)
        scored = self._scored(found, prepared.clauses, end) if sort == "relevance" else []
        order = self._order(found, scored, sort, end)
        return Hits(
            total=len(found.articles),
            rows=self._rows(order[start:end], found, scored),
            facets=count_facets(self._view, found.articles),
            any_word=self._any_word,
            suggestions=suggestions(self._view, self._query) if self._any_word or not found.articles else (),
            notes=tuple(dict.fromkeys(prepared.notes)),
            cut_short=self._cut_short,
        )

    def _find(self, prepared: Plan) -> Folded:
        rules = self._rules
        if not prepared.clauses and rules.comments is None and not rules.concern_comments:
            rules = replace(rules, comments=False)
        with_all: list[set[int]] = []
        with_any: list[set[int]] = []
        try:
            for leaf in self._view.leaves:
                every, some = self._ids(leaf, prepared)
                with_all.append(every)
                with_any.append(some)
        except TimeUp:
            self._cut_short = True
        nothing: list[set[int]] = [set() for _ in range(len(self._view.leaves) - len(with_all))]
        found = fold(self._view, with_all + nothing, rules)
        if len(found.articles) < FEW_HITS and len(prepared.clauses) > 1:
            more = fold(self._view, with_any + nothing, rules)
            if len(more.articles) > len(found.articles):
                self._any_word = True
                return more
        return found

    def _ids(self, leaf: Leaf, prepared: Plan) -> tuple[set[int], set[int]]:
        """Give the documents of one segment with all clauses, and those with any."""
        sets = [clause_ids(leaf, clause, self._deadline) for clause in prepared.clauses]
        if not sets:
            sets = [set(range(len(leaf.segment.cards)))]
        out: set[int] = set(leaf.deleted).union(
            *(piece_ids(leaf, piece, self._deadline) for piece in prepared.excluded)
        )
        return set.intersection(*sets) - out, set().union(*sets) - out

    def _scored(self, found: Folded, clauses: Sequence[Clause], end: int) -> list[Scored]:
        """Score as many documents as it takes for `end` write-ups; several may be comments on one."""
        terms = [term for clause in clauses for piece in clause for term in piece.terms]
        if all(field == "words" for field, _ in terms):
            return []  # prefixes and error codes alone rank nothing; the newest come first
        query = scoring_query(clauses, any_word=self._any_word)
        documents = sum(map(len, found.allowed))
        count = end * 2 + 20 if any(found.comments) else end
        single = terms[0] if len(terms) == 1 else None
        try:
            while True:
                if single is not None:
                    scored = best_of_term(self._view, single, found.allowed, count, self._deadline)
                else:
                    scored = best(self._view, query, found.allowed, count, self._deadline)
                keys = {self._article_of(each) for each in scored}
                if len(keys) >= end or len(scored) < count or count >= documents:
                    return scored
                count *= 4
        except TimeUp:
            self._cut_short = True
            return []

    def _article_of(self, scored: Scored) -> str:
        card = self._view.leaves[scored[1]].segment.cards[scored[2]]
        assert card is not None  # the mark matches no word
        return card.parent or card.key

    def _order(self, found: Folded, scored: Sequence[Scored], sort: Sort, end: int) -> list[str]:
        """Give the first `end` write-ups or more: those with a score by their best document, then by age."""
        ranked = dict.fromkeys(map(self._article_of, scored))
        if len(ranked) >= end:
            return list(ranked)
        others = (card for key, card in found.articles.items() if key not in ranked)
        aged = sorted(others, key=lambda card: (card.created_at, card.key), reverse=sort != "oldest")
        return [*ranked, *(card.key for card in aged)]

    def _rows(self, keys: Sequence[str], found: Folded, scored: Sequence[Scored]) -> tuple[Row, ...]:
        comments = found.comments_on(keys)
        mine: dict[str, list[Scored]] = {key: [] for key in keys}
        for each in scored:
            if (key := self._article_of(each)) in mine:
                mine[key].append(each)
        return tuple(self._row(key, key in found.own, comments[key], mine[key]) for key in keys)

    def _row(self, key: str, matched: bool, comments: Sequence[tuple[int, int]], scored: Sequence[Scored]) -> Row:
        ranks = {(number, doc): rank for rank, (_, number, doc) in enumerate(scored)}
        order = sorted(comments, key=lambda place: (ranks.get(place, len(ranks)), *self._newest(place)))
        cards = (self._view.leaves[number].segment.cards[doc] for number, doc in order[:MAX_ROW_COMMENTS])
        return Row(
            key=key,
            score=scored[0][0] if scored else 0.0,
            matched=matched,
            comments=tuple(card.key for card in cards if card is not None),
            comment_count=len(comments),
        )

    def _newest(self, place: tuple[int, int]) -> tuple[int, str]:
        card = self._view.leaves[place[0]].segment.cards[place[1]]
        return (-card.created_at, card.key) if card is not None else (0, "")


def similar_rows(
    view: View, document: SearchDocument, rules: Conditions, limit: int, deadline: Deadline
) -> tuple[Row, ...]:
    """Rank the other write-ups by the document's most telling words."""
    weights = similar_terms(view, document)
    if not weights:
        return ()
    live = [set(range(len(leaf.segment.cards))) - leaf.deleted for leaf in view.leaves]
    found = fold(view, live, rules)
    try:
        scored = best(view, weighted_query(weights), found.allowed, limit + 1, deadline)
    except TimeUp:
        return ()
    cards = ((view.leaves[number].segment.cards[doc], score) for score, number, doc in scored)
    rows = [Row(card.key, score, True, (), 0) for card, score in cards if card and card.key != document.key]
    return tuple(rows[:limit])
