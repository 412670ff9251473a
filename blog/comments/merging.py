"""Merging: a write-up that tells what another one tells stands in it from then on, with its whole discussion.

Nothing is lost by it and all can be undone: its number, its former addresses and its revisions stay. It stands beside
the comments because their threads move along.
"""

from collections.abc import Sequence

from sqlalchemy import case, func, null, update

from blog import policy
from blog.accounts.models import User
from blog.articles import address_queries, projections
from blog.articles.address_models import Merge
from blog.articles.document import parse_document_text
from blog.articles.models import Article, ArticleState
from blog.articles.queries import live_revision_of
from blog.comments import queries
from blog.comments.models import Comment
from blog.editor.reviewing import bounded_reason
from blog.errors import Conflict, Fault, Invalid, NotAllowed
from blog.extensions import db
from blog.journal.changes import add_jobs, record
from blog.journal.reactions import INDEX
from blog.lib import clock

MANY = 500  # rows changed by one statement


def merge(*, actor: User, article: Article, into: Article, reason: str) -> None:
    """Let `article` stand in `into`: its address leads there, and its threads move there. Raises `NotAllowed`, and
    `Invalid` at the paths `into` and `reason`.
    """
    require_mergeable(actor=actor, article=article, into=into)
    if not (reason := bounded_reason(reason)):
        raise Invalid([Fault("reason", "say why, for everybody who follows a link to it")])
    merged = Merge(
        article_id=article.id,
        into_id=into.id,
        state_before=article.state,
        reason=reason,
        merged_at=clock.now(),
    )
    db.session.add(merged)
    article.state = ArticleState.MERGED
    projections.clear(article)
    moved = queries.ids_on(article)
    _move(moved, source=article, target=into)
    data = {"into": into.id, "comments": len(moved)}
    event = record("article.merged", subject=article, actor=actor, reason=reason, data=data)
    add_jobs(event, INDEX, subject_type="comment", subject_ids=moved)


def require_mergeable(*, actor: User, article: Article, into: Article) -> None:
    """Raises what `merge` would, whatever the reason is."""
    if not policy.can_merge(actor, article):
        raise NotAllowed("Reviewers merge write-ups that are or were published, and none that is merged already.")
    if into.id == article.id:
        raise Invalid([Fault("into", "this is the same write-up; name the other one")])
    if into.state != ArticleState.PUBLISHED:
        raise Invalid([Fault("into", "only a published write-up can take another one in")])


def undo_merge(*, actor: User, article: Article, reason: str = "") -> None:
    """Undo `merge`: the write-up is what it was before, and its threads come back with whatever was answered in them
    meanwhile. What was begun on the other page stays there. Raises `NotAllowed`, `Conflict`.
    """
    merged = address_queries.merge_of(article)
    if merged is None or not policy.can_undo_merge(actor, article):
        raise NotAllowed("Reviewers undo a merge; there is none here that you could undo.")
    into = db.session.get_one(Article, merged.into_id)
    if into.state == ArticleState.MERGED:
        raise Conflict(f"“{into.title}” was itself merged into another write-up since. Undo that first.")
    reason, came = bounded_reason(reason), address_queries.tree_of(article.id)
    article.state = merged.state_before
    db.session.delete(merged)
    db.session.flush()
    if live := live_revision_of(article.id):
        projections.project(article, parse_document_text(live.document))
    moved = queries.ids_in_threads_begun_on(came, standing_on=into)
    _move(moved, source=into, target=article)
    data = {"into": into.id, "comments": len(moved)}
    event = record("article.unmerged", subject=article, actor=actor, reason=reason, data=data)
    add_jobs(event, INDEX, subject_type="comment", subject_ids=moved)


def _move(comment_ids: Sequence[int], *, source: Article, target: Article) -> None:
    """Have these comments stand on `target`, still knowing where they were said."""
    said_on = func.coalesce(Comment.said_on_id, source.id)
    values = {"article_id": target.id, "said_on_id": case((said_on == target.id, null()), else_=said_on)}
    for start in range(0, len(comment_ids), MANY):
        moved = update(Comment).where(Comment.id.in_(comment_ids[start : start + MANY])).values(values)
        db.session.execute(moved, execution_options={"synchronize_session": False})
    for article in (source, target):
        article.comment_count = queries.count_visible(article)
    db.session.flush()
