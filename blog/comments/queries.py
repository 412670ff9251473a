"""Reads of comments: what everybody may see, one comment, and the facts that rules ask for."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Row,
    Select,
    bindparam,
    exists,
    func,
    inspect,
    literal,
    select,
    text,
)
from sqlalchemy.orm import aliased, joinedload

from blog import policy
from blog.accounts.models import User
from blog.articles.address_queries import standing
from blog.articles.models import Article, ArticleState, Revision
from blog.comments.models import Comment, CommentState
from blog.errors import Moved, NotFound
from blog.extensions import db
from blog.lib.ready import Ready, renew
from blog.lib.renderer import RENDERER_VERSION
from blog.lib.row_numbers import in_bounds


def _climb() -> Select[int]:
    """From the comment `start` upwards. Made once: building it takes longer than running it."""
    bottom = select(Comment.id, Comment.parent_id, literal(1).label("step")).where(Comment.id == bindparam("start"))
    climbed = bottom.cte("climbed", recursive=True)
    above = select(Comment.id, Comment.parent_id, climbed.c.step + 1).join(climbed, Comment.id == climbed.c.parent_id)
    climbed = climbed.union_all(above.where(climbed.c.step < bindparam("most")))
    return select(climbed.c.id).order_by(climbed.c.step)


_CLIMB = _climb()

# Comments that nobody answered, in two states that have a partial index each. The condition is that of the index word
# for word: SQLite uses it for no other. Made once: a page asks for them five times.
_ONE, _REPLY = aliased(Comment), aliased(Comment)
_UNANSWERED = select(_ONE.id).where(~exists().where(_REPLY.parent_id == _ONE.id))
_HELD = _UNANSWERED.where(text("state = 'held'"))
_UNSEEN = _UNANSWERED.where(text("is_unseen"))

# What a comment is decided on.
_OF_WRITER = (User.id, User.name, User.role, User.created_at, User.suspended_until, User.disabled_at)
_OF_PLACE = (Article.id, Article.slug, Article.title, Article.state, Article.live_revision_id)
_WRITER_AND_PLACE = Ready(
    select(*_OF_WRITER, *_OF_PLACE)
    .join(Article, Article.id == bindparam("article"))
    .where(User.id == bindparam("user"))
)


def visible_comments(user: User | None) -> Select[Any]:
    """The comments that stand in search, feeds and lists for everybody: visible ones of published write-ups."""
    return (
        select(Comment)
        .join(Article, Article.id == Comment.article_id)
        .where(Comment.state == CommentState.VISIBLE, Article.state == ArticleState.PUBLISHED)
    )


def said_by(user: User | None, person: User, *, limit: int) -> list[Comment]:
    """The newest visible comments of a person, each with its write-up."""
    newest = visible_comments(user).where(Comment.user_id == person.id).order_by(Comment.id.desc()).limit(limit)
    return list(db.session.scalars(newest.options(joinedload(Comment.article))))


def comment_for(user: User | None, comment_id: int, *, or_its_place: bool = False) -> Comment:
    """A comment with its article, in any state that this person may see; with `or_its_place` also one that is held, if
    somebody answered it: others see its place above the replies. Raises `NotFound`.
    """
    wanted = select(Comment).where(Comment.id == comment_id).options(joinedload(Comment.article))
    comment = db.session.scalar(wanted.execution_options(populate_existing=True))
    if comment is None or not policy.can_see_article(user, comment.article):
        raise NotFound("There is no such comment.")
    if not policy.can_see_comment(user, comment) and not (or_its_place and is_answered(comment_id)):
        raise NotFound("There is no such comment.")
    return comment


def is_answered(comment_id: int) -> bool:
    """Whether anybody replied to it, whatever became of the reply."""
    return db.session.scalar(select(Comment.id).where(Comment.parent_id == comment_id).limit(1)) is not None


def has_place(article_id: int | BindParameter[int]) -> ColumnElement[bool]:
    """Whether everybody sees the comment of this write-up, or its place in the thread. One that is held has none, nor
    one that was never let through, unless somebody answered it before: a thread never loses what its replies hang on.
    Both are few and have an index of their own, so that nobody asks for the state of the others.
    """
    held, unseen = (found.where(_ONE.article_id == article_id) for found in (_HELD, _UNSEEN))
    return Comment.id.not_in(held) & Comment.id.not_in(unseen)


def own_comment(user: User, comment_id: int | None) -> Comment | None:
    """A comment that this person wrote; None for any other."""
    comment = db.session.get(Comment, comment_id) if comment_id else None
    return comment if comment is not None and comment.user_id == user.id else None


def read_anew(user: User, article: Article) -> None:
    """Both as they are now, in one statement: what a comment is decided on, inside the transaction that writes it.

    Raises `Moved` where the write-up was merged into another one a moment ago.
    """
    # Their numbers as the session knows them: asking an expired row for an attribute would read it first.
    who, where = inspect(user).identity or (0,), inspect(article).identity or (0,)
    found = _WRITER_AND_PLACE.first(db.session, user=who[0], article=where[0])
    if found is None:
        raise NotFound("There is no write-up at this address.")
    renew(user, {column.key: value for column, value in zip(_OF_WRITER, found, strict=False)})
    place = found[len(_OF_WRITER) :]
    renew(article, {column.key: value for column, value in zip(_OF_PLACE, place, strict=True)})
    if article.state == ArticleState.MERGED:
        raise Moved(standing(article).slug)


def was_live(article: Article, revision_id: int) -> bool:
    """Whether readers of this write-up saw this revision at some time."""
    wanted = select(Revision.id).where(
        Revision.id == in_bounds(revision_id), Revision.article_id == article.id, Revision.live_at.is_not(None)
    )
    return db.session.scalar(wanted) is not None


def parent_facts(comment_id: int) -> Row[int, int | None, CommentState] | None:
    """(article_id, root_id, state) of the comment that is answered; None where there is none."""
    return db.session.execute(
        select(Comment.article_id, Comment.root_id, Comment.state).where(Comment.id == comment_id)
    ).first()


def ancestors_of(comment_id: int, *, most: int) -> list[int]:
    """The comment itself, its parent, and so on up to the beginning of its thread, `most` at the most."""
    return list(db.session.scalars(_CLIMB, {"start": comment_id, "most": most}))


def chains_of(comment_ids: Sequence[int]) -> dict[int, list[int]]:
    """Of each comment: itself, its parent, and so on up to the beginning of its thread."""
    found: dict[int, list[int]] = {}
    for start in range(0, len(comment_ids), 500):
        first = comment_ids[start : start + 500]
        chain = select(Comment.id.label("of"), Comment.id, Comment.parent_id, literal(1).label("step"))
        climbed = chain.where(Comment.id.in_(first)).cte("climbed", recursive=True)
        above = select(climbed.c.of, Comment.id, Comment.parent_id, climbed.c.step + 1)
        climbed = climbed.union_all(above.join(climbed, Comment.id == climbed.c.parent_id).where(climbed.c.step < 100))
        for row in db.session.execute(select(climbed.c.of, climbed.c.id).order_by(climbed.c.of, climbed.c.step)):
            found.setdefault(row.of, []).append(row.id)
    return found


def times_of(user: User, *, since: datetime, most: int) -> list[datetime]:
    """When this person's newest comments were posted, newest first; imported ones do not count."""
    wanted = select(Comment.created_at).where(
        Comment.user_id == user.id, Comment.created_at > since, Comment.imported_from.is_(None)
    )
    return list(db.session.scalars(wanted.order_by(Comment.created_at.desc()).limit(most)))


def has_said(user: User, text: str, *, since: datetime) -> bool:
    """Whether this person posted exactly this text since then, and did not withdraw it."""
    wanted = select(Comment.id).where(
        Comment.user_id == user.id,
        Comment.created_at > since,
        Comment.text == text,
        Comment.state != CommentState.WITHDRAWN,
    )
    return db.session.scalar(wanted.limit(1)) is not None


def ids_on(article: Article) -> list[int]:
    """Every comment that stands on a write-up, in whatever state, oldest first."""
    return list(db.session.scalars(select(Comment.id).where(Comment.article_id == article.id).order_by(Comment.id)))


def ids_in_threads_begun_on(article_ids: Collection[int], *, standing_on: Article) -> list[int]:
    """The comments of threads that stand on one write-up and were begun on one of these."""
    begun_on = func.coalesce(Comment.said_on_id, Comment.article_id)
    first = (Comment.article_id == standing_on.id, Comment.parent_id.is_(None), begun_on.in_(article_ids))
    threads = select(Comment.id).where(*first)
    return list(db.session.scalars(select(Comment.id).where(Comment.root_id.in_(threads)).order_by(Comment.id)))


def count_visible(article: Article) -> int:
    """How many comments of a write-up everybody sees, counted one by one."""
    visible = select(func.count()).where(Comment.article_id == article.id, Comment.state == CommentState.VISIBLE)
    return db.session.scalar(visible) or 0


def imported_as(source: str) -> Comment | None:
    """The comment that an import brought from this source."""
    return db.session.scalar(select(Comment).where(Comment.imported_from == source))


def ids_to_render() -> list[int]:
    """The comments whose stored HTML was made by another renderer."""
    return list(db.session.scalars(select(Comment.id).where(Comment.renderer_version != RENDERER_VERSION)))
