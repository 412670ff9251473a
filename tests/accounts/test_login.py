"""Signing in: POST /account/login with email and password."""

import re
import sqlite3
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Literal

import pytest
import time_machine
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import select

from blog.accounts import throttle
from blog.accounts.models import Attempt, Session, User
from blog.extensions import db
from blog.journal.models import Event
from blog.lib import passwords
from blog.lib.database import writing
from tests.conftest import MakeApp
from tests.people import ADA, MIA, PASSWORD, Person, join
from tests.visitor import Visitor, signed_in

START = datetime(2026, 1, 10, 12, 0, tzinfo=UTC)
NOT_RIGHT = "The e-mail address or the password is not right."
SHORT_ADMIN = Person("Ada", ADA.role, "twelve chars")


def sign_in(client: Visitor, *, email: str = MIA.email, password: str = PASSWORD, address: str = "127.0.0.1"):
    data = {"email": email, "password": password}
    return client.post("/account/login", data=data, environ_base={"REMOTE_ADDR": address})


def visitor(app: Flask) -> Visitor:
    client = app.test_client()
    assert isinstance(client, Visitor)
    return client


def test_the_right_password_signs_in(app: Flask, client: Visitor) -> None:
    join(app, MIA)
    answer = sign_in(client)
    assert (answer.status_code, answer.location) == (303, "/")
    assert "Mia" in client.get("/account/settings").text


@pytest.mark.parametrize("email", ["MIA@PEOPLE.EXAMPLE", "  mia@people.example "])
def test_case_and_blanks_of_the_address_do_not_matter(app: Flask, client: Visitor, email: str) -> None:
    join(app, MIA)
    assert sign_in(client, email=email).status_code == 303


def comparable(page: str, email: str) -> str:
    """Without what was typed, and the token of the form, which holds the second it was made in."""
    return re.sub(r'name="csrf_token"[^>]*value="[^"]+"', "", page).replace(email, "X")


class CountingHasher(PasswordHasher):
    """Keeps what it was asked to verify."""

    def __init__(self, **parameters: int) -> None:
        super().__init__(**parameters)
        self.verified: list[str] = []

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
        self.verified.append(str(hash))
        return super().verify(hash, password)


def test_an_unknown_address_and_a_wrong_password_look_the_same(app: Flask, client: Visitor) -> None:
    join(app, MIA)
    wrong = sign_in(client, password="not her password")
    unknown = sign_in(client, email="nobody@people.example", password="not her password")
    assert wrong.status_code == unknown.status_code == 400
    assert NOT_RIGHT in wrong.text
    assert comparable(wrong.text, MIA.email) == comparable(unknown.text, "nobody@people.example")
    assert "not her password" not in wrong.text


def test_an_unknown_address_takes_as_much_work_as_a_wrong_password(
    app: Flask, client: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hash is all but the whole time: one of the same parameters, once, whoever was meant."""
    monkeypatch.setattr(passwords, "hasher", CountingHasher(time_cost=1, memory_cost=8, parallelism=1))
    join(app, MIA)
    sign_in(client, password="makes the decoy")
    work = {}
    for email in (MIA.email, "nobody@people.example"):
        passwords.hasher.verified.clear()
        sign_in(client, email=email, password="not her password")
        work[email] = [stored.rpartition("$")[0].rpartition("$")[0] for stored in passwords.hasher.verified]
    assert work[MIA.email] == work["nobody@people.example"] == ["$argon2id$v=19$m=8,t=1,p=1"]


@pytest.mark.parametrize("change", ["no password", "disabled"])
def test_who_cannot_sign_in_gets_the_same_answer(app: Flask, client: Visitor, change: str) -> None:
    join(app, MIA)
    with app.app_context(), writing(db.session):
        user = db.session.scalars(select(User)).one()
        if change == "disabled":
            user.disabled_at = START
        else:
            user.password_hash = None
    answer = sign_in(client)
    assert answer.status_code == 400
    assert NOT_RIGHT in answer.text


def test_a_failed_try_is_an_event_without_personal_data(app: Flask, client: Visitor) -> None:
    user = join(app, MIA)
    sign_in(client, password="not her password")
    sign_in(client, email="nobody@people.example")
    sign_in(client)
    with app.app_context():
        events = db.session.scalars(select(Event).order_by(Event.id)).all()
    assert [(event.kind, event.subject_id, event.data) for event in events] == [
        ("account.sign_in_failed", user.id, {}),
        ("account.sign_in_failed", 0, {}),
        ("account.signed_in", user.id, {}),
    ]


def test_signing_in_gives_the_browser_a_new_session_and_ends_the_old(app: Flask, client: Visitor) -> None:
    signed_in(client, MIA)
    with client.session_transaction() as cookie:
        before = cookie["_user_id"]
    sign_in(client)
    with client.session_transaction() as cookie:
        assert cookie["_user_id"] != before
        assert "csrf_token" not in cookie, "the secret of the form is a new one, too"
    with app.app_context():
        ended = db.session.scalars(select(Session.ended_at).order_by(Session.id)).all()
    assert ended[0] is not None
    assert ended[1] is None


def test_a_cookie_set_before_does_not_choose_the_session(app: Flask, client: Visitor) -> None:
    join(app, MIA)
    with client.session_transaction() as cookie:
        cookie["_user_id"] = "chosen by somebody else"
    sign_in(client)
    with client.session_transaction() as cookie:
        assert cookie["_user_id"] != "chosen by somebody else"


def test_one_is_sent_back_to_the_page_that_asked(app: Flask, client: Visitor) -> None:
    join(app, MIA)
    asked = client.get("/account/settings?a=1&b=2")
    assert asked.status_code == 303
    page = client.get(asked.location)
    assert "/account/login?next=/account/settings?a%3D1%26b%3D2" in page.text
    answer = client.post(asked.location, data={"email": MIA.email, "password": PASSWORD})
    assert answer.location == "/account/settings?a=1&b=2"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "http:evil.example", "\t//evil.example"])
def test_one_is_never_sent_to_another_site(app: Flask, client: Visitor, target: str) -> None:
    join(app, MIA)
    data = {"email": MIA.email, "password": PASSWORD}
    assert client.post("/account/login", query_string={"next": target}, data=data).location == "/"


def test_a_password_hashed_with_old_parameters_is_hashed_anew(app: Flask, client: Visitor) -> None:
    join(app, MIA)
    old = PasswordHasher(time_cost=1, memory_cost=16, parallelism=1).hash(PASSWORD)
    with app.app_context(), writing(db.session):
        db.session.scalars(select(User)).one().password_hash = old
    assert sign_in(client).status_code == 303
    with app.app_context():
        new = db.session.scalars(select(User.password_hash)).one()
    assert new != old
    assert not passwords.is_outdated(new or "")
    assert sign_in(client).status_code == 303


def test_a_trusted_person_with_a_short_password_is_told(app: Flask, client: Visitor) -> None:
    join(app, SHORT_ADMIN)
    sign_in(client, email=SHORT_ADMIN.email, password=SHORT_ADMIN.password)
    assert "at least 15 characters" in client.get("/account/settings").text


def test_the_eleventh_failure_in_five_minutes_is_refused(limited_app: Flask) -> None:
    join(limited_app, MIA)
    client = visitor(limited_app)
    with time_machine.travel(START, tick=False) as clock:
        for _ in range(10):
            assert sign_in(client, password="not her password").status_code == 400
        refused = sign_in(client)
        assert refused.status_code == 429
        assert refused.headers["Retry-After"] == "301"
        assert f'value="{MIA.email}"' in refused.text
        clock.shift(timedelta(seconds=301))
        assert sign_in(client).status_code == 303


def test_ten_failures_on_one_account_count_from_all_addresses(limited_app: Flask) -> None:
    join(limited_app, MIA)
    client, addresses = visitor(limited_app), (f"192.0.2.{number}" for number in count(1))
    with time_machine.travel(START, tick=False):
        for _ in range(10):
            assert sign_in(client, password="not her password", address=next(addresses)).status_code == 400
        assert sign_in(client, address=next(addresses)).status_code == 429


def test_ten_failures_from_one_address_count_over_all_accounts(limited_app: Flask) -> None:
    join(limited_app, MIA)
    client = visitor(limited_app)
    with time_machine.travel(START, tick=False):
        for number in range(10):
            sign_in(client, email=f"guess{number}@people.example", address="2001:db8:0:1::a")
        assert sign_in(client, address="2001:db8:0:1::b").status_code == 429, "one network of IPv6 counts as one"
        assert sign_in(client, address="2001:db8:0:2::b").status_code == 303


def test_an_unknown_account_is_limited_like_a_known_one(limited_app: Flask) -> None:
    client, addresses = visitor(limited_app), (f"192.0.2.{number}" for number in count(1))
    with time_machine.travel(START, tick=False):
        for _ in range(10):
            sign_in(client, email="nobody@people.example", address=next(addresses))
        assert sign_in(client, email="nobody@people.example", address=next(addresses)).status_code == 429


def test_strangers_cannot_lock_a_person_out_of_her_own_place(limited_app: Flask) -> None:
    join(limited_app, MIA)
    client, addresses = visitor(limited_app), (f"192.0.2.{number}" for number in count(1))
    with time_machine.travel(START, tick=False):
        assert sign_in(client, address="198.51.100.5").status_code == 303
        for _ in range(10):
            sign_in(visitor(limited_app), password="a guess of words", address=next(addresses))
        assert sign_in(visitor(limited_app), address="203.0.113.9").status_code == 429
        assert sign_in(visitor(limited_app), address="198.51.100.5").status_code == 303


def test_success_is_not_held_against_anybody(limited_app: Flask) -> None:
    join(limited_app, MIA)
    with time_machine.travel(START, tick=False):
        for _ in range(12):
            assert sign_in(visitor(limited_app)).status_code == 303


def test_the_wait_grows_with_each_ten_failures(limited_app: Flask) -> None:
    join(limited_app, MIA)
    client, waits = visitor(limited_app), []
    with time_machine.travel(START, tick=False) as clock:
        while len(waits) < 3:
            answer = sign_in(client, password="not her password")
            if answer.status_code == 429:
                waits.append(int(answer.headers["Retry-After"]))
                clock.shift(timedelta(seconds=waits[-1]))
            else:
                clock.shift(timedelta(milliseconds=1))
    assert waits[0] < waits[1] < waits[2]
    assert [round(wait / 60) for wait in waits] == [5, 10, 20]


def test_very_many_failures_over_all_accounts_close_the_door_for_a_while(
    make_app: MakeApp,
) -> None:
    client = visitor(make_app(rate_limits=True, sign_in_rate_of_all="12/5 minute"))
    with time_machine.travel(START, tick=False):
        statuses = [
            sign_in(client, email=f"p{number}@x.example", address=f"192.0.2.{number}").status_code
            for number in range(13)
        ]
    assert statuses == [400] * 12 + [429]


def test_two_processes_share_what_was_counted(make_app) -> None:
    one, other = make_app(rate_limits=True), make_app(rate_limits=True)
    with time_machine.travel(START, tick=False):
        for number in range(10):
            sign_in(visitor(one if number % 2 else other))
        assert sign_in(visitor(one)).status_code == sign_in(visitor(other)).status_code == 429


def test_old_tries_are_swept_away(limited_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "SWEEP_EVERY", 1)
    client = visitor(limited_app)
    with time_machine.travel(START, tick=False) as clock:
        sign_in(client)
        clock.shift(timedelta(days=3))
        sign_in(client)
        with limited_app.app_context():
            assert len(db.session.scalars(select(Attempt)).all()) == 3


def test_nothing_is_limited_when_limits_are_off(app: Flask, client: Visitor) -> None:
    assert {sign_in(client).status_code for _ in range(15)} == {400}


@pytest.mark.parametrize("field", ["email", "password"])
def test_an_empty_field_is_told_beside_it(client: Visitor, field: str) -> None:
    answer = client.post("/account/login", data={"email": "a@b.example", "password": "x", field: ""})
    assert answer.status_code == 400
    assert f'id="{field}-error"' in answer.text


@pytest.mark.parametrize("value", ["\x00", "\ud800", "é" * 5_000, "' OR 1=1 --", "%"])
def test_no_input_breaks_the_page(app: Flask, client: Visitor, value: str) -> None:
    join(app, MIA)
    raw = value.encode("utf-8", "surrogatepass")
    answer = client.post("/account/login", data={"email": raw, "password": raw})
    assert answer.status_code == 400


def test_too_many_who_wait_are_sent_away_and_not_kept(app: Flask, client: Visitor) -> None:
    join(app, MIA)
    taken = 0
    while passwords._places.acquire(blocking=False):
        taken += 1
    try:
        answer = sign_in(client)
    finally:
        for _ in range(taken):
            passwords._places.release()
    assert taken == passwords.HASHES_AT_ONCE + passwords.MAX_WAITING
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert sign_in(client).status_code == 303


def test_no_hash_is_made_inside_a_transaction(app: Flask, client: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    join(app, MIA)
    seen = []

    class Watching(PasswordHasher):
        def verify(self, *args, **kwargs) -> bool:
            seen.append(_is_locked(app))
            return super().verify(*args, **kwargs)

    monkeypatch.setattr(passwords, "hasher", Watching(time_cost=1, memory_cost=8, parallelism=1))
    sign_in(client)
    assert seen == [False]


def _is_locked(app: Flask) -> bool:
    other = sqlite3.connect(app.extensions["hindsight_settings"].data_dir / "hindsight.sqlite3", timeout=0)
    try:
        other.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:
        return True
    finally:
        other.close()
    return False


@pytest.mark.parametrize("password", ["x" * 257, PASSWORD + "x" * 300, "a" + "\u0315\u0316" * 20_000])
def test_a_password_longer_than_any_is_wrong_like_others_and_not_read(
    app: Flask, client: Visitor, monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    join(app, MIA)
    read: list[int] = []
    canonical = passwords._canonical
    monkeypatch.setattr(passwords, "_canonical", lambda given: read.append(len(given)) or canonical(given))
    answer = sign_in(client, password=password)
    assert (answer.status_code, NOT_RIGHT in answer.text) == (400, True)
    assert read == [0]  # it takes its time, like a wrong one, but over nothing


def test_an_address_longer_than_any_is_nobodys(app: Flask, client: Visitor) -> None:
    join(app, MIA)
    answer = sign_in(client, email="a" + "\u0315\u0316" * 20_000)
    assert (answer.status_code, NOT_RIGHT in answer.text) == (400, True)
