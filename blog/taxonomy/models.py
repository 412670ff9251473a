"""Tag, Service, Organisation and Factor: controlled names, each with a slug and other spellings that lead to it."""

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from blog.lib.database import Base


class Term:
    """What the four kinds share. `name` is shown as first written; `aliases` are other slugs that mean the same."""

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(140), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    aliases: Mapped[list[str]] = mapped_column(JSON, default=list)


class Tag(Term, Base):
    __tablename__ = "tags"


class Service(Term, Base):
    """An affected system, in the sense of incident response; never a piece of this program."""

    __tablename__ = "services"


class Organisation(Term, Base):
    __tablename__ = "organisations"


class Factor(Term, Base):
    """A contributing factor: one of the conditions without which it would have gone otherwise."""

    __tablename__ = "factors"
