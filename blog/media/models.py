"""Upload: one picture, its file below `uploads`, and who put it there."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blog.accounts.models import User
from blog.lib.database import Base, UTCDateTime
from blog.media.wording import address_of, markdown_of


class Upload(Base):
    """`name` is random and stands for the permission: whoever knows it may see the picture. `sha256` and `size` (in
    bytes) are of the stored file, `width` and `height` in pixels. One that was withdrawn keeps its row and its file.
    """

    __tablename__ = "uploads"
    __table_args__ = (Index("ix_uploads_by_user", "created_by_id", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)  # as in its address: `<32 hex digits>.png`
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    alt: Mapped[str] = mapped_column(Text)  # for who does not see it, as typed
    created_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    withdrawn_reason: Mapped[str] = mapped_column(Text, default="")

    created_by: Mapped[User] = relationship(lazy="raise", foreign_keys=[created_by_id])

    @property
    def address(self) -> str:
        return address_of(self.name)

    @property
    def markdown(self) -> str:
        """The line that puts it into a text."""
        return markdown_of(self.name, self.alt)

    @property
    def is_withdrawn(self) -> bool:
        return self.withdrawn_at is not None
