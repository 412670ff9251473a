"""User, Session (a signed-in browser), ApiToken, ProgramLabel and Attempt (what the throttle counts)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blog.lib.database import Base, UTCDateTime


class Role(StrEnum):
    """What a person may do (see `blog.policy`). Moderators are members who look after comments."""

    MEMBER = "member"
    AUTHOR = "author"
    REVIEWER = "reviewer"
    MODERATOR = "moderator"
    ADMIN = "admin"

    @property
    def label(self) -> str:
        return self.value.capitalize()


@dataclass(frozen=True)
class Program:
    """A program that acts in a person's name: its token, the name its owner gave it, and the model it says it runs."""

    token_id: int
    prefix: str
    name: str
    model: str = ""


class User(Base):
    """A person. `name_key` and `email_key` are the forms that must be unique (see `blog.accounts.names`)."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    name_key: Mapped[str] = mapped_column(String(128), unique=True)
    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(254), unique=True)
    role: Mapped[Role] = mapped_column(String(16), default=Role.MEMBER)
    password_hash: Mapped[str | None] = mapped_column(String(255))  # None: imported, or set up by an invitation later
    about: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    suspended_until: Mapped[datetime | None] = mapped_column(UTCDateTime)  # reads, and takes no part; by moderators
    disabled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    erased_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # disabled, too, and nothing of them is left

    # Flask-Login asks these four of the person of a request; `Visitor` answers them for everybody else.
    is_authenticated = True
    is_anonymous = False
    session_token: str = ""  # set by the loader: the id of the browser's session, not of the person

    @property
    def is_active(self) -> bool:
        return self.disabled_at is None

    def get_id(self) -> str:
        return self.session_token

    @property
    def acting_program(self) -> Program | None:
        """The program that acts in this person's name; None where the person does. Never stored: see `act_through`."""
        return self.__dict__.get("_acting_program")

    def act_through(self, program: Program) -> None:
        """From now on this row stands for a program: it may read, propose and comment, and nothing more."""
        self.__dict__["_acting_program"] = program


class Session(Base):
    """One signed-in browser. The cookie holds the token, the table its SHA-256, so a stolen table signs nobody in."""

    __tablename__ = "sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    user_agent: Mapped[str] = mapped_column(String(200), default="")
    address: Mapped[str] = mapped_column(String(64), default="")

    user: Mapped[User] = relationship(lazy="raise")


class ApiToken(Base):
    """A program's key to the JSON API, owned by a person. Stored hashed; `scopes` are comma separated."""

    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    name: Mapped[str] = mapped_column(String(64))
    prefix: Mapped[str] = mapped_column(String(16))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[str] = mapped_column(String(64))
    model: Mapped[str] = mapped_column(String(120), default="", server_default=text("''"))  # as its owner says
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    user: Mapped[User] = relationship(lazy="raise")


class ProgramLabel(Base):
    """Says for ever that a program wrote a row (`subject_type` revision or comment), with which token and model, and
    for whom. The database refuses to change or delete one.
    """

    __tablename__ = "program_labels"

    subject_type: Mapped[str] = mapped_column(String(32), primary_key=True)
    subject_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    token_id: Mapped[int] = mapped_column(ForeignKey("api_tokens.id"), index=True)
    prefix: Mapped[str] = mapped_column(String(16))
    program: Mapped[str] = mapped_column(String(64))  # the token's name
    model: Mapped[str] = mapped_column(String(120))
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class Attempt(Base):
    """One try at something limited (sign-in, registration), by a keyed hash of who tried. Old rows are removed."""

    __tablename__ = "attempts"
    __table_args__ = (Index("ix_attempts_count", "kind", "key", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    key: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
