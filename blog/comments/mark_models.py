"""UsefulMark: that a member found a comment useful. Pages show how many did, never who."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from blog.lib.database import Base, UTCDateTime


class UsefulMark(Base):
    """One a member and comment; taking it back removes it."""

    __tablename__ = "useful_marks"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comments.id"), primary_key=True, index=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
