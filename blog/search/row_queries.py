"""What a page of results shows of write-ups and comments, as plain rows: their statements are put together once.

Through the query builder both take twice as long, most of it in giving rows that nobody changes a place in the session.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Dialect, Select, Text, cast, select

from blog.accounts.label_queries import is_labelled
from blog.accounts.models import ProgramLabel, User
from blog.articles.models import Article
from blog.articles.queries import visible_articles
from blog.comments.models import Comment
from blog.comments.queries import visible_comments
from blog.extensions import db
from blog.lib.ready import run_words

_NUMBERS = "(-1)"  # stands for those asked for while a statement is put together


class ArticleRow(NamedTuple):
    """`card` is `Article.card` as it is stored."""

    id: int
    slug: str
    title: str
    summary: str
    published_at: datetime | None
    live_revision_id: int | None
    card: str


class CommentRow(NamedTuple):
    id: int
    user_name: str
    created_at: datetime
    html: str
    program: str  # what wrote it for this person, or nothing


def article_rows(user: User | None, ids: Sequence[int]) -> list[ArticleRow]:
    """Those of the write-ups that stand in search for this person, in no order."""
    return [
        ArticleRow(number, slug, title, summary, _instant(published_at), revision, card)
        for number, slug, title, summary, published_at, revision, card in _rows(user, ids, of_comments=False)
    ]


def comment_rows(user: User | None, ids: Sequence[int]) -> list[CommentRow]:
    """Those of the comments that stand in search for this person, in no order."""
    return [
        CommentRow(number, name, at, html, program or "")
        for number, name, created_at, html, program in _rows(user, ids, of_comments=True)
        if (at := _instant(created_at)) is not None
    ]


def _rows(user: User | None, ids: Sequence[int], *, of_comments: bool) -> Iterable[Sequence[Any]]:
    if not ids:
        return ()
    connection = db.session.connection()
    make = _text_for_readers if user is None else _text
    text = make(connection.dialect, user, of_comments=of_comments)
    place = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    numbers = f"({', '.join([place] * len(ids))})"
    found: Iterable[Sequence[Any]] = run_words(connection, text.replace(_NUMBERS, numbers), tuple(ids)).fetchall()
    return found


def _text(dialect: Dialect, user: User | None, *, of_comments: bool) -> str:
    statement = _comments(user) if of_comments else _articles(user)
    return str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))


_text_for_readers = lru_cache(4)(_text)  # it is the same for all of them


def _articles(user: User | None) -> "Select[*tuple[Any, ...]]":
    is_visible = visible_articles(user).whereclause
    assert is_visible is not None
    return select(
        Article.id,
        Article.slug,
        Article.title,
        Article.summary,
        Article.published_at,
        Article.live_revision_id,
        cast(Article.card, Text),
    ).where(Article.id.in_([-1]), is_visible.is_(True))  # as it stands, SQLite would read all that are published


def _comments(user: User | None) -> "Select[*tuple[Any, ...]]":
    wanted = visible_comments(user).join(User, User.id == Comment.user_id).where(Comment.id.in_([-1]))
    wanted = wanted.outerjoin(ProgramLabel, is_labelled("comment", Comment.id))
    return wanted.with_only_columns(Comment.id, User.name, Comment.created_at, Comment.html, ProgramLabel.program)


def _instant(stored: datetime | str | None) -> datetime | None:
    """As `UTCDateTime` reads it: SQLite keeps letters, and no zone."""
    instant = datetime.fromisoformat(stored) if isinstance(stored, str) else stored
    return instant.replace(tzinfo=UTC) if instant is not None and instant.tzinfo is None else instant
