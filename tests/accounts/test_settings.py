"""One's own settings: the profile and the password."""

from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from blog.accounts.models import User
from blog.extensions import db
from blog.journal.models import Event
from blog.lib.database import writing
from tests.people import ADA, ARUN, MIA, NOOR, PASSWORD, join
from tests.visitor import Visitor, signed_in

NEW_PASSWORD = "seven lanterns over the harbour"
START = datetime(2026, 1, 10, 12, 0, tzinfo=UTC)


def row_of(app: Flask, email: str) -> User:
    with app.app_context():
        return db.session.scalars(select(User).where(User.email == email)).one()


def test_only_people_who_are_signed_in_have_settings(client: Visitor) -> None:
    answer = client.get("/account/settings")
    assert answer.status_code == 303
    assert answer.location == "/account/login?next=/account/settings"
    assert client.post("/account/settings", data={"name": "X", "about": ""}).status_code == 403
    assert client.post("/account/password", data={"password": NEW_PASSWORD}).status_code == 403


def test_name_and_text_can_be_changed(app: Flask, client: Visitor) -> None:
    user = signed_in(client, MIA)
    assert (
        client.post("/account/settings", data={"name": "Mia Chen", "about": "Storage.\r\nOn call."}).status_code == 303
    )
    row = row_of(app, MIA.email)
    assert (row.name, row.about) == ("Mia Chen", "Storage.\nOn call.")
    with app.app_context():
        [event] = db.session.scalars(select(Event)).all()
    assert (event.kind, event.actor_id, event.data) == (
        "account.profile_changed",
        user.id,
        {"fields": ["name", "about"]},
    )
    assert "Mia Chen" in client.get("/account/settings").text


def test_saving_without_a_change_leaves_no_event(app: Flask, client: Visitor) -> None:
    signed_in(client, MIA)
    client.post("/account/settings", data={"name": "Mia", "about": ""})
    with app.app_context():
        assert db.session.scalars(select(Event)).all() == []


def test_one_may_change_the_case_of_ones_own_name(app: Flask, client: Visitor) -> None:
    signed_in(client, MIA)
    assert client.post("/account/settings", data={"name": "MIA", "about": ""}).status_code == 303
    assert row_of(app, MIA.email).name == "MIA"


@pytest.mark.parametrize("name", ["Noor", "n0or", "Admin", "", "\u202enoor", "x" * 65])
def test_a_name_that_cannot_be_is_refused_and_kept_in_the_form(app: Flask, client: Visitor, name: str) -> None:
    join(app, NOOR)
    signed_in(client, MIA)
    answer = client.post("/account/settings", data={"name": name, "about": "kept"})
    assert answer.status_code in (400, 422)
    assert 'id="name-error"' in answer.text
    assert ">kept</textarea>" in answer.text.replace("\r", "").replace("\n", "")
    assert row_of(app, MIA.email).name == "Mia"


def test_a_text_is_refused_and_not_cut_when_it_is_too_long(app: Flask, client: Visitor) -> None:
    signed_in(client, MIA)
    assert client.post("/account/settings", data={"name": "Mia", "about": "x" * 2_001}).status_code == 422
    assert row_of(app, MIA.email).about == ""
    assert client.post("/account/settings", data={"name": "Mia", "about": "x" * 2_000}).status_code == 303


def test_role_and_address_from_the_browser_are_ignored(app: Flask, client: Visitor) -> None:
    user = signed_in(client, MIA)
    client.post(
        "/account/settings", data={"name": "Mia", "about": "x", "role": "admin", "email": "a@b.example", "id": "9"}
    )
    row = row_of(app, MIA.email)
    assert (row.id, row.role) == (user.id, "member")


def test_the_new_password_counts_and_the_old_one_does_not(app: Flask, client: Visitor) -> None:
    signed_in(client, MIA)
    data = {"current_password": PASSWORD, "password": NEW_PASSWORD}
    assert client.post("/account/password", data=data).status_code == 303
    client.post("/account/logout")
    assert client.post("/account/login", data={"email": MIA.email, "password": PASSWORD}).status_code == 400
    assert client.post("/account/login", data={"email": MIA.email, "password": NEW_PASSWORD}).status_code == 303


def test_changing_the_password_needs_the_one_of_now(app: Flask, client: Visitor) -> None:
    signed_in(client, MIA)
    before = row_of(app, MIA.email).password_hash
    answer = client.post("/account/password", data={"current_password": "not her password", "password": NEW_PASSWORD})
    assert answer.status_code == 400
    assert 'id="current_password-error"' in answer.text
    assert NEW_PASSWORD not in answer.text
    assert row_of(app, MIA.email).password_hash == before


@pytest.mark.parametrize(("person", "fits"), [(MIA, True), (ARUN, False), (ADA, False)])
def test_who_has_a_role_needs_fifteen_characters(client: Visitor, person, fits: bool) -> None:
    signed_in(client, person)
    answer = client.post("/account/password", data={"current_password": PASSWORD, "password": "fourteen chars"})
    assert answer.status_code == (303 if fits else 400)
    assert client.post(
        "/account/password",
        data={"current_password": "fourteen chars" if fits else PASSWORD, "password": "fifteen charact"},
    ).status_code == 303  # fmt: skip


def test_a_stolen_session_cannot_try_passwords_for_ever(limited_app: Flask) -> None:
    client = limited_app.test_client()
    signed_in(client, MIA)
    data = {"current_password": "not her password", "password": NEW_PASSWORD}
    with time_machine.travel(datetime.now(UTC), tick=False):
        statuses = [client.post("/account/password", data=data).status_code for _ in range(11)]
    assert statuses == [400] * 10 + [429]


def test_a_password_change_is_an_event(app: Flask, client: Visitor) -> None:
    user = signed_in(client, MIA)
    client.post("/account/password", data={"current_password": PASSWORD, "password": NEW_PASSWORD})
    with app.app_context():
        [event] = db.session.scalars(select(Event)).all()
    assert (event.kind, event.actor_id, event.subject_id, event.data) == (
        "account.password_changed",
        user.id,
        user.id,
        {},
    )


def test_a_session_that_ended_meanwhile_changes_nothing(app: Flask, client: Visitor) -> None:
    user = signed_in(client, MIA)
    with app.app_context(), writing(db.session):
        db.session.get_one(User, user.id).disabled_at = START
    assert client.post("/account/settings", data={"name": "New", "about": ""}).status_code == 403
    assert row_of(app, MIA.email).name == "Mia"
