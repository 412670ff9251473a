"""What a check before review says, and the passages of a document that checks read."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from blog.articles.document import Document, Part

FINGERPRINT = 32  # characters of hex: 128 bits
_POINTERS = {"id", "source", "toward", "language"}  # fields that name something and say nothing
_ADDRESSES = {"url", "archive_url"}
_ONE_LINE = {
    "title",
    "name",
    "about",
    "publisher",
    "claimant",
    "owner_role",
    "promised_by",
    "target",
    "system",
    "vendor",
}

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_ITEM = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])\s+|\s{0,3}#{1,6}\s|\s*\|")
_QUIET = re.compile(r"`[^`\n]*`|<[a-zA-Z/!][^<>\n]*>|\]\([^()\s]*\)|\bhttps?://[^\s<>\"]+")
_ENDS = re.compile(r"(?<=[.!?])[\"”’)*_]{0,3}\s+(?=[\"“‘(*_\[]{0,3}[A-ZÀ-Þ0-9])")


class Check(StrEnum):
    """The checks, in the order in which they are told."""

    SECRET = "secret"  # noqa: S105 - the name of a check
    PRIVATE_ADDRESS = "private-address"
    TIMES = "times"
    DURATION = "duration"
    SOURCE = "claim-without-source"
    OWNER = "action-without-owner"
    BLAME = "blame"
    HINDSIGHT = "hindsight"
    LINK = "dead-link"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    Check.SECRET: "Looks like a secret",
    Check.PRIVATE_ADDRESS: "Looks like a private address",
    Check.TIMES: "Order of times",
    Check.DURATION: "Duration",
    Check.SOURCE: "Claim without a source",
    Check.OWNER: "Action without an owner",
    Check.BLAME: "Words of blame",
    Check.HINDSIGHT: "Words of hindsight",
    Check.LINK: "Dead link",
}


@dataclass(frozen=True)
class Finding:
    """One thing to mend, or to leave with a reason. `path` is where it stands now (`claims.2.source`), `place` the same
    by row ids; `said` is the text it is about: when that changes, the fingerprint does, and a waiver holds no more.
    """

    check: Check
    path: str
    place: str
    message: str
    said: str
    excerpt: str = ""  # the words to look for, where the field holds many

    @cached_property
    def fingerprint(self) -> str:
        said = " ".join(self.said.split())
        return hashlib.sha256(f"{self.check}\n{self.place}\n{said}".encode()).hexdigest()[:FINGERPRINT]


@dataclass(frozen=True)
class Passage:
    """One text of a document. `kind` is prose (Markdown), line, quote (somebody else's words) or address."""

    path: str
    place: str
    kind: str
    text: str

    @cached_property
    def sentences(self) -> list[str]:
        """The sentences of a prose passage, without code, quoted paragraphs, tags and addresses."""
        return [sentence for block in _blocks(self.text) for sentence in _ENDS.split(block)]


def passages_of(document: Document) -> list[Passage]:
    """Every text of the document, in its order."""
    return list(_walk(document, "", ""))


def _walk(part: Part, path: str, place: str) -> Iterator[Passage]:
    for name in type(part).model_fields:
        if name not in _POINTERS:
            yield from _passages(name, getattr(part, name), f"{path}{name}", f"{place}{name}")


def _passages(name: str, value: Any, path: str, place: str) -> Iterator[Passage]:
    if isinstance(value, StrEnum) or not value:
        return
    if isinstance(value, str):
        yield Passage(path, place, _kind_of(name), value)
    elif isinstance(value, Part):
        yield from _walk(value, f"{path}.", f"{place}.")
    elif isinstance(value, list):
        for number, row in enumerate(value):
            yield from _passages(name, row, f"{path}.{number}", f"{place}.{getattr(row, 'id', None) or number}")


def _kind_of(name: str) -> str:
    if name in _ADDRESSES:
        return "address"
    if name == "quote":
        return "quote"
    return "line" if name in _ONE_LINE else "prose"


def _blocks(text: str) -> Iterator[str]:
    """Paragraphs, items, headings and table rows, each on one line."""
    block: list[str] = []
    fence = ""
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if fence:
            fence = "" if mark and mark[1].startswith(fence) else fence
            continue
        ends = not line.strip() or mark is not None or line.lstrip().startswith(">")
        if (ends or _ITEM.match(line)) and block:
            yield " ".join(block)
            block = []
        if mark:
            fence = mark[1]
        elif not ends:
            block.append(_QUIET.sub(" ", line).strip())
    if block:
        yield " ".join(block)
