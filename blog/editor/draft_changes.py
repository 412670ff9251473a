"""Putting a draft away and bringing it back. Nothing is deleted: the revision stays, with its number and history."""

from blog import policy
from blog.accounts.models import User
from blog.articles import queries
from blog.articles.lifecycle import move
from blog.articles.models import Article, Revision, RevisionState
from blog.articles.writing import MAX_REVISION_NOTE
from blog.errors import Conflict, Fault, Invalid, NotAllowed
from blog.journal.changes import record
from blog.lib.text import clean_line


def discard_draft(*, actor: User, revision: Revision, article: Article, reason: str = "") -> None:
    """Put the draft away; what is live goes on. Raises `NotAllowed`, also for one that waits for a review, `Conflict`
    where a newer revision stands, and `Invalid`.
    """
    if not policy.can_discard_draft(actor, revision, article, queries.author_ids(revision)):
        raise NotAllowed("Only drafts are discarded, by who wrote them or by a reviewer. Take it back first.")
    _require_newest(revision, article)
    move(revision, RevisionState.DISCARDED)
    record("revision.discarded", subject=revision, actor=actor, reason=_line(reason), data={"article": article.id})


def bring_back_draft(*, actor: User, revision: Revision, article: Article) -> None:
    """Make it a draft again. Raises `NotAllowed`, and `Conflict` where something was saved since."""
    if not policy.can_bring_back_draft(actor, revision, article, queries.author_ids(revision)):
        raise NotAllowed("Only what was discarded is brought back, by who wrote it or by a reviewer.")
    _require_newest(revision, article)
    move(revision, RevisionState.DRAFT)
    record("revision.brought_back", subject=revision, actor=actor, data={"article": article.id})


def _require_newest(revision: Revision, article: Article) -> None:
    if queries.last_revision_number(article) != revision.number:
        raise Conflict("A newer revision of this write-up was saved since. This one stays in its history.")


def _line(reason: str) -> str:
    try:
        line = clean_line(reason)
    except ValueError as error:
        raise Invalid([Fault("reason", str(error))]) from error
    if len(line) > MAX_REVISION_NOTE:
        raise Invalid([Fault("reason", f"a reason is at most {MAX_REVISION_NOTE} characters", is_too_long=True)])
    return line
