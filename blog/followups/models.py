"""ActionItem: a promised action over its life; and which write-ups a write-up names as related."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blog.accounts.models import User
from blog.articles.models import Article
from blog.lib import clock
from blog.lib.database import Base, UTCDateTime


class ActionState(StrEnum):
    PROMISED = "promised"
    IN_PROGRESS = "in-progress"
    DONE = "done"  # somebody says so, with evidence
    CONFIRMED = "confirmed"  # somebody else looked at the evidence
    DROPPED = "dropped"  # with a reason


EMPTY = sql("''")
OPEN = (ActionState.PROMISED, ActionState.IN_PROGRESS)


class ActionItem(Base):
    """One action row of a write-up, known by (article, row id) through all revisions. Rows are never removed.

    `text`, `kind`, `owner_role`, `promised_by` and `due_on` repeat what the live revision says and can be made anew;
    `is_live` says whether it still says it. Everything below is told nowhere else but in the journal. `step` counts the
    changes of its state: who acts on an older one than is there acts on what they have not seen.
    """

    __tablename__ = "action_items"
    __table_args__ = (
        UniqueConstraint("article_id", "row_id"),
        Index("ix_action_items_board", "is_live", "state", "due_on", "id", "article_id"),
        CheckConstraint("confirmed_by_id IS NULL OR confirmed_by_id <> done_by_id", name="confirmed_by_another"),
        CheckConstraint(
            "state NOT IN ('done', 'confirmed') OR evidence <> '' OR evidence_url <> ''", name="done_with_evidence"
        ),
        CheckConstraint("state <> 'dropped' OR reason <> ''", name="dropped_with_reason"),
        {"sqlite_autoincrement": True},  # numbers are never used again
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"))
    row_id: Mapped[str] = mapped_column(String(32))
    text: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(16), default="")
    owner_role: Mapped[str] = mapped_column(String(120), default="")
    promised_by: Mapped[str] = mapped_column(String(120), default="")
    due_on: Mapped[date | None]
    is_live: Mapped[bool] = mapped_column(default=True, server_default="1")

    promised_on: Mapped[date | None]  # when the revision that first holds it went live
    state: Mapped[ActionState] = mapped_column(String(16), default=ActionState.PROMISED, server_default="promised")
    step: Mapped[int] = mapped_column(default=0, server_default="0")
    changed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    evidence: Mapped[str] = mapped_column(Text, default="", server_default=EMPTY)
    evidence_url: Mapped[str] = mapped_column(String(2_000), default="", server_default=EMPTY)
    reason: Mapped[str] = mapped_column(Text, default="", server_default=EMPTY)  # why it was dropped
    closed_on: Mapped[date | None]  # the day it was done, as who says so tells, or was dropped
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    done_text: Mapped[str] = mapped_column(Text, default="", server_default=EMPTY)  # what it said when it was done
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    confirmed_on: Mapped[date | None]

    article: Mapped[Article] = relationship(lazy="raise")
    owner: Mapped[User | None] = relationship(lazy="raise", foreign_keys=[owner_id])
    done_by: Mapped[User | None] = relationship(lazy="raise", foreign_keys=[done_by_id])
    confirmed_by: Mapped[User | None] = relationship(lazy="raise", foreign_keys=[confirmed_by_id])

    @property
    def state_words(self) -> str:
        """The state as it stands in a sentence: `in progress`."""
        return self.state.replace("-", " ")

    @property
    def is_open(self) -> bool:
        """Promised, and nobody says that it is done or dropped."""
        return self.state in OPEN

    @property
    def days_overdue(self) -> int:
        """Days since the day it was due, which ended at midnight UTC; 0 while there is time, and where it is closed."""
        if not self.is_open or self.due_on is None:
            return 0
        return max(0, (clock.now().date() - self.due_on).days)

    @property
    def is_rewritten(self) -> bool:
        """Whether the write-up says something else than when this was marked as done."""
        return self.state in (ActionState.DONE, ActionState.CONFIRMED) and self.done_text not in ("", self.text)


class RelatedWriteUp(Base):
    """Projection: a slug that the live revision of a write-up names as related, so that it is found from both ends."""

    __tablename__ = "related_write_ups"

    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), primary_key=True)
    target_slug: Mapped[str] = mapped_column(String(200), primary_key=True, index=True)
