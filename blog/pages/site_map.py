"""The map of the site for search engines (sitemaps.org 0.9), written piece by piece: its size costs no memory."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from html import escape

from blog.lib.clock import iso

MAX_ADDRESSES = 50_000  # of one map, by the protocol; above it there is an index of maps
FIXED_PAGES = ("/", "/postmortems/", "/tags/", "/services/", "/organisations/", "/actions/", "/about")
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def is_one_map_enough(greatest_id: int) -> bool:
    """Maps are cut by the numbers of write-ups, so one never changes because of what stands in another."""
    return greatest_id + len(FIXED_PAGES) <= MAX_ADDRESSES


def parts_for(greatest_id: int) -> int:
    """How many maps hold the write-ups up to this number."""
    return -(-greatest_id // MAX_ADDRESSES)


def url_set(site_url: str, pages: Iterable[tuple[str, datetime | None]]) -> Iterator[str]:
    """A map of (path, last change) pairs."""
    yield f"{_HEAD}<urlset {_SPACE}>\n"
    for path, changed_at in pages:
        changed = f"<lastmod>{iso(changed_at)}</lastmod>" if changed_at else ""
        yield f"<url><loc>{escape(site_url + path)}</loc>{changed}</url>\n"
    yield "</urlset>\n"


def index_of_maps(site_url: str, parts: int) -> Iterator[str]:
    """The index of maps 0 (the fixed pages) to `parts`."""
    yield f"{_HEAD}<sitemapindex {_SPACE}>\n"
    for number in range(parts + 1):
        yield f"<sitemap><loc>{escape(site_url)}/sitemap-{number}.xml</loc></sitemap>\n"
    yield "</sitemapindex>\n"
