"""Writes of comments: posting, withdrawing, moving between states. The count on the write-up moves along."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from limits import RateLimitItem
from sqlalchemy import CursorResult, bindparam, insert, update

from blog import policy
from blog.accounts.models import User
from blog.articles.models import Article
from blog.comments import queries
from blog.comments.models import Comment, CommentKind, CommentState
from blog.errors import Conflict, Fault, Invalid, NotAllowed, TooMany
from blog.extensions import db
from blog.journal.changes import record
from blog.lib import clock
from blog.lib.database import insert_row
from blog.lib.rate_limits import rates
from blog.lib.renderer import render_comment
from blog.lib.row_numbers import MAX_ROW_NUMBER
from blog.lib.text import INVISIBLE, clean_text
from blog.settings import current_settings

MAX_TEXT = 10_000  # characters; what is longer is a write-up
MAX_DEPTH = 6  # deeper replies leave the topic and break phones; they join the deepest level
MAX_LINKS = 10
MAX_LINKS_YOUNG = 2  # for accounts younger than YOUNG: links are what spam is for
YOUNG = timedelta(days=3)
SAME_TEXT = timedelta(minutes=10)  # within it the same words are a second click, or spam

# Made once, and run without the unit of work: a comment pays for them while all other writers wait.
_COLUMNS = tuple(column.key for column in Comment.__table__.columns if column.key != "id")
_INSERT = insert(Comment)
_BEGIN_THREAD = update(Comment).where(Comment.id == bindparam("comment")).values(root_id=Comment.id)
_COUNT = (
    update(Article)
    .where(Article.id == bindparam("article"))
    .values(comment_count=Article.comment_count + bindparam("change"))
)

_NOTHING = re.compile(f"[{INVISIBLE}]*")
_ANCHOR = re.compile(r"[a-z]{1,20}(?:\.[a-z0-9-]{1,32}){0,2}")  # `claims.c1`, `incidents.i1.impact`
_OUTSIDE_LINK = re.compile(r"<a (?:[^>]*? )?href=\"(?![/#])")


@dataclass(frozen=True)
class Prepared:
    """A text that was checked and rendered, ready to be written."""

    text: str
    html: str
    version: str

    @property
    def links(self) -> int:
        """How many links lead out of the site."""
        return len(_OUTSIDE_LINK.findall(self.html))


def prepare(text: str) -> Prepared:
    """Check and render a text, before the writing transaction: the renderer is another process and may take a moment.

    Raises `Invalid` as `checked_text` does.
    """
    cleaned = checked_text(text)
    rendered = render_comment(cleaned)
    return Prepared(cleaned, rendered.html, rendered.version)


def checked_text(text: str) -> str:
    """The text as it is stored. Raises `Invalid` at path `text`; its status is 413 for a text that is too long."""
    try:
        cleaned = clean_text(text)
    except ValueError as error:
        raise Invalid([Fault("text", str(error))]) from None
    if len(cleaned) > MAX_TEXT:
        raise Invalid(
            [Fault("text", f"This comment has {len(cleaned):,} characters. Shorten it to {MAX_TEXT:,}.")], status=413
        )
    if _NOTHING.fullmatch(cleaned):
        raise Invalid([Fault("text", "Write something first.")])
    return cleaned


def post_comment(
    *,
    actor: User,
    article: Article,
    text: str | Prepared,
    parent_id: int | None = None,
    anchor: str = "",
    kind: str = CommentKind.COMMENT,
) -> Comment:
    """Add a comment, public at once. Raises `Invalid` (paths `text`, `parent_id`, `anchor`, `kind`), `NotAllowed`,
    `Conflict` for the same words twice, `TooMany` for too many in a short time.
    """
    if not policy.can_comment(actor, article):
        raise NotAllowed("Comments are for members, on write-ups that are published.")
    prepared = prepare(text) if isinstance(text, str) else text
    _check_links(actor, prepared)
    if current_settings().rate_limits:
        _check_rates(actor, prepared.text)
    comment = add_comment(
        actor, article, prepared, parent_id=parent_id, anchor=checked_anchor(anchor), kind=checked_kind(kind)
    )
    record("comment.posted", subject=comment, actor=actor, data={"article": article.id})
    return comment


def withdraw(*, actor: User, comment: Comment) -> None:
    """Take one's own comment back: its words leave the page, its place stays. Raises `NotAllowed`, `Conflict`."""
    if not policy.can_withdraw_comment(actor, comment):
        raise NotAllowed("Only its writer can withdraw a comment, while it is visible.")
    set_state(comment, CommentState.WITHDRAWN, after=CommentState.VISIBLE)
    record("comment.withdrawn", subject=comment, actor=actor, data={"article": comment.article_id})


def set_state(comment: Comment, state: CommentState, *, after: CommentState, hidden_reason: str = "") -> None:
    """Move a comment from `after` to `state`, with the count of its write-up. Records no event of its own.

    Raises `Conflict` when somebody moved it first.
    """
    moved = db.session.execute(
        update(Comment)
        .where(Comment.id == comment.id, Comment.state == after)
        .values(state=state, hidden_reason=hidden_reason)
    )
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
        state=CommentState.VISIBLE,
        kind=kind,
        anchor=anchor,
        text=prepared.text,
        html=prepared.html,
        renderer_version=prepared.version,
        created_at=created_at or clock.now(),
        hidden_reason="",
        imported_from=imported_from,
    )
    comment.id = insert_row(db.session, _INSERT, {name: getattr(comment, name) for name in _COLUMNS})
    if root_id is None:
        comment.root_id = comment.id
        db.session.connection().execute(_BEGIN_THREAD, {"comment": comment.id})
    _count(article.id, 1)
    return comment


def checked_anchor(anchor: str) -> str:
    """The row of the document that a comment is about, as `claims.c1`, or "". Raises `Invalid` for anything else."""
    if anchor and not (_ANCHOR.fullmatch(anchor) and len(anchor) <= 64):
        raise Invalid([Fault("anchor", "This is no row of a write-up, such as claims.c1.")])
    return anchor


def checked_kind(kind: str) -> CommentKind:
    """Raises `Invalid` for a kind of comment that the site does not know."""
    try:
        return CommentKind(kind or CommentKind.COMMENT)
    except ValueError:
        known = ", ".join(CommentKind)
        raise Invalid([Fault("kind", f"A comment is one of: {known}.")]) from None


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
        db.session.connection().execute(_COUNT, {"article": article_id, "change": change})


def _check_links(actor: User, prepared: Prepared) -> None:
    """Accounts count as old where rate limits are off: a load test makes new ones."""
    is_young = current_settings().rate_limits and clock.now() - actor.created_at < YOUNG
    most = MAX_LINKS_YOUNG if is_young else MAX_LINKS
    if prepared.links > most:
        why = f" while an account is younger than {YOUNG.days} days" if is_young else ""
        raise Invalid([Fault("text", f"This comment has {prepared.links} links. Keep {most} of them{why}.")])


def _check_rates(actor: User, text: str) -> None:
    now = clock.now()
    if queries.has_said(actor, text, since=now - SAME_TEXT):
        minutes = SAME_TEXT // timedelta(minutes=1)
        raise Conflict(f"You posted exactly this less than {minutes} minutes ago. It is there; once is enough.")
    limits = rates(current_settings().comment_rates)
    times = queries.times_of(
        actor,
        since=now - timedelta(seconds=limits[-1].get_expiry()),
        most=max(limit.amount for limit in limits),
    )
    for limit in limits:
        most, span = limit.amount, timedelta(seconds=limit.get_expiry())
        if len(times) >= most and now - times[most - 1] < span:
            seconds = int((times[most - 1] + span - now).total_seconds()) + 1
            wait = f"{seconds} seconds" if seconds < 120 else f"{-(-seconds // 60)} minutes"
            raise TooMany(
                f"You can post {most} comments {_every(limit)}. Send this one again in {wait}.",
                retry_after_seconds=seconds,
            )


def _every(limit: RateLimitItem) -> str:
    unit = limit.GRANULARITY.name
    if limit.multiples > 1:
        return f"in {limit.multiples} {unit}s"
    return f"an {unit}" if unit == "hour" else f"a {unit}"
