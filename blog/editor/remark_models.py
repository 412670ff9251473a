"""Remark: what an author or reviewer says about one line of a revision. It never leaves the desk."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blog.accounts.models import User
from blog.lib.database import Base, UTCDateTime


class Remark(Base):
    """`path` and `line` (from 1) name the line as `blog.editor.lines` cuts it; `quote` is what it said. An answer
    stands under the remark it answers and is settled with it.
    """

    __tablename__ = "remarks"

    id: Mapped[int] = mapped_column(primary_key=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    answers_id: Mapped[int | None] = mapped_column(ForeignKey("remarks.id"))
    path: Mapped[str] = mapped_column(String(120))
    line: Mapped[int]
    quote: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    resolved_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    resolved_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    user: Mapped[User] = relationship(lazy="raise", foreign_keys=[user_id])
    resolved_by: Mapped[User | None] = relationship(lazy="raise", foreign_keys=[resolved_by_id])
