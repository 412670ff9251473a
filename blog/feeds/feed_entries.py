"""One neutral list of entries with everything in it that leaves the site: absolute addresses, ids, clean text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from blog.feeds.queries import Entry
from blog.lib.absolute_links import with_absolute_links
from blog.lib.text import excerpt, plain_text

SUMMARY_LENGTH = 300

# What XML 1.0 (section 2.2, Char) has no place for; feeds of every format leave it out.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class FeedEntry:
    """`id` stays the same whatever changes in the write-up."""

    id: str
    address: str
    title: str
    summary: str
    html: str
    published_at: datetime
    updated_at: datetime
    authors: list[str]
    tags: list[str]


@dataclass(frozen=True)
class Feed:
    """`home` is the page that the feed is of, `address` its own."""

    title: str
    site_name: str
    home: str
    address: str
    updated_at: datetime
    entries: list[FeedEntry]


def make_feed(entries: Sequence[Entry], *, title: str, site_name: str, site_url: str, home: str, address: str) -> Feed:
    """`site_url` as in the settings, without a slash at its end; `home` and `address` are paths."""
    ready = [_ready(entry, site_url) for entry in entries]
    return Feed(
        title=clean(title),
        site_name=clean(site_name),
        home=site_url + home,
        address=site_url + address,
        updated_at=max((entry.updated_at for entry in ready), default=datetime.fromtimestamp(0, UTC)),
        entries=ready,
    )


def clean(text: str) -> str:
    """Text with U+FFFD in place of every character that no feed may hold."""
    return _FORBIDDEN.sub("\ufffd", text)


def _ready(entry: Entry, site_url: str) -> FeedEntry:
    address, host = f"{site_url}/postmortems/{entry.slug}", urlsplit(site_url).hostname
    return FeedEntry(
        id=f"tag:{host},{entry.published_at:%Y-%m-%d}:/postmortems/{entry.first_slug or entry.slug}",  # RFC 4151
        address=address,
        title=clean(entry.title),
        summary=clean(excerpt(entry.summary or plain_text(entry.html), SUMMARY_LENGTH)),
        html=clean(with_absolute_links(entry.html, page=address)),
        published_at=entry.published_at,
        updated_at=entry.updated_at,
        authors=[clean(name) for name in entry.authors],
        tags=[clean(name) for name in entry.tags],
    )
