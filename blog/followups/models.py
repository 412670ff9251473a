"""ActionItem: a promised action, as the live revision of its write-up states it."""

from datetime import date

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from blog.lib.database import Base


class ActionItem(Base):
    """Projection of one action row of a live revision."""

    __tablename__ = "action_items"
    __table_args__ = (UniqueConstraint("article_id", "row_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"))
    row_id: Mapped[str] = mapped_column(String(32))
    text: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(16), default="")
    owner_role: Mapped[str] = mapped_column(String(120), default="")
    promised_by: Mapped[str] = mapped_column(String(120), default="")
    due_on: Mapped[date | None]
