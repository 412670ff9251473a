"""Lists of write-ups: filters, one page of them, and how many there are of every facet value."""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

from sqlalchemy import Select, func, literal, select
from sqlalchemy.orm import aliased

from blog.accounts.models import User
from blog.articles.models import Article, ArticleState, ArticleTerm
from blog.articles.queries import visible_articles
from blog.errors import Fault, Invalid, NotFound
from blog.extensions import db
from blog.journal.reactions import WRITE_UPS
from blog.journal.versions import version_of
from blog.lib.pagination import Page
from blog.lib.slugs import SLUG

FACETS = ("tag", "service", "organisation", "kind", "severity", "year")
PAGE_SIZE = 20
MAX_FILTERS = 10  # together; more says nothing a reader could mean
SHOWN_VALUES = 12  # of a facet, the most frequent
LIST_CHANGES = (  # what they differ by
    "article.published", "article.imported", "article.retired", "article.restored", "article.moved", "article.merged",
    "article.unmerged",
)  # fmt: skip
KEPT_COUNTS = 64  # combinations of filters whose counts one process keeps

Filters = tuple[tuple[str, str], ...]  # (facet, slug) pairs, sorted


@dataclass(frozen=True)
class FacetValue:
    slug: str
    name: str
    count: int


@dataclass(frozen=True)
class ArticleList:
    """One page of a list. `facets` holds, per facet, the most frequent values among everything the filters leave;
    `chosen` the names of the values filtered by.
    """

    articles: list[Article]
    page: Page
    facets: dict[str, list[FacetValue]]
    filters: Filters
    chosen: dict[tuple[str, str], str]


def read_filters(arguments: Mapping[str, Iterable[str]]) -> Filters:
    """Filters from a query string (`?tag=dns&year=2025`), known facets only. Raises `Invalid` for impossible ones."""
    filters = {(facet, value.lower()) for facet in FACETS for value in arguments.get(facet, ()) if value}
    if len(filters) > MAX_FILTERS:
        raise Invalid([Fault("filters", f"at most {MAX_FILTERS} filters at a time")])
    for facet, value in filters:
        if not SLUG.fullmatch(value) or len(value) > 140:
            raise Invalid([Fault(facet, f"there is no {facet} of this name")])
    return tuple(sorted(filters))


def list_page(user: User | None, *, number: int = 1, filters: Filters = ()) -> ArticleList:
    """Page `number` of what the filters leave, latest first. Raises `NotFound` beyond the last page.

    Three statements whatever the size, two more when the counts of these filters changed since they were last asked.
    """
    counts = counts_for(filters)
    page = Page(number, PAGE_SIZE, counts.total)
    if number > page.last:
        raise NotFound("This list has no such page.")
    ids = (
        _filtered(visible_articles(user).with_only_columns(Article.id), filters)
        .order_by(Article.published_at.desc(), Article.id.desc())
        .limit(PAGE_SIZE)
        .offset((number - 1) * PAGE_SIZE)
        .subquery()
    )
    wanted = select(Article).join(ids, ids.c.id == Article.id)
    articles = list(db.session.scalars(wanted.order_by(Article.published_at.desc(), Article.id.desc())))
    chosen = {pair: counts.names.get(pair, pair[1]) for pair in filters}
    shown = {facet: values[:SHOWN_VALUES] for facet, values in counts.facets.items()}
    return ArticleList(articles, page, shown, filters, chosen)


def latest(user: User | None, *, limit: int) -> list[Article]:
    """The newest write-ups."""
    newest = visible_articles(user).order_by(Article.published_at.desc(), Article.id.desc()).limit(limit)
    return list(db.session.scalars(newest))


def started_by(user: User | None, person: User, *, limit: int) -> list[Article]:
    """The newest published write-ups that this person began."""
    newest = visible_articles(user).where(Article.created_by_id == person.id).order_by(Article.published_at.desc())
    return list(db.session.scalars(newest.limit(limit)))


def all_values(facet: str) -> list[FacetValue]:
    """Every value of a facet with its count, by name; for the index pages of tags, services and organisations."""
    return sorted(counts_for(()).facets.get(facet, []), key=lambda value: value.name.casefold())


@dataclass(frozen=True)
class Counts:
    total: int
    facets: dict[str, list[FacetValue]]
    names: dict[tuple[str, str], str]  # of every value above, by facet and slug


_kept: OrderedDict[tuple[str, int, Filters], Counts] = OrderedDict()
_lock = Lock()


def counts_for(filters: Filters) -> Counts:
    """Totals and facet counts under `filters`, kept in memory until any write-up changes anywhere."""
    key = (str(db.engine.url), articles_version(), filters)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    counts = _count(filters)
    with _lock:
        _kept[key] = counts
        while len(_kept) > KEPT_COUNTS:
            _kept.popitem(last=False)
    return counts


def articles_version() -> int:
    """Another number after every change to what is published."""
    return version_of(WRITE_UPS)


def _count(filters: Filters) -> Counts:
    total = db.session.scalar(
        _filtered(select(func.count()).select_from(Article).where(Article.state == ArticleState.PUBLISHED), filters)
    )
    counted = select(
        ArticleTerm.facet, ArticleTerm.slug, func.min(ArticleTerm.name), func.count(literal(1)).label("number")
    ).group_by(ArticleTerm.facet, ArticleTerm.slug)
    if filters:
        ids = _filtered(select(Article.id).where(Article.state == ArticleState.PUBLISHED), filters)
        counted = counted.where(ArticleTerm.article_id.in_(ids))
    rows = db.session.execute(counted).all()
    return Counts(total or 0, _by_facet(rows), {(facet, slug): name for facet, slug, name, _ in rows})


def _by_facet(rows: Sequence[tuple[str, str, str, int]]) -> dict[str, list[FacetValue]]:
    facets: dict[str, list[FacetValue]] = {facet: [] for facet in FACETS}
    for facet, slug, name, number in rows:
        if facet in facets:
            facets[facet].append(FacetValue(slug, name, number))
    for values in facets.values():
        values.sort(key=lambda value: (-value.count, value.name.casefold()))
    facets["year"].sort(key=lambda value: value.slug, reverse=True)
    facets["severity"].sort(key=lambda value: value.slug)
    return facets


def _filtered(wanted: Select[Any], filters: Filters) -> Select[Any]:
    for facet, slug in filters:
        term = aliased(ArticleTerm)
        wanted = wanted.join(term, term.article_id == Article.id).where(term.facet == facet, term.slug == slug)
    return wanted


def published_titles(article_ids: Collection[int]) -> dict[int, tuple[str, str]]:
    """(slug, title) of those of these write-ups that everybody may read, by number."""
    wanted = visible_articles(None).with_only_columns(Article.id, Article.slug, Article.title)
    rows = db.session.execute(wanted.where(Article.id.in_(article_ids)))
    return {row.id: (row.slug, row.title) for row in rows}
