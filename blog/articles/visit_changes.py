"""Noting what a member has read. Nothing of it is in the journal, which everybody can read: what somebody reads is
nobody's business but theirs (decision 0019).
"""

from sqlalchemy import delete, insert

from blog import policy
from blog.accounts.models import User
from blog.articles import history_queries
from blog.articles.models import Article, Revision
from blog.articles.visit_models import Visit
from blog.errors import NotAllowed
from blog.extensions import db
from blog.journal.versions import move_on
from blog.lib import clock


def note_visit(*, actor: User, article: Article, revision: Revision) -> None:
    """This person has read this revision. What goes live after it is marked for them. Doing it again does nothing."""
    if not policy.can_note_visit(actor, revision, article):
        raise NotAllowed("What was published can be noted as read, by the person who reads it.")
    noted = history_queries.visit_of(actor.id, article)
    if noted is not None and noted[1].id == revision.id:
        return
    db.session.execute(delete(Visit).where(Visit.user_id == actor.id, Visit.article_id == article.id))
    row = {"user_id": actor.id, "article_id": article.id, "revision_id": revision.id, "at": clock.now()}
    db.session.execute(insert(Visit), [row])
    is_late = revision.id != article.live_revision_id  # then the kept page of all must learn that they see another
    move_on("visit.noted_late" if is_late else "visit.noted", [(actor.id, {"article": article.id})])
