"""Who else works on a write-up: has it open now, or has typed something there that is not saved."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from blog.accounts.models import User
from blog.editor.presence_models import Presence
from blog.editor.working_copy_models import WorkingCopy
from blog.extensions import db
from blog.lib import clock

FRESH = timedelta(seconds=90)  # three signs of life; a page that was closed without a word is gone after it


@dataclass(frozen=True)
class Other:
    """Somebody else at work here. `typed_at` is when they last typed something that they have not saved."""

    name: str
    is_here: bool
    typed_at: datetime | None


def others_at(user: User, article_id: int) -> list[Other]:
    """Everybody else at work on this write-up, those who have it open first. For people who may edit it."""
    since = clock.now() - FRESH
    here = select(Presence).where(
        Presence.article_id == article_id, Presence.user_id != user.id, Presence.seen_at > since
    )
    copies = (
        select(User.name, WorkingCopy.kept_at)
        .join(User, User.id == WorkingCopy.user_id)
        .where(WorkingCopy.place == article_id, WorkingCopy.user_id != user.id, WorkingCopy.is_discarded.is_(False))
    )
    present = {one.user.name for one in db.session.scalars(here.options(joinedload(Presence.user)))}
    typed: dict[str, datetime] = dict(db.session.execute(copies).all())
    names = sorted(present | set(typed), key=lambda name: (name not in present, name.casefold()))
    return [Other(name, name in present, typed.get(name)) for name in names]
