"""From documents to write-ups: conditions, comments folded into their article, facet counts."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from blog.search.engine import FACETS
from blog.search.language import FieldIs, Query
from blog.search.whoosh_reader import Segment, View
from blog.search.whoosh_schema import Card

_DOCUMENT_KINDS = {"article": False, "comment": True}  # kind:comment asks for a kind of document, not of incident

BEGINNING, END = -(2**62), 2**62  # seconds; no date comes near
DocumentId = tuple[int, int]  # segment, document number in it


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

    def hold_for_article(self, card: Card) -> bool:
        return (
            card.audience in self.audiences
            and self.none_of.isdisjoint(card.facets)
            and all(not some.isdisjoint(card.facets) for some in self.all_of)
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


@dataclass(slots=True)
class Folded:
    """The write-ups found. `allowed` are the documents behind them by segment, `comments` the comments in those."""

    view: View
    articles: dict[str, Card] = field(default_factory=dict)
    own: set[str] = field(default_factory=set)
    allowed: list[set[int]] = field(default_factory=list)
    comments: list[set[int]] = field(default_factory=list)

    def comments_on(self, keys: Sequence[str]) -> dict[str, list[DocumentId]]:
        """Give the comments found under some write-ups: those of a page, not of all."""
        found: dict[str, list[DocumentId]] = {key: [] for key in keys}
        for number, leaf in enumerate(self.view.leaves):
            homes = leaf.segment.homes
            for doc in self.comments[number]:
                if homes[doc] in found:
                    found[homes[doc]].append((number, doc))
        return found


def fold(view: View, ids: Sequence[set[int]], rules: Conditions) -> Folded:
    """Apply the conditions and put each comment under its write-up.

    A comment whose write-up is not in the index or not visible is dropped: it could not be opened anyway.
    Sets and maps instead of a loop, since a common word matches every document there is.
    """
    result = Folded(view)
    fitting = [_fitting(leaf.segment, ids[number], rules) for number, leaf in enumerate(view.leaves)]
    candidates: set[str] = set()
    for number, leaf in enumerate(view.leaves):
        candidates.update(map(leaf.segment.homes.__getitem__, fitting[number]))
    known = {key: view.articles[key] for key in candidates & view.articles.keys()}
    if rules.concern_articles or any(not leaf.segment.audiences <= rules.audiences for leaf in view.leaves):
        known = {key: card for key, card in known.items() if rules.hold_for_article(card)}
    result.articles = known
    for number, leaf in enumerate(view.leaves):
        homes, articles = leaf.segment.homes, leaf.segment.articles
        good = {doc for doc in fitting[number] if homes[doc] in known}
        result.allowed.append(good)
        result.own.update(map(homes.__getitem__, good & articles))
        result.comments.append(good - articles)
    return result


def _fitting(segment: Segment, ids: set[int], rules: Conditions) -> set[int]:
    """Keep the documents whose own facts hold."""
    if segment.audiences <= rules.audiences and not rules.concern_documents:
        return ids
    cards = ((doc, segment.cards[doc]) for doc in ids)
    return {doc for doc, card in cards if card and card.audience in rules.audiences and rules.hold_for(card)}


def count_facets(view: View, articles: Mapping[str, Card]) -> dict[str, dict[str, int]]:
    """Count write-ups by facet and value, the most common value first. `articles` are some of the view's."""
    counts: dict[str, dict[str, int]] = {name: {} for name in FACETS}
    if len(articles) * 2 > len(view.articles):  # a common word: what it leaves out is counted faster
        left = (card.facets for key, card in view.articles.items() if key not in articles)
        counted = view.facets - Counter(chain.from_iterable(left))
    else:
        counted = Counter(chain.from_iterable(card.facets for card in articles.values()))
    for facet, count in sorted(counted.items(), key=lambda item: (-item[1], item[0])):
        name, _, value = facet.partition(":")
        counts[name][value] = count
    return counts
