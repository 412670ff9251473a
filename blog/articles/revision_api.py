"""The JSON routes of revisions: what a write-up was and may become, and proposals of the next one."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated, Any

from flask import request
from pydantic import Field, PlainSerializer

from blog.accounts import label_queries
from blog.accounts.bearer import Caller
from blog.accounts.label_queries import Label
from blog.accounts.queries import names_of
from blog.articles import queries
from blog.articles.api import Proposal, proposal_of, read_proposal, url_of, without_defaults
from blog.articles.correction_changes import MAX_PUBLIC_NOTE
from blog.articles.document import Document
from blog.articles.models import Article, Revision
from blog.articles.rendering import render_document
from blog.editor import proposing
from blog.editor.check_forms import ProposedDocument
from blog.errors import Fault, Invalid, NotFound
from blog.extensions import db
from blog.journal import once_changes
from blog.lib.database import writing
from blog.lib.json_api import (
    PAGE,
    PREFIX,
    Answer,
    Operation,
    ProgramShown,
    Shown,
    answer_again,
    listing,
    seen_hash,
)
from blog.lib.once import once_of_program
from blog.lib.pagination import Page, page_number
from blog.settings import current_settings

PAGE_SIZE = 50


class RevisionEntry(Shown):
    """A revision in a list. `hash` is what a review approves, and what If-Match names; `program` is null where people
    wrote it.
    """

    number: int
    url: str
    title: str
    state: str
    hash: str
    note: str
    created_by: str | None
    created_at: datetime
    program: ProgramShown | None


class RevisionWhole(RevisionEntry):
    """A revision with its document, which never changes."""

    document: Annotated[Document, PlainSerializer(without_defaults)]


class ProposedRevision(ProposedDocument):
    """A document as the next revision of a write-up. Where that is published, `public_note` says to its readers what
    changed.
    """

    public_note: Annotated[str, Field(max_length=MAX_PUBLIC_NOTE)] = ""


def list_revisions(*, caller: Caller | None, slug: str) -> Answer:
    user = caller.user if caller else None
    article = queries.article_for(user, slug)
    found = queries.revisions_of(user, article)
    page = Page(page_number(request.args.get("page")), PAGE_SIZE, len(found))
    if page.number > page.last:
        raise NotFound("There are no so many revisions.")
    shown = found[(page.number - 1) * PAGE_SIZE : page.number * PAGE_SIZE]
    address = f"{current_settings().site_url}{PREFIX}/articles/{slug}/revisions"
    entries = [RevisionEntry(**facts) for facts in _facts(article, shown)]
    return Answer(listing(entries, page, address=address, arguments=request.args.to_dict(flat=False)))


def show_revision(*, caller: Caller | None, slug: str, number: int) -> Answer:
    page = queries.revision_page(caller.user if caller else None, slug, number)
    (facts,) = _facts(page.article, [page.revision])
    return Answer(RevisionWhole(**facts, document=page.document), hash=page.revision.document_hash)


def propose_revision(*, caller: Caller, body: Any, slug: str) -> Answer:
    body, public_note = _split_note(body)
    sent = read_proposal(body)
    article = queries.article_for(caller.user, slug)
    once, based_on_hash = once_of_program(caller.token.id), seen_hash()
    rendered = render_document(sent.document)  # before the transaction: nobody waits for it
    with writing(db.session):
        if kept := once_changes.answered(once):
            return answer_again(kept.answer, kept.status, kept.location)
        revision = proposing.propose_revision(
            actor=caller.user,
            article=article,
            document=sent.document,
            based_on_hash=based_on_hash,
            rendered=rendered,
            waivers=sent.waivers,
            public_note=public_note,
        )
        made = proposal_of(caller, article, revision)
        address = f"{current_settings().site_url}{PREFIX}/articles/{article.slug}/revisions/{revision.number}"
        once_changes.keep(once, status=201, location=address, answer=made.model_dump_json())
    return Answer(made, 201, location=address, hash=made.hash)


OPERATIONS = (
    Operation(
        name="list_revisions",
        method="GET",
        path="/articles/<slug>/revisions",
        run=list_revisions,
        about="The revisions of a write-up that were live once, and the open ones its writers see; newest first.",
        scope="read",
        is_public=True,
        is_list=True,
        shows=RevisionEntry,
        parameters=(PAGE,),
    ),
    Operation(
        name="show_revision",
        method="GET",
        path="/articles/<slug>/revisions/<int:number>",
        run=show_revision,
        about="One revision with its document.",
        scope="read",
        is_public=True,
        shows=RevisionWhole,
    ),
    Operation(
        name="propose_revision",
        method="POST",
        path="/articles/<slug>/revisions",
        run=propose_revision,
        about="Propose the next revision of a write-up. It waits for a reviewer; readers see the live one until then.",
        scope="propose",
        shows=Proposal,
        body=ProposedRevision,
        needs_match=True,
    ),
)


def _split_note(body: Any) -> tuple[Any, str]:
    """(The rest of what was sent, the note to readers). Raises `Invalid` for a note that is no text."""
    if not isinstance(body, dict):
        return body, ""
    rest = dict(body)
    note = rest.pop("public_note", "")
    if not isinstance(note, str):
        raise Invalid([Fault("public_note", "this is a text")])
    return rest, note


def _facts(article: Article, revisions: Sequence[Revision]) -> Iterator[dict[str, Any]]:
    """What an entry says of each of these revisions, in two statements however many they are."""
    labels = label_queries.labels_of("revision", [one.id for one in revisions])
    names = names_of({one.created_by_id for one in revisions if one.created_by_id is not None})
    for one in revisions:
        yield _entry(article, one, name=names.get(one.created_by_id or 0), label=labels.get(one.id))


def _entry(article: Article, revision: Revision, *, name: str | None, label: Label | None) -> dict[str, Any]:
    return {
        "number": revision.number,
        "url": f"{url_of(article)}/revisions/{revision.number}",
        "title": revision.title,
        "state": revision.state,
        "hash": revision.document_hash,
        "note": revision.note,
        "created_by": name,
        "created_at": revision.created_at,
        "program": _program(label) if label else None,
    }


def _program(label: Label) -> ProgramShown:
    return ProgramShown(name=label.program, model=label.model, token=label.prefix, owner=label.owner)
