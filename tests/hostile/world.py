"""Write-ups whose every field holds an input of the wall, and their harmless twins."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice
from typing import Any

from blog.articles.document import MAX_NAME, MAX_NOTE, MAX_TAG, MAX_TITLE
from blog.lib.text import clean_line, clean_text

ROWS = {"timeline": 30, "claims": 16, "actions": 16, "sources": 12, "relations": 8, "names": 10, "permissions": 6}


def as_line(text: str, most: int) -> str | None:
    """The value as a field of one line keeps it, or None where the field refuses it."""
    try:
        value = clean_line(text)
    except ValueError:
        return None
    return value if 1 <= len(value) <= most else None


def as_text(text: str, most: int) -> str | None:
    try:
        value = clean_text(text).strip()
    except ValueError:
        return None
    return value if 1 <= len(value) <= most else None


@dataclass
class Supply:
    """The inputs, one after the other and round again, each field taking the next that it accepts.

    With `harmless` it gives words that nobody minds in their place, for a site of the same shape.
    """

    texts: Sequence[str]
    harmless: bool = False
    given: list[tuple[str, str]] = field(default_factory=list)  # (field, value)

    def __post_init__(self) -> None:
        self._texts = cycle(self.texts)
        self._count = 0

    def line(self, name: str, most: int) -> str:
        return self._next(name, (as_line(text, most) for text in self._texts))

    def text(self, name: str, most: int = MAX_NOTE) -> str:
        return self._next(name, (as_text(text, most) for text in self._texts))

    def _next(self, name: str, values: Iterator[str | None]) -> str:
        value = next(one for one in values if one is not None)
        self._count += 1
        if self.harmless:
            value = f"words {self._count}"
        self.given.append((name, value))
        return value


def packed(supply: Supply) -> dict[str, Any]:
    """A document whose every field that takes text holds an input."""
    line, text = supply.line, supply.text
    return {
        "title": line("title", MAX_TITLE),
        "summary": text("summary", 1_000),
        "body": "\n\n".join(text("body") for _ in range(8)) if not supply.harmless else "words",
        "tags": list(dict.fromkeys(line("tag", MAX_TAG) for _ in range(4))),
        "incidents": [_incident(supply)],
        "timeline": [{"text": text("timeline")} for _ in range(ROWS["timeline"])],
        "claims": [
            {"text": text("claim"), "about": line("about", MAX_NAME), "claimant": line("claimant", MAX_NAME),
             "role": "vendor", "quote": text("quote")}
            for _ in range(ROWS["claims"])
        ],
        "actions": [
            {"text": text("action"), "owner_role": line("owner", MAX_NAME), "promised_by": line("promised", MAX_NAME)}
            for _ in range(ROWS["actions"])
        ],
        "sources": [
            {"title": line("source", 500), "publisher": line("publisher", MAX_NAME)} for _ in range(ROWS["sources"])
        ],
        "relations": [
            {"kind": "similar", "target": line("target", 200), "note": text("note")} for _ in range(ROWS["relations"])
        ],
    }  # fmt: skip


def _incident(supply: Supply) -> dict[str, Any]:
    line, text = supply.line, supply.text
    some = range(ROWS["names"])
    return {
        "name": line("incident", MAX_TITLE), "severity": "SEV2", "severity_basis": text("basis"),
        "impact": text("impact"), "regions": [line("region", MAX_NAME) for _ in some],
        "organisations": [line("organisation", MAX_NAME) for _ in some],
        "services": [line("service", MAX_NAME) for _ in some],
        "factors": [{"name": line("factor", MAX_NAME), "text": text("factor text")} for _ in some],
        "ai": {"system": line("system", MAX_NAME), "vendor": line("vendor", MAX_NAME), "task": text("task")},
        "permissions": [
            {"holder": line("holder", MAX_NAME), "granted": text("granted"), "needed": text("needed"),
             "resource": text("resource")}
            for _ in range(ROWS["permissions"])
        ],
    }  # fmt: skip


def chunks(texts: Sequence[str], size: int) -> Iterator[list[str]]:
    remaining = iter(texts)
    while part := list(islice(remaining, size)):
        yield part
