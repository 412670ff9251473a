"""Addresses of filtered lists: how a reader adds a filter, takes one away, and turns the page."""

from collections.abc import Iterable
from urllib.parse import urlencode

from blog.articles.listing import Filters

LIST_ADDRESS = "/postmortems/"
TERM_PAGES = {"tag": "/tags/", "service": "/services/", "organisation": "/organisations/"}
HEADINGS = {
    "tag": "Tag",
    "service": "Service",
    "organisation": "Organisation",
    "kind": "Kind",
    "severity": "Severity",
    "year": "Year",
}


def address_with(filters: Filters, facet: str, slug: str) -> str:
    """The list narrowed by one more value."""
    return _address({*filters, (facet, slug)})


def address_without(filters: Filters, facet: str, slug: str) -> str:
    """The list with one filter taken away."""
    return _address(set(filters) - {(facet, slug)})


def address_of(filters: Filters) -> str:
    """The list these filters leave."""
    return _address(filters)


def _address(filters: Iterable[tuple[str, str]]) -> str:
    query = urlencode(sorted(filters))
    return f"{LIST_ADDRESS}?{query}" if query else LIST_ADDRESS
