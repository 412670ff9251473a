"""The write-ups of one generation by number: their facts, which are live, and which have each facet value."""

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, zip_longest
from operator import itemgetter
from typing import TYPE_CHECKING

from blog.search.engine import FACETS
from blog.search.whoosh_schema import Card

if TYPE_CHECKING:
    from blog.search.whoosh_reader import Leaf

RARE = 480  # one write-up in so many; the numbers of a value that fewer have are kept as a set, of others as a mask of
# bits: there both take the same memory, and the same time to count
MANY_CHANGES = 1_000  # write-ups; beyond, all is counted anew
COUNT_IS_FASTER = 2  # times as many write-ups as there are values; with fewer, the cards themselves are counted
_LETTERS = bytes(49 if code else 48 for code in range(256))  # 0 and 1 to "0" and "1"
_DIGITS = bytes(max(code - 48, 0) & 1 for code in range(256))  # "0" and "1" to 0 and 1

Members = Mapping[str, "int | frozenset[int]"]  # facet value -> the numbers that have it, as bits or as a set


class Numbers:
    """Gives each write-up a number for the life of the process, so that what is kept by number stays true."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self._known: dict[str, int] = {}

    def of(self, key: str) -> int:
        number = self._known.get(key)
        if number is None:
            number = self._known[key] = len(self.keys)
            self.keys.append(key)
        return number

    def known(self, key: str) -> int | None:
        return self._known.get(key)


@dataclass(frozen=True)
class Catalogue:
    """`cards` by number, None for what is not in the index; `live` is 1 for each that is, and 0 at index -1, which
    stands for documents without a write-up. `leaf_of` and `doc_of` say where a write-up itself stands.
    """

    cards: Sequence[Card | None]
    live: bytes
    members: Members
    audiences: frozenset[str]
    leaf_of: "array[int]"
    doc_of: "array[int]"
    count: int = field(default=0)

    @cached_property
    def newest(self) -> list[int]:
        """The numbers of all live write-ups, newest first; of equal age the later key first."""
        aged = ((card.created_at, card.key, number) for number, card in enumerate(self.cards) if card)
        return [number for _, _, number in sorted(aged, reverse=True)]

    def mask(self, value: str) -> int:
        """The write-ups that have a facet value, or the audience `@name`, as bits."""
        member = self.members.get(value, 0)
        return member if isinstance(member, int) else mask_of(member, len(self.cards))

    @cached_property
    def values(self) -> dict[str, list[tuple[str, str, int | frozenset[int]]]]:
        """Facet -> (slug, facet value, who has it), in the order of slugs."""
        found: dict[str, list[tuple[str, str, int | frozenset[int]]]] = {name: [] for name in FACETS}
        for value, member in self.members.items():
            name, _, slug = value.partition(":")
            if name in found:
                found[name].append((slug, value, member))
        return {name: sorted(some, key=itemgetter(0)) for name, some in found.items()}

    def count_facets(self, flags: bytearray) -> dict[str, dict[str, int]]:
        """Count write-ups by facet and value, the most common value first. `flags` is 1 for those that count."""
        if flags.count(1) <= COUNT_IS_FASTER * len(self.members):
            found = (card.facets for number in _places(flags) if (card := self.cards[number]))
            known = Counter(chain.from_iterable(found)).get
            pairs = {
                name: [(slug, count) for slug, value, _ in some if (count := known(value, 0))]
                for name, some in self.values.items()
            }
        else:
            bits, flag = mask_of_flags(flags), flags.__getitem__
            pairs = {
                name: [
                    (slug, count)
                    for slug, _, member in some
                    if (count := (member & bits).bit_count() if isinstance(member, int) else sum(map(flag, member)))
                ]
                for name, some in self.values.items()
            }
        return {name: dict(sorted(some, key=itemgetter(1), reverse=True)) for name, some in pairs.items()}


def _places(flags: bytearray) -> Iterator[int]:
    at = flags.find(1)
    while at >= 0:
        yield at
        at = flags.find(1, at + 1)


def mask_of(numbers: Iterable[int], size: int) -> int:
    """The numbers as bits, the lowest for 0."""
    flags = bytearray(size + 1)
    for number in numbers:
        flags[number] = 1
    return mask_of_flags(flags)


def mask_of_flags(flags: bytearray) -> int:
    """Bytes of 1 and 0 as bits, as `flags_of` gives them back."""
    return int(flags[::-1].translate(_LETTERS), 2)


def flags_of(mask: int, size: int) -> bytes:
    """The bits as bytes of 1 and 0, and a 0 at the end."""
    return format(mask, f"0{size}b")[::-1].encode().translate(_DIGITS)[:size] + b"\0"


def catalogue(leaves: Sequence["Leaf"], numbers: Numbers, before: Catalogue | None) -> Catalogue:
    """What these leaves hold. Of the one before only what changed is counted again."""
    size = len(numbers.keys)
    cards: list[Card | None] = [None] * size
    leaf_of, doc_of = array("i", [-1]) * size, array("i", [-1]) * size
    for place, leaf in enumerate(leaves):
        homes, known, deleted = leaf.segment.homes, leaf.segment.cards, leaf.deleted
        for doc in leaf.segment.articles:
            if doc not in deleted:
                number = homes[doc]
                cards[number], leaf_of[number], doc_of[number] = known[doc], place, doc
    members = _members(cards, before)
    return Catalogue(
        cards=cards,
        live=bytes(map(bool, cards)) + b"\0",
        members=members,
        audiences=frozenset(value[1:] for value, member in members.items() if member and value[0] == "@"),
        leaf_of=leaf_of,
        doc_of=doc_of,
        count=size - cards.count(None),
    )


def _members(cards: Sequence[Card | None], before: Catalogue | None) -> Members:
    if before is not None:
        pairs = enumerate(zip_longest(before.cards, cards))
        changed = [(number, old, new) for number, (old, new) in pairs if old is not new and old != new]
        if len(changed) <= MANY_CHANGES:
            return _changed(dict(before.members), changed, len(cards))
    found: defaultdict[str, list[int]] = defaultdict(list)
    for number, card in enumerate(cards):
        for value in _values(card):
            found[value].append(number)
    size = len(cards)
    return {
        value: mask_of(some, size) if len(some) * RARE >= size else frozenset(some) for value, some in found.items()
    }


def _changed(
    members: dict[str, "int | frozenset[int]"], changed: Sequence[tuple[int, Card | None, Card | None]], size: int
) -> Members:
    for number, old, new in changed:
        lost, gained = set(_values(old)), set(_values(new))
        for value in lost ^ gained:
            member = members.get(value, frozenset())
            if isinstance(member, int):
                member ^= 1 << number
            else:
                member ^= {number}
                member = mask_of(member, max(member) + 1) if len(member) * RARE >= size else member
            if member:
                members[value] = member
            else:
                members.pop(value, None)
    return members


def _values(card: Card | None) -> Iterable[str]:
    return (*card.facets, f"@{card.audience}") if card is not None else ()
