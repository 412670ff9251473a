"""The reading pages: lists, a write-up, the pages of tags, services and organisations."""

from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from blog import policy
from blog.accounts.access import user_of_request
from blog.accounts.keeping import kept_answer
from blog.accounts.models import User
from blog.articles import address_queries, browsing, history_queries, listing, queries
from blog.articles.document import json_schema
from blog.articles.models import Article, ArticleState
from blog.articles.reading import Reading
from blog.articles.since import since_last_visit
from blog.comments.hold_queries import writers_waiting
from blog.comments.order_queries import read_order
from blog.comments.reading import thread_html
from blog.comments.standing_queries import writers_of
from blog.comments.talk_reading import talk_of
from blog.comments.thread_queries import thread_page
from blog.followups.queries import actions_on, open_then
from blog.journal.reactions import COUNTS, PEOPLE, WRITE_UPS
from blog.lib.pagination import page_number
from blog.taxonomy.queries import term_named

bp = Blueprint("articles", __name__)

View = str | AnyResponse
TERMS = {
    "tag": ("Tags", "What the write-ups are about, in the words of their authors."),
    "service": ("Services", "The systems that failed, caused a failure, or were tools in one."),
    "organisation": ("Organisations", "Who ran, sold, reported or felt it."),
}


@bp.get("/postmortems/")
def index() -> View:
    filters = listing.read_filters(request.args.to_dict(flat=False))
    return _list(filters, heading="Write-ups", address=browsing.address_of(filters))


@bp.get("/tags/<slug>")
def tag(slug: str) -> View:
    return _term("tag", slug, feed=f"/tags/{slug}/feed.atom")


@bp.get("/services/<slug>")
def service(slug: str) -> View:
    return _term("service", slug)


@bp.get("/organisations/<slug>")
def organisation(slug: str) -> View:
    return _term("organisation", slug)


@bp.get("/tags/")
def tags() -> View:
    return _terms("tag")


@bp.get("/services/")
def services() -> View:
    return _terms("service")


@bp.get("/organisations/")
def organisations() -> View:
    return _terms("organisation")


@bp.get("/postmortems/<slug>")
def show(slug: str) -> View:
    user = user_of_request()
    article = queries.article_for(user, slug)
    if article.live_revision_id is None:
        return _draft(user, article)
    number, people, has_relations = page_number(request.args.get("page")), set[int](), True
    order = read_order(request.args.get("order"))

    def make() -> str:
        nonlocal has_relations
        page = queries.current_page(article)
        then = open_then(article, page.document, named=[one.id for one in page.related.values()])
        has_relations = bool(then or page.document.relations)
        thread = thread_page(user, article.id, number, order)
        people.update(entry.user_id for entry in thread.entries)
        if any(entry.standing for entry in thread.entries):
            people.update(writers_of(article))  # they settle questions, which others of their role do not
        people.update(waiting := writers_waiting(article))
        corrections = history_queries.corrections_of(article)
        if corrections:
            people.update(history_queries.behind(article))
        return render_template(
            "articles/show.html",
            reading=Reading(page),
            corrections=corrections,
            since_visit=since_last_visit(user, page, corrections) if corrections else None,
            comments=article.comment_count,
            thread_html=thread_html(user, article, thread, waiting=waiting),
            talk=talk_of(user, article),
            newest_comment=thread.newest_id,
            tracked=actions_on(article) if page.document.actions else {},
            while_open=then,
            is_live=article.state == ArticleState.PUBLISHED,
            can_edit=policy.can_edit(user, article),
        )

    return kept_answer(
        (f"article {article.id}", f"thread {article.id}", PEOPLE, WRITE_UPS),
        make,
        owners=lambda: people,
        without=lambda: () if has_relations else (WRITE_UPS,),
        is_daily=article.card.get("due", True),  # what is due can come to be overdue
    )


def _draft(user: User | None, article: Article) -> View:
    """What has never been published: its newest revision, without a thread."""
    return render_template(
        "articles/show.html",
        reading=Reading(queries.current_page(article)),
        comments=None,
        thread_html=Markup(""),
        is_live=False,
        can_edit=policy.can_edit(user, article),
    )


@bp.get("/incidents/<int:number>")
def incident(number: int) -> View:
    """Where the incident with this number is told, whatever became of its write-up."""
    article, row_id = address_queries.incident_place(user_of_request(), number)
    standing = address_queries.standing(article)
    anchor = f"incidents-{row_id}" if standing is article else f"merged-{article.id}"
    return redirect(f"/postmortems/{standing.slug}#{anchor}", code=302)


@bp.get("/schema/document.json")
def schema() -> Response:
    response = jsonify(json_schema())
    response.content_type = "application/schema+json"
    return response


def _list(filters: listing.Filters, **shown: Any) -> View:
    number, user = page_number(request.args.get("page")), user_of_request()

    def make() -> str:
        found = listing.list_page(user, number=number, filters=filters)
        return render_template("articles/index.html", found=found, browsing=browsing, **shown)

    return kept_answer((WRITE_UPS, COUNTS), make, is_daily=True)


def _term(facet: str, slug: str, feed: str = "") -> View:
    """The list of one term. A name that has no write-up any more still has its page; one nobody used is not found."""
    term = term_named(facet, slug)
    prefix = browsing.TERM_PAGES[facet]
    if term.slug != slug:
        return redirect(prefix + term.slug, code=301)
    filters = ((facet, slug),)
    return _list(filters, heading=term.name, address=prefix + slug, about=browsing.HEADINGS[facet], feed=feed)


def _terms(facet: str) -> View:
    heading, about = TERMS[facet]

    def make() -> str:
        return render_template(
            "articles/terms.html",
            heading=heading,
            about=about,
            prefix=browsing.TERM_PAGES[facet],
            values=listing.all_values(facet),
        )

    return kept_answer((WRITE_UPS,), make)
