"""Drafts that were put away."""

from sqlalchemy import select
from sqlalchemy.orm import aliased, joinedload

from blog import policy
from blog.accounts.models import User
from blog.articles.models import Revision, RevisionAuthor, RevisionState
from blog.extensions import db


def discarded_drafts(user: User, *, limit: int = 20) -> list[Revision]:
    """The discarded drafts that this person may bring back, newest first: nothing was saved after them."""
    newer = aliased(Revision)
    has_newer = select(newer.id).where(newer.article_id == Revision.article_id, newer.number > Revision.number).exists()
    wanted = select(Revision).where(Revision.state == RevisionState.DISCARDED, ~has_newer)
    if user.role not in policy.REVIEWERS:
        mine = select(RevisionAuthor.revision_id).where(RevisionAuthor.user_id == user.id)
        wanted = wanted.where(Revision.id.in_(mine))
    wanted = wanted.order_by(Revision.id.desc()).limit(limit).options(joinedload(Revision.article))
    return [one for one in db.session.scalars(wanted) if policy.can_edit(user, one.article)]
