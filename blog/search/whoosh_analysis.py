"""How text becomes index terms: the same for documents, queries and snippets."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from whoosh.lang.porter import stem as porter_stem

WORD = re.compile(r"[^\W_]+")
# Error codes, hosts, versions: us-east-1, v1.2.3, ECONN_RESET. Possessive and from the beginning of a word only: the
# plain form finds the same and takes six times as long, a fifth of the time of indexing.
JOINED = re.compile(r"(?<![^\W_])[^\W_]++(?:[._\-][^\W_]++)+")
MIN_WORD = 2  # letters; a single one says nothing
MAX_WORD = 64  # a longer run is a hash or a data address, and would fill the term list
FIELD_GAP = 16  # positions between title, summary and body, so that no phrase spans them
_TOO_COMMON = (
    "a an and are as at be been but by for from had has have in into is it its of on or "
    "that the their then there these they this to was were which will with"
)
STOP_WORDS = frozenset(_TOO_COMMON.split())


def fold(word: str) -> str:
    """Lower the case and drop accents, so that "Zürich" and "zurich" are one word."""
    if word.isascii():
        return word.lower()
    plain = unicodedata.normalize("NFKD", word.casefold())
    return "".join(char for char in plain if not unicodedata.combining(char))


@lru_cache(maxsize=50_000)
def stem(word: str) -> str | None:
    """Give the index term for one word as written, or None for a word that is not indexed."""
    folded = fold(word)
    if not MIN_WORD <= len(folded) <= MAX_WORD or folded in STOP_WORDS:
        return None
    if folded.isascii() and folded.isalpha():
        return str(porter_stem(folded))
    return folded


@lru_cache(maxsize=50_000)
def plain_form(word: str) -> str | None:
    """Give the unstemmed term for one word, or None for a word that is not indexed."""
    return fold(word) if stem(word) is not None else None


def stems_at(text: str) -> Iterator[tuple[int, str]]:
    """Give (position, term) for each indexed word; words left out still take a position."""
    for position, word in enumerate(WORD.findall(text)):
        term = stem(word)
        if term is not None:
            yield position, term


def joined_terms(text: str) -> set[str]:
    """Give the terms that hold a dot, dash or underscore, whole and unstemmed."""
    return {fold(term) for term in JOINED.findall(text) if len(term) <= MAX_WORD}


@dataclass(frozen=True, slots=True)
class Analysed:
    """A document's terms: where each stem stands, and every word as written (folded)."""

    positions: dict[str, list[int]]
    forms: set[str]


def analyse(parts: tuple[str, ...]) -> Analysed:
    positions: dict[str, list[int]] = {}
    forms: set[str] = set()
    start = 0
    for part in parts:
        words = WORD.findall(part)
        for position, term in enumerate(map(stem, words), start):
            if term is not None:
                places = positions.get(term)
                if places is None:
                    positions[term] = [position]
                else:
                    places.append(position)
        forms.update(form for form in map(plain_form, set(words)) if form is not None)
        forms.update(joined_terms(part))
        start += len(words) + FIELD_GAP
    return Analysed(positions, forms)
