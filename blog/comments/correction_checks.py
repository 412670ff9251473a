"""Which words of a write-up a correction is about, and the document that has others in their place."""

import re
from dataclasses import dataclass
from typing import Any

from blog.articles.document import Document, parse_document
from blog.errors import Fault, Invalid

BODY = "body"
TEXTS = ("text", "impact")  # what holds the words of a row, and the long text of an incident
_BLOCK = re.compile(r"\S(?:.*(?:\n(?![ \t]*\n).*)*)?")
# The lengths are bounded: where nothing ends, each beginning would be looked at to the end of the text.
_NOT_WORDS = re.compile(
    r"\]\([^)]{0,2000}\)|\[\^[^\]]{1,200}\]|^[ \t]*[-*+][ \t]+\[[ xX]\]|<https?://[^>]{0,2000}>", re.MULTILINE
)
_UNDERSCORES = re.compile(r"(?<!\w)_+|(?<!_)_++(?!\w)")  # of emphasis: at the edge of a word, not in it
_NUMBER_OF_ITEM = re.compile(r"^[ \t]*\d+[.)][ \t]+", re.MULTILINE)
_WORDS = re.compile(r"\w+")


@dataclass(frozen=True)
class Target:
    """Words of a document: the whole text at `path`, or of the body the piece from `start` to `end`."""

    path: str
    text: str
    start: int = 0
    end: int = 0

    @property
    def is_whole_body(self) -> bool:
        return self.path == BODY and not self.start and self.end == len(self.text)


def target_of(document: Document, anchor: str | None, passage: str | None = None) -> Target:
    """The words at a place; those of a `passage` of the body, as readers see it, in its Markdown. The whole body where
    there is no such place, or more than one.
    """
    whole = Target(BODY, document.body, 0, len(document.body))
    if passage is not None:
        return _piece(document.body, passage) or whole
    if not anchor:
        return whole
    path, row = _row_at(document.model_dump(mode="json"), anchor)
    return Target(path, row) if path and isinstance(row, str) and row else whole


def with_wording(document: Document, target: Target, wording: str) -> Document:
    """The document with other words at a target. Raises `Invalid` at path `wording`, for what no document holds."""
    data = document.model_dump(mode="json")
    wording = wording.replace("\r\n", "\n")
    if target.path == BODY:
        data[BODY] = data[BODY][: target.start] + wording.strip("\n") + data[BODY][target.end :]
    else:
        _put(data, target.path.split("."), wording)
    try:
        return parse_document(data)
    except Invalid as refusal:
        raise Invalid([Fault("wording", fault.reason) for fault in refusal.faults]) from refusal


def _piece(body: str, passage: str) -> Target | None:
    """The block or line of Markdown that holds these words and no others, if there is one."""
    wanted = _WORDS.findall(passage.casefold())
    for pattern in (_BLOCK, re.compile(r"\S.*")):
        found = [piece for piece in pattern.finditer(body) if _says(piece[0], wanted)]
        if len(found) == 1:
            piece = found[0]
            text = piece[0].rstrip()
            return Target(BODY, text, piece.start(), piece.start() + len(text))
    return None


def _says(markdown: str, wanted: list[str]) -> bool:
    plain = _NOT_WORDS.sub(" ", markdown)
    return wanted in (_words(plain), _words(_NUMBER_OF_ITEM.sub(" ", plain)))


def _words(text: str) -> list[str]:
    return _WORDS.findall(_UNDERSCORES.sub(" ", text).casefold())


def _row_at(data: Any, anchor: str) -> tuple[str, Any]:
    """(Path, text) that an anchor names; of a row its own words. Empty where it names none."""
    thing = data
    for step in anchor.split("."):
        thing = _step(thing, step)
    if isinstance(thing, str):
        return anchor, thing
    for name in TEXTS:
        if isinstance(thing, dict) and thing.get(name):
            return f"{anchor}.{name}", thing[name]
    return "", None


def _step(thing: Any, step: str) -> Any:
    if isinstance(thing, list):
        return next((row for row in thing if row.get("id") == step), None)
    if not isinstance(thing, dict):
        return None
    if step in thing:
        return thing[step]
    rows = [row for value in thing.values() if isinstance(value, list) for row in value if isinstance(row, dict)]
    return next((row for row in rows if row.get("id") == step), None)


def _put(data: Any, steps: list[str], wording: str) -> None:
    thing = data
    for step in steps[:-1]:
        thing = _step(thing, step)
    thing[steps[-1]] = wording
