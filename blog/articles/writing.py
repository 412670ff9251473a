"""Writing: new write-ups and new revisions of them. A revision is never changed; saving makes the next one."""

from sqlalchemy import insert

from blog import policy
from blog.accounts.models import User
from blog.articles import queries
from blog.articles.address_queries import is_slug_taken
from blog.articles.addresses import checked_slug
from blog.articles.document import Document
from blog.articles.history_queries import authors_of_text
from blog.articles.lifecycle import move
from blog.articles.models import Article, Revision, RevisionAuthor, RevisionState
from blog.articles.rendering import render_document
from blog.errors import Conflict, Fault, Invalid, NotAllowed
from blog.extensions import db
from blog.journal.changes import record
from blog.lib import clock
from blog.lib.slugs import free_slug
from blog.lib.text import clean_line

MAX_REVISION_NOTE = 1_000


Rendered = tuple[dict[str, object], str]  # what `render_document` makes: (form, version)


def create_article(
    *, actor: User, document: Document, slug: str = "", note: str = "", rendered: Rendered | None = None
) -> Revision:
    """A new draft with its first revision. Raises `Invalid` at path `slug` when the address asked for is taken.

    Give `rendered` where a person waits: rendering inside the transaction would hold the database for everybody.
    """
    if not policy.can_propose(actor):
        raise NotAllowed("Only authors and reviewers start a write-up.")
    article = Article(
        slug=new_slug(slug, document.title),
        title=document.title,
        summary=document.summary,
        authors=[actor.name],
        created_by_id=actor.id,
        created_at=clock.now(),
    )
    db.session.add(article)
    db.session.flush()
    revision = add_revision(
        article, document, author_ids={actor.id}, created_by_id=actor.id, note=note, rendered=rendered
    )
    record("article.created", subject=article, actor=actor, data={"revision": revision.id})
    return revision


def save_revision(
    *,
    actor: User,
    article: Article,
    document: Document,
    based_on_id: int,
    note: str = "",
    rendered: Rendered | None = None,
) -> Revision:
    """The next revision, in place of the open draft it is based on, or beside the live one and beside one that has its
    hour. Raises `Conflict` when a newer revision exists than the one the writer started from; saving nothing new gives
    that revision back.
    """
    if not policy.can_propose_revision(actor, article):
        raise NotAllowed("You may not edit this write-up.")
    newest = queries.newest_revision(article)
    if newest is None or newest.id != based_on_id:
        raise Conflict(
            "Somebody saved a newer revision since you began. Your text is kept below; compare and save again."
        )
    if newest.document_hash == document.hash:
        return newest
    author_ids = queries.author_ids(newest) | authors_of_text(article.id, document.hash) | {actor.id}
    if newest.state not in (RevisionState.LIVE, RevisionState.SUPERSEDED) and newest.publish_at is None:
        move(newest, RevisionState.REPLACED)  # one that has its hour goes live then, and this one comes after it
    revision = add_revision(
        article, document, author_ids=author_ids, created_by_id=actor.id, note=note, based_on=newest, rendered=rendered
    )
    if article.published_at is None:
        article.title, article.summary = document.title, document.summary
        if actor.name not in article.authors:
            article.authors = [*article.authors, actor.name]
    record("article.revised", subject=article, actor=actor, reason=revision.note, data={"revision": revision.id})
    return revision


def add_revision(
    article: Article,
    document: Document,
    *,
    author_ids: set[int],
    created_by_id: int | None,
    note: str = "",
    based_on: Revision | None = None,
    rendered: Rendered | None = None,
) -> Revision:
    """A revision row with its rendered form (made here unless given) and its authors. Records no event of its own."""
    try:
        note = clean_line(note)
    except ValueError as error:
        raise Invalid([Fault("note", str(error))]) from error
    if len(note) > MAX_REVISION_NOTE:
        raise Invalid([Fault("note", f"a note is at most {MAX_REVISION_NOTE} characters", is_too_long=True)])
    form, version = rendered or render_document(document)
    revision = Revision(
        article_id=article.id,
        number=queries.last_revision_number(article) + 1,
        title=document.title,
        document=document.canonical(),
        document_hash=document.hash,
        note=note,
        based_on_id=based_on.id if based_on else None,
        created_by_id=created_by_id,
        created_at=clock.now(),
        rendered=form,
        renderer_version=version,
    )
    db.session.add(revision)
    db.session.flush()
    if author_ids:
        rows = [{"revision_id": revision.id, "user_id": user_id} for user_id in sorted(author_ids)]
        db.session.execute(insert(RevisionAuthor), rows)
    return revision


def new_slug(wanted: str, title: str) -> str:
    """`wanted` if it is well formed and free, else one made from the title. Raises `Invalid` at path `slug`."""

    if not wanted:
        return free_slug(title, is_taken=is_slug_taken)
    if is_slug_taken(checked_slug(wanted)):
        raise Invalid([Fault("slug", f"the address {wanted} is, or was, that of another write-up")])
    return wanted
