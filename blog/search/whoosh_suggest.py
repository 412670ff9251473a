"""Words instead of other words: corrected spellings, and the terms that tell a write-up from the rest."""

import re
from itertools import islice
from math import log

from blog.search.engine import SearchDocument
from blog.search.language import Query, Word
from blog.search.whoosh_analysis import fold, stem
from blog.search.whoosh_match import MAX_WALK, doc_frequency, vocabulary
from blog.search.whoosh_postings import Term
from blog.search.whoosh_reader import View
from blog.search.whoosh_schema import text_of

MIN_LETTERS = 4  # of a word worth correcting; shorter ones are one letter away from everything
FIXED_LETTERS = 2  # people rarely get the beginning wrong, and it keeps the walk through the vocabulary short
FEW_DOCUMENTS = 10  # a term in so few says something, also on a site that has hardly more
SIMILAR_TERMS = 40  # measured: 5 terms find much less, more than 40 find no better


def suggestions(view: View, query: Query) -> tuple[str, ...]:
    """Give the query with unknown words corrected, or nothing when there is no word to correct."""
    text = query.text
    for leaf in query.leaves:
        if not isinstance(leaf, Word) or not leaf.text.isalpha() or len(leaf.text) < MIN_LETTERS:
            continue
        term = stem(leaf.text)
        if term is None or doc_frequency(view, ("text", term)):
            continue
        better = _nearest(view, fold(leaf.text))
        if better:
            text = re.sub(rf"\b{re.escape(leaf.text)}\b", better, text)
    return () if text == query.text else (text,)


def _nearest(view: View, word: str) -> str | None:
    walk = islice(vocabulary(view, word[:FIXED_LETTERS]), MAX_WALK * len(view.leaves))
    near = {other for other in walk if is_one_edit_away(word, other)}
    return max(near, key=lambda other: (doc_frequency(view, ("words", other)), other), default=None)


def is_one_edit_away(word: str, other: str) -> bool:
    """Tell whether one letter was changed, added, left out, or swapped with its neighbour."""
    if abs(len(word) - len(other)) > 1 or word == other:
        return False
    at = next((i for i, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), min(len(word), len(other)))
    left, right = word[at:], other[at:]
    if len(word) == len(other):
        return left[1:] == right[1:] or (left[:2] == right[1::-1] and left[2:] == right[2:])
    return left[1:] == right if len(word) > len(other) else left == right[1:]


def similar_terms(view: View, document: SearchDocument) -> dict[Term, float]:
    """Give the document's most telling terms with their weight (frequency damped, times rarity).

    A term that only this document has finds nothing, and one that most have tells nothing.
    """
    total = view.catalogue.count
    weights: dict[Term, float] = {}
    for term, places in text_of(document).positions.items():
        frequency = doc_frequency(view, ("text", term))
        if 2 <= frequency <= max(total // 2, FEW_DOCUMENTS):
            weights["text", term] = (1 + log(len(places))) * log(1 + total / frequency)
    best = sorted(weights.items(), key=lambda item: (-item[1], item[0]))[:SIMILAR_TERMS]
    return dict(best)
