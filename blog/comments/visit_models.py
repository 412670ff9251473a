"""ThreadVisit: how far a member has read the discussion of a write-up. Only they learn of it (decision 0019)."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from blog.lib.database import Base, UTCDateTime


class ThreadVisit(Base):
    """Numbers of comments: what is above `read_id` came after the last note, what is above `before_id` after the
    visit before it. Comments are numbered as they come, also those an import brings with older times. The times tell of
    what waited for a moderator meanwhile: it keeps its number.
    """

    __tablename__ = "thread_visits"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), primary_key=True, index=True)
    before_id: Mapped[int]
    read_id: Mapped[int]
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    before_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # the end of the visit before
