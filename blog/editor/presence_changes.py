"""Signs of life from the editor. They are no events: they say nothing a minute later, and decide nothing."""

from datetime import timedelta

from sqlalchemy import delete

from blog.accounts.models import User
from blog.editor.presence_models import Presence
from blog.editor.working_copy_changes import require_place
from blog.editor.working_copy_models import NEW
from blog.errors import NotFound
from blog.extensions import db
from blog.lib import clock

STALE = timedelta(days=1)


def note(*, actor: User, article_id: int) -> None:
    """This person has the write-up open. Raises `NotFound` and `NotAllowed` as editing it would."""
    if article_id == NEW:  # others are told of nobody there
        raise NotFound("There is no such write-up.")
    require_place(actor, article_id)
    db.session.execute(delete(Presence).where(Presence.seen_at < clock.now() - STALE))
    presence = db.session.get(Presence, (article_id, actor.id))
    if presence is None:
        presence = Presence(article_id=article_id, user_id=actor.id)
        db.session.add(presence)
    presence.seen_at = clock.now()
    db.session.flush()


def leave(*, actor: User, article_id: int) -> None:
    """This person closed it."""
    here = (Presence.article_id == article_id, Presence.user_id == actor.id)
    db.session.execute(delete(Presence).where(*here))
