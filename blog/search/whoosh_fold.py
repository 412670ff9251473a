"""From documents to write-ups: conditions, comments folded into their article."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from blog.search.language import FieldIs, Query
from blog.search.whoosh_catalogue import Catalogue, flags_of
from blog.search.whoosh_rank import Scores
from blog.search.whoosh_reader import Leaf, View
from blog.search.whoosh_schema import Card

_DOCUMENT_KINDS = {"article": False, "comment": True}  # kind:comment asks for a kind of document, not of incident

BEGINNING, END = -(2**62), 2**62  # seconds; no date comes near


@dataclass(frozen=True, slots=True)
class Conditions:
    """What must hold besides the words: of the document (author, time, audience) and of its write-up (facets)."""

    audiences: frozenset[str]
    all_of: tuple[frozenset[str], ...]  # each: one of these facets
    none_of: frozenset[str]
    authors: frozenset[str]
    not_authors: frozenset[str]
    comments: bool | None  # only comments, only write-ups, or both
    after: int
    before: int

    @property
    def concern_comments(self) -> bool:
        """Tell whether a comment can be asked for by these alone, without any word."""
        return bool(self.authors) or self.comments is True

    @property
    def concern_documents(self) -> bool:
        """Tell whether a document must be looked at beyond its audience."""
        return (
            bool(self.authors or self.not_authors)
            or self.comments is not None
            or (self.after, self.before) != (BEGINNING, END)
        )

    @property
    def concern_articles(self) -> bool:
        return bool(self.all_of or self.none_of)

    def hold_for(self, card: Card) -> bool:
        return (
            self.after <= card.created_at < self.before
            and (self.comments is None or self.comments == (card.parent is not None))
            and (not self.authors or not self.authors.isdisjoint(card.authors))
            and self.not_authors.isdisjoint(card.authors)
        )


def conditions(query: Query, filters: Mapping[str, Sequence[str]], audiences: frozenset[str]) -> Conditions:
    typed = _grouped(query.wanted)
    asked = {name: {value.casefold() for value in values} for name, values in filters.items() if values}
    unwanted = _grouped(query.unwanted)
    authors = [group.pop("author") for group in (typed, asked) if "author" in group]
    kinds: set[bool] = set()
    for group in (typed, asked):
        kinds |= {_DOCUMENT_KINDS[kind] for kind in group.get("kind", set()) & _DOCUMENT_KINDS.keys()}
        group["kind"] = group.get("kind", set()) - _DOCUMENT_KINDS.keys()
    not_kinds = {_DOCUMENT_KINDS[kind] for kind in unwanted.get("kind", set()) & _DOCUMENT_KINDS.keys()}
    kinds = kinds or ({True, False} if not not_kinds else {True, False} - not_kinds)
    return Conditions(
        audiences=audiences,
        all_of=tuple(_facets(name, values) for group in (typed, asked) for name, values in group.items() if values),
        none_of=frozenset(chain.from_iterable(_facets(name, values) for name, values in unwanted.items())),
        authors=frozenset(set.intersection(*authors) or {""}) if authors else frozenset(),
        not_authors=frozenset(unwanted.pop("author", ())),
        comments=kinds.pop() if len(kinds) == 1 else None,
        after=query.after if query.after is not None else BEGINNING,
        before=query.before if query.before is not None else END,
    )


def _grouped(pairs: Sequence[FieldIs]) -> dict[str, set[str]]:
    groups: dict[str, set[str]] = {}
    for pair in pairs:
        groups.setdefault(pair.field, set()).add(pair.value)
    return groups


def _facets(name: str, values: set[str]) -> frozenset[str]:
    return frozenset(f"{name}:{value}" for value in values)


@dataclass(frozen=True, slots=True)
class Fold:
    """Applies the conditions to what was matched in one view, and puts each comment under its write-up.

    `allowed` is 1 for each write-up that may be found, by number. A comment whose write-up is not in the index or not
    visible is dropped: it could not be opened anyway.
    """

    view: View
    rules: Conditions
    allowed: bytes
    is_open: bool  # every live write-up is allowed

    def keep(self, leaf: Leaf, scores: Scores) -> Scores:
        """Those of the documents for which all conditions hold."""
        rules, segment = self.rules, leaf.segment
        if not (leaf.is_clean and self.is_open):
            homes, allowed = leaf.homes, self.allowed
            scores = {doc: score for doc, score in scores.items() if allowed[homes[doc]]}
        if segment.audiences <= rules.audiences and not rules.concern_documents:
            return scores
        cards = ((doc, score, segment.cards[doc]) for doc, score in scores.items())
        return {
            doc: score
            for doc, score, card in cards
            if card and card.audience in rules.audiences and rules.hold_for(card)
        }

    def flags(self, found: Sequence[Scores]) -> bytearray:
        """1 for each write-up that some of these documents belong to, by number."""
        flags = bytearray(len(self.allowed))
        for leaf, scores in zip(self.view.leaves, found, strict=True):
            homes = leaf.homes
            for doc in scores:
                flags[homes[doc]] = 1
        return flags


def fold(view: View, rules: Conditions) -> Fold:
    articles = view.catalogue
    if not rules.concern_articles and articles.audiences <= rules.audiences:
        return Fold(view, rules, articles.live, is_open=True)
    mask = _either(articles, (f"@{audience}" for audience in rules.audiences))
    for some in rules.all_of:
        mask &= _either(articles, some)
    mask &= ~_either(articles, rules.none_of)
    return Fold(view, rules, flags_of(mask, len(articles.cards)), is_open=False)


def _either(articles: Catalogue, values: Iterable[str]) -> int:
    mask = 0
    for value in values:
        mask |= articles.mask(value)
    return mask
