"""A page of search results: the engine says which rows, the database which of them may be shown, and their words."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from markupsafe import Markup
from sqlalchemy import or_

from blog.accounts.models import User
from blog.articles.listing import FACETS, SHOWN_VALUES, FacetValue, Filters, counts_for
from blog.articles.models import Article
from blog.articles.queries import visible_articles
from blog.articles.vocabulary import IncidentKind, Severity
from blog.errors import NotFound
from blog.extensions import db
from blog.lib.pagination import Page
from blog.lib.text import plain_text
from blog.search.document_queries import article_key, document_of, entries_of, number_of
from blog.search.drawing import Entry, decode_entry, draw, published, said, version_of
from blog.search.engine import MAX_DEPTH, Hits, SearchEngine, Sort
from blog.search.engine import Row as FoundRow
from blog.search.language import Query
from blog.search.row_queries import ArticleRow, article_rows, comment_rows
from blog.search.snippets import highlight, snippet, snippet_of_line

PAGE_SIZE = 20
SIMILAR = 5  # write-ups; further down they share words, not causes
MARK = "<mark>"
_kept_names: dict[Hashable, dict[tuple[str, str], str]] = {}  # one entry: of the index as it is now, and where it is
_LABELS = {("kind", one.value): one.label for one in IncidentKind}
_LABELS |= {("severity", one.value.lower()): one.label for one in Severity}


class FoundArticle(NamedTuple):
    id: int
    slug: str
    title: str
    summary: str
    published_at: datetime | None


class FoundComment(NamedTuple):
    id: int
    user_name: str
    created_at: datetime
    when: Markup
    passage: Markup
    program: str = ""


class Hit(NamedTuple):
    """A write-up found. `title` and `passage` are escaped, with the words asked for marked; `strip`, `facts` and
    `published` are HTML; `more_comments` counts the matching ones that are not in `comments`.
    """

    article: FoundArticle
    title: Markup
    passage: Markup
    strip: Markup
    facts: Markup
    published: Markup
    comments: list[FoundComment]
    more_comments: int = 0


@dataclass(frozen=True)
class Results:
    """One page. `total` counts the write-ups found, `page` those that can be turned to; `facets`, `filters` and
    `chosen` are as in `ArticleList`.
    """

    hits: list[Hit]
    total: int
    page: Page
    facets: dict[str, list[FacetValue]]
    filters: Filters
    chosen: dict[tuple[str, str], str]
    found: Hits


def results(
    user: User | None,
    engine: SearchEngine,
    query: Query,
    *,
    filters: Filters = (),
    sort: Sort = "relevance",
    number: int = 1,
) -> Results:
    """Page `number` of what is found, in at most four statements. Values of one filter are alternatives.

    Raises `NotFound` beyond the last page and `IndexUnavailable`. What the index still holds and the database no longer
    shows is left out and not counted.
    """
    grouped: dict[str, list[str]] = {}
    for facet, slug in filters:
        grouped.setdefault(facet, []).append(slug)
    found = engine.search(query, filters=grouped, sort=sort, page=number, per_page=PAGE_SIZE)
    page = Page(number, PAGE_SIZE, min(found.total, MAX_DEPTH))
    if number > page.last:
        raise NotFound("This search has no such page.")
    hits = _hits(user, engine, query, found.rows)
    facets, chosen = _named_facets(found, filters)
    dropped = len(found.rows) - len(hits)
    page = Page(number, PAGE_SIZE, page.total - dropped) if page.last == 1 else page
    return Results(hits, found.total - dropped, page, facets, filters, chosen, found)


def similar_to(user: User | None, engine: SearchEngine, article: Article, *, limit: int = SIMILAR) -> list[Article]:
    """Published write-ups about the same things, the closest first; none for a draft. Raises `IndexUnavailable`."""
    document = document_of(article.id)
    if document is None:
        return []
    ids = [number_of(row.key) for row in engine.similar(document, limit=limit)]
    found = {one.id: one for one in db.session.scalars(visible_articles(user).where(Article.id.in_(ids)))}
    return [found[number] for number in ids if number in found]


def titles_with(user: User | None, query: Query, *, limit: int = PAGE_SIZE) -> list[Hit]:
    """Write-ups whose title or summary has all the words as typed, newest first: for the time without an index."""
    words = [part for part in query.text.replace('"', " ").split() if ":" not in part][:6]
    words = [word for word in (word.strip("-*") for word in words) if word]
    if not words:
        return []
    wanted = visible_articles(user).order_by(Article.published_at.desc(), Article.id.desc()).limit(limit)
    for word in words:
        title, summary = (column.icontains(word, autoescape=True) for column in (Article.title, Article.summary))
        wanted = wanted.where(or_(title, summary))
    return [
        Hit(
            _found(article),
            highlight(article.title, query),
            snippet(article.summary, query),
            *draw(article.id, article.card),
            published(article.published_at),
            [],
        )
        for article in db.session.scalars(wanted)
    ]


def _found(row: Article | ArticleRow) -> FoundArticle:
    return FoundArticle(row.id, row.slug, row.title, row.summary, row.published_at)


def _hits(user: User | None, engine: SearchEngine, query: Query, rows: Sequence[FoundRow]) -> list[Hit]:
    if not rows:
        return []
    articles = {one.id: one for one in article_rows(user, [number_of(row.key) for row in rows])}
    comments = _comments(user, query, [number_of(key) for row in rows for key in row.comments])
    shown = []
    for row in rows:
        said = [comments[number] for key in row.comments if (number := number_of(key)) in comments]
        if (article := articles.get(number_of(row.key))) and (row.matched or said):
            shown.append((row, article, said))
    entries = _entries(engine, [article for _, article, _ in shown])
    return [
        Hit(
            _found(article),
            highlight(article.title, query),
            _passage(entries[article.id], query, is_own=row.matched),
            entries[article.id].strip,
            entries[article.id].facts,
            published(article.published_at),
            said,
            row.comment_count - len(row.comments),
        )
        for row, article, said in shown
    ]


def _comments(user: User | None, query: Query, ids: Sequence[int]) -> dict[int, FoundComment]:
    return {
        row.id: FoundComment(
            row.id,
            row.user_name,
            row.created_at,
            said(row.created_at),
            snippet(plain_text(row.html), query),
            row.program,
        )
        for row in comment_rows(user, ids)
    }


def _entries(engine: SearchEngine, articles: Sequence[ArticleRow]) -> dict[int, Entry]:
    """What the index kept of each, or the same made anew for those that changed since."""
    kept = engine.kept([article_key(article.id) for article in articles])
    entries = {}
    for row in articles:
        version = version_of(row.live_revision_id, row.summary, row.card)
        if (entry := decode_entry(kept.get(article_key(row.id)), version)) is not None:
            entries[row.id] = entry
    late = [row.id for row in articles if row.id not in entries]
    return entries | (entries_of(late) if late else {})


def _passage(entry: Entry, query: Query, *, is_own: bool) -> Markup:
    """The passage with most of the words: of summary and body, else of the rows, else the beginning. `is_own`: the
    write-up has the words itself, not only in a comment.
    """
    passage = snippet_of_line(entry.text, query)
    if is_own and query.leaves and MARK not in passage:
        other = snippet_of_line(entry.rows, query)
        return other if MARK in other else passage
    return passage


def _named_facets(found: Hits, filters: Filters) -> tuple[dict[str, list[FacetValue]], dict[tuple[str, str], str]]:
    """The most frequent values of every facet that is not filtered by yet, with names, and the names of the filters."""
    taken = {facet for facet, _ in filters}
    top = {
        facet: list(islice(found.facets.get(facet, {}).items(), SHOWN_VALUES)) for facet in FACETS if facet not in taken
    }
    values = [*filters, *((facet, slug) for facet, pairs in top.items() for slug, _ in pairs)]
    names = _names(values, found.generation)
    facets = {
        facet: [FacetValue(slug, names[facet, slug], number) for slug, number in pairs] for facet, pairs in top.items()
    }
    return facets, {pair: names[pair] for pair in filters}


def _names(values: Sequence[tuple[str, str]], generation: Hashable) -> dict[tuple[str, str], str]:
    """What each facet value is called; its slug where nothing knows it.

    The lists keep all names, and ask the database each time whether they still hold. A value gets its name with a
    write-up that is published, so here they hold for as long as the index stays as it is.
    """
    known = _kept_names.get(generation)
    if known is None or generation is None:
        known = counts_for(()).names
        _kept_names.clear()
        _kept_names[generation] = known
    return {value: known.get(value) or _LABELS.get(value, value[1]) for value in values}
