"""The documents of one segment that a query matches, each with its score."""

from collections.abc import Mapping, Sequence

from blog.search.whoosh_match import (
    Clause,
    Deadline,
    Piece,
    Plan,
    TimeUp,
    all_ids,
    doc_frequency,
    piece_ids,
    postings_of,
)
from blog.search.whoosh_postings import Term
from blog.search.whoosh_rank import Scores, add_term, add_term_to, merge, term_scores, top_of
from blog.search.whoosh_reader import Leaf, View

SCORED_EXPANSIONS = 8  # of a prefix, the most common; the others rank no better


class Scorer:
    def __init__(self, view: View, deadline: Deadline) -> None:
        self._view = view
        self._deadline = deadline
        self._tops: dict[Term, float] = {}
        self.is_cut_short = False

    def matches(self, leaf: Leaf, prepared: Plan, *, any_word: bool) -> Scores:
        """The documents with every clause, or with any; deleted ones among them. Raises TimeUp."""
        clauses = prepared.clauses
        self._deadline.check()
        if not clauses:
            scores = {doc: 0.0 for doc, home in enumerate(leaf.homes) if home >= 0}
        elif any_word or len(clauses) == 1:
            scores = self._any(leaf, [piece for clause in clauses for piece in clause])
        else:
            scores = self._all(leaf, clauses)
        for piece in prepared.excluded:
            for doc in piece_ids(self._view, leaf, piece, self._deadline):
                scores.pop(doc, None)
        return scores

    def weighted(self, leaf: Leaf, weights: Mapping[Term, float]) -> Scores:
        """The write-ups with any of the terms, each term's score times its weight. Raises TimeUp."""
        scores: Scores = {}
        for term, weight in weights.items():
            add_term(scores, leaf, postings_of(self._view, leaf, term, self._deadline), self._top(term) * weight)
        return scores

    def _any(self, leaf: Leaf, pieces: Sequence[Piece]) -> Scores:
        scores: Scores = {}
        try:
            for piece in pieces:
                if not piece.is_term or piece.terms[0][0] != "text":
                    merge(scores, self._piece(leaf, piece))
                    continue
                postings = postings_of(self._view, leaf, piece.terms[0], self._deadline)
                if scores:
                    add_term(scores, leaf, postings, self._top(piece.terms[0]))
                else:
                    scores = term_scores(leaf, postings, self._top(piece.terms[0]))
        except TimeUp:
            if not scores:
                raise
            self.is_cut_short = True  # what some of the words found is better than nothing
        return scores

    def _all(self, leaf: Leaf, clauses: Sequence[Clause]) -> Scores:
        scores = dict.fromkeys(sorted(all_ids(self._view, leaf, clauses, self._deadline)), 0.0)
        if not scores:
            return scores
        for piece in (piece for clause in clauses for piece in clause):
            if piece.is_term and piece.terms[0][0] == "text":
                postings = postings_of(self._view, leaf, piece.terms[0], self._deadline)
                add_term_to(scores, leaf, postings, self._top(piece.terms[0]))
            else:
                for doc, score in self._piece(leaf, piece).items():
                    if doc in scores:
                        scores[doc] += score
        return scores

    def _piece(self, leaf: Leaf, piece: Piece) -> Scores:
        """The documents of a phrase, a prefix, a code or a word of several parts."""
        scores = dict.fromkeys(sorted(piece_ids(self._view, leaf, piece, self._deadline)), 0.0)
        terms = list(dict.fromkeys(piece.terms))
        for term in terms[:SCORED_EXPANSIONS] if piece.how == "any" else terms:
            postings = postings_of(self._view, leaf, term, self._deadline)
            if term[0] == "text":
                add_term_to(scores, leaf, postings, self._top(term))
            else:
                for doc, _ in postings.pairs_in(scores.keys()):
                    scores[doc] += 1.0  # a code has no lengths to weigh it by
        return scores

    def _top(self, term: Term) -> float:
        top = self._tops.get(term)
        if top is None:
            top = self._tops[term] = top_of(self._view, doc_frequency(self._view, term))
        return top
