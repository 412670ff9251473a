"""Reads of working copies. A working copy is its writer's alone: every read is by the person it belongs to."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import undefer

from blog.accounts.models import User
from blog.articles.models import Revision
from blog.editor.working_copy_models import WorkingCopy
from blog.extensions import db


def open_copy(user: User, place: int) -> WorkingCopy | None:
    """What this person typed at this place and has not saved, whole."""
    return _copy(user, place, is_discarded=False)


def discarded_copy(user: User, place: int) -> WorkingCopy | None:
    """What this person discarded last at this place, whole."""
    return _copy(user, place, is_discarded=True)


def open_copies(user: User) -> list[WorkingCopy]:
    """All that this person has typed and not saved, newest first, without the texts."""
    wanted = select(WorkingCopy).where(WorkingCopy.user_id == user.id, WorkingCopy.is_discarded.is_(False))
    return list(db.session.scalars(wanted.order_by(WorkingCopy.kept_at.desc())))


def is_revision_of(revision_id: int, article_id: int) -> bool:
    """Whether the write-up has this revision."""
    wanted = select(Revision.id).where(Revision.id == revision_id, Revision.article_id == article_id)
    return db.session.scalar(wanted) is not None


def is_any_discarded_before(moment: datetime) -> bool:
    """Whether something was discarded so long ago that nobody will bring it back."""
    wanted = select(WorkingCopy.user_id).where(WorkingCopy.is_discarded, WorkingCopy.kept_at < moment).limit(1)
    return db.session.scalar(wanted) is not None


def _copy(user: User, place: int, *, is_discarded: bool) -> WorkingCopy | None:
    wanted = select(WorkingCopy).where(
        WorkingCopy.user_id == user.id, WorkingCopy.place == place, WorkingCopy.is_discarded.is_(is_discarded)
    )
    return db.session.scalar(wanted.options(undefer(WorkingCopy.fields)))
