"""Noting how far a member has read a discussion. As with write-ups, nothing of it is in the journal (decision 0019)."""

from sqlalchemy import delete

from blog import policy
from blog.accounts.models import User
from blog.articles.models import Article
from blog.comments import visit_queries
from blog.comments.visit_models import ThreadVisit
from blog.errors import NotAllowed
from blog.extensions import db
from blog.lib import clock


def note_thread_visit(*, actor: User, article: Article, read_id: int, is_all: bool = False) -> None:
    """This person has read what was there up to this comment; nobody has read what is not there yet. What comes later
    is marked for them; with `is_all` what came before is not marked even during this visit. Raises `NotAllowed`.
    """
    if not policy.can_note_thread(actor, article):
        raise NotAllowed("A discussion can be noted as read by the person who reads it.")
    read_id = max(0, min(read_id, visit_queries.newest_on(article)))
    now = clock.now()
    visit = db.session.get(ThreadVisit, (actor.id, article.id), populate_existing=True)
    if visit is None:
        row = ThreadVisit(user_id=actor.id, article_id=article.id, before_id=read_id, read_id=read_id, at=now)
        row.before_at = now
        db.session.add(row)
        return
    if now - visit.at >= visit_queries.SITTING:
        visit.before_id, visit.before_at = visit.read_id, visit.at
    visit.read_id, visit.at = max(visit.read_id, read_id), now
    if is_all:
        visit.before_id, visit.before_at = visit.read_id, now


def forget_thread_visits(person: User) -> None:
    """For a person of whom nothing is to be kept."""
    db.session.execute(delete(ThreadVisit).where(ThreadVisit.user_id == person.id))
