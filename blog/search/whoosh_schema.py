"""The Whoosh schema, and the card: one column that holds every fact of a document but its text."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from sys import intern
from typing import Any

from whoosh import columns, fields, formats

from blog.search.engine import SearchDocument
from blog.search.whoosh_analysis import Analysed, analyse

SCHEMA_VERSION = (
    3  # raise it with any change below, in whoosh_analysis or whoosh_blocks; older indexes then ask for a rebuild
)
MARK_KEY = "__mark__"
KEPT_COLUMN = "kept"

_Posting = tuple[bytes, int, float, bytes]
_encode = formats.Positions().encode


@lru_cache(maxsize=4096)
def _encode_one(position: int) -> bytes:
    """Most words stand once in a text, so their encoded places are few and worth keeping."""
    return bytes(_encode([position]))


class StemmedText(fields.TEXT):  # type: ignore[misc]  # whoosh has no types
    """Takes an Analysed in place of text: the tokens are made once for both fields, without Token objects."""

    def __init__(self) -> None:
        super().__init__(analyzer=None, phrase=True, stored=False)

    def index(self, value: Analysed, **_options: Any) -> Iterator[_Posting]:
        for term, places in value.positions.items():
            count = len(places)
            yield term.encode(), count, float(count), _encode_one(places[0]) if count == 1 else _encode(places)


class PlainWords(fields.ID):  # type: ignore[misc]
    """Every word unstemmed, without positions: for prefixes, error codes and spelling suggestions."""

    def index(self, value: Analysed, **_options: Any) -> Iterator[_Posting]:
        for term in value.forms:
            yield term.encode(), 1, 1.0, b""


class BytesColumn(fields.FieldType):  # type: ignore[misc]
    """Bytes kept in a column only: neither indexed nor stored."""

    indexed = False

    def __init__(self) -> None:
        super().__init__(format=formats.Existence(), analyzer=None)
        self.column_type = columns.VarBytesColumn()

    def to_column_value(self, value: bytes) -> bytes:
        return value

    def from_column_value(self, value: bytes) -> bytes:
        return value


def make_schema() -> fields.Schema:
    return fields.Schema(
        key=fields.ID(unique=True),
        text=StemmedText(),
        words=PlainWords(),
        card=BytesColumn(),
        **{KEPT_COLUMN: BytesColumn()},
    )


@dataclass(frozen=True, slots=True)
class Card:
    """A document's facts in memory. `facets` are "facet:value" strings, one object for each distinct value."""

    key: str
    parent: str | None
    audience: str
    created_at: int
    authors: tuple[str, ...]
    facets: tuple[str, ...]


def facets_of(document: SearchDocument) -> list[str]:
    named = {
        "tag": document.tags,
        "service": document.services,
        "organisation": document.organisations,
        "kind": document.incident_kinds,
        "severity": document.severities,
        "status": document.statuses,
        "year": () if document.year is None else (str(document.year),),
    }
    return [
        f"{facet}:{value}"
        for facet, values in named.items()
        for value in dict.fromkeys(value.casefold() for value in values)
    ]


def encode_card(document: SearchDocument) -> bytes:
    facts = [
        document.key,
        document.parent,
        document.audience,
        document.created_at,
        [name.casefold() for name in document.authors],
        facets_of(document),
    ]
    return json.dumps(facts, separators=(",", ":")).encode()


def decode_card(raw: bytes) -> Card:
    key, parent, audience, created_at, authors, facets = json.loads(raw)
    return Card(
        key=key,
        parent=parent if parent is None else intern(parent),
        audience=intern(audience),
        created_at=created_at,
        authors=tuple(map(intern, authors)),
        facets=tuple(map(intern, facets)),
    )


def text_of(document: SearchDocument) -> Analysed:
    """Analyse a document; the title counts twice, which ranked as well as any boost tried."""
    return analyse((document.title, document.title, document.summary, document.body, document.extra))


def fields_of(document: SearchDocument) -> dict[str, object]:
    """Give the values for the writer's add_document."""
    text = text_of(document)
    fields = {"key": document.key, "text": text, "words": text, "card": encode_card(document)}
    return fields | ({KEPT_COLUMN: document.kept.encode()} if document.kept else {})


def mark_fields(mark: int) -> dict[str, object]:
    """Give the values of the one document that remembers how far the outbox was read."""
    return {"key": MARK_KEY, "card": json.dumps(mark).encode()}
