"""CheckWaiver: a finding of the checks that stays as it is, with the reason that somebody gave."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blog.accounts.models import User
from blog.lib.database import Base, UTCDateTime


class CheckWaiver(Base):
    """Holds for one fingerprint in one write-up, in every revision: a text that changes has another fingerprint."""

    __tablename__ = "check_waivers"
    __table_args__ = (UniqueConstraint("article_id", "fingerprint"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"))
    fingerprint: Mapped[str] = mapped_column(String(32))
    check_name: Mapped[str] = mapped_column(String(32))
    reason: Mapped[str] = mapped_column(Text)
    created_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    created_by: Mapped[User] = relationship(lazy="raise")
