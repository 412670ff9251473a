"""The JSON Lines bundle: one object a line with a `type`, in any order; reading a line and writing one.

A line is at most 2 MiB and 32 levels deep, names no key twice, and holds finite numbers only. People are named by
e-mail address, comment ids are strings unique in the file, times are ISO 8601.
"""

import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO

from blog.accounts.models import Role
from blog.accounts.names import BadName, clean_email, clean_name
from blog.errors import Fault, Invalid
from blog.lib import clock
from blog.lib.slugs import SLUG
from blog.transfer.action_lines import ActionLine, read_action

MAX_LINE_BYTES = 2 << 20
MAX_DEPTH = 32
MAX_SLUG = 120
MAX_COMMENT_ID = 100
MAX_AUTHORS = 50
MAX_FORMER_SLUGS = 500
AHEAD = timedelta(days=1)  # clocks and zones differ; more than that is a mistake


@dataclass(frozen=True)
class UserLine:
    name: str
    email: str
    role: Role


@dataclass(frozen=True)
class ArticleLine:
    """`authors` are e-mail addresses; one without an @ is a name for the byline, of somebody without an account.
    `former_slugs` lead to the write-up from now on, too; they may be absent.
    """

    slug: str
    published_at: datetime | None
    authors: tuple[str, ...]
    document: dict[str, Any]
    former_slugs: tuple[str, ...] = ()


@dataclass(frozen=True)
class CommentLine:
    """One that was withdrawn has no text: its place is kept for what answers it. `known_as` is what another program's
    file calls it for ever; a bundle's own lines have none.
    """

    article: str
    id: str
    parent: str | None
    user: str
    created_at: datetime
    text: str
    is_withdrawn: bool = False
    known_as: str = ""


Line = UserLine | ArticleLine | CommentLine | ActionLine


@dataclass(frozen=True)
class Place:
    """Where a line stands in its file: its number, counted from 1, and its bytes."""

    number: int
    offset: int
    length: int


def places(file: BinaryIO) -> Iterator[tuple[Place, bytes | None]]:
    """Every line that is not blank, with its bytes; None for one that is too long, which is never held in memory."""
    number, offset = 0, 0
    while raw := file.readline(MAX_LINE_BYTES + 1):
        number += 1
        length = len(raw)
        if length > MAX_LINE_BYTES and not raw.endswith(b"\n"):
            while raw := file.readline(1 << 16):
                length += len(raw)
                if raw.endswith(b"\n"):
                    break
            yield Place(number, offset, length), None
        elif raw.strip():
            yield Place(number, offset, length), raw
        offset += length


def line_at(file: BinaryIO, place: Place) -> Line:
    """A line that was read before, read again."""
    return parse_line(os.pread(file.fileno(), place.length, place.offset))


def parse_line(raw: bytes | None) -> Line:
    """What a line says; its document is not judged here. Raises `Invalid` with the path and reason of what is wrong."""
    if raw is None:
        raise Invalid(f"the line is longer than {MAX_LINE_BYTES >> 20} MiB")
    data = _object(raw)
    match data.get("type"):
        case "user":
            return _user(data)
        case "article":
            return _article(data)
        case "comment":
            return _comment(data)
        case "action":
            return read_action(data)
    raise Invalid([Fault("type", "this is user, article or comment, or action")])


def _object(raw: bytes) -> dict[str, Any]:
    try:
        data = json.loads(raw.decode("utf-8"), object_pairs_hook=_without_repeats, parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise Invalid(f"the line is not UTF-8 (byte {error.start})") from error
    except RecursionError as error:
        raise Invalid(f"nested deeper than {MAX_DEPTH} levels") from error
    except ValueError as error:  # JSONDecodeError is one
        raise Invalid(f"broken JSON: {error}") from error
    if not isinstance(data, dict):
        raise Invalid("a line holds one JSON object")
    _check_depth(data)
    if b"\\ud" in raw or b"\\uD" in raw:  # only an escape can smuggle half of a character pair past UTF-8
        try:
            json.dumps(data, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise Invalid("the text is not valid Unicode: it holds half of a character pair") from error
    return data


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) < len(pairs):
        (repeated, _), *_ = Counter(name for name, _ in pairs).most_common(1)
        raise ValueError(f"the key {repeated[:60]!r} stands twice")
    return data


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def _check_depth(data: Any) -> None:
    level: list[Any] = [data]
    for _ in range(MAX_DEPTH):
        level = [
            below
            for one in level
            for below in (one.values() if isinstance(one, dict) else one)
            if isinstance(below, (dict, list))
        ]
        if not level:
            return
    raise Invalid(f"nested deeper than {MAX_DEPTH} levels")


def _text(data: dict[str, Any], name: str) -> str:
    value = data.get(name)
    if not isinstance(value, str) or not value.strip():
        raise Invalid([Fault(name, "this is required, as text")])
    return value


def _user(data: dict[str, Any]) -> UserLine:
    try:
        role = Role(data.get("role") or Role.MEMBER)
    except ValueError as error:
        raise Invalid([Fault("role", f"this is one of {', '.join(Role)}")]) from error
    faults, cleaned = [], {}
    for name, clean in (("name", clean_name), ("email", clean_email)):
        try:
            cleaned[name] = clean(_text(data, name))
        except BadName as error:
            faults.append(Fault(name, str(error)))
    if faults:
        raise Invalid(faults)
    return UserLine(cleaned["name"], cleaned["email"], role)


def _article(data: dict[str, Any]) -> ArticleLine:
    slug, document, authors = _text(data, "slug"), data.get("document"), data.get("authors") or []
    if not _is_slug(slug):
        raise Invalid([Fault("slug", f"lower-case letters, digits and single dashes, at most {MAX_SLUG}")])
    if not isinstance(document, dict):
        raise Invalid([Fault("document", "this is required, as an object")])
    if not isinstance(authors, list) or not all(isinstance(one, str) for one in authors) or len(authors) > MAX_AUTHORS:
        raise Invalid([Fault("authors", f"a list of at most {MAX_AUTHORS} e-mail addresses")])
    published_at = _instant(data, "published_at") if data.get("published_at") is not None else None
    return ArticleLine(slug, published_at, tuple(authors), document, _former_slugs(data.get("former_slugs") or []))


def _former_slugs(slugs: Any) -> tuple[str, ...]:
    if not isinstance(slugs, list) or not all(map(_is_slug, slugs)) or len(slugs) > MAX_FORMER_SLUGS:
        raise Invalid([Fault("former_slugs", f"a list of at most {MAX_FORMER_SLUGS} slugs")])
    return tuple(dict.fromkeys(slugs))


def _is_slug(slug: Any) -> bool:
    return isinstance(slug, str) and SLUG.fullmatch(slug) is not None and len(slug) <= MAX_SLUG


def _comment(data: dict[str, Any]) -> CommentLine:
    parent = data.get("parent")
    comment_id = _identity(data.get("id"), "id")
    is_withdrawn = data.get("withdrawn") is True
    return CommentLine(
        article=_text(data, "article"),
        id=comment_id,
        parent=None if parent is None else _identity(parent, "parent"),
        user=_text(data, "user"),
        created_at=_instant(data, "created_at"),
        text="" if is_withdrawn else _text(data, "text"),
        is_withdrawn=is_withdrawn,
        known_as=_identity(data["known_as"], "known_as") if "known_as" in data else "",
    )


def _identity(value: Any, name: str) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= MAX_COMMENT_ID:
        raise Invalid([Fault(name, f"text of 1 to {MAX_COMMENT_ID} characters")])
    return value


def _instant(data: dict[str, Any], name: str) -> datetime:
    value = data.get(name)
    try:
        if not isinstance(value, str) or len(value) <= 10:
            raise ValueError("no time of a day")
        given = datetime.fromisoformat(value)
        instant = given.replace(tzinfo=given.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError) as error:  # the second: in UTC it lies before the year 1 or after 9999
        raise Invalid([Fault(name, "a time such as 2025-12-14T09:30:00Z")]) from error
    if not instant.year >= 1970 or instant > clock.now() + AHEAD:
        raise Invalid([Fault(name, "this time lies in the future, or before 1970")])
    return instant


def written(data: dict[str, Any]) -> bytes:
    """One line of a bundle: the same data gives the same bytes."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def time_text(instant: datetime) -> str:
    """An instant as bundles hold it: UTC, with the fraction of the second where there is one."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
