"""WorkingCopy: what somebody typed and has not saved yet, one a person and write-up, as typed, with its faults."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from blog.lib.database import Base, Shaped, UTCDateTime

NEW = 0  # the place of a write-up that was never saved
MAX_LABEL = 200


class WorkingCopy(Base):
    """`place` is the number of the write-up, or `NEW`. `fields` are the form's, by name; `mode` says of which form.
    One that was discarded can be brought back for a while; each place keeps one of these at most.
    """

    __tablename__ = "working_copies"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    is_discarded: Mapped[bool] = mapped_column(primary_key=True, default=False)
    mode: Mapped[str] = mapped_column(String(8))  # form or text
    fields: Mapped[dict[str, str]] = mapped_column(Shaped(dict), deferred=True)
    label: Mapped[str] = mapped_column(String(MAX_LABEL), default="")  # what lists call it
    begun_from_id: Mapped[int | None] = mapped_column(ForeignKey("revisions.id"))  # the revision it started from
    window: Mapped[str] = mapped_column(String(32))  # which open page wrote it last
    kept_at: Mapped[datetime] = mapped_column(UTCDateTime)
