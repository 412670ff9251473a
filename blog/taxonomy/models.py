"""Tag, Service, Organisation and Factor: controlled names, each with the slug that its spellings share."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from blog.lib.database import Base


class Term(Base):
    """What the four kinds share. `name` is shown as first written; spellings with the same slug are the same term."""

    __abstract__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(140), unique=True)
    name: Mapped[str] = mapped_column(String(120))


class Tag(Term):
    __tablename__ = "tags"


class Service(Term):
    """An affected system, in the sense of incident response; never a piece of this program."""

    __tablename__ = "services"


class Organisation(Term):
    __tablename__ = "organisations"


class Factor(Term):
    """A contributing factor: one of the conditions without which it would have gone otherwise."""

    __tablename__ = "factors"


TERMS: dict[str, type[Term]] = {"tag": Tag, "service": Service, "organisation": Organisation, "factor": Factor}
