"""Which documents match: the reader's words as index terms, then as sets of document numbers."""

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal

from blog.search.language import Leaf as Asked
from blog.search.language import Phrase, Prefix, Query, Word
from blog.search.whoosh_analysis import JOINED, fold, stems_at
from blog.search.whoosh_reader import Leaf, Postings, View

MAX_EXPANSIONS = 64  # words one prefix may stand for
MAX_WALK = 5_000  # words of the vocabulary looked at for one prefix or one suggestion
MAX_POSTINGS = 200_000  # read for one query, over all its words
KEPT_TERMS = 64  # by segment; 8 bytes a posting, so 15 MB at 30,000 documents if all were the commonest
MIN_KEPT = 500  # postings; fewer are read as fast
STEP = 2_000  # postings between two looks at the clock

Term = tuple[str, str]  # field and text
Clause = tuple["Piece", ...]  # alternatives


class TimeUp(Exception):
    """The time limit was reached; what was found so far stands."""


class Deadline:
    def __init__(self, clock: Callable[[], float], seconds: float) -> None:
        self._clock = clock
        self._end = clock() + seconds

    def check(self) -> None:
        if self._clock() > self._end:
            raise TimeUp


@dataclass(frozen=True, slots=True)
class Piece:
    """One word, phrase or prefix as terms: all of them, any of them, or all at the given distances."""

    how: Literal["all", "any", "phrase"]
    terms: tuple[Term, ...]
    places: tuple[int, ...] = ()
    postings: int = 0


@dataclass(slots=True)
class Plan:
    """A query ready to run on one view."""

    clauses: list[Clause] = field(default_factory=list)
    excluded: list[Piece] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def plan(view: View, query: Query) -> Plan:
    """Turn words into terms and keep the whole within MAX_POSTINGS."""
    result = Plan()
    for group in query.groups:
        pieces = tuple(piece for leaf in group if (piece := _piece(view, leaf, result)))
        if pieces:
            result.clauses.append(pieces)
    result.excluded = [piece for leaf in query.excluded if (piece := _piece(view, leaf, result))]
    while len(result.clauses) > 1 and sum(map(_cost, result.clauses)) > MAX_POSTINGS:
        result.clauses.remove(max(result.clauses, key=_cost))
        result.notes.append("The most common of these words was left out; it is in too many write-ups.")
    return result


def _cost(clause: Clause) -> int:
    return sum(piece.postings for piece in clause)


def _piece(view: View, leaf: Asked, result: Plan) -> Piece | None:
    if isinstance(leaf, Prefix):
        return _prefix(view, leaf, result)
    written = " ".join(leaf.words) if isinstance(leaf, Phrase) else leaf.text
    found = list(stems_at(written))
    whole = fold(written)
    if isinstance(leaf, Word) and JOINED.fullmatch(written) and not whole.replace("-", "").isalpha():
        frequency = doc_frequency(view, ("words", whole))
        if frequency:
            return Piece("all", (("words", whole),), postings=frequency)
    if not found:
        result.notes.append(f"“{written}” is too short or too common to be searched; it was left out.")
        return None
    terms = tuple(("text", term) for _, term in found)
    postings = sum(doc_frequency(view, term) for term in terms)
    if isinstance(leaf, Phrase) and len(terms) > 1:
        return Piece("phrase", terms, tuple(place for place, _ in found), postings)
    return Piece("all", tuple(dict.fromkeys(terms)), postings=postings)


def _prefix(view: View, leaf: Prefix, result: Plan) -> Piece:
    words = set(islice(vocabulary(view, fold(leaf.text)), MAX_WALK))
    counted = sorted(((doc_frequency(view, ("words", word)), word) for word in words), reverse=True)
    if len(counted) > MAX_EXPANSIONS:
        result.notes.append(f"“{leaf.text}*” fits many words; the {MAX_EXPANSIONS} most common were searched.")
    kept = counted[:MAX_EXPANSIONS]
    return Piece("any", tuple(("words", word) for _, word in kept), postings=sum(count for count, _ in kept))


def vocabulary(view: View, prefix: str) -> Iterator[str]:
    """Give the unstemmed words that start with the prefix; one that stands in two segments comes twice."""
    for leaf in view.leaves:
        for word in leaf.reader.expand_prefix("words", prefix):
            yield word.decode() if isinstance(word, bytes) else str(word)


def doc_frequency(view: View, term: Term) -> int:
    return sum(leaf.reader.doc_frequency(*term) for leaf in view.leaves)


def term_ids(leaf: Leaf, term: Term, deadline: Deadline) -> set[int]:
    """Give the documents of one segment that hold the term, deleted ones among them."""
    return set(term_postings(leaf, term, deadline).ids)


def term_postings(leaf: Leaf, term: Term, deadline: Deadline) -> Postings:
    """Read a term's postings of one segment, or take them from the ones kept: a segment never changes."""
    kept = leaf.segment.postings
    known = kept.get(term)
    if known is not None:
        return known
    found = Postings(array("I"), array("f"))
    if term not in leaf.reader:
        return found
    matcher, more = leaf.reader.postings(*term), True
    while more:
        for _ in range(STEP):
            found.ids.append(matcher.id())
            found.weights.append(matcher.weight())
            matcher.next()
            if not matcher.is_active():
                more = False
                break
        deadline.check()
    if len(kept) >= KEPT_TERMS:
        kept.pop(next(iter(kept), term), None)
    if len(found.ids) >= MIN_KEPT:
        kept[term] = found
    return found


def piece_ids(leaf: Leaf, piece: Piece, deadline: Deadline) -> set[int]:
    sets = (term_ids(leaf, term, deadline) for term in dict.fromkeys(piece.terms))
    if piece.how == "any":
        return set().union(*sets)
    ids = next(sets, set())
    for more in sets:
        if not ids:
            return ids
        ids &= more
    return _in_order(leaf, piece, ids, deadline) if piece.how == "phrase" and ids else ids


def _in_order(leaf: Leaf, piece: Piece, candidates: set[int], deadline: Deadline) -> set[int]:
    """Keep the documents where the terms stand at the phrase's distances somewhere."""
    starts: dict[int, set[int]] = {}
    for term, place in zip(piece.terms, piece.places, strict=True):
        here: dict[int, set[int]] = {}
        matcher = leaf.reader.postings(*term)
        for step, number in enumerate(sorted(candidates)):
            matcher.skip_to(number)
            here[number] = {position - place for position in matcher.value_as("positions")}
            if not step % 200:  # a position list costs about ten postings
                deadline.check()
        starts = {n: kept for n, at in here.items() if (kept := at & starts[n] if starts else at)}
        candidates = set(starts)
        if not candidates:
            break
    return candidates


def clause_ids(leaf: Leaf, clause: Clause, deadline: Deadline) -> set[int]:
    return set().union(*(piece_ids(leaf, piece, deadline) for piece in clause))
