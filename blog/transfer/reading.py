"""What a reader makes of a write-up's text: document data, and in words everything it guessed or left out."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from blog.articles.document import MAX_TAG, MAX_TAGS
from blog.errors import Invalid
from blog.lib.moment import Moment
from blog.lib.text import clean_line

MAX_FILE_BYTES = 1 << 20  # one write-up: a body of 200,000 characters with its front matter fits many times over
MAX_SHOWN = 80  # characters of a foreign value that a report repeats


@dataclass(frozen=True)
class Reading:
    """One write-up as its file tells it. `data` is for `parse_document`; nothing in it was checked against the schema.

    `authors` are names for the byline, `guesses` sentences for the operator's report.
    """

    data: dict[str, Any]
    slug: str = ""
    published_at: datetime | None = None
    authors: tuple[str, ...] = ()
    is_draft: bool = False
    guesses: tuple[str, ...] = ()


@dataclass
class Findings:
    """Fields found so far, in the shape of a document, and what to tell about them. A field that stands is kept."""

    data: dict[str, Any] = field(default_factory=dict)
    incident: dict[str, Any] = field(default_factory=dict)
    guesses: list[str] = field(default_factory=list)

    def guess(self, sentence: str) -> None:
        if sentence not in self.guesses:
            self.guesses.append(sentence)

    def set_time(self, name: str, moment: dict[str, Any]) -> bool:
        """Keep a time of the incident unless one of this name stands already."""
        times = self.incident.setdefault("times", {})
        if name in times:
            return bool(times[name] == moment)
        times[name] = moment
        return True

    def add_tags(self, wanted: list[str]) -> None:
        """Add tags up to the limits of a document; what does not fit is told."""
        tags: list[str] = self.data.setdefault("tags", [])
        left_out = []
        for tag in wanted:
            line = clean_line(tag)
            if not line or line.casefold() in (known.casefold() for known in tags):
                continue
            if len(line) > MAX_TAG or len(tags) >= MAX_TAGS:
                left_out.append(line)
            else:
                tags.append(line)
        if left_out:
            self.guess(f"left out {len(left_out)} tag(s) beyond {MAX_TAGS} or too long: {shown(', '.join(left_out))}")

    def document_data(self) -> dict[str, Any]:
        """Everything found, with the incident in its list where there is one."""
        found = {name: value for name, value in self.data.items() if value not in ("", [], None)}
        if self.incident:
            found["incidents"] = [self.incident]
        return found


def decoded(raw: bytes) -> str:
    """The text of a file: UTF-8, newlines as `\\n`. Raises `Invalid` with a reason the operator can act on."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Invalid("this is UTF-16 text; save it as UTF-8")
    if b"\x00" in raw:
        raise Invalid(f"this is a binary file, not text (a NUL byte at {raw.index(0)})")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise Invalid(f"this is not UTF-8 text (line {line}, byte {error.start}); save it as UTF-8") from error
    if not text.strip():
        raise Invalid("the file is empty")
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def moment_or_none(value: Any, *, zone: str | None = None) -> dict[str, Any] | None:
    """A moment as plain data; None for what is no time, or one that no incident can have."""
    try:
        text = {"at": value, "zone": zone} if isinstance(value, str) and zone else value
        return Moment.model_validate(text).model_dump(mode="json", exclude_none=True)
    except ValueError:
        return None


def instant_or_none(value: Any) -> datetime | None:
    """A point in time from text, in UTC; None for what is none."""
    found = moment_or_none(value)
    return Moment.model_validate(found).at.astimezone(UTC) if found and found.get("at") else None  # type: ignore[union-attr]


def shown(value: Any) -> str:
    """A foreign value on one line of a report: short, and with nothing that could forge another line."""
    text = "".join(character if character.isprintable() else "\ufffd" for character in " ".join(str(value).split()))
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"


_IMAGE_OR_LINK = re.compile(r"!?\[([^\[\]]*)\]\(\s*<?([^()\s<>]*(?:\([^()\s]*\)[^()\s<>]*)*)>?(?:\s+\"[^\"]*\")?\s*\)")
_AUTOLINK = re.compile(r"<(https?://[^<>\s]+)>")
_CODE = re.compile(r"(`+)(.+?)\1")
_STRONG = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_EMPHASIS = re.compile(r"(?<![\w*_])([*_])(?=[^\s*_])([^*_]+?)(?<=\S)\1(?![\w*_])")


def plain_words(markdown: str) -> tuple[str, list[tuple[str, str]]]:
    """The words of a line of Markdown, for a summary or a title, and the links taken out: `[(words, address), ...]`."""
    links: list[tuple[str, str]] = []

    def without_address(match: re.Match[str]) -> str:
        if match[2].lower().startswith(("http://", "https://")):
            links.append((match[1].strip(), match[2]))
        return match[1]

    text = _IMAGE_OR_LINK.sub(without_address, markdown)
    text = _AUTOLINK.sub(r"\1", text)
    text = _CODE.sub(lambda match: match[2].strip(), text)
    text = _STRONG.sub(r"\2", text)
    return _EMPHASIS.sub(r"\2", text), links
