"""What a comment may hold: its text, its anchor and its kind, checked and rendered before anything is written."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape

from blog.comments.models import CommentKind
from blog.comments.removed_checks import told
from blog.errors import Fault, Invalid
from blog.lib.renderer import render_comment
from blog.lib.text import INVISIBLE, clean_line, clean_text

MAX_TEXT = 10_000  # characters; what is longer is a write-up
MAX_ANCHOR = 64  # characters, the width of the column
MAX_SOURCE = 2_000  # as the longest address of a write-up

_NOTHING = re.compile(f"[{INVISIBLE}]*")
ANCHOR = re.compile(r"[a-z]{1,20}(?:\.[a-z0-9-]{1,32}){0,2}")  # `claims.c1`, `body.p-0a1b2c3d4e5f`
_OUTSIDE_LINK = re.compile(r"<a (?:[^>]*? )?href=\"(?![/#])")
_WEB_ADDRESS = re.compile(rf"https?://[^/?#{INVISIBLE}\\<>\"'`][^{INVISIBLE}\\<>\"'`]*", re.IGNORECASE)
_OUTSIDE_ADDRESS = re.compile(r"<a (?:[^>]*? )?href=\"(https?:[^\"]+)\"", re.IGNORECASE)


@dataclass(frozen=True)
class Prepared:
    """A text that was checked and rendered, ready to be written. `people` are the numbers of those it mentions, and
    `told` says in sentences what of it is not obeyed.
    """

    text: str
    html: str
    version: str
    people: tuple[int, ...] = ()
    told: tuple[str, ...] = ()

    @property
    def links(self) -> int:
        """How many links lead out of the site."""
        return outside_links(self.html)

    @property
    def first_address(self) -> str:
        """The address of its first link out of the site, as it was written; empty where it has none."""
        found = _OUTSIDE_ADDRESS.search(self.html)
        return unescape(found[1]) if found else ""


def outside_links(html: str) -> int:
    """How many links of a rendered comment lead out of the site."""
    return len(_OUTSIDE_LINK.findall(html))


def prepare(text: str, *, people: Mapping[str, int] | None = None) -> Prepared:
    """Check and render a text, before the writing transaction: the renderer is another process and may take a moment.
    `people` are those it may mention: numbers by handle (`mention_queries.people_in`).

    Raises `Invalid` as `checked_text` does.
    """
    cleaned = checked_text(text)
    rendered = render_comment(cleaned, people=people)
    return Prepared(cleaned, rendered.html, rendered.version, rendered.people, told(text, rendered))


def checked_source(source: str, *, kind: CommentKind, prepared: Prepared) -> str | None:
    """Where evidence stands: what was given, or else the first address in its text. None for other kinds. Raises
    `Invalid` at path `source`.
    """
    if kind != CommentKind.EVIDENCE:
        return None
    try:
        kept = clean_line(source)
    except ValueError as error:
        raise Invalid([Fault("source", str(error))]) from None
    kept = kept or prepared.first_address
    if not kept:
        why = "Say where this evidence stands: an address, or words such as the title and page of a report."
        raise Invalid([Fault("source", why)])
    if len(kept) > MAX_SOURCE:
        raise Invalid([Fault("source", f"Shorten the source to {MAX_SOURCE:,} characters.", is_too_long=True)])
    return kept


def is_address(source: str) -> bool:
    """Whether a source is an address that may stand in a link, and not words."""
    return bool(_WEB_ADDRESS.fullmatch(source))


def checked_text(text: str) -> str:
    """The text as it is stored. Raises `Invalid` at path `text`; its status is 413 for a text that is too long."""
    try:
        cleaned = clean_text(text)
    except ValueError as error:
        raise Invalid([Fault("text", str(error))]) from None
    if len(cleaned) > MAX_TEXT:
        raise Invalid(
            [Fault("text", f"This comment has {len(cleaned):,} characters. Shorten it to {MAX_TEXT:,}.")], status=413
        )
    if _NOTHING.fullmatch(cleaned):
        raise Invalid([Fault("text", "Write something first.")])
    return cleaned


def checked_anchor(anchor: str) -> str:
    """The row of the document that a comment is about, as `claims.c1`, or "". Raises `Invalid` for anything else."""
    if anchor and not (ANCHOR.fullmatch(anchor) and len(anchor) <= MAX_ANCHOR):
        raise Invalid([Fault("anchor", "This is no row of a write-up, such as claims.c1.")])
    return anchor


def checked_kind(kind: str) -> CommentKind:
    """Raises `Invalid` for a kind of comment that the site does not know."""
    try:
        return CommentKind(kind or CommentKind.COMMENT)
    except ValueError:
        known = ", ".join(CommentKind)
        raise Invalid([Fault("kind", f"A comment is one of: {known}.")]) from None
