"""What a session is good for, and when it ends."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from blog.accounts import access
from blog.accounts.models import Session, User
from blog.extensions import db
from blog.journal.models import Event
from blog.lib.database import writing
from tests.people import ADA, MIA, NOOR, PASSWORD, join
from tests.statements import counted
from tests.visitor import Visitor, signed_in

START = datetime(2026, 1, 10, 12, 0, tzinfo=UTC)
LONGER_PASSWORD = "seven lanterns over the harbour"


@pytest.fixture
def app(app: Flask) -> Flask:
    @app.get("/who")
    def who() -> str:
        user = access.user_of_request()
        return user.name if user else "nobody"

    return app


def name_seen(client: Visitor) -> str:
    return str(client.get("/who").text)


def another_browser(app: Flask) -> Visitor:
    client = app.test_client()
    assert isinstance(client, Visitor)
    return client


def test_a_reader_without_a_cookie_is_nobody(client: Visitor) -> None:
    assert name_seen(client) == "nobody"


def test_a_session_belongs_to_its_person(client: Visitor) -> None:
    signed_in(client, MIA)
    assert name_seen(client) == "Mia"


def test_a_made_up_token_is_nobody(client: Visitor) -> None:
    signed_in(client, MIA)
    for token in ("1", "", "made up", "\ud800"):
        with client.session_transaction() as cookie:
            cookie["_user_id"] = token
        assert name_seen(client) == "nobody"


def test_a_cookie_does_not_work_in_another_browser(client: Visitor) -> None:
    signed_in(client, MIA)
    assert client.get("/who", headers={"User-Agent": "another"}).text == "nobody"
    assert name_seen(client) == "Mia"


def test_asking_who_costs_one_query(app: Flask, client: Visitor) -> None:
    signed_in(client, MIA)
    with counted(app) as statements:
        name_seen(client)
    assert len([statement for statement in statements if statement.startswith("SELECT")]) == 1
    assert not [statement for statement in statements if statement.startswith(("UPDATE", "INSERT"))]


@pytest.mark.parametrize(
    ("person", "idle"), [(MIA, timedelta(days=14)), (ADA, timedelta(minutes=30))], ids=["member", "admin"]
)
def test_a_session_that_nobody_uses_ends(client: Visitor, person, idle: timedelta) -> None:
    with time_machine.travel(START, tick=False) as clock:
        signed_in(client, person)
        clock.shift(idle - timedelta(seconds=1))
        assert name_seen(client) == person.name
        clock.shift(idle + timedelta(seconds=1))
        assert name_seen(client) == "nobody"


def test_a_session_in_use_ends_after_thirty_days(client: Visitor) -> None:
    with time_machine.travel(START, tick=False) as clock:
        signed_in(client, MIA)
        for _ in range(3):
            clock.shift(timedelta(days=10) - timedelta(seconds=1))
            assert name_seen(client) == "Mia"
        clock.shift(timedelta(seconds=4))
        assert name_seen(client) == "nobody"


def test_use_is_written_down_every_two_minutes_at_most(app: Flask, client: Visitor) -> None:
    def seen_at() -> datetime:
        with app.app_context():
            return db.session.scalars(select(Session.seen_at)).one()

    with time_machine.travel(START, tick=False) as clock:
        signed_in(client, MIA)
        clock.shift(timedelta(seconds=119))
        name_seen(client)
        assert seen_at() == START
        clock.shift(timedelta(seconds=1))
        name_seen(client)
        assert seen_at() == START + timedelta(minutes=2)


def test_signing_out_ends_the_session_for_good(app: Flask, client: Visitor) -> None:
    signed_in(client, MIA)
    with client.session_transaction() as cookie:
        token = cookie["_user_id"]
    answer = client.post("/account/logout")
    assert (answer.status_code, answer.location) == (303, "/")
    assert name_seen(client) == "nobody"
    with client.session_transaction() as cookie:
        cookie["_user_id"] = token
    assert name_seen(client) == "nobody", "a copy of the cookie is worth nothing"
    with app.app_context():
        assert db.session.scalars(select(Event.kind)).all() == ["session.ended"]


def test_signing_out_is_never_a_link(client: Visitor) -> None:
    signed_in(client, MIA)
    assert client.get("/account/logout").status_code == 405
    assert client.post("/account/logout", with_token=False).status_code == 400
    assert client.post("/account/logout", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert name_seen(client) == "Mia"


def test_signing_out_twice_does_no_harm(client: Visitor) -> None:
    assert client.post("/account/logout").status_code == 303


def test_one_sees_and_ends_ones_other_sessions(app: Flask, client: Visitor) -> None:
    user, phone = signed_in(client, MIA), another_browser(app)
    signed_in(phone, MIA)
    page = client.get("/account/settings").text
    assert page.count('/end"') == 2
    assert page.count("(this browser)") == 1
    with app.app_context():
        last = db.session.scalars(
            select(Session.id).where(Session.user_id == user.id).order_by(Session.id.desc())
        ).first()
    assert client.post(f"/account/sessions/{last}/end").status_code == 303
    assert name_seen(phone) == "nobody"
    assert name_seen(client) == "Mia"


def test_nobody_ends_a_session_of_somebody_else(app: Flask, client: Visitor) -> None:
    other = another_browser(app)
    signed_in(other, NOOR)
    signed_in(client, MIA)
    for session_id in (1, 999, 2**31):
        assert client.post(f"/account/sessions/{session_id}/end").status_code == 404
    assert name_seen(other) == "Noor"


def test_all_other_sessions_end_at_once(app: Flask, client: Visitor) -> None:
    others = [another_browser(app) for _ in range(3)]
    for other in others:
        signed_in(other, MIA)
    stranger = another_browser(app)
    signed_in(stranger, NOOR)
    signed_in(client, MIA)
    client.post("/account/sessions/end-others")
    assert [name_seen(other) for other in [*others, client, stranger]] == ["nobody"] * 3 + ["Mia", "Noor"]


def test_changing_the_password_ends_every_other_session(app: Flask, client: Visitor) -> None:
    other = another_browser(app)
    signed_in(other, MIA)
    signed_in(client, MIA)
    answer = client.post("/account/password", data={"current_password": PASSWORD, "password": LONGER_PASSWORD})
    assert answer.status_code == 303
    assert (name_seen(client), name_seen(other)) == ("Mia", "nobody")


def test_a_disabled_person_is_nobody_at_once(app: Flask, client: Visitor) -> None:
    user = signed_in(client, MIA)
    with app.app_context(), writing(db.session):
        db.session.execute(update(User).where(User.id == user.id).values(disabled_at=START))
    assert name_seen(client) == "nobody"


def test_pages_for_a_person_are_kept_by_nobody(client: Visitor) -> None:
    signed_in(client, MIA)
    answer = client.get("/account/settings")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "Cookie" in answer.headers["Vary"]


def test_the_cookie_is_for_browsers_only(app: Flask, client: Visitor) -> None:
    join(app, MIA)
    answer = client.post("/account/login", data={"email": MIA.email, "password": PASSWORD})
    [cookie] = [value for value in answer.headers.getlist("Set-Cookie") if value.startswith("hindsight=")]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_on_https_the_cookie_is_bound_to_the_host(make_app) -> None:
    app = make_app(site_url="https://postmortems.example.org")
    join(app, MIA)
    client = app.test_client()
    answer = client.post(
        "/account/login",
        data={"email": MIA.email, "password": PASSWORD},
        base_url="https://postmortems.example.org",
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    cookies = answer.headers.getlist("Set-Cookie")
    assert any(
        value.startswith("__Host-hindsight=") and "Secure" in value and "Path=/" in value for value in cookies
    ), (
        answer.status_code,
        cookies,
    )


def test_a_page_is_shown_as_to_a_reader_when_the_database_is_away(app: Flask, client: Visitor, monkeypatch) -> None:
    signed_in(client, MIA)

    def broken(*_: object) -> None:
        raise OperationalError("SELECT", {}, Exception("disk I/O error"))

    monkeypatch.setattr("blog.accounts.queries.session_by_token", broken)
    answer = client.get("/account/settings")
    assert answer.status_code == 503
    assert "Sign in" in answer.text
