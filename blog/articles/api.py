"""The JSON routes of write-ups: the list, one write-up with its document, and proposals."""

import logging
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Annotated, Any

from flask import request
from pydantic import PlainSerializer, ValidationError

from blog import policy
from blog.accounts.bearer import Caller
from blog.articles import listing, proposing, queries
from blog.articles.document import Document, parse_document
from blog.articles.models import Article
from blog.articles.rendering import render_document
from blog.errors import Invalid, NotAllowed
from blog.extensions import db
from blog.journal import once_changes
from blog.lib.database import writing
from blog.lib.json_api import PAGE, PREFIX, Answer, Operation, Parameter, Shown, answer_again
from blog.lib.json_api import listing as envelope
from blog.lib.once import once_of_program
from blog.lib.pagination import page_number
from blog.settings import current_settings

logger = logging.getLogger(__name__)


def _without_defaults(document: Document) -> dict[str, Any]:
    return document.model_dump(mode="json", exclude_defaults=True)


class Named(Shown):
    """A tag, service or organisation."""

    slug: str
    name: str


class ArticleEntry(Shown):
    """A write-up in a list."""

    slug: str
    url: str
    title: str
    summary: str
    kind: str
    severity: str
    year: int | None
    tags: list[Named]
    services: list[Named]
    organisations: list[Named]
    authors: list[str]
    comment_count: int
    published_at: datetime | None
    updated_at: datetime | None


class ArticleWhole(Shown):
    """A write-up as it is read now. `hash` is the SHA-256 of the document's canonical text, what a review approves."""

    slug: str
    url: str
    title: str
    state: str
    revision: int
    hash: str
    authors: list[str]
    comment_count: int
    published_at: datetime | None
    updated_at: datetime | None
    document: Annotated[Document, PlainSerializer(_without_defaults)]  # as in its canonical text


class Proposal(Shown):
    """A proposal that waits for review. `url` shows it to those who may see drafts."""

    slug: str
    url: str
    title: str
    state: str
    revision: int
    hash: str
    note: str


def list_articles(*, caller: Caller | None) -> Answer:
    arguments = request.args.to_dict(flat=False)
    found = listing.list_page(
        caller.user if caller else None,
        number=page_number(request.args.get("page")),
        filters=listing.read_filters(arguments),
    )
    address = f"{current_settings().site_url}{PREFIX}/articles"
    return Answer(envelope(_readable_entries(found.articles), found.page, address=address, arguments=arguments))


def show_article(*, caller: Caller | None, slug: str) -> Answer:
    page = queries.current_page(queries.article_for(caller.user if caller else None, slug))
    article, revision = page.article, page.revision
    return Answer(
        ArticleWhole(
            slug=article.slug,
            url=_url(article),
            title=page.document.title,
            state=article.state,
            revision=revision.number,
            hash=revision.document_hash,
            authors=_authors(article),
            comment_count=article.comment_count,
            published_at=article.published_at,
            updated_at=article.updated_at,
            document=page.document,
        )
    )


def propose_article(*, caller: Caller, body: Any) -> Answer:
    document = parse_document(body)
    faults = document.order_faults()
    if faults:
        raise Invalid(faults)
    if not policy.can_write(caller.user):
        raise NotAllowed("Only authors and reviewers start a write-up.")
    once = once_of_program(caller.token.id)
    rendered = render_document(document)  # before the transaction: nobody waits for it
    with writing(db.session):
        if kept := once_changes.answered(once):
            return answer_again(kept.answer, kept.status, kept.location)
        article, revision = proposing.propose(
            actor=caller.user, token=caller.token, document=document, label=caller.label, rendered=rendered
        )
        made = Proposal(
            slug=article.slug,
            url=_url(article),
            title=document.title,
            state=revision.state,
            revision=revision.number,
            hash=revision.document_hash,
            note=revision.note,
        )
        address = f"{current_settings().site_url}{PREFIX}/articles/{article.slug}"
        once_changes.keep(once, status=201, location=address, answer=made.model_dump_json())
    return Answer(made, 201, location=address)


FILTERS = tuple(Parameter(facet, f"Only write-ups of this {facet}.", is_repeatable=True) for facet in listing.FACETS)
OPERATIONS = (
    Operation(
        name="list_articles",
        method="GET",
        path="/articles",
        run=list_articles,
        about="Published write-ups, latest first.",
        scope="read",
        is_public=True,
        is_list=True,
        shows=ArticleEntry,
        parameters=(PAGE, *FILTERS),
    ),
    Operation(
        name="show_article",
        method="GET",
        path="/articles/<slug>",
        run=show_article,
        about="One write-up with its document.",
        scope="read",
        is_public=True,
        shows=ArticleWhole,
    ),
    Operation(
        name="propose_article",
        method="POST",
        path="/articles",
        run=propose_article,
        about="Propose a write-up. It waits for a reviewer; a token never publishes.",
        scope="propose",
        shows=Proposal,
        body=Document,
    ),
)


def _url(article: Article) -> str:
    return f"{current_settings().site_url}/postmortems/{article.slug}"


def _readable_entries(articles: Iterable[Article]) -> Iterator[ArticleEntry]:
    """The entries, without those whose row was written around the program: one of them leaves the others readable."""
    for article in articles:
        try:
            yield _entry(article)
        except (ValidationError, TypeError, ValueError, AttributeError):
            logger.exception("The write-up %s is left out of a list: what is stored of it is no entry.", article.slug)


def _entry(article: Article) -> ArticleEntry:
    card = article.card
    return ArticleEntry(
        slug=article.slug,
        url=_url(article),
        title=article.title,
        summary=article.summary,
        kind=card.get("kind") or "",
        severity=card.get("severity") or "",
        year=card.get("year"),
        tags=_named(card.get("tags")),
        services=_named(card.get("services")),
        organisations=_named(card.get("organisations")),
        authors=_authors(article),
        comment_count=article.comment_count,
        published_at=article.published_at,
        updated_at=article.updated_at,
    )


def _authors(article: Article) -> list[str]:
    """The names; what is none, in a row written around the program, is left out."""
    return [name for name in article.authors if isinstance(name, str)]


def _named(pairs: list[tuple[str, str]] | None) -> list[Named]:
    return [Named(slug=slug, name=name) for slug, name in pairs or []]
