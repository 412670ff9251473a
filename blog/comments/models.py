"""Comment: one contribution to the thread of a write-up, with its place in the tree."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Boolean, ForeignKey, Index, String, Text, and_, literal_column
from sqlalchemy import text as sql_text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blog.accounts.models import User
from blog.articles.models import Article
from blog.lib.database import Base, UTCDateTime

_HELD = literal_column("state = 'held'", Boolean)
_WAS_HELD = literal_column("held_code <> ''", Boolean)
_UNSEEN = literal_column("is_unseen", Boolean)
_MARKED = literal_column("useful_count > 0", Boolean)
_ANCHORED = literal_column("anchor <> '' AND parent_id IS NULL", Boolean)


class CommentState(StrEnum):
    VISIBLE = "visible"
    HELD = "held"  # waits for a moderator; its writer and moderators see it, nobody else
    HIDDEN = "hidden"  # by a moderator, with a reason; can be restored
    WITHDRAWN = "withdrawn"  # by its writer; the place in the thread stays


FLAGGED = "flags"  # in `Comment.held_code`: members flagged what everybody could read


class CommentKind(StrEnum):
    COMMENT = "comment"
    QUESTION = "question"
    CORRECTION = "correction"
    EVIDENCE = "evidence"
    HAPPENED_TO_US = "happened-to-us"


SETTLED_LATER = (CommentKind.QUESTION, CommentKind.CORRECTION)  # kinds that have a standing


class Standing(StrEnum):
    """Whether somebody still has to do something about a question or a correction."""

    OPEN = "open"
    ANSWERED = "answered"
    ACCEPTED = "accepted"
    DECLINED = "declined"


class Comment(Base):
    """`root_id` is the comment that began the thread (its own id for a first one), so that one query loads a page of
    whole threads as plain rows. There is no relationship to parent or children on purpose: trees are joined from rows.
    """

    __tablename__ = "comments"
    __table_args__ = (
        Index("ix_comments_roots", "article_id", "parent_id", "id"),
        Index("ix_comments_thread", "root_id", "id"),
        Index("ix_comments_by_user", "user_id", "created_at"),
        # Their migrations make the partial ones partial on PostgreSQL, too. Said here it would load that dialect.
        # Few at any time. Ask for `IS_HELD`: SQLite uses it for no state that is a parameter.
        Index("ix_comments_held", "article_id", "id", sqlite_where=_HELD),
        Index("ix_comments_held_code", "held_code", "state", sqlite_where=_WAS_HELD),
        # Ask with `literal_column("is_unseen")`, for the same reason.
        Index("ix_comments_unseen", "article_id", sqlite_where=_UNSEEN),
        # Only what is marked. Ask for `IS_MARKED`, for the same reason.
        Index("ix_comments_useful", "article_id", "useful_count", sqlite_where=_MARKED),
        # Threads begun on one place of the text. Ask for `IS_ANCHORED`, for the same reason.
        Index("ix_comments_anchored", "article_id", sqlite_where=_ANCHORED),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("comments.id"), index=True)
    root_id: Mapped[int | None] = mapped_column(ForeignKey("comments.id"))
    state: Mapped[CommentState] = mapped_column(String(16), default=CommentState.VISIBLE)
    kind: Mapped[CommentKind] = mapped_column(String(16), default=CommentKind.COMMENT)
    anchor: Mapped[str] = mapped_column(String(64), default="")  # row of the document it is about, as `claims.c1`
    text: Mapped[str] = mapped_column(Text)  # as written
    html: Mapped[str] = mapped_column(Text)  # made from it by the renderer
    renderer_version: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    edited_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    hidden_reason: Mapped[str] = mapped_column(Text, default="")
    # What held it, as `links-7 honeypot`: rules with their number, and `spam_checks`. It stays after the decision.
    held_code: Mapped[str] = mapped_column(String(64), default="", server_default=sql_text("''"))
    # It waited from the beginning, and was never let through: it has no place in the thread, whatever became of it.
    is_unseen: Mapped[bool] = mapped_column(default=False, server_default="0")
    imported_from: Mapped[str | None] = mapped_column(String(300), index=True)
    # The write-up it was said on, where that was merged and it came along: its anchor is a row of that one. No foreign
    # key: SQLite takes none into a table that stands.
    said_on_id: Mapped[int | None]
    # What was live when it was said, so that its anchor can be found again; none for what came from elsewhere.
    revision_id: Mapped[int | None]
    source: Mapped[str | None] = mapped_column(Text)  # where evidence stands: an address, or words
    standing: Mapped[Standing | None] = mapped_column(String(16))  # of questions and corrections
    standing_by_id: Mapped[int | None]
    standing_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    standing_reason: Mapped[str | None] = mapped_column(Text)
    answer_id: Mapped[int | None]  # the comment that answers a question
    proposed_id: Mapped[int | None]  # the revision that an accepted correction became
    useful_count: Mapped[int] = mapped_column(default=0, server_default="0")  # its rows in `useful_marks`

    user: Mapped[User] = relationship(lazy="raise")
    article: Mapped[Article] = relationship(lazy="raise")


IS_HELD = Comment.state == literal_column("'held'")
WAS_HELD = Comment.held_code != literal_column("''")
IS_MARKED = Comment.useful_count > literal_column("0")
IS_ANCHORED = and_(Comment.anchor != literal_column("''"), Comment.parent_id.is_(None))
