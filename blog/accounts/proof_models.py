"""Mailbox (whether mail reaches a person at their address) and Proof (a link that only who reads that mail has)."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from blog.lib.database import Base, UTCDateTime


class Purpose(StrEnum):
    RESET = "reset"  # choose a new password
    VERIFY = "verify"  # show that the address is one's own


class Mailbox(Base):
    """What is known of one person's address. It holds for `address` alone: with another one nothing is known."""

    __tablename__ = "mailboxes"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    address: Mapped[str] = mapped_column(String(254))
    verified_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    stopped_at: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)  # its server refused it for good
    stopped_reason: Mapped[str] = mapped_column(Text, default="")


class Proof(Base):
    """One link, for one account, one address and one use. The mail holds the token, the table its SHA-256."""

    __tablename__ = "proofs"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    purpose: Mapped[Purpose] = mapped_column(String(16))
    address: Mapped[str] = mapped_column(String(254))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
