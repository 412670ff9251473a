"""Proposing: a program writes a new draft in the name of a person and asks for its review. It never goes further."""

from blog import policy
from blog.accounts import label_changes
from blog.accounts.models import User
from blog.accounts.wording import program_words
from blog.articles import queries, writing
from blog.articles.document import Document
from blog.articles.models import Article, Revision, RevisionState
from blog.checks.waiver_changes import Waivers
from blog.editor import reviewing
from blog.errors import Conflict, NotAllowed, PreconditionFailed
from blog.extensions import db

SETTLED = {RevisionState.LIVE, RevisionState.SUPERSEDED, RevisionState.REPLACED}


def propose(
    *, actor: User, document: Document, rendered: writing.Rendered, waivers: Waivers | None = None
) -> tuple[Article, Revision]:
    """A new write-up, submitted, labelled with the program that acts. Whoever owns its token counts as its author, so
    somebody else has to approve it. Raises what `create_article` and `submit` raise. `rendered` is what
    `render_document` made, before the transaction.
    """
    revision = writing.create_article(actor=actor, document=document, note=label_note(actor), rendered=rendered)
    article = db.session.get_one(Article, revision.article_id)
    _submit(actor, article, revision, waivers=waivers)
    return article, revision


def propose_revision(
    *,
    actor: User,
    article: Article,
    document: Document,
    based_on_hash: str,
    rendered: writing.Rendered,
    waivers: Waivers | None = None,
    public_note: str = "",
) -> Revision:
    """The next revision of a write-up, submitted and labelled likewise. Readers see the live one until people publish
    this, and `public_note` then. Raises `PreconditionFailed` where the newest revision is not the one of
    `based_on_hash`, and `Conflict` where people's work would be replaced, or nothing is new.
    """
    if not policy.can_propose_revision(actor, article):
        raise NotAllowed("You may not propose a change of this write-up, or it was retired.")
    newest = queries.newest_revision(article)
    if newest is None or newest.document_hash != based_on_hash:
        raise PreconditionFailed(
            "The newest revision is not the one that If-Match names. Read it, put your change into it, and send that."
        )
    _require_no_work_of_people(actor, newest)
    if newest.document_hash == document.hash:
        raise Conflict("This is the text as it stands: there is nothing to propose.")
    revision = writing.save_revision(
        actor=actor,
        article=article,
        document=document,
        based_on_id=newest.id,
        note=label_note(actor),
        rendered=rendered,
    )
    _submit(actor, article, revision, waivers=waivers, public_note=public_note)
    return revision


def label_note(actor: User) -> str:
    """What the note of a revision says of the program that made it."""
    if actor.acting_program is None:
        raise NotAllowed("Only programs propose; people save and submit at the editors' desk.")
    return f"Proposed by {program_words(actor.acting_program)} for {actor.name}."


def _require_no_work_of_people(actor: User, newest: Revision) -> None:
    """A new revision takes the place of an open one. A program takes the place of its owner's own work, never of what
    others write or people approved.
    """
    if newest.state in SETTLED:
        return
    if newest.state == RevisionState.APPROVED:
        raise Conflict("People approved a revision that is not published yet. Propose after it went live.")
    if actor.id not in queries.author_ids(newest):
        raise Conflict("Somebody else works on a revision of this write-up. Propose after it was decided.")


def _submit(
    actor: User, article: Article, revision: Revision, *, waivers: Waivers | None, public_note: str = ""
) -> None:
    label_changes.label(actor=actor, subject=revision)
    reviewing.submit(
        actor=actor,
        revision=revision,
        article=article,
        note=revision.note,
        waivers=waivers,
        public_note=public_note,
    )
