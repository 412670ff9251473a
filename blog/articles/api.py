"""The JSON routes of write-ups: the list, one write-up with its document, and proposals."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from flask import request
from pydantic import PlainSerializer, ValidationError

from blog import policy
from blog.accounts.bearer import Caller
from blog.accounts.label_queries import Label
from blog.articles import listing, queries
from blog.articles.document import Document, parse_document
from blog.articles.models import Article, Revision
from blog.articles.rendering import render_document
from blog.editor import proposing
from blog.editor.check_forms import ProposedDocument, split_waivers
from blog.errors import NotAllowed
from blog.extensions import db
from blog.journal import once_changes
from blog.lib.database import writing
from blog.lib.json_api import PAGE, PREFIX, Answer, Operation, Parameter, ProgramShown, Shown, answer_again
from blog.lib.json_api import listing as envelope
from blog.lib.once import once_of_program
from blog.lib.pagination import page_number
from blog.settings import current_settings

logger = logging.getLogger(__name__)


def without_defaults(document: Document) -> dict[str, Any]:
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


class ProgramBehind(ProgramShown):
    """A program, and the revision that it wrote."""

    revision: int


class MergedShown(Shown):
    """A write-up that was merged into another one. Its slug leads there."""

    number: int
    slug: str
    title: str


class ArticleWhole(Shown):
    """A write-up as it is read now. `hash` is the SHA-256 of the document's canonical text, what a review approves, and
    its ETag. `programs` had a part in it: each wrote the revision of that number, or what later ones are based on.
    `number` is never used again, and so are those of `incidents`, by the id of their row; `merged` were told apart once
    and stand in this one now.
    """

    number: int
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
    programs: list[ProgramBehind]
    incidents: dict[str, int]
    merged: list[MergedShown]
    document: Annotated[Document, PlainSerializer(without_defaults)]  # as in its canonical text


class Proposal(Shown):
    """A proposal that waits for review. `url` shows it to those who may see drafts."""

    slug: str
    url: str
    title: str
    state: str
    revision: int
    hash: str
    note: str
    program: ProgramShown


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
            number=article.id,
            slug=article.slug,
            url=url_of(article),
            title=page.document.title,
            state=article.state,
            revision=revision.number,
            hash=revision.document_hash,
            authors=_authors(article),
            comment_count=article.comment_count,
            published_at=article.published_at,
            updated_at=article.updated_at,
            programs=[_behind(number, hand.label) for hand in page.programs for number in hand.numbers],
            incidents=dict(page.numbers.incidents),
            merged=[MergedShown(number=one.id, slug=one.slug, title=one.title) for one in page.numbers.merged],
            document=page.document,
        ),
        hash=revision.document_hash,
    )


@dataclass(frozen=True)
class Sent:
    """A proposal as it was sent: the document, and what is said beside it."""

    document: Document
    waivers: dict[str, str]  # fingerprint of a finding of the checks -> why it stays as it is


def read_proposal(body: Any) -> Sent:
    """Raises `Invalid` with the path of every fault."""
    data, waivers = split_waivers(body)
    return Sent(parse_document(data), waivers)


def propose_article(*, caller: Caller, body: Any) -> Answer:
    sent = read_proposal(body)
    if not policy.can_propose(caller.user):
        raise NotAllowed("Only authors and reviewers start a write-up.")
    once = once_of_program(caller.token.id)
    rendered = render_document(sent.document)  # before the transaction: nobody waits for it
    with writing(db.session):
        if kept := once_changes.answered(once):
            return answer_again(kept.answer, kept.status, kept.location)
        article, revision = proposing.propose(
            actor=caller.user, document=sent.document, rendered=rendered, waivers=sent.waivers
        )
        made = proposal_of(caller, article, revision)
        address = f"{current_settings().site_url}{PREFIX}/articles/{article.slug}"
        once_changes.keep(once, status=201, location=address, answer=made.model_dump_json())
    return Answer(made, 201, location=address, hash=made.hash)


def proposal_of(caller: Caller, article: Article, revision: Revision) -> Proposal:
    """What a program is told of what it proposed."""
    program = caller.program
    return Proposal(
        slug=article.slug,
        url=url_of(article),
        title=revision.title,
        state=revision.state,
        revision=revision.number,
        hash=revision.document_hash,
        note=revision.note,
        program=ProgramShown(name=program.name, model=program.model, token=program.prefix, owner=caller.user.name),
    )


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
        body=ProposedDocument,
    ),
)


def _behind(number: int, label: Label) -> ProgramBehind:
    return ProgramBehind(name=label.program, model=label.model, token=label.prefix, owner=label.owner, revision=number)


def url_of(article: Article) -> str:
    """The address of its page."""
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
        url=url_of(article),
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
