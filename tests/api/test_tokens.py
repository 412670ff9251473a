"""Tokens: who is let in, for what, how long, and that nothing gives one more."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from blog.accounts import token_changes
from blog.accounts.models import ApiToken, User
from blog.accounts.tokens import hash_of
from blog.extensions import db
from blog.journal.models import Event
from blog.lib import clock
from blog.lib.database import writing
from tests.api.callers import DOCUMENT, SECOND, Program, a_program
from tests.factories.articles import make_published
from tests.people import ADA, ARUN, MIA, PASSWORD, join
from tests.visitor import Visitor, signed_in


def create(app: Flask, *arguments: str) -> tuple[int, str, str]:
    result = app.test_cli_runner().invoke(args=["tokens", "create", *arguments])
    return result.exit_code, result.stdout, result.stderr


def test_the_secret_is_printed_once_and_kept_nowhere(app: Flask) -> None:
    join(app, ARUN)
    code, out, told = create(app, ARUN.email, "--name", "night bot", "--scopes", "read,propose", "--days", "7")
    secret = out.strip()
    assert code == 0
    assert secret.startswith("hs_")
    assert len(secret) == 46
    assert secret not in told
    with app.app_context():
        token = db.session.scalars(select(ApiToken)).one()
        assert token.token_hash == hash_of(secret)
        assert (token.prefix, token.scopes, token.name) == (secret[:11], "propose,read", "night bot")
        assert token.expires_at - token.created_at == timedelta(days=7)
        made = db.session.scalars(select(Event).where(Event.kind == "token.created")).one()
        assert secret not in str(made.data)
    assert app.test_client().get("/api/v1/articles", headers={"Authorization": f"Bearer {secret}"}).status_code == 200


@pytest.mark.parametrize(
    "arguments",
    [
        ("nobody@people.example", "--name", "x", "--scopes", "read"),
        (ARUN.email, "--name", "x", "--scopes", "publish"),
        (ARUN.email, "--name", "x", "--scopes", "read,approve"),
        (ARUN.email, "--name", "x", "--scopes", ""),
        (ARUN.email, "--name", "", "--scopes", "read"),
        (ARUN.email, "--name", "x" * 65, "--scopes", "read"),
        (ARUN.email, "--name", "x", "--scopes", "read", "--days", "0"),
        (ARUN.email, "--name", "x", "--scopes", "read", "--days", "367"),
        (MIA.email, "--name", "x", "--scopes", "propose"),
    ],
)
def test_a_token_that_cannot_be_is_refused(app: Flask, arguments: tuple[str, ...]) -> None:
    join(app, ARUN)
    join(app, MIA)
    code, out, told = create(app, *arguments)
    assert code == 1
    assert out == ""
    assert "Error" in told


def test_a_revoked_token_ends_at_once(app: Flask) -> None:
    program = a_program(app, ARUN, "read")
    assert program.get("/articles").status_code == 200
    result = app.test_cli_runner().invoke(args=["tokens", "revoke", program.secret[:11]])
    assert result.exit_code == 0
    assert program.get("/articles").status_code == 401
    again = app.test_cli_runner().invoke(args=["tokens", "revoke", program.secret[:11]])
    assert again.exit_code == 1
    assert app.test_cli_runner().invoke(args=["tokens", "revoke", "hs_nothing"]).exit_code == 1


def test_all_tokens_of_a_person_end_together_and_each_is_told(app: Flask) -> None:
    first, second, other = a_program(app, ARUN, "read"), a_program(app, ARUN, "propose"), a_program(app, ADA, "read")
    with app.app_context(), writing(db.session):
        owner = db.session.get_one(User, first.owner.id)
        assert token_changes.end_tokens_of(owner=owner, actor=owner) == 2
        assert token_changes.end_tokens_of(owner=owner, actor=owner) == 0
    assert [one.get("/articles").status_code for one in (first, second, other)] == [401, 401, 200]
    with app.app_context():
        told = db.session.scalars(select(Event).where(Event.kind == "token.revoked").order_by(Event.id)).all()
        assert [(one.subject_id, one.actor_id, one.reason) for one in told] == [
            (program.token_id, first.owner.id, "the password changed") for program in (first, second)
        ]


def test_a_token_ends_on_its_day(app: Flask) -> None:
    program = a_program(app, ARUN, "read", days=2)
    ends_at = program.token().expires_at
    with time_machine.travel(ends_at - SECOND, tick=False):
        assert program.get("/articles").status_code == 200
    with time_machine.travel(ends_at, tick=False):
        answer = program.get("/articles")
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_token_of_a_disabled_account_does_not_hold(app: Flask) -> None:
    program = a_program(app, ARUN, "read")
    with app.app_context(), writing(db.session):
        db.session.get_one(User, program.owner.id).disabled_at = clock.now()
    assert program.get("/articles").status_code == 401


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        "Basic YTpi",
        "hs_",
        "Bearer " + "x" * 5_000,
        "Bearer \u00fc",
        "Token {}",
        "{}",
    ],
)
def test_what_is_no_token_is_refused_even_where_none_is_needed(app: Flask, header: str) -> None:
    program = a_program(app, ARUN, "read")
    answer = app.test_client().get("/api/v1/articles", headers={"Authorization": header.format(program.secret)})
    assert answer.status_code == 401
    assert answer.content_type == "application/problem+json"


def test_the_stored_hash_is_no_token(app: Flask) -> None:
    program = a_program(app, ARUN, "read")
    with app.app_context():
        stored = db.session.get_one(ApiToken, program.token_id)
        headers = [{"Authorization": f"Bearer {value}"} for value in (stored.token_hash, stored.prefix)]
    for one in headers:
        assert app.test_client().get("/api/v1/articles", headers=one).status_code == 401


def requests_of(program: Program, slug: str) -> dict[str, list[int]]:
    """Status of every operation, by the scope it needs."""
    return {
        "read": [
            program.get(path).status_code for path in ("/articles", f"/articles/{slug}", f"/articles/{slug}/comments")
        ],
        "propose": [program.post("/articles", DOCUMENT).status_code],
        "comment": [program.post(f"/articles/{slug}/comments", {"text": "Seen."}).status_code],
    }


@pytest.mark.parametrize("scope", ["read", "propose", "comment"])
def test_a_scope_opens_its_own_operations_only(app: Flask, scope: str) -> None:
    slug = make_published(app).slug
    for opened, statuses in requests_of(a_program(app, ARUN, scope), slug).items():
        expected = {200, 201} if opened == scope else {403}
        assert set(statuses) <= expected, opened


@pytest.mark.parametrize("scopes", ["publish", "read,publish,approve", "admin", "*", "", "Read"])
def test_whatever_a_row_says_a_token_never_gets_more(app: Flask, scopes: str) -> None:
    program = a_program(app, ADA, "read", "propose", "comment")
    program.set_token(scopes=scopes)
    slug = make_published(app).slug
    for opened, statuses in requests_of(program, slug).items():
        assert set(statuses) == ({200} if opened == "read" and "read" in scopes.split(",") else {403})


def test_a_token_opens_no_page_of_the_site(app: Flask) -> None:
    program = a_program(app, ADA, "read", "propose", "comment")
    client = app.test_client()
    for path in ("/account/settings", "/account/users", "/editor/", "/moderation/"):
        assert client.get(path, headers=program.headers).status_code in (303, 401, 403), path
    answer = client.post("/account/logout", headers=program.headers, with_token=False)  # type: ignore[call-arg]
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "path", ["//api/v1/articles", "/api/v1/articles/", "/API/v1/articles", "/api/v1//articles", "/api/v1/%61rticles"]
)
def test_other_spellings_of_the_address_do_not_go_round_the_token(app: Flask, path: str) -> None:
    answer = app.test_client().post(path, json=DOCUMENT)
    assert answer.status_code in (308, 400, 401, 404, 405)


def test_a_cookie_is_not_a_token(app: Flask, client: Visitor) -> None:
    signed_in(client, ADA)
    assert client.post("/api/v1/articles", json=DOCUMENT).status_code == 401
    answer = client.get("/api/v1/articles")
    assert "Set-Cookie" not in answer.headers


def test_use_is_noted_at_most_every_minute(app: Flask) -> None:
    program = a_program(app, ARUN, "read")
    start = clock.now()
    for seconds, noted in ((0, 0), (59, 0), (60, 60), (61, 60)):
        with time_machine.travel(start + timedelta(seconds=seconds), tick=False):
            program.get("/articles")
            assert program.token().used_at == start + timedelta(seconds=noted)


def test_use_for_something_refused_is_noted_too(app: Flask) -> None:
    program = a_program(app, ARUN, "read")
    assert program.post("/articles", DOCUMENT).status_code == 403
    assert program.token().used_at is not None


def test_sixty_a_minute_and_no_more(limited_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    program, other = a_program(limited_app, ARUN, "read"), a_program(limited_app, ADA, "read")
    monkeypatch.setattr("time.time", lambda: 1_000_020.0)  # a minute of the clock begins here
    places = [f"203.0.113.{number}" for number in range(7)]  # a token counts wherever it is used

    def ask(who: Program, number: int) -> int:
        return int(who.get("/articles", environ_base={"REMOTE_ADDR": places[number % 7]}).status_code)

    assert [ask(program, number) for number in range(61)] == [200] * 60 + [429]
    refused = program.get("/articles", environ_base={"REMOTE_ADDR": "198.51.100.1"})
    assert 1 <= int(refused.headers["Retry-After"]) <= 61
    assert ask(other, 1) == 200


def test_a_new_password_ends_the_tokens_of_that_person(app: Flask, client: Visitor) -> None:
    mine, others = a_program(app, MIA, "read"), a_program(app, ADA, "read")
    signed_in(client, MIA)
    data = {"current_password": PASSWORD, "password": "seven lanterns over the harbour"}
    assert client.post("/account/password", data=data).status_code == 303
    assert mine.get("/articles").status_code == 401
    assert others.get("/articles").status_code == 200
