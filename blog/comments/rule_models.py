"""CommentRule: one rule of the site that holds comments until a moderator has looked at them."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blog.accounts.models import User
from blog.lib.database import Base, Shaped, UTCDateTime


class RuleKind(StrEnum):
    FIRST = "first"  # as long as its writer has fewer than `amount` comments that stand
    LINKS = "links"  # more than `amount` links that lead out of the site
    WORDS = "words"  # one of `words`, a line each
    PERSON = "person"  # whatever `person` says
    SIMILAR = "similar"  # resembles at least `amount` comments of the last day, of anybody


class RuleState(StrEnum):
    DRAFT = "draft"
    LIVE = "live"
    OFF = "off"


# What `amount` may be of each kind; the others have none.
AMOUNTS = {RuleKind.FIRST: (1, 20), RuleKind.LINKS: (0, 10), RuleKind.SIMILAR: (1, 20)}


def code_of(kind: RuleKind, rule_id: int) -> str:
    """What a comment is marked with that a rule held: `links-7`."""
    return f"{kind}-{rule_id}"


class CommentRule(Base):
    """What is live is never changed: it is switched off, changed, tried and switched on again. None is ever removed,
    because comments name the rule that held them (`links-7`).
    """

    __tablename__ = "comment_rules"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[RuleKind] = mapped_column(String(16))
    state: Mapped[RuleState] = mapped_column(String(16), index=True)
    note: Mapped[str] = mapped_column(String(200))  # why it is there, for other moderators
    amount: Mapped[int | None]
    words: Mapped[str] = mapped_column(Text)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    tried_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # as it reads now; None after a change
    trial: Mapped[dict[str, object]] = mapped_column(Shaped(dict))  # `rule_queries.Trial` as JSON

    person: Mapped[User | None] = relationship(lazy="raise")

    @property
    def code(self) -> str:
        return code_of(self.kind, self.id)
