"""The cast: the people every test knows. A reader who is not signed in is nobody, so she has no entry here."""

from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Flask
from sqlalchemy import select

from blog.accounts import names
from blog.accounts.models import Role, User
from blog.extensions import db
from blog.lib import passwords
from blog.lib.database import writing

PASSWORD = "a lamp beside nine rivers"
JOINED_AT = datetime(2025, 3, 1, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Person:
    name: str
    role: Role
    password: str = PASSWORD

    @property
    def email(self) -> str:
        return self.name.lower().replace(" ", ".") + "@people.example"


MIA = Person("Mia", Role.MEMBER)
NOOR = Person("Noor", Role.MEMBER)  # a second member, for what one may not do to another
ARUN = Person("Arun", Role.AUTHOR)
ROSA = Person("Rosa", Role.REVIEWER)
RAVI = Person("Ravi", Role.REVIEWER)
MOSS = Person("Moss", Role.MODERATOR)
ADA = Person("Ada", Role.ADMIN)
CAST = (MIA, NOOR, ARUN, ROSA, RAVI, MOSS, ADA)


def join(app: Flask, person: Person) -> User:
    """The row of this person, made at first need. It is detached: use its columns, not its relationships."""
    with app.app_context():
        row = db.session.scalar(select(User).where(User.email_key == names.key_of_email(person.email)))
        return row or _new_row(person)


def _new_row(person: Person) -> User:
    row = User(
        name=person.name,
        name_key=names.key_of_name(person.name),
        email=person.email,
        email_key=names.key_of_email(person.email),
        role=person.role,
        password_hash=passwords.hash_password(person.password),
        created_at=JOINED_AT,
    )
    with writing(db.session):
        db.session.add(row)
    return row
