"""What becomes of questions and corrections: answered, accepted into a revision, declined with a reason."""

from sqlalchemy import insert

from blog import policy
from blog.accounts.models import User
from blog.articles import queries as article_queries
from blog.articles import writing
from blog.articles.document import Document
from blog.articles.models import Article, Revision, RevisionAuthor
from blog.comments import queries, standing_queries
from blog.comments.models import Comment, CommentKind, CommentState, Standing
from blog.editor import reviewing
from blog.errors import Conflict, Fault, Invalid, NotAllowed
from blog.extensions import db
from blog.journal.changes import record
from blog.lib import clock


def mark_answer(*, actor: User, comment: Comment, answer_id: int) -> None:
    """Say which reply answers a question; another one may be named later. Raises `NotAllowed`, and `Invalid` at path
    `answer`.
    """
    require_may_settle(actor, comment)
    answer = db.session.get(Comment, answer_id)
    if answer is None or answer.state != CommentState.VISIBLE or answer.id == comment.id:
        raise Invalid([Fault("answer", "Choose one of the replies to this question.")])
    if comment.id not in queries.ancestors_of(answer.id, most=100):
        raise Invalid([Fault("answer", "This is no reply to this question.")])
    _settle(actor, comment, Standing.ANSWERED)
    comment.answer_id = answer.id
    record("comment.answered", subject=comment, actor=actor, data={"article": comment.article_id, "answer": answer.id})


def decline(*, actor: User, comment: Comment, reason: str) -> None:
    """Leave the text as it is, and say to readers why. Raises `NotAllowed`, `Conflict`, and `Invalid` at `reason`."""
    _require_correction(actor, comment)
    if not (reason := reviewing.bounded_reason(reason)):
        raise Invalid([Fault("reason", "Say why, for its writer and for everybody who reads it.")])
    _settle(actor, comment, Standing.DECLINED, reason=reason)
    record("comment.declined", subject=comment, actor=actor, reason=reason, data={"article": comment.article_id})


def accept(
    *,
    actor: User,
    comment: Comment,
    article: Article,
    document: Document,
    based_on_id: int,
    note: str,
    rendered: writing.Rendered,
    public_note: str | None = None,
) -> Revision:
    """Put a correction into the next revision, a draft of `actor`'s that its writer has a part in: neither of them can
    approve it. With a `public_note` its review is asked for at once. Raises `NotAllowed`, `Conflict` as `save_revision`
    does, and `Invalid` where nothing was changed, or as `submit` does.
    """
    _require_correction(actor, comment)
    newest = article_queries.newest_revision(article)
    if newest is not None and newest.document_hash == document.hash:
        raise Invalid([Fault("wording", "Put the correction in: this is the text as it stands.")])
    revision = writing.save_revision(
        actor=actor, article=article, document=document, based_on_id=based_on_id, note=note, rendered=rendered
    )
    if comment.user_id not in article_queries.author_ids(revision):
        db.session.execute(insert(RevisionAuthor).values(revision_id=revision.id, user_id=comment.user_id))
    _settle(actor, comment, Standing.ACCEPTED)
    comment.proposed_id = revision.id
    data = {"article": comment.article_id, "revision": revision.id}
    record("comment.accepted", subject=comment, actor=actor, data=data)
    if public_note is not None:
        reviewing.submit(actor=actor, revision=revision, article=article, note=note, public_note=public_note)
    return revision


def reopen(*, actor: User, comment: Comment) -> None:
    """Take back how a question or a correction was settled; a revision that was made of it stays. Raises `NotAllowed`,
    `Conflict`.
    """
    require_may_settle(actor, comment)
    if comment.standing == Standing.OPEN:
        raise Conflict("This is open already.")
    _settle(actor, comment, Standing.OPEN)
    record("comment.reopened", subject=comment, actor=actor, data={"article": comment.article_id})


def require_may_settle(actor: User, comment: Comment) -> None:
    """Raises `NotAllowed` for who may not say how this question or correction stands."""
    if not policy.can_settle_comment(actor, comment, comment.article, standing_queries.writers_of(comment.article)):
        raise NotAllowed(
            "A question is settled by who asked it and by the authors of the write-up, a correction by people who may"
            " edit the write-up."
        )


def _require_correction(actor: User, comment: Comment) -> None:
    if comment.kind != CommentKind.CORRECTION:
        raise Invalid("This comment is no correction.")
    require_may_settle(actor, comment)
    if comment.standing != Standing.OPEN:
        raise Conflict("Somebody decided about this correction first. Look at it again.")


def _settle(actor: User, comment: Comment, standing: Standing, *, reason: str = "") -> None:
    comment.standing, comment.standing_by_id, comment.standing_at = standing, actor.id, clock.now()
    comment.standing_reason, comment.answer_id, comment.proposed_id = reason or None, None, None
    db.session.flush()
