"""Article, Revision, Review, and the projections of live revisions: tables that can be thrown away and rebuilt."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blog.accounts.models import User
from blog.lib.database import Base, Shaped, UTCDateTime


class ArticleState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"
    MERGED = "merged"  # it stands in another write-up now (`address_models.Merge`)


CLOSED = (ArticleState.RETIRED, ArticleState.MERGED)  # still read at its address; nobody works on it


class RevisionState(StrEnum):
    """Where a revision stands. Approved is a fact of its reviews; live and superseded of what was published."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    CHANGES_REQUESTED = "changes-requested"
    APPROVED = "approved"
    LIVE = "live"
    SUPERSEDED = "superseded"  # was live once
    REPLACED = "replaced"  # never was: a newer draft took its place
    DISCARDED = "discarded"  # never was: put away, and can be brought back


class Verdict(StrEnum):
    APPROVED = "approved"
    CHANGES_REQUESTED = "changes-requested"


class Article(Base):
    """A write-up over its life. The list columns repeat what the live revision says, so that lists never open a body.

    `card` holds what a list entry draws: `{tags, services, organisations: [[slug, name], ...], kind, severity, year,
    times: {started: {...}, ...}, ai: bool, due: bool, claims, disputed: int}`.
    """

    __tablename__ = "articles"
    __table_args__ = (
        Index("ix_articles_latest", "state", "published_at", "id"),
        {"sqlite_autoincrement": True},  # numbers are never used again
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(120), unique=True)
    state: Mapped[ArticleState] = mapped_column(String(16), default=ArticleState.DRAFT)
    title: Mapped[str] = mapped_column(String(200))
    summary: Mapped[str] = mapped_column(Text, default="")
    card: Mapped[dict[str, Any]] = mapped_column(Shaped(dict), default=dict)
    authors: Mapped[list[str]] = mapped_column(Shaped(list), default=list)  # names, for the byline
    comment_count: Mapped[int] = mapped_column(default=0)  # visible ones
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # first time it went live
    updated_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # last time a revision went live
    retired_reason: Mapped[str] = mapped_column(Text, default="")
    imported_from: Mapped[str | None] = mapped_column(String(300), index=True)  # what an import knows it by
    live_revision_id: Mapped[int | None] = mapped_column(ForeignKey("revisions.id", use_alter=True))

    created_by: Mapped[User | None] = relationship(lazy="raise")
    live_revision: Mapped["Revision | None"] = relationship(
        lazy="raise", foreign_keys=[live_revision_id], post_update=True
    )


class Revision(Base):
    """One immutable document. `rendered` is made from it and can be thrown away (`renderer_version` says by what).

    `rendered`: `{html: str, toc: [[level, id, text], ...], rows: {"timeline.t1": html, "claims.c1": html, ...}}`.
    """

    __tablename__ = "revisions"
    __table_args__ = (UniqueConstraint("article_id", "number"), Index("ix_revisions_queue", "state", "submitted_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"))
    number: Mapped[int]  # 1, 2, 3 ... within the article
    state: Mapped[RevisionState] = mapped_column(String(24), default=RevisionState.DRAFT)
    title: Mapped[str] = mapped_column(String(200))
    document: Mapped[str] = mapped_column(Text, deferred=True)  # canonical JSON
    document_hash: Mapped[str] = mapped_column(String(64))
    note: Mapped[str] = mapped_column(Text, default="")
    based_on_id: Mapped[int | None] = mapped_column(ForeignKey("revisions.id"))
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    submitted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    live_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # when it went live
    public_note: Mapped[str | None] = mapped_column(Text)  # what it corrects of what was live before, for readers
    publish_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # when the worker puts it live
    publish_by_id: Mapped[int | None]  # who said so; no foreign key: SQLite takes none into a table that stands
    publish_refused: Mapped[str | None] = mapped_column(Text)  # why it was not put live at that time
    rendered: Mapped[dict[str, Any] | None] = mapped_column(JSON, deferred=True)
    renderer_version: Mapped[str] = mapped_column(String(64), default="")

    article: Mapped[Article] = relationship(lazy="raise", foreign_keys=[article_id])
    created_by: Mapped[User | None] = relationship(lazy="raise")


class RevisionAuthor(Base):
    """Everybody who wrote any part of a revision: its maker and the authors of the revisions it is based on."""

    __tablename__ = "revision_authors"

    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, index=True)


class Review(Base):
    """One person's verdict on exactly one revision: it holds for that hash and nothing else."""

    __tablename__ = "reviews"
    __table_args__ = (UniqueConstraint("revision_id", "reviewer_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id"))
    document_hash: Mapped[str] = mapped_column(String(64))
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    verdict: Mapped[Verdict] = mapped_column(String(24))
    reason: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    reviewer: Mapped[User] = relationship(lazy="raise")


class Incident(Base):
    """Projection: an incident row of a live revision, for statistics and comparisons."""

    __tablename__ = "incidents"
    __table_args__ = (UniqueConstraint("article_id", "row_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"))
    row_id: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(16), index=True)
    severity: Mapped[str] = mapped_column(String(16), default="", index=True)
    year: Mapped[int | None] = mapped_column(index=True)
    started_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    resolved_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ai_system: Mapped[str] = mapped_column(String(120), default="")


class ArticleTerm(Base):
    """Projection: every facet value of a live revision, one row each, so that one query counts all facets.

    `facet` is tag, service, organisation, factor, kind, severity or year; `slug` the value; `name` what is shown.
    """

    __tablename__ = "article_terms"
    __table_args__ = (Index("ix_article_terms_facet", "facet", "slug", "article_id"),)

    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), primary_key=True)
    facet: Mapped[str] = mapped_column(String(16), primary_key=True)
    slug: Mapped[str] = mapped_column(String(140), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
