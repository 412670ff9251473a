"""What is kept in memory of one segment of the index. It never changes on disk, so all views share it."""

import json
import os
from array import array
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from blog.search.whoosh_catalogue import Numbers
from blog.search.whoosh_schema import KEPT_COLUMN, Card, decode_card

KNOWN_TERMS = 5_000  # of a segment, where they stand; looking into the file of terms takes ten times as long


class KeptFile:
    """The bytes kept of each document, read from the file as they are needed: mapped, they would fill the memory."""

    def __init__(self, path: Path, offsets: Any, lengths: Any) -> None:
        self._offsets, self._lengths = offsets, lengths
        self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)

    def read(self, doc: int) -> bytes:
        return os.pread(self._file, self._lengths[doc], self._offsets[doc])

    def __del__(self) -> None:
        os.close(self._file)


class _NothingKept:
    def read(self, doc: int) -> bytes:
        return b""


@dataclass(frozen=True, slots=True)
class Segment:
    """By document number: `cards` (None for the mark), `homes` (the number of the write-up a document belongs to, -1
    for the mark) and `lengths` (words, as precise as Whoosh keeps them). `articles` are the documents that are
    write-ups, `comments` the others by write-up.
    """

    name: tuple[Path, str]
    cards: list[Card | None]
    homes: "array[int]"
    articles: "array[int]"
    comments: "CommentsByHome"
    audiences: frozenset[str]
    lengths: "array[int]"
    mark: tuple[int, int] | None  # document number and value
    kept: KeptFile | _NothingKept
    terms: dict[tuple[str, str], Any] = field(default_factory=dict)  # what Whoosh knows of the latest terms asked for

    def all_live(self, live: bytes) -> bool:
        """Whether every document but the mark, which no word matches, belongs to a live write-up."""
        dead = len(self.homes) - sum(map(live.__getitem__, self.homes))
        return dead == (0 if self.mark is None else 1)

    def homes_without(self, deleted: frozenset[int]) -> "array[int]":
        if not deleted:
            return self.homes
        homes = self.homes[:]
        for doc in deleted:
            homes[doc] = -1
        return homes


class CommentsByHome:
    """The comments of a segment by the number of their write-up."""

    def __init__(self, pairs: list[tuple[int, int]]) -> None:
        pairs.sort()
        self._homes = array("i", (home for home, _ in pairs))
        self._docs = array("I", (doc for _, doc in pairs))

    def of(self, home: int) -> "array[int]":
        return self._docs[bisect_left(self._homes, home) : bisect_right(self._homes, home)]


def load(name: tuple[Path, str], reader: Any, numbers: Numbers) -> Segment:
    """Read what is kept of an open segment. Raises whatever a damaged one raises."""
    cards, mark = _cards(reader)
    homes = array("i", (-1 if card is None else numbers.of(card.parent or card.key) for card in cards))
    return Segment(
        name=name,
        cards=cards,
        homes=homes,
        articles=array("I", (doc for doc, card in enumerate(cards) if card and card.parent is None)),
        comments=CommentsByHome([(homes[doc], doc) for doc, card in enumerate(cards) if card and card.parent]),
        audiences=frozenset(card.audience for card in cards if card),
        lengths=array("I", (reader.doc_field_length(docnum, "text") or 1 for docnum in range(len(cards)))),
        mark=mark,
        kept=_kept_file(name[0], reader),
    )


def _cards(reader: Any) -> tuple[list[Card | None], tuple[int, int] | None]:
    cards: list[Card | None] = []
    mark = None
    if not reader.has_column("card"):
        raise FileNotFoundError("the card column is gone")
    for docnum, raw in enumerate(reader.column_reader("card", translate=False)):
        if raw.startswith(b"["):
            cards.append(decode_card(raw))
        else:
            mark = (docnum, int(json.loads(raw)))
            cards.append(None)
    if len(cards) != reader.doc_count_all():
        raise ValueError("the card column is cut short")
    return cards, mark


def _kept_file(folder: Path, reader: Any) -> KeptFile | _NothingKept:
    if not reader.has_column(KEPT_COLUMN):
        return _NothingKept()
    column = reader.column_reader(KEPT_COLUMN, translate=False)
    return KeptFile(folder / reader.segment().make_filename(f".{KEPT_COLUMN}.col"), column._offsets, column._lengths)
