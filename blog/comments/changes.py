"""Writes of comments: posting, withdrawing, moving between states. The count on the write-up moves along."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import CursorResult, bindparam, insert, update

from blog import policy
from blog.accounts.models import User
from blog.accounts.wording import suspended_words
from blog.articles.models import Article
from blog.comments import queries
from blog.comments.mention_queries import people_in
from blog.comments.models import SETTLED_LATER, Comment, CommentKind, CommentState, Standing
from blog.comments.rate_changes import check_links, check_rates
from blog.comments.rule_queries import codes_for
from blog.comments.text_checks import Prepared, checked_anchor, checked_kind, checked_source, prepare
from blog.comments.wording import joined_codes
from blog.errors import Conflict, Fault, Invalid, NotAllowed
from blog.extensions import db
from blog.journal.changes import record
from blog.lib import clock
from blog.lib.ready import Ready
from blog.lib.row_numbers import MAX_ROW_NUMBER
from blog.settings import current_settings

MAX_DEPTH = 6  # deeper replies leave the topic and break phones; they join the deepest level

# A comment pays for them while all other writers wait.
_COLUMNS = tuple(column.key for column in Comment.__table__.columns if column.key != "id")
_INSERT = Ready(insert(Comment).returning(Comment.id), columns=_COLUMNS)
_BEGIN_THREAD = Ready(update(Comment).where(Comment.id == bindparam("comment")).values(root_id=Comment.id))
_COUNT = Ready(
    update(Article)
    .where(Article.id == bindparam("article"))
    .values(comment_count=Article.comment_count + bindparam("change"))
)


def post_comment(
    *,
    actor: User,
    article: Article,
    text: str | Prepared,
    parent_id: int | None = None,
    anchor: str = "",
    kind: str = CommentKind.COMMENT,
    source: str = "",
    revision_id: int | None = None,
    traps: Sequence[str] = (),
) -> Comment:
    """Add a comment, public at once unless a rule of the site holds it, or `traps` (codes of `spam_checks`).
    `revision_id` is what its writer had before them, the live revision unless given. Raises `Invalid` (paths `text`,
    `parent_id`, `anchor`, `kind`, `source`), `NotAllowed`, `Conflict` for the same words twice, `TooMany` for too many
    in a short time.
    """
    if policy.is_suspended(actor):
        raise NotAllowed(suspended_words(actor.suspended_until))
    if not policy.can_comment(actor, article):
        raise NotAllowed("Comments are for members, on write-ups that are published.")
    prepared = prepare(text, people=people_in([text])) if isinstance(text, str) else text
    of_kind = checked_kind(kind)
    stands_at = checked_source(source, kind=of_kind, prepared=prepared)
    check_links(actor, prepared, source=stands_at)
    if current_settings().rate_limits:
        check_rates(actor, prepared.text)
    held_code = joined_codes([*traps, *codes_for(actor, prepared, source=stands_at or "")])
    comment = add_comment(
        actor,
        article,
        prepared,
        parent_id=parent_id,
        anchor=checked_anchor(anchor),
        kind=of_kind,
        source=stands_at,
        revision_id=_revision_seen(article, revision_id),
        held_code=held_code,
    )
    mentions = [one for one in prepared.people if one != actor.id]
    data = {"article": article.id} | ({"mentions": mentions} if mentions else {})
    if held_code:
        record("comment.held", subject=comment, actor=actor, data=data | {"codes": held_code})
    else:
        record("comment.posted", subject=comment, actor=actor, data=data)
    return comment


def withdraw(*, actor: User, comment: Comment) -> None:
    """Take one's own comment back: its words leave the page, its place stays. Raises `NotAllowed`, `Conflict`."""
    if not policy.can_withdraw_comment(actor, comment):
        raise NotAllowed("Only its writer can withdraw a comment, while it is visible or waits for a moderator.")
    set_state(comment, CommentState.WITHDRAWN, after=comment.state)
    record("comment.withdrawn", subject=comment, actor=actor, data={"article": comment.article_id})


def set_state(
    comment: Comment, state: CommentState, *, after: CommentState, hidden_reason: str = "", held_code: str | None = None
) -> None:
    """Move a comment from `after` to `state`, with the count of its write-up; `held_code` stays where none is given.
    Records no event of its own.

    Raises `Conflict` when somebody moved it first.
    """
    values: dict[str, object] = {"state": state, "hidden_reason": hidden_reason}
    values |= {} if held_code is None else {"held_code": held_code}
    values |= {"is_unseen": False} if state == CommentState.VISIBLE else {}
    moved = db.session.execute(update(Comment).where(Comment.id == comment.id, Comment.state == after).values(values))
    if not isinstance(moved, CursorResult) or moved.rowcount != 1:
        raise Conflict("Somebody else changed this comment first. Look at it again.")
    _count(comment.article_id, (state == CommentState.VISIBLE) - (after == CommentState.VISIBLE))


def add_comment(
    user: User,
    article: Article,
    prepared: Prepared,
    *,
    parent_id: int | None,
    anchor: str,
    kind: CommentKind,
    source: str | None = None,
    revision_id: int | None = None,
    held_code: str = "",
    created_at: datetime | None = None,
    imported_from: str | None = None,
) -> Comment:
    """The row itself, in its place in the tree; what comes back tells of it and is not part of the session. Only an
    import says when it was made and what it came from, and answers what was hidden since. Raises `Invalid` at path
    `parent_id`; records no event of its own.
    """
    above, root_id = _place(article, parent_id, to_hidden=imported_from is not None)
    comment = Comment(
        article_id=article.id,
        user_id=user.id,
        parent_id=above,
        root_id=root_id,
        state=CommentState.HELD if held_code else CommentState.VISIBLE,
        kind=kind,
        anchor=anchor,
        text=prepared.text,
        html=prepared.html,
        renderer_version=prepared.version,
        created_at=created_at or clock.now(),
        hidden_reason="",
        held_code=held_code,
        is_unseen=bool(held_code),
        useful_count=0,
        imported_from=imported_from,
        source=source,
        revision_id=revision_id,
        standing=Standing.OPEN if kind in SETTLED_LATER else None,
    )
    comment.id = _INSERT.first(db.session, **{name: getattr(comment, name) for name in _COLUMNS}).id
    if root_id is None:
        comment.root_id = comment.id
        _BEGIN_THREAD.run(db.session, {"comment": comment.id})
    _count(article.id, 0 if held_code else 1)
    return comment


def _revision_seen(article: Article, revision_id: int | None) -> int | None:
    """What the writer had before them, if it was live; else what is live now: somebody may have published meanwhile."""
    if revision_id is None or revision_id == article.live_revision_id or not queries.was_live(article, revision_id):
        return article.live_revision_id
    return revision_id


def _place(article: Article, parent_id: int | None, *, to_hidden: bool) -> tuple[int | None, int | None]:
    """(parent id, root id) of a reply to `parent_id`: its child, or beside it where it is as deep as threads go."""
    if parent_id is None:
        return None, None
    parent = queries.parent_facts(parent_id) if 0 < parent_id <= MAX_ROW_NUMBER else None
    if parent is None or parent.article_id != article.id:
        raise Invalid([Fault("parent_id", "The comment you answer is not part of this discussion.")])
    if parent.state != CommentState.VISIBLE and not to_hidden:
        raise Invalid([Fault("parent_id", "The comment you answer was hidden or withdrawn, so it takes no replies.")])
    chain = queries.ancestors_of(parent_id, most=MAX_DEPTH)
    return chain[0] if len(chain) < MAX_DEPTH else chain[1], parent.root_id or chain[-1]


def _count(article_id: int, change: int) -> None:
    """In the database, not from a number read before: two people may write at once."""
    if change:
        _COUNT.run(db.session, {"article": article_id, "change": change})
