"""Flag (a member says that something is wrong), Act (what a moderator did, and can be taken back) and Appeal."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from blog.lib.database import Base, UTCDateTime
from blog.moderation.vocabulary import Code, Verb


class Outcome(StrEnum):
    """What became of a flag."""

    OPEN = "open"
    RIGHT = "right"  # the comment was hidden
    WRONG = "wrong"  # a moderator left it
    VOID = "void"  # hidden, and back after an appeal: people saw it differently, and it counts for nothing


class AppealState(StrEnum):
    OPEN = "open"
    UPHELD = "upheld"  # what was done stands
    GRANTED = "granted"
    MOOT = "moot"  # it was taken back before anybody judged


class Flag(Base):
    """One a member and comment. `weight` is in hundredths, as `flag_changes.weight_of` gave it on that day."""

    __tablename__ = "comment_flags"
    __table_args__ = (
        UniqueConstraint("comment_id", "user_id", name="uq_comment_flags_comment_id"),
        Index("ix_comment_flags_by_outcome", "outcome", "comment_id"),
        Index("ix_comment_flags_by_user", "user_id", "at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comments.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    code: Mapped[Code] = mapped_column(String(16))
    words: Mapped[str] = mapped_column(Text, default="")
    weight: Mapped[int]
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    outcome: Mapped[Outcome] = mapped_column(String(16), default=Outcome.OPEN)
    act_id: Mapped[int | None] = mapped_column(ForeignKey("moderation_acts.id"))  # what judged it


class Act(Base):
    """What was done to a comment or a person, with what is needed to take it back: how it `was` before. `person_id` is
    whose comment it was, or who was suspended. The newest act about something is taken back first.
    """

    __tablename__ = "moderation_acts"
    __table_args__ = (
        Index("ix_moderation_acts_comment", "comment_id", "id"),
        Index("ix_moderation_acts_person", "person_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    verb: Mapped[Verb] = mapped_column(String(16))
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comments.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # None: the site did, after flags
    code: Mapped[Code] = mapped_column(String(16))
    words: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    was: Mapped[str] = mapped_column(String(16))  # the comment's state
    was_hidden_reason: Mapped[str] = mapped_column(Text)
    until: Mapped[datetime | None] = mapped_column(UTCDateTime)  # of a suspension
    was_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    event_id: Mapped[int | None]  # its row in the journal: what came after it, an edit, has a larger one
    appeal_id: Mapped[int | None]  # what it judged; no foreign key, as appeals point here
    undone_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class Appeal(Base):
    """What the person has to say against an act, once; judged by somebody else than who acted."""

    __tablename__ = "appeals"
    __table_args__ = (Index("ix_appeals_state", "state", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    act_id: Mapped[int] = mapped_column(ForeignKey("moderation_acts.id"), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    state: Mapped[AppealState] = mapped_column(String(16), default=AppealState.OPEN)
