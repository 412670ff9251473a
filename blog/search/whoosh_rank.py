"""Scores: Whoosh's BM25F, a term at a time over kept postings, added up by document."""

from array import array
from collections.abc import Iterable, Mapping
from heapq import nlargest
from math import log
from typing import TYPE_CHECKING

from whoosh.scoring import BM25F

from blog.search.whoosh_postings import Postings

if TYPE_CHECKING:
    from blog.search.whoosh_reader import Leaf, View

_MODEL = BM25F()
B, K1 = _MODEL.B, _MODEL.K1  # 25 other pairs ranked no better

Scores = dict[int, float]  # by document of one segment
Scored = tuple[float, int, int]  # score, leaf, document number in it


def norms_of(lengths: "array[int]", average: float) -> list[float]:
    """What the length of each text adds below the line. Whoosh keeps lengths as one of 256 values, so few differ."""
    norms = {length: K1 * (1 - B) + K1 * B / average * length for length in set(lengths)}
    return list(map(norms.__getitem__, lengths))


def top_of(view: "View", frequency: int) -> float:
    """The most that a term in so many documents can add: Whoosh's idf times K1 + 1."""
    documents = sum(len(leaf.segment.cards) for leaf in view.leaves)
    return float((log(documents / (frequency + 1)) + 1) * (K1 + 1))


def term_scores(leaf: "Leaf", postings: Postings, top: float) -> Scores:
    """The score of each document that holds the term."""
    norms = leaf.norms
    if postings.weights is None:
        return {doc: top / (1.0 + norms[doc]) for doc in postings.ids}
    pairs = zip(postings.ids, postings.weights, strict=True)
    return {doc: top * weight / (weight + norms[doc]) for doc, weight in pairs}


def add_term(scores: Scores, leaf: "Leaf", postings: Postings, top: float) -> None:
    """Add the term's scores, also of documents that have none yet."""
    norms, known = leaf.norms, scores.get
    for doc, weight in postings.pairs():
        scores[doc] = known(doc, 0.0) + top * weight / (weight + norms[doc])


def add_term_to(scores: Scores, leaf: "Leaf", postings: Postings, top: float) -> None:
    """Add the term's scores to documents that are there already."""
    norms = leaf.norms
    for doc, weight in postings.pairs_in(scores.keys()):
        scores[doc] += top * weight / (weight + norms[doc])


def merge(scores: Scores, more: Mapping[int, float]) -> None:
    """Add scores up, also of documents that have none yet."""
    known = scores.get
    for doc, score in more.items():
        scores[doc] = known(doc, 0.0) + score


def best(found: Iterable[Scores], count: int) -> list[Scored]:
    """The `count` best documents, best first; of equals the older segment and number first."""
    rows: list[Scored] = []
    for leaf, scores in enumerate(found):
        # Scores first: pairs of all documents would take twice as long to make and compare.
        floor = min(nlargest(count, scores.values()), default=0.0)
        rows += [(score, -leaf, -doc) for doc, score in scores.items() if score >= floor]
    rows.sort(reverse=True)  # little more than `count` of each segment, unless very many are equal
    return [(score, -leaf, -doc) for score, leaf, doc in rows[:count]]
