"""Publishing: an approved revision goes live; a write-up is retired and restored."""

from datetime import datetime

from blog import policy
from blog.accounts.models import User
from blog.articles import projections, queries
from blog.articles.document import parse_document_text
from blog.articles.lifecycle import move, require_approval
from blog.articles.models import CLOSED, Article, ArticleState, Revision, RevisionState
from blog.editor import review_queries
from blog.editor.reviewing import bounded_reason
from blog.errors import Fault, Invalid, NotAllowed
from blog.extensions import db
from blog.journal.changes import record
from blog.lib import clock
from blog.settings import current_settings


def publish(*, actor: User, revision: Revision, article: Article) -> None:
    """Put an approved revision live. Raises `NotAllowed`, whoever asks, without enough approvals of exactly this
    document by people who wrote no part of it.
    """
    require_publishable(actor, revision, article)
    go_live(article, revision, at=clock.now())
    record("article.published", subject=article, actor=actor, data={"revision": revision.id})


def require_publishable(actor: User | None, revision: Revision, article: Article) -> None:
    """Raises `NotAllowed` unless this revision may be put live by this person, now."""
    required = current_settings().approvals_required
    require_approval(revision, queries.reviews_of(revision), queries.author_ids(revision), required=required)
    if not policy.can_publish(actor, revision) or article.state in CLOSED:
        raise NotAllowed("Reviewers publish what is approved; this revision cannot be published by you.")


def retire(*, actor: User, article: Article, reason: str) -> None:
    """Take a write-up out of lists, search and feeds; its address says why. Nothing is deleted."""
    if not policy.can_retire(actor, article):
        raise NotAllowed("Reviewers retire published write-ups; this one cannot be retired by you.")
    reason = bounded_reason(reason)
    if not reason:
        raise Invalid([Fault("reason", "say why, for everybody who follows a link to it")])
    article.state, article.retired_reason = ArticleState.RETIRED, reason
    projections.clear(article)
    record("article.retired", subject=article, actor=actor, reason=reason)


def restore(*, actor: User, article: Article, revision: Revision) -> None:
    """Undo `retire`; `revision` is the one that was live."""
    if not policy.can_restore_article(actor, article):
        raise NotAllowed("Only a reviewer restores a retired write-up.")
    if revision.id != article.live_revision_id:
        raise Invalid("Only the revision that was live can come back; publish another one through a review.")
    article.state, article.retired_reason = ArticleState.PUBLISHED, ""
    projections.project(article, parse_document_text(revision.document))
    record("article.restored", subject=article, actor=actor)


def go_live(article: Article, revision: Revision, *, at: datetime) -> None:
    """Make this the revision that readers see. What was begun before it and is still open can no longer take its
    place. Decides nothing: `require_publishable` does.
    """
    previous = db.session.get(Revision, article.live_revision_id) if article.live_revision_id else None
    if previous is not None:
        move(previous, RevisionState.SUPERSEDED)
    for earlier in review_queries.open_before(revision):
        move(earlier, RevisionState.REPLACED)
        earlier.publish_at = None
    move(revision, RevisionState.LIVE)
    revision.live_at = at
    revision.publish_at = revision.publish_refused = None
    article.live_revision_id = revision.id
    article.state = ArticleState.PUBLISHED
    article.published_at = article.published_at or at
    article.updated_at = at
    projections.project(article, parse_document_text(revision.document))
    db.session.flush()
