"""Which documents match: the reader's words as index terms, then as sets of document numbers."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count, islice
from typing import Any, Literal

from blog.search.language import Leaf as Asked
from blog.search.language import Phrase, Prefix, Query, Word
from blog.search.whoosh_analysis import JOINED, fold, stems_at
from blog.search.whoosh_blocks import BLOCK
from blog.search.whoosh_postings import NOTHING, Postings, Term, read_postings, term_info
from blog.search.whoosh_reader import Leaf, View
from blog.search.whoosh_segment import KNOWN_TERMS

MAX_EXPANSIONS = 64  # words one prefix may stand for
MAX_WALK = 5_000  # words of the vocabulary looked at for one prefix or one suggestion
MAX_POSTINGS = 200_000  # read for one query, over all its words
STEP = 2_000  # postings between two looks at the clock
BLOCKS = STEP // BLOCK  # of postings

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

    @property
    def is_term(self) -> bool:
        return len(self.terms) == 1


@dataclass(slots=True)
class Plan:
    """A query ready to run on one view."""

    clauses: list[Clause] = field(default_factory=list)
    excluded: list[Piece] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def ranks(self) -> bool:
        """Whether anything ranks what is found: prefixes and error codes alone do not."""
        terms = (term for clause in self.clauses for piece in clause for term in piece.terms)
        return any(field == "text" for field, _ in terms)


def plan(view: View, query: Query) -> Plan:
    """Turn words into terms and keep the whole within MAX_POSTINGS."""
    result = Plan()
    for group in query.groups:
        pieces = tuple(piece for leaf in group if (piece := _piece(view, leaf, result)))
        if pieces:
            result.clauses.append(pieces)
    result.excluded = [piece for leaf in query.excluded if (piece := _piece(view, leaf, result))]
    while sum(map(cost, result.clauses)) > MAX_POSTINGS:
        largest = max(result.clauses, key=cost)
        rest = tuple(piece for piece in largest if piece is not max(largest, key=lambda one: one.postings))
        if not rest and len(result.clauses) == 1:
            break
        result.clauses[result.clauses.index(largest)] = rest
        result.clauses = [clause for clause in result.clauses if clause]
        result.notes.append("The most common of these words was left out; it is in too many write-ups.")
    return result


def cost(clause: Clause) -> int:
    """How many postings it takes to read."""
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
    return sum(info.doc_frequency() for leaf in view.leaves if (info := _info(leaf, term)))


def _info(leaf: Leaf, term: Term) -> Any:
    known = leaf.segment.terms
    try:
        return known[term]
    except KeyError:
        if len(known) >= KNOWN_TERMS:
            known.clear()
        info = known[term] = term_info(leaf.reader, term)
        return info


def postings_of(view: View, leaf: Leaf, term: Term, deadline: Deadline) -> Postings:
    """A term's postings of one segment, read or as they were kept. Raises TimeUp."""
    deadline.check()
    found = view.postings.get(leaf.segment.name, term)
    if found is None:
        info = _info(leaf, term)
        if info is None:
            return NOTHING
        blocks = count()
        found = read_postings(leaf.reader, term, info, lambda: None if next(blocks) % BLOCKS else deadline.check())
        view.postings.keep(leaf.segment.name, term, found)
    return found


def piece_ids(view: View, leaf: Leaf, piece: Piece, deadline: Deadline) -> set[int]:
    """The documents of one segment that have the piece, deleted ones among them."""
    found = [postings_of(view, leaf, term, deadline) for term in dict.fromkeys(piece.terms)]
    if piece.how == "any":
        return set().union(*(one.ids for one in found))
    found.sort(key=lambda one: len(one.ids))
    ids = set(found[0].ids)
    for more in found[1:]:
        if not ids:
            return ids
        ids = more.kept_in(ids)
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


def clause_ids(view: View, leaf: Leaf, clause: Clause, deadline: Deadline) -> set[int]:
    return set().union(*(piece_ids(view, leaf, piece, deadline) for piece in clause))


def all_ids(view: View, leaf: Leaf, clauses: Sequence[Clause], deadline: Deadline) -> set[int]:
    """The documents of one segment that have every clause: the rarest first, so that the others have little to do."""
    ids: set[int] | None = None
    for clause in sorted(clauses, key=cost):
        if ids is None:
            ids = clause_ids(view, leaf, clause, deadline)
        elif len(clause) == 1 and clause[0].is_term:
            ids = postings_of(view, leaf, clause[0].terms[0], deadline).kept_in(ids)
        else:
            ids &= clause_ids(view, leaf, clause, deadline)
        if not ids:
            break
    return ids or set()
