"""Visit: which revision of a write-up a member read last. Only they learn of it; no page, journal or export tells."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from blog.lib.database import Base, UTCDateTime


class Visit(Base):
    """The last one of a person to a write-up."""

    __tablename__ = "visits"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), primary_key=True, index=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
