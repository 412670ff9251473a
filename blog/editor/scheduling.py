"""Scheduling: an approved revision is given an hour, and goes live when it comes, if it still may."""

from datetime import datetime, timedelta

from blog import policy
from blog.accounts.models import User
from blog.articles import queries
from blog.articles.models import Article, ArticleState, Revision, RevisionState
from blog.editor import publishing
from blog.editor.reviewing import called_off
from blog.errors import Fault, Invalid, NotAllowed
from blog.journal.changes import record
from blog.lib import clock

LONGEST_WAIT = timedelta(days=366)


def schedule(*, actor: User, revision: Revision, article: Article, publish_at: datetime) -> None:
    """Have the worker publish an approved revision at this instant; a second call names another one. Raises as
    `publish` does, and `Invalid` at path `publish_at` for an instant that is past or further off than `LONGEST_WAIT`.
    """
    publishing.require_publishable(actor, revision, article)
    now = clock.now()
    if publish_at <= now:
        raise Invalid([Fault("publish_at", "this has passed: name a time to come, or publish it now")])
    if publish_at > now + LONGEST_WAIT:
        raise Invalid([Fault("publish_at", "name a time within a year")])
    revision.publish_at, revision.publish_by_id, revision.publish_refused = publish_at, actor.id, None
    record("revision.scheduled", subject=revision, actor=actor, data={"at": clock.iso(publish_at)}, run_at=publish_at)


def unschedule(*, actor: User, revision: Revision) -> None:
    """Call the hour off. The revision stays approved."""
    if not policy.can_unschedule(actor, revision, queries.author_ids(revision)):
        raise NotAllowed("Reviewers and authors of a revision call its hour off, while it has one.")
    record("revision.unscheduled", subject=revision, actor=actor, data=called_off(revision))


def publish_due(*, actor: User | None, revision: Revision, article: Article) -> str:
    """Put a revision live whose hour has come, in the name of `actor`, who set it. What no longer may go live stays
    where it is and says why; that reason is returned. Does nothing where the hour was called off, moved, or is over.
    """
    if revision.publish_at is None or revision.publish_at > clock.now():
        return ""
    if reason := _hindrance(actor, revision, article):
        revision.publish_at, revision.publish_refused = None, reason
        record("revision.publish_refused", subject=revision, actor=None, reason=reason)
        return reason
    publishing.go_live(article, revision, at=clock.now())
    data = {"revision": revision.id, "scheduled": True}
    record("article.published", subject=article, actor=actor, data=data)
    return ""


def _hindrance(actor: User | None, revision: Revision, article: Article) -> str:
    if article.state == ArticleState.RETIRED:
        return "The write-up was retired meanwhile. It is restored first."
    if article.state == ArticleState.MERGED:
        return "The write-up was merged into another one meanwhile. That is undone first."
    if revision.state == RevisionState.APPROVED and not policy.can_publish(actor, revision):
        return "Who set the time may not publish any more. Another reviewer can publish it."
    try:
        publishing.require_publishable(actor, revision, article)
    except NotAllowed as error:
        return error.message
    return ""
