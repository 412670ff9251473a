"""The JSON route of the search: the same results as the page, in the envelope of every list."""

from datetime import datetime

from flask import request

from blog.accounts.bearer import Caller
from blog.articles.listing import FACETS, FacetValue
from blog.errors import Busy, Fault, Invalid
from blog.lib.json_api import PAGE, PREFIX, Answer, Listing, Operation, Parameter, Shown, listing
from blog.lib.pagination import page_number
from blog.search import queries
from blog.search.browsing import SORTS, read_search
from blog.search.engine import IndexUnavailable
from blog.search.engines import current_engine, current_engines
from blog.search.language import Query, QueryTooLong, parse
from blog.settings import current_settings


class CommentFound(Shown):
    """A comment that has the words. `passage` is plain text; `program` the one that wrote it, or nothing."""

    id: int
    url: str
    user: str
    program: str
    created_at: datetime
    passage: str


class ArticleFound(Shown):
    """A write-up found by its own words or by those of its comments. `passage` is the plain text that has most of them;
    `comments` are the best of `comment_count` that match.
    """

    slug: str
    url: str
    title: str
    summary: str
    passage: str
    published_at: datetime | None
    comments: list[CommentFound]
    comment_count: int


class Value(Shown):
    """How many of the write-ups found have this value of a facet."""

    slug: str
    name: str
    count: int


class SearchPage(Listing):
    """A page of results. `total` counts all that was found, `page.total` what can be opened. `any_word` says that too
    few have all the words, so that these have some; `suggestions` are whole queries to try instead; `notes` say what
    was ignored; `cut_short` that the total is a lower bound.
    """

    items: list[ArticleFound]
    total: int
    facets: dict[str, list[Value]]
    any_word: bool
    suggestions: list[str]
    notes: list[str]
    cut_short: bool


def search(*, caller: Caller | None) -> Answer:
    arguments = request.args.to_dict(flat=False)
    asked = read_search(arguments)
    if asked.is_empty:
        raise Invalid([Fault("q", "say what to search for")])
    query = _parsed(asked.text)
    try:
        results = queries.results(
            caller.user if caller else None,
            current_engine(),
            query,
            filters=asked.filters,
            sort=asked.sort,
            number=page_number(request.args.get("page")),
        )
    except IndexUnavailable as error:
        current_engines().doubt()
        raise Busy("The search is being rebuilt; try again in a few minutes.") from error
    site = current_settings().site_url
    page = listing([], results.page, address=f"{site}{PREFIX}/search", arguments=arguments)
    return Answer(
        SearchPage(
            items=[_shown(hit, site) for hit in results.hits],
            total=results.total,
            page=page.page,
            links=page.links,
            facets={facet: list(map(_value, values)) for facet, values in results.facets.items() if values},
            any_word=results.found.any_word,
            suggestions=list(results.found.suggestions),
            notes=list(dict.fromkeys([*query.notes, *results.found.notes])),
            cut_short=results.found.cut_short,
        )
    )


OPERATIONS = (
    Operation(
        name="search",
        method="GET",
        path="/search",
        run=search,
        about="Published write-ups and visible comments that hold the words; comments stand under their write-up.",
        scope="read",
        is_public=True,
        shows=SearchPage,
        parameters=(
            Parameter("q", "The words, in the syntax of the search page; at most 200 characters."),
            Parameter("sort", f"One of {', '.join(SORTS)}."),
            PAGE,
            *(Parameter(facet, f"Only write-ups of this {facet}.", is_repeatable=True) for facet in FACETS),
        ),
    ),
)


def _parsed(text: str) -> Query:
    try:
        return parse(text)
    except QueryTooLong as error:
        raise Invalid([Fault("q", str(error))]) from None


def _shown(hit: queries.Hit, site: str) -> ArticleFound:
    article = hit.article
    return ArticleFound(
        slug=article.slug,
        url=f"{site}/postmortems/{article.slug}",
        title=article.title,
        summary=article.summary,
        passage=hit.passage.striptags(),
        published_at=article.published_at,
        comments=[
            CommentFound(
                id=one.id,
                url=f"{site}/comments/{one.id}",
                user=one.user_name,
                program=one.program,
                created_at=one.created_at,
                passage=one.passage.striptags(),
            )
            for one in hit.comments
        ],
        comment_count=len(hit.comments) + hit.more_comments,
    )


def _value(value: FacetValue) -> Value:
    return Value(slug=value.slug, name=value.name, count=value.count)
