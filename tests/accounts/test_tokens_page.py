"""The page of API tokens: made with the password, shown once, revoked at once."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from blog.accounts import token_changes
from blog.accounts.models import ApiToken
from blog.extensions import db
from blog.journal.models import Event, KeptAnswer
from blog.lib import clock
from tests.api.callers import DOCUMENT, a_program
from tests.people import ADA, ARUN, MIA, NOOR, PASSWORD
from tests.visitor import Visitor, signed_in

PAGE = "/account/tokens"
TYPED = {"name": "night bot", "model": "m-1", "scopes": ["read", "comment"], "days": "30", "password": PASSWORD}


def secret_of(answer: Any) -> str:
    found = re.search(r'value="(hs_[\w-]{43})"', answer.text)
    assert found is not None, answer.text[:2_000]
    return found[1]


def count(app: Flask, model: Any = ApiToken) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(model)) or 0


def everything_stored() -> str:
    """Every row of every table as text."""
    tables = ApiToken.metadata.sorted_tables
    return "\n".join(repr(row) for table in tables for row in db.session.execute(select(table)).all())


def test_a_member_makes_a_token_that_works(app: Flask, client: Visitor) -> None:
    signed_in(client, MIA)
    assert "No program acts for you" in client.get(PAGE).text
    answer = client.post(PAGE, data=TYPED)
    assert answer.status_code == 200
    secret = secret_of(answer)
    told = app.test_client().get("/api/v1/articles", headers={"Authorization": f"Bearer {secret}"})
    assert told.status_code == 200
    page = client.get(PAGE).text
    assert "night bot" in page and "m-1" in page and secret[:11] in page
    with app.app_context():
        token = db.session.scalars(select(ApiToken)).one()
        assert (token.scopes, token.model) == ("comment,read", "m-1")
        assert token.expires_at - token.created_at == timedelta(days=30)
        made = db.session.scalars(select(Event).where(Event.kind == "token.created")).one()
        assert made.actor_id == token.user_id


def test_the_secret_stands_in_one_answer_and_nowhere_else(
    app: Flask, client: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    signed_in(client, MIA)
    caplog.set_level("DEBUG")
    answer = client.post(PAGE, data={**TYPED, "once": "k" * 22})
    secret = secret_of(answer)
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert secret not in str(answer.headers)
    assert secret[12:] not in client.get(PAGE).text
    with app.app_context():
        stored = everything_stored()
    assert "night bot" in stored and secret[12:] not in stored and PASSWORD not in stored
    assert secret[12:] not in caplog.text and PASSWORD not in caplog.text


def test_the_same_form_again_makes_no_second_token_and_shows_nothing(app: Flask, client: Visitor) -> None:
    signed_in(client, MIA)
    secret = secret_of(client.post(PAGE, data={**TYPED, "once": "k" * 22}))
    again = client.post(PAGE, data={**TYPED, "once": "k" * 22})
    assert (again.status_code, again.location) == (303, PAGE)
    page = client.get(PAGE).text
    assert "made already" in page and secret[12:] not in page
    assert count(app) == 1
    with app.app_context():
        assert db.session.scalars(select(KeptAnswer.answer)).all() == [""]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"password": ""}, "Enter your password"),
        ({"password": "a lamp beside ten rivers"}, "not the password"),
        ({"name": ""}, "Give it a name"),
        ({"name": "x" * 65}, "1 to 64 characters"),
        ({"name": "a\u202eb"}, "direction"),
        ({"model": "x" * 121}, "at most 120"),
        ({"scopes": []}, "one or more"),
        ({"scopes": ["publish"]}, "not a valid choice"),
        ({"scopes": ["read", "propose"]}, "not a valid choice"),
        ({"days": "4000"}, "alid choice"),
        ({"days": "0"}, "alid choice"),
    ],
)
def test_what_cannot_be_is_told_beside_its_field(
    app: Flask, client: Visitor, changed: dict[str, Any], words: str
) -> None:
    signed_in(client, MIA)
    answer = client.post(PAGE, data={**TYPED, **changed})
    assert answer.status_code in (400, 422)
    assert words in answer.text
    assert PASSWORD not in answer.text
    assert count(app) == 0


def test_wrong_passwords_are_limited_as_at_sign_in(limited_app: Flask) -> None:
    client = limited_app.test_client()
    signed_in(client, MIA)
    statuses = [client.post(PAGE, data={**TYPED, "password": f"wrong {n}"}).status_code for n in range(11)]
    assert statuses == [400] * 10 + [429]
    assert client.post(PAGE, data=TYPED).status_code == 429
    assert count(limited_app) == 0


def test_authors_may_have_programs_that_propose(app: Flask, client: Visitor) -> None:
    signed_in(client, ARUN)
    secret = secret_of(client.post(PAGE, data={**TYPED, "scopes": ["propose"]}))
    answer = app.test_client().post("/api/v1/articles", json=DOCUMENT, headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 201
    assert answer.json["program"] == {"name": "night bot", "model": "m-1", "token": secret[:11], "owner": "Arun"}
    assert "wrote 1 proposal" in " ".join(client.get(PAGE).text.split())


def test_a_token_is_revoked_at_once_by_its_owner_and_by_admins_only(app: Flask, client: Visitor) -> None:
    mine, others = a_program(app, MIA, "read"), a_program(app, MIA, "read")
    stranger, admin = app.test_client(), app.test_client()
    for one, person in ((client, MIA), (stranger, NOOR), (admin, ADA)):
        signed_in(one, person)
    assert stranger.post(f"{PAGE}/{mine.token_id}/revoke").status_code == 404
    assert mine.get("/articles").status_code == 200
    assert client.post(f"{PAGE}/{mine.token_id}/revoke").status_code == 303
    assert mine.get("/articles").status_code == 401
    assert client.post(f"{PAGE}/{mine.token_id}/revoke").status_code == 409
    assert "night bot" in admin.get(f"{PAGE}/all").text
    assert admin.post(f"{PAGE}/{others.token_id}/revoke").location == f"{PAGE}/all"
    assert others.get("/articles").status_code == 401
    with app.app_context():
        told = db.session.scalars(select(Event).where(Event.kind == "token.revoked").order_by(Event.id)).all()
        assert [one.subject_id for one in told] == [mine.token_id, others.token_id]


def test_twenty_tokens_are_the_most(app: Flask, client: Visitor) -> None:
    for _ in range(token_changes.MAX_HELD):
        a_program(app, MIA, "read")
    signed_in(client, MIA)
    answer = client.post(PAGE, data=TYPED)
    assert answer.status_code == 409
    assert count(app) == token_changes.MAX_HELD
    with time_machine.travel(clock.now() + timedelta(days=31), tick=False):
        signed_in(client, MIA)
        assert client.post(PAGE, data=TYPED).status_code == 200


def test_a_scope_the_role_lost_is_told(app: Flask, client: Visitor) -> None:
    program = a_program(app, MIA, "read")
    program.set_token(scopes="propose,read")
    signed_in(client, MIA)
    assert "Counts for nothing while this role does not write: propose" in client.get(PAGE).text


def test_hostile_names_are_text(app: Flask, client: Visitor) -> None:
    signed_in(client, MIA)
    name = '<b onclick="x()">{{ 7*7 }}'
    page = client.post(PAGE, data={**TYPED, "name": name, "model": name}).text + client.get(PAGE).text
    assert "<b onclick" not in page and "{{ 7*7 }}" in page
