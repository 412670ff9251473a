"""Follow (what somebody wants to hear of), Notice (one thing they are told) and Message (one mail to them)."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from blog.lib.database import Base, UTCDateTime


class FollowKind(StrEnum):
    """What a follow is of; `subject_id` is the number of a write-up, of a thread's first comment, or of a tag."""

    ARTICLE = "article"
    THREAD = "thread"
    TAG = "tag"
    SEARCH = "search"  # `query` is its address after the question mark
    SELF = "self"  # replies, mentions, and what becomes of one's own comments; without a row it is `AT_ONCE`


class Pace(StrEnum):
    AT_ONCE = "at-once"
    DAILY = "daily"
    SITE = "site"  # no mail, only a notice on the site


class MessageKind(StrEnum):
    RESET = "reset"
    VERIFY = "verify"
    CHANGED = "changed"  # the password was changed
    AT_ONCE = "at-once"
    DIGEST = "digest"


class MessageState(StrEnum):
    WAITING = "waiting"
    SENDING = "sending"  # what it tells is settled; it may be tried several times
    SENT = "sent"  # the mail server took it
    DROPPED = "dropped"  # nothing was left to tell, or nobody to tell it to
    REFUSED = "refused"  # for good, by the mail server
    FAILED = "failed"  # tried for days


class Follow(Base):
    """What somebody follows, and how fast they hear of it. Only they learn of it."""

    __tablename__ = "follows"
    __table_args__ = (
        UniqueConstraint("user_id", "kind", "subject_id", "query"),
        Index("ix_follows_of", "kind", "subject_id", "user_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[FollowKind] = mapped_column(String(16))
    subject_id: Mapped[int] = mapped_column(default=0)
    query: Mapped[str] = mapped_column(String(500), default="")
    pace: Mapped[Pace] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Message(Base):
    """One mail. Its words are made when it is sent, from what may be shown then; nothing of them is stored."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("user_id", "event_id", "kind"),
        Index("ix_messages_state", "state", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[MessageKind] = mapped_column(String(16))
    state: Mapped[MessageState] = mapped_column(String(16))
    event_id: Mapped[int]  # the first one it tells of; no foreign key: the journal outlives every other row
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(Text, default="")  # what the mail server said last
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Notice(Base):
    """One thing that one person is told, once: of one event there is one notice, whatever it is followed by. `kind` is
    a key of `wording.NOTICES`; `reason` is a moderator's, to the writer.
    """

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("user_id", "event_id"),
        Index("ix_notices_of", "user_id", "id"),
        Index("ix_notices_new", "user_id", "seen_at"),
        Index("ix_notices_message", "message_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    event_id: Mapped[int]  # no foreign key, as above
    kind: Mapped[str] = mapped_column(String(32))
    article_id: Mapped[int | None] = mapped_column(ForeignKey("articles.id"))
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comments.id"))
    follow_id: Mapped[int | None]  # why they are told; no foreign key: follows end
    reason: Mapped[str] = mapped_column(Text, default="")
    pace: Mapped[Pace] = mapped_column(String(16))  # as it was then
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    seen_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))  # the mail that tells it
