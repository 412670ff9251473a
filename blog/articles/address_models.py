"""What keeps addresses for ever: former slugs, numbers of incidents, and write-ups that were merged into another."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from blog.articles.models import ArticleState
from blog.lib.database import Base, UTCDateTime


class FormerSlug(Base):
    """A slug that a write-up once had. It leads there for ever and is never given to another; rows are never removed,
    also where the write-up takes one of them back. The first of a write-up is the slug it was made with.
    """

    __tablename__ = "former_slugs"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(120), unique=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), index=True)
    left_at: Mapped[datetime] = mapped_column(UTCDateTime)


class IncidentNumber(Base):
    """The number of an incident, given when its row first goes live. Unlike the projection it outlives every rebuild,
    and also the row: a number is never given again.
    """

    __tablename__ = "incident_numbers"
    __table_args__ = (UniqueConstraint("article_id", "row_id"), {"sqlite_autoincrement": True})

    number: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"))
    row_id: Mapped[str] = mapped_column(String(32))


class Merge(Base):
    """A write-up that stands in another one now. Undoing takes the row away; the journal keeps both events."""

    __tablename__ = "merges"

    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), primary_key=True)
    into_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), index=True)
    state_before: Mapped[ArticleState] = mapped_column(String(16))  # what an undo brings back
    reason: Mapped[str] = mapped_column(Text)
    merged_at: Mapped[datetime] = mapped_column(UTCDateTime)
