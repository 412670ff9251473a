"""People who arrive by an import."""

import pytest
from flask import Flask
from sqlalchemy import select

from blog.accounts import changes
from blog.accounts.models import Role, User
from blog.errors import Invalid
from blog.extensions import db
from blog.journal.models import Event
from blog.lib.database import writing
from tests.people import MIA, PASSWORD, join
from tests.visitor import Visitor


def arrive(app: Flask, *, name: str, email: str, role: Role = Role.MEMBER) -> User:
    with app.app_context(), writing(db.session):
        return changes.person_for_import(name=name, email=email, role=role)


def test_a_person_who_is_here_keeps_name_and_role(app: Flask) -> None:
    known = join(app, MIA)
    found = arrive(app, name="Somebody", email=MIA.email.upper(), role=Role.ADMIN)
    assert (found.id, found.name, found.role) == (known.id, "Mia", Role.MEMBER)
    with app.app_context():
        assert db.session.scalars(select(Event)).all() == []


def test_a_new_person_cannot_sign_in_until_a_password_is_set(app: Flask, client: Visitor) -> None:
    user = arrive(app, name="Kim", email="kim@old.example", role=Role.AUTHOR)
    assert (user.name, user.role, user.password_hash) == ("Kim", Role.AUTHOR, None)
    assert client.post("/account/login", data={"email": user.email, "password": PASSWORD}).status_code == 400
    with app.app_context():
        [event] = db.session.scalars(select(Event).where(Event.kind == "account.imported")).all()
        assert event.subject_id == user.id


def test_a_name_that_is_taken_gets_a_number(app: Flask) -> None:
    join(app, MIA)
    assert arrive(app, name="MIA", email="a@old.example").name == "MIA 2"
    assert arrive(app, name="Mia", email="b@old.example").name == "Mia 3"
    long = "n" * 64
    assert arrive(app, name=long, email="c@old.example").name == long
    assert arrive(app, name=long, email="d@old.example").name == "n" * 62 + " 2"


@pytest.mark.parametrize(("name", "email"), [("", "a@old.example"), ("Kim", "nowhere"), ("K\u200bim", "a@old.example")])
def test_what_cannot_be_a_person_is_refused(app: Flask, name: str, email: str) -> None:
    with pytest.raises(Invalid):
        arrive(app, name=name, email=email)
