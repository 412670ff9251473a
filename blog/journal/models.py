"""Event, one row of the append-only journal, Job, one row of the outbox, and Version, the state of what a page shows:
all written in the change's transaction."""

import hashlib
import json
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from blog.lib.clock import iso
from blog.lib.database import Base, UTCDateTime

FIRST_HASH = "0" * 64  # stands before the first row


class Event(Base):
    """One thing that happened. Rows are chained: `hash` covers the row's own fields and the hash of the row before."""

    __tablename__ = "events"
    __table_args__ = (Index("ix_events_subject", "subject_type", "subject_id", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    kind: Mapped[str] = mapped_column(String(64), index=True)
    actor_id: Mapped[int | None] = mapped_column(index=True)  # no foreign key: the journal outlives every other row
    subject_type: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[int]
    reason: Mapped[str] = mapped_column(Text, default="")
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    request_id: Mapped[str] = mapped_column(String(32), default="")
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))

    def computed_hash(self) -> str:
        """SHA-256, in hex, of the previous row's hash and this row's fields as canonical JSON."""
        fields = [
            self.previous_hash, iso(self.at), self.kind, self.actor_id, self.subject_type, self.subject_id,
            self.reason, self.data, self.request_id,
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(fields, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


class Job(Base):
    """Work that an event asks for. Done jobs are removed; one that failed five times stays, with `failed_at` set."""

    __tablename__ = "jobs"
    __table_args__ = (Index("ix_jobs_due", "failed_at", "run_at", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(64))
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    subject_type: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[int]
    run_at: Mapped[datetime] = mapped_column(UTCDateTime)
    locked_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(Text, default="")
    failed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Version(Base):
    """The state of one thing that pages are made from (`article 7`, `thread 7`): another value after every change.

    Values are random, never counted: after a backup came back, a number would come again and mean something else.
    """

    __tablename__ = "versions"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger)


class Lease(Base):
    """Who may do what only one process may do at a time, and until when."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    holder: Mapped[str] = mapped_column(String(64))
    until: Mapped[datetime] = mapped_column(UTCDateTime)


class KeptAnswer(Base):
    """What a request with a key was answered, for a day: when it comes again, nothing is done and this is answered."""

    __tablename__ = "kept_answers"

    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)  # of who asks, the address and the key
    body_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    location: Mapped[str] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text)  # the body as JSON; empty for a form, which is sent on to `location`
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
