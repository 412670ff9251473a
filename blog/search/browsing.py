"""Addresses of a search: another order, one filter more or less, other words, the same search on another page."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from urllib.parse import quote_plus, urlencode

from markupsafe import Markup, escape

from blog.articles import browsing
from blog.articles.listing import FacetValue, Filters, read_filters
from blog.search.drawing import pieces_of_value
from blog.search.engine import Sort

SEARCH_ADDRESS = "/search"
SORTS: dict[Sort, str] = {"relevance": "Most relevant", "newest": "Newest", "oldest": "Oldest"}


@dataclass(frozen=True)
class Search:
    """What was asked for, but the page. It makes the addresses that `components/facets.html` needs."""

    text: str
    sort: Sort = "relevance"
    filters: Filters = ()

    HEADINGS = browsing.HEADINGS

    @property
    def is_empty(self) -> bool:
        return not (self.text.strip() or self.filters)

    @property
    def address(self) -> str:
        return self._address(self.filters)

    def address_with(self, filters: Filters, facet: str, slug: str) -> str:
        """This search narrowed by one more value."""
        if not filters:
            return f"{self._beginning}&{facet}={quote_plus(slug)}{self._ending}"
        return self._address(sorted({*filters, (facet, slug)}))

    def address_without(self, filters: Filters, facet: str, slug: str) -> str:
        """This search with one filter taken away."""
        return self._address(sorted(set(filters) - {(facet, slug)}))

    def _address(self, filters: Sequence[tuple[str, str]]) -> str:
        pairs = urlencode(filters)
        return f"{self._beginning}{pairs and '&'}{pairs}{self._ending}"

    @cached_property
    def _beginning(self) -> str:  # once a page: it has up to eighty addresses
        return f"{SEARCH_ADDRESS}?{urlencode([('q', self.text)])}"

    @property
    def _ending(self) -> str:
        return f"&sort={self.sort}" if self.sort != "relevance" else ""

    def narrower(self, facets: Mapping[str, Iterable[FacetValue]]) -> Iterator[tuple[str, Markup]]:
        """(heading, list items) of each filter that has values to offer: up to eighty links on every page."""
        beginning, ending = escape(self._beginning), escape(self._ending)
        for facet, heading in self.HEADINGS.items():
            parts: list[str] = []
            for value in facets.get(facet, ()):
                if not value.count or (facet, value.slug) in self.filters:
                    continue
                before, added, between, after = pieces_of_value(facet, value.slug, value.name)
                if self.filters:
                    address = str(escape(self.address_with(self.filters, facet, value.slug)))
                else:
                    address = f"{beginning}{added}{ending}"
                parts += (before, address, between, str(value.count), after)
            if parts:
                yield heading, Markup("".join(parts))  # noqa: S704  # of the template and what was escaped

    def sorted_by(self, sort: Sort) -> str:
        return replace(self, sort=sort).address

    def instead(self, text: str) -> str:
        """The same with other words."""
        return replace(self, text=text).address


def read_search(arguments: Mapping[str, Iterable[str]]) -> Search:
    """A search from a query string; an order that does not exist is the usual one. Raises `Invalid` for impossible
    filters.
    """
    text = next(iter(arguments.get("q", ())), "")
    written = next(iter(arguments.get("sort", ())), "")
    sort: Sort = next((sort for sort in SORTS if sort == written), "relevance")
    return Search(text, sort, read_filters(arguments))
