"""Presence: who has which write-up open in the editor."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blog.accounts.models import User
from blog.lib.database import Base, UTCDateTime


class Presence(Base):
    """A person's last sign of life in the editor of a write-up; it says nothing after a minute or two."""

    __tablename__ = "presences"

    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime)

    user: Mapped[User] = relationship(lazy="raise")
