"""Reads of questions and corrections: who may settle them, what answers them, and where corrections were put in."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import bindparam, select

from blog.accounts.models import User
from blog.articles.models import Article, Revision, RevisionAuthor
from blog.comments.entry_queries import ENTRY_ROWS, Entry, entries_of
from blog.comments.models import Comment, CommentState
from blog.comments.queries import has_place
from blog.extensions import db
from blog.lib.ready import Ready

MOST_ANSWERS = 200  # replies offered as the answer to one question

_WRITERS = Ready(select(RevisionAuthor.user_id).where(RevisionAuthor.revision_id == bindparam("revision")))


@dataclass(frozen=True)
class Credit:
    """A correction that a revision took up."""

    comment_id: int
    user_id: int
    user_name: str


def writers_of(article: Article) -> set[int]:
    """Everybody who wrote a part of what is live."""
    if article.live_revision_id is None:
        return set()
    return {writer for (writer,) in _WRITERS.all(db.session, revision=article.live_revision_id)}


def replies_below(question: Comment) -> list[Entry]:
    """What was replied to a question, also to replies to it, in reading order: what may answer it."""
    is_in = (Comment.root_id == (question.root_id or question.id), has_place(question.article_id))
    rows = db.session.execute(ENTRY_ROWS.where(*is_in).order_by(Comment.id)).all()
    entries = entries_of(rows)
    start = next((place for place, one in enumerate(entries) if one.id == question.id), None)
    if start is None:
        return []
    below = []
    for one in entries[start + 1 :]:
        if one.depth <= entries[start].depth:
            break
        below.append(one)
    return [one for one in below if one.state == CommentState.VISIBLE][:MOST_ANSWERS]


def proposed_for(comment: Comment) -> Revision | None:
    """The revision that an accepted correction became."""
    return db.session.get(Revision, comment.proposed_id) if comment.proposed_id else None


def credits_on(article: Article) -> dict[int, list[Credit]]:
    """The corrections that the revisions of a write-up took up, by the number of the revision they were accepted into
    and, once it was live, of the one that brought them to readers.
    """
    taken = select(Comment.id, Comment.proposed_id, User.id.label("user_id"), User.name)
    rows = db.session.execute(
        taken.join(User, User.id == Comment.user_id)
        .where(Comment.article_id == article.id, Comment.proposed_id.is_not(None))
        .order_by(Comment.id)
    ).all()
    if not rows:
        return {}
    numbers = _where_live(article)
    found: dict[int, list[Credit]] = {}
    for row in rows:
        for number in dict.fromkeys(one for one in numbers.get(row.proposed_id, ()) if one):
            found.setdefault(number, []).append(Credit(row.id, row.user_id, row.name))
    return found


def live_with(article: Article) -> Mapping[int, int]:
    """The number of the revision that brought what a proposed one (by its id) says to readers, where one did."""
    return {revision_id: live for revision_id, (_, live) in _where_live(article).items() if live}


def _where_live(article: Article) -> dict[int, tuple[int, int]]:
    """(Its number, that of the first one made from it that was live; 0 for none) of each revision, by its id."""
    wanted = select(Revision.id, Revision.number, Revision.based_on_id, Revision.live_at)
    rows = db.session.execute(wanted.where(Revision.article_id == article.id).order_by(Revision.number)).all()
    parents = {row.id: row.based_on_id for row in rows}
    live_in: dict[int, int] = {}
    for row in rows:
        one = row.id if row.live_at is not None else None
        while one is not None and one not in live_in:
            live_in[one] = row.number
            one = parents.get(one)
    return {row.id: (row.number, live_in.get(row.id, 0)) for row in rows}
