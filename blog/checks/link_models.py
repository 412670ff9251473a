"""Link: an address that write-ups lead to, and what was found there."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from blog.lib.database import Base, UTCDateTime


class LinkState(StrEnum):
    ALIVE = "alive"
    DEAD = "dead"
    UNCLEAR = "unclear"  # not reached, or an answer that says nothing about the page


class Link(Base):
    """What a look at an address found last. Can be thrown away; the next look makes it anew."""

    __tablename__ = "links"

    address_hash: Mapped[str] = mapped_column(String(64), primary_key=True)  # SHA-256: addresses are long
    address: Mapped[str] = mapped_column(Text)
    state: Mapped[LinkState] = mapped_column(String(16))
    found: Mapped[str] = mapped_column(String(200), default="")
    misses: Mapped[int] = mapped_column(default=0)  # looks in a row at which its host had no address
    looked_at: Mapped[datetime] = mapped_column(UTCDateTime)
