"""Restoring an old revision: its text becomes a new draft, which goes through review like any other."""

from sqlalchemy import insert

from blog import policy
from blog.accounts.models import User
from blog.articles import queries, writing
from blog.articles.document import parse_document_text
from blog.articles.models import Article, Revision, RevisionAuthor
from blog.errors import NotAllowed
from blog.extensions import db
from blog.journal.changes import record


def restore_revision(
    *,
    actor: User,
    article: Article,
    revision: Revision,
    based_on_id: int,
    note: str = "",
    rendered: writing.Rendered | None = None,
) -> Revision:
    """The next revision, with the document of an earlier one. Who wrote any part of either counts as its author.
    Raises what `save_revision` raises; the newest revision itself is given back where it says the same already.
    """
    if not policy.can_restore_revision(actor, revision, article):
        raise NotAllowed("This revision cannot be restored by you.")
    made = writing.save_revision(
        actor=actor,
        article=article,
        document=parse_document_text(revision.document),
        based_on_id=based_on_id,
        note=note or f"Restores revision {revision.number}",
        rendered=rendered,
    )
    if made.id == based_on_id:
        return made
    missing = queries.author_ids(revision) - queries.author_ids(made)
    if missing:
        db.session.execute(
            insert(RevisionAuthor), [{"revision_id": made.id, "user_id": user_id} for user_id in sorted(missing)]
        )
    record("revision.restored", subject=made, actor=actor, data={"from": revision.id})
    return made
