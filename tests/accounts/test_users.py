"""The list of people, in which admins change roles and disable accounts."""

import pytest
from flask import Flask
from sqlalchemy import select

from blog.accounts import queries
from blog.accounts.models import Role, Session, User
from blog.extensions import db
from blog.journal.models import Event
from tests.factories.accounts import a_person
from tests.people import ADA, ARUN, CAST, MIA, NOOR, ROSA, join
from tests.visitor import Visitor, signed_in

OTHER_ROLES = [person for person in CAST if person.role != Role.ADMIN]


def row_of(app: Flask, user: User) -> User:
    with app.app_context():
        return db.session.get_one(User, user.id)


def test_readers_are_asked_to_sign_in(client: Visitor) -> None:
    assert client.get("/account/users").location == "/account/login?next=/account/users"
    assert client.post("/account/users/1/role", data={"role": "admin"}).status_code == 403


@pytest.mark.parametrize("person", OTHER_ROLES, ids=lambda person: person.name)
def test_only_admins_look_after_accounts(app: Flask, client: Visitor, person) -> None:
    user = signed_in(client, person)
    assert client.get("/account/users").status_code == 403
    for action in ("role", "disable", "enable"):
        data = {"role": "admin", "reason": "because"}
        assert client.post(f"/account/users/{user.id}/{action}", data=data).status_code == 403
    row = row_of(app, user)
    assert (row.role, row.is_active) == (person.role, True)


def test_an_admin_gives_a_role_and_the_person_signs_in_anew(app: Flask, client: Visitor) -> None:
    theirs = app.test_client()
    user, admin = signed_in(theirs, MIA), signed_in(client, ADA)
    answer = client.post(f"/account/users/{user.id}/role", data={"role": "author", "reason": "Writes well."})
    assert answer.status_code == 303
    assert row_of(app, user).role == Role.AUTHOR
    assert theirs.get("/account/settings").status_code == 303
    with app.app_context():
        [event] = db.session.scalars(select(Event)).all()
    assert (event.kind, event.actor_id, event.subject_id, event.reason, event.data) == (
        "account.role_changed",
        admin.id,
        user.id,
        "Writes well.",
        {"from": "member", "to": "author"},
    )


@pytest.mark.parametrize("role", ["owner", "", "Admin"])
def test_a_role_that_does_not_exist_is_refused(app: Flask, client: Visitor, role: str) -> None:
    user = join(app, MIA)
    signed_in(client, ADA)
    assert client.post(f"/account/users/{user.id}/role", data={"role": role}).status_code == 400
    assert row_of(app, user).role == Role.MEMBER


def test_the_last_admin_stays(app: Flask, client: Visitor) -> None:
    admin = signed_in(client, ADA)
    answer = client.post(f"/account/users/{admin.id}/role", data={"role": "member", "reason": "tired"})
    assert answer.status_code == 409
    assert "This is the last admin" in answer.text
    assert client.post(f"/account/users/{admin.id}/disable", data={"reason": "tired"}).status_code == 409
    row = row_of(app, admin)
    assert (row.role, row.is_active) == (Role.ADMIN, True)


def test_an_admin_may_go_when_there_is_another(app: Flask, client: Visitor) -> None:
    admin, other = signed_in(client, ADA), a_person(app, role=Role.ADMIN)
    assert client.post(f"/account/users/{admin.id}/role", data={"role": "member"}).status_code == 303
    assert row_of(app, admin).role == Role.MEMBER
    with app.app_context():
        assert queries.is_last_admin(db.session.get_one(User, other.id))


def test_a_disabled_admin_does_not_count_as_another(app: Flask, client: Visitor) -> None:
    admin, other = signed_in(client, ADA), a_person(app, role=Role.ADMIN)
    assert client.post(f"/account/users/{other.id}/disable", data={"reason": "left"}).status_code == 303
    assert client.post(f"/account/users/{admin.id}/role", data={"role": "member"}).status_code == 409


def test_disabling_signs_out_keeps_sign_in_closed_and_can_be_undone(app: Flask, client: Visitor) -> None:
    theirs = app.test_client()
    user = signed_in(theirs, MIA)
    signed_in(client, ADA)
    assert client.post(f"/account/users/{user.id}/disable", data={"reason": "Spam."}).status_code == 303
    assert theirs.get("/account/settings").status_code == 303
    sign_in = {"email": MIA.email, "password": MIA.password}
    assert theirs.post("/account/login", data=sign_in).status_code == 400
    assert client.post(f"/account/users/{user.id}/enable", data={"reason": ""}).status_code == 303
    assert theirs.post("/account/login", data=sign_in).status_code == 303
    with app.app_context():
        events = db.session.execute(select(Event.kind, Event.reason).where(Event.kind.like("account.%able%"))).all()
    assert [tuple(event) for event in events] == [("account.disabled", "Spam."), ("account.enabled", "")]


def test_disabling_needs_a_reason(app: Flask, client: Visitor) -> None:
    user = join(app, MIA)
    signed_in(client, ADA)
    answer = client.post(f"/account/users/{user.id}/disable", data={"reason": "  "})
    assert answer.status_code == 400
    assert "Say why" in answer.text
    assert row_of(app, user).is_active


def test_what_was_typed_is_kept_when_it_is_refused(app: Flask, client: Visitor) -> None:
    admin = signed_in(client, ADA)
    answer = client.post(f"/account/users/{admin.id}/role", data={"role": "author", "reason": "A holiday."})
    assert 'value="A holiday."' in answer.text
    assert '<option value="author" selected>' in answer.text


def test_the_list_goes_on_from_page_to_page(app: Flask, client: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PEOPLE_PER_PAGE", 2)
    for person in (MIA, NOOR, ARUN, ROSA):
        join(app, person)
    signed_in(client, ADA)
    seen, address = [], "/account/users"
    while address:
        page = client.get(address).text
        seen += [person.name for person in (MIA, NOOR, ARUN, ROSA, ADA) if f"<strong>{person.name}<" in page]
        address = page.partition('rel="next"')[0].rpartition('href="')[2].strip('" ') if 'rel="next"' in page else ""
        address = address.replace("&amp;", "&")
    assert seen == ["Mia", "Noor", "Arun", "Rosa", "Ada"]


@pytest.mark.parametrize("after", ["x", "-1", "9" * 30, "1.5", "٣"])
def test_a_cursor_made_up_by_hand_is_refused(client: Visitor, after: str) -> None:
    signed_in(client, ADA)
    assert client.get("/account/users", query_string={"after": after}).status_code == 400


@pytest.mark.parametrize("starts", ["ar", "AR", "arun@", "Arun"])
def test_people_are_found_by_how_their_name_or_address_begins(app: Flask, client: Visitor, starts: str) -> None:
    join(app, MIA)
    join(app, ARUN)
    signed_in(client, ADA)
    page = client.get("/account/users", query_string={"q": starts}).text
    assert "<strong>Arun<" in page
    assert "<strong>Mia<" not in page


def test_the_wildcards_of_the_database_are_letters(app: Flask, client: Visitor) -> None:
    signed_in(client, ADA)
    assert "Nobody is here" in client.get("/account/users", query_string={"q": "%"}).text


def test_a_person_without_an_account_row_is_not_found(client: Visitor) -> None:
    signed_in(client, ADA)
    assert client.post("/account/users/999/role", data={"role": "author"}).status_code == 404


def test_an_admins_session_list_is_untouched_by_others(app: Flask, client: Visitor) -> None:
    user = join(app, MIA)
    admin = signed_in(client, ADA)
    client.post(f"/account/users/{user.id}/role", data={"role": "author"})
    with app.app_context():
        assert db.session.scalars(select(Session.ended_at).where(Session.user_id == admin.id)).all() == [None]
