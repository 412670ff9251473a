"""The search page. It answers whatever is typed, and also while there is no index."""

import logging

from flask import Blueprint, make_response, render_template, request
from werkzeug.wrappers import Response

from blog.accounts.access import user_of_request
from blog.articles.queries import article_for
from blog.lib.pagination import page_number
from blog.search import queries
from blog.search.browsing import SORTS, Search, read_search
from blog.search.engine import MAX_DEPTH, IndexUnavailable
from blog.search.engines import current_engine, current_engines
from blog.search.language import Query, QueryTooLong, parse

log = logging.getLogger(__name__)
blueprint = Blueprint("search", __name__)

View = str | Response


@blueprint.get("/search")
def results() -> View:
    search = read_search(request.args.to_dict(flat=False))
    number = page_number(request.args.get("page"))
    try:
        query = parse(search.text)
    except QueryTooLong as refusal:
        return make_response(render_template("search/help.html", search=search, refusal=str(refusal)), 400)
    if search.is_empty:
        return render_template("search/help.html", search=search, refusal="")
    try:
        found = queries.results(
            user_of_request(), current_engine(), query, filters=search.filters, sort=search.sort, number=number
        )
    except IndexUnavailable as error:
        log.warning("search answers from titles alone: %s", error)
        current_engines().doubt()
        return _by_title(search, query)
    return render_template(
        "search/results.html",
        search=search,
        results=found,
        notes=dict.fromkeys([*query.notes, *found.found.notes]),
        narrower=list(search.narrower(found.facets)) if found.total > 1 else [],
        sorts=SORTS,
        deepest=MAX_DEPTH,
    )


@blueprint.get("/postmortems/<slug>/similar")
def similar(slug: str) -> View:
    """The write-ups most like one: on a page of its own, since finding them costs as much as ten other pages."""
    user = user_of_request()
    article = article_for(user, slug)
    try:
        found = queries.similar_to(user, current_engine(), article)
    except IndexUnavailable as error:
        log.warning("similar write-ups cannot be found: %s", error)
        current_engines().doubt()
        return render_template("search/similar.html", article=article, articles=[], is_rebuilt=True)
    return render_template("search/similar.html", article=article, articles=found, is_rebuilt=False)


def _by_title(search: Search, query: Query) -> str:
    hits = queries.titles_with(user_of_request(), query)
    return render_template("search/by_title.html", search=search, hits=hits)
