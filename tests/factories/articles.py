"""Write-ups for tests: documents, drafts, and published ones that went through the real changes with two people."""

from itertools import count
from typing import Any

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import joinedload, undefer

from blog.accounts.models import User
from blog.articles import queries, writing
from blog.articles.document import Document, parse_document, parse_document_text
from blog.articles.models import Article, Revision
from blog.checks.document_checks import findings_of
from blog.editor import publishing, reviewing
from blog.extensions import db
from blog.lib.database import writing as transaction
from tests.people import ARUN, ROSA, Person, join

_numbers = count(1)


def make_document(**overrides: Any) -> Document:
    """A short valid document with a title of its own; `make_document(tags=["dns"], timeline=[...])` adds to it."""
    data = {
        "title": f"Disk full on the queue host, no. {next(_numbers)}",
        "summary": "The queue stopped when its disk filled.",
        "body": "The log was never rotated.\n\n## What we changed\n\nIt is rotated every hour now.",
        "tags": ["queues"],
    }
    return parse_document({**data, **overrides})


def make_draft(app: Flask, *, author: Person | User = ARUN, slug: str = "", **overrides: Any) -> Revision:
    """The first revision of a new draft. It is detached, whole, with its `article`."""
    actor = _row(app, author)
    with app.app_context():
        with transaction(db.session):
            revision = writing.create_article(actor=actor, document=make_document(**overrides), slug=slug)
        return _whole(revision.id)


def make_submitted(app: Flask, *, author: Person | User = ARUN, **overrides: Any) -> Revision:
    """A draft whose author asked for a review."""
    draft = make_draft(app, author=author, **overrides)
    actor = _row(app, author)
    with app.app_context():
        with transaction(db.session):
            revision = db.session.get_one(Revision, draft.id)
            article = db.session.get_one(Article, draft.article_id)
            reviewing.submit(actor=actor, revision=revision, article=article, waivers=_waivers(revision))
        return _whole(draft.id)


def make_approved(
    app: Flask, *, author: Person | User = ARUN, reviewer: Person | User = ROSA, **overrides: Any
) -> Revision:
    """A revision that a second person approved, not yet published."""
    submitted = make_submitted(app, author=author, **overrides)
    actor = _row(app, reviewer)
    with app.app_context():
        with transaction(db.session):
            revision = db.session.get_one(Revision, submitted.id)
            reviewing.approve(actor=actor, revision=revision, document_hash=revision.document_hash)
        return _whole(submitted.id)


def make_published(
    app: Flask, *, author: Person | User = ARUN, reviewer: Person | User = ROSA, **overrides: Any
) -> Article:
    """A published write-up; its `live_revision` is loaded. Keywords are those of `make_document`, and `slug`."""
    approved = make_approved(app, author=author, reviewer=reviewer, **overrides)
    actor = _row(app, reviewer)
    with app.app_context():
        with transaction(db.session):
            revision = db.session.get_one(Revision, approved.id)
            publishing.publish(actor=actor, revision=revision, article=db.session.get_one(Article, revision.article_id))
        wanted = select(Article).where(Article.id == approved.article_id).options(joinedload(Article.live_revision))
        return db.session.scalars(wanted.execution_options(populate_existing=True)).one()


def make_revised(
    app: Flask,
    article: Article,
    *,
    public_note: str = "A correction.",
    author: Person | User = ARUN,
    reviewer: Person | User = ROSA,
    **overrides: Any,
) -> Revision:
    """The next revision of a published write-up, live. Keywords are the fields of its document that differ."""
    writer, approver = _row(app, author), _row(app, reviewer)
    with app.app_context(), transaction(db.session):
        article = db.session.get_one(Article, article.id)
        newest = queries.newest_revision_of(article)
        changed = parse_document({**parse_document_text(newest.document).model_dump(mode="json"), **overrides})
        made = writing.save_revision(actor=writer, article=article, document=changed, based_on_id=newest.id)
        reviewing.submit(actor=writer, revision=made, article=article, public_note=public_note, waivers=_waivers(made))
        reviewing.approve(actor=approver, revision=made, document_hash=made.document_hash)
        publishing.publish(actor=approver, revision=made, article=article)
    with app.app_context():
        return _whole(made.id)


def _waivers(revision: Revision) -> dict[str, str]:
    """Reasons for all that the checks find: texts of tests need not be fit to print."""
    found = findings_of(parse_document_text(revision.document))
    return {finding.fingerprint: "Made up for a test." for finding in found}


def _row(app: Flask, person: Person | User) -> User:
    return join(app, person) if isinstance(person, Person) else person


def _whole(revision_id: int) -> Revision:
    wanted = (
        select(Revision)
        .where(Revision.id == revision_id)
        .options(undefer(Revision.document), undefer(Revision.rendered), joinedload(Revision.article))
    )
    return db.session.scalars(wanted.execution_options(populate_existing=True)).one()
