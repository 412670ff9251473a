"""Registering: POST /account/register with name, email and password."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from blog.accounts.models import Attempt, Role, Session, User
from blog.extensions import db
from blog.journal.models import Event
from tests.conftest import MakeApp
from tests.people import MIA, PASSWORD, join
from tests.visitor import Visitor

NEW = {"name": "Zoë O’Neil", "email": "zoe@new.example", "password": PASSWORD}


def people(app: Flask) -> list[User]:
    with app.app_context():
        return list(db.session.scalars(select(User).order_by(User.id)))


def test_a_new_person_is_signed_in_at_once(app: Flask, client: Visitor) -> None:
    answer = client.post("/account/register", data=NEW)
    assert (answer.status_code, answer.location) == (303, "/")
    page = client.get("/account/settings")
    assert page.status_code == 200
    assert "Zoë O’Neil" in page.text
    [user] = people(app)
    assert (user.name, user.email, user.role, user.about) == ("Zoë O’Neil", "zoe@new.example", Role.MEMBER, "")


def test_registering_leaves_an_event_without_personal_data(app: Flask, client: Visitor) -> None:
    client.post("/account/register", data=NEW)
    with app.app_context():
        [event] = db.session.scalars(select(Event)).all()
        assert (event.kind, event.subject_type, event.subject_id) == ("account.registered", "user", people(app)[0].id)
        assert event.data == {}


def test_one_goes_back_to_where_one_came_from(client: Visitor) -> None:
    assert client.post("/account/register?next=/postmortems/a-b", data=NEW).location == "/postmortems/a-b"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_one_is_never_sent_to_another_site(client: Visitor, target: str) -> None:
    assert client.post("/account/register", query_string={"next": target}, data=NEW).location == "/"


def test_what_was_typed_is_kept_except_the_password(client: Visitor) -> None:
    answer = client.post("/account/register", data={**NEW, "email": "not an address"})
    assert answer.status_code == 400
    assert 'value="Zoë O’Neil"' in answer.text
    assert 'value="not an address"' in answer.text
    assert PASSWORD not in answer.text
    assert 'id="email-error"' in answer.text
    assert 'aria-invalid="true"' in answer.text


def test_every_fault_is_told_at_once(client: Visitor) -> None:
    answer = client.post("/account/register", data={"name": "Ma\u202eria", "email": "x", "password": "short"})
    assert answer.status_code == 400
    for field in ("name", "email", "password"):
        assert f'id="{field}-error"' in answer.text


@pytest.mark.parametrize("field", ["name", "email", "password"])
def test_no_field_may_be_left_out(app: Flask, client: Visitor, field: str) -> None:
    answer = client.post("/account/register", data={name: value for name, value in NEW.items() if name != field})
    assert answer.status_code == 400
    assert f'id="{field}-error"' in answer.text
    assert people(app) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "MIA"),
        ("name", " mia "),
        ("name", "МІА"),  # Cyrillic letters
        ("name", "Mla"),  # a small L
        ("email", "MIA@People.example"),
    ],
)
def test_a_name_or_address_that_is_taken_is_refused(app: Flask, client: Visitor, field: str, value: str) -> None:
    join(app, MIA)
    answer = client.post("/account/register", data={**NEW, field: value})
    assert answer.status_code == 400
    assert f'id="{field}-error"' in answer.text
    assert len(people(app)) == 1


@pytest.mark.parametrize(
    "name",
    [
        "admin",
        "Admin",
        "ADMlN",
        "root",
        "Api",
        "deleted",
        "Hindsight",
        "аdmіn",
        "The Moderators",
        "a moderator",
        "Hindsight Moderation",
        "admin_team",
        "~ Official Hindsight Team ~",
    ],
)
def test_names_of_the_site_itself_are_refused(app: Flask, client: Visitor, name: str) -> None:
    assert client.post("/account/register", data={**NEW, "name": name}).status_code == 400
    assert people(app) == []


def test_a_name_has_at_most_64_characters(app: Flask, client: Visitor) -> None:
    assert client.post("/account/register", data={**NEW, "name": "n" * 65}).status_code == 422
    assert client.post("/account/register", data={**NEW, "name": "n" * 64}).status_code == 303
    assert people(app)[0].name == "n" * 64


def test_a_hostile_name_is_shown_as_it_was_typed(client: Visitor) -> None:
    hostile = """<b>"{{ 7*7 }}' onmouseover=x"""
    assert client.post("/account/register", data={**NEW, "name": hostile}).status_code == 303
    page = client.get("/account/settings").text
    assert "<b>" not in page
    assert "49" not in page.partition("<main")[2].partition("</h1>")[2][:200]
    assert "&lt;b&gt;&#34;{{ 7*7 }}&#39; onmouseover=x" in page


@pytest.mark.parametrize(
    "password",
    [
        "elevenchars",
        "password1234",
        "Passw0rd!!!!!!",
        "qwertyuiopas",
        "aaaaaaaaaaaaaaaa",
        "abcabcabcabc",
        "123456789012",
        "passwordpassword",
        "iloveyou12345",
        "zoe@new.example",
        "Zoë O’Neil 2025",
        "hindsight12345",
    ],
)
def test_a_password_that_is_guessed_first_is_refused(app: Flask, client: Visitor, password: str) -> None:
    answer = client.post("/account/register", data={**NEW, "password": password})
    assert answer.status_code == 400
    assert 'id="password-error"' in answer.text
    assert people(app) == []


@pytest.mark.parametrize(
    "password", ["twelve chars", "long " * 25 + "end", "пароль из слов", "            x", "k4$Tz!p0Qm#v"]
)
def test_any_other_password_of_12_characters_is_accepted(client: Visitor, password: str) -> None:
    assert client.post("/account/register", data={**NEW, "password": password}).status_code == 303
    client.post("/account/logout")
    answer = client.post("/account/login", data={"email": NEW["email"], "password": password})
    assert answer.status_code == 303, "the whole password counts, untrimmed"


def test_role_and_number_from_the_browser_are_ignored(app: Flask, client: Visitor) -> None:
    join(app, MIA)
    client.post(
        "/account/register", data={**NEW, "role": "admin", "id": "1", "created_at": "2001-01-01", "author": "1"}
    )
    user = people(app)[1]
    assert user.role == Role.MEMBER
    assert user.created_at.year > 2001


def test_registering_needs_the_token_of_our_own_form(app: Flask, client: Visitor) -> None:
    answer = client.post("/account/register", data=NEW, with_token=False)
    assert answer.status_code == 400
    assert people(app) == []


@pytest.mark.parametrize(
    ("mode", "words"), [("closed", "takes no new accounts"), ("invite", "made by the people who run it")]
)
def test_a_closed_site_says_so(make_app: MakeApp, mode: str, words: str) -> None:
    app = make_app(registration=mode)
    client = app.test_client()
    page = client.get("/account/register")
    assert words in page.text
    assert 'name="password"' not in page.text
    assert client.post("/account/register", data=NEW).status_code == 403
    assert people(app) == []


def test_five_accounts_a_day_can_be_made_from_one_address(limited_app: Flask) -> None:
    client = limited_app.test_client()
    for number in range(5):
        client.post(
            "/account/register", data={**NEW, "name": f"Person {number + 2}", "email": f"p{number}@new.example"}
        )
        client.post("/account/logout")
    assert len(people(limited_app)) == 5
    answer = client.post("/account/register", data=NEW)
    assert answer.status_code == 429
    assert 86_000 < int(answer.headers["Retry-After"]) <= 86_401
    assert 'value="zoe@new.example"' in answer.text
    elsewhere = limited_app.test_client().post("/account/register", data=NEW, environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert elsewhere.status_code == 303


def test_a_mistyped_form_does_not_count_as_an_account(limited_app: Flask) -> None:
    client = limited_app.test_client()
    for _ in range(8):
        assert client.post("/account/register", data={**NEW, "password": "short"}).status_code == 400
    assert client.post("/account/register", data=NEW).status_code == 303


def test_asking_who_has_an_account_is_limited_too(limited_app: Flask) -> None:
    join(limited_app, MIA)
    client = limited_app.test_client()
    statuses = [client.post("/account/register", data={**NEW, "email": MIA.email}).status_code for _ in range(6)]
    assert statuses == [400] * 5 + [429]


def test_the_throttle_keeps_no_address(limited_app: Flask) -> None:
    limited_app.test_client().post("/account/register", data=NEW)
    with limited_app.app_context():
        keys = db.session.scalars(select(Attempt.key)).all()
    assert len(keys) == 1
    assert "127.0.0.1" not in keys[0]
    assert len(keys[0]) == 64


def test_without_limits_nothing_is_counted(app: Flask, client: Visitor) -> None:
    client.post("/account/register", data=NEW)
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Attempt)) == 0


def test_only_the_hash_of_the_cookies_secret_is_stored(app: Flask, client: Visitor) -> None:
    client.post("/account/register", data=NEW)
    with client.session_transaction() as cookie:
        token = cookie["_user_id"]
    with app.app_context():
        [row] = db.session.scalars(select(Session)).all()
        assert token not in (row.token_hash, str(row.id), str(row.user_id))
        assert people(app)[0].password_hash.startswith("$argon2id$")
