"""A new password by mail: POST /account/reset, and the link that comes."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from blog.accounts.models import ApiToken, Session, User
from blog.accounts.proof_models import Proof
from blog.accounts.token_changes import create_token
from blog.extensions import db
from blog.journal.models import Event, Job
from blog.lib import passwords
from blog.lib.database import writing
from tests.conftest import MakeApp
from tests.mail_server import Post, html_of, text_of
from tests.people import ADA, MIA, NOOR, PASSWORD, join
from tests.visitor import Visitor, signed_in

NEW = "another lamp beside ten rivers"
START = datetime(2026, 1, 10, 12, 0, tzinfo=UTC)


def visitor(app: Flask) -> Visitor:
    client = app.test_client()
    assert isinstance(client, Visitor)
    return client


def ask(app: Flask, email: object = MIA.email):
    answer = visitor(app).post("/account/reset", data={"email": email})
    app.extensions["hindsight_worker"].drain()
    return answer


def link_in(post: Post) -> str:
    found = re.search(r"http://127\.0\.0\.1:8000(/account/reset/new\?token=[\w-]+)", text_of(post.taken[-1]))
    assert found is not None
    return found[1]


def choose(app: Flask, link: str, password: str = NEW):
    return visitor(app).post(link, data={"password": password})


def password_of(app: Flask, email: str = MIA.email) -> str | None:
    with app.app_context():
        return db.session.scalars(select(User).where(User.email == email)).one().password_hash


def test_line_26_the_link_changes_the_password_once_and_ends_every_session(mailing_app: Flask, post: Post) -> None:
    client = visitor(mailing_app)
    signed_in(client, MIA)
    assert ask(mailing_app).location == "/account/reset/asked"
    assert post.to == [MIA.email]
    link = link_in(post)
    assert visitor(mailing_app).get(link).status_code == 200
    assert choose(mailing_app, link).location == "/account/reset/done"
    assert passwords.matches(NEW, password_of(mailing_app))
    assert client.get("/account/settings").status_code == 303, "signed out everywhere"
    again = choose(mailing_app, link, "a third lamp beside rivers")
    assert again.status_code == 410
    assert passwords.matches(NEW, password_of(mailing_app))


def test_line_26_the_token_is_kept_as_a_hash_of_at_least_128_bits(mailing_app: Flask, post: Post) -> None:
    join(mailing_app, MIA)
    ask(mailing_app)
    token = link_in(post).rpartition("=")[2]
    assert len(token) * 6 >= 128
    with mailing_app.app_context():
        proof = db.session.scalars(select(Proof)).one()
        assert proof.token_hash != token and len(proof.token_hash) == 64
        assert token not in repr([event.data for event in db.session.scalars(select(Event))])
        assert db.session.scalars(select(Job)).all() == [], "and no job holds it"


def test_line_26_the_link_holds_for_thirty_minutes(mailing_app: Flask, post: Post) -> None:
    join(mailing_app, MIA)
    with time_machine.travel(START, tick=False) as clock:
        ask(mailing_app)
        clock.move_to(START + timedelta(minutes=29, seconds=59))
        assert visitor(mailing_app).get(link_in(post)).status_code == 200
        clock.move_to(START + timedelta(minutes=30))
        assert visitor(mailing_app).get(link_in(post)).status_code == 410
        assert choose(mailing_app, link_in(post)).status_code == 410
    assert passwords.matches(PASSWORD, password_of(mailing_app))


def test_line_26_the_link_is_bound_to_one_account_and_to_its_address(mailing_app: Flask, post: Post) -> None:
    join(mailing_app, NOOR)
    user = join(mailing_app, MIA)
    ask(mailing_app)
    with mailing_app.app_context(), writing(db.session):
        row = db.session.get_one(User, user.id)
        row.email = row.email_key = "mia.moved@people.example"
    assert choose(mailing_app, link_in(post)).status_code == 410
    assert passwords.matches(PASSWORD, password_of(mailing_app, NOOR.email))
    assert passwords.matches(PASSWORD, password_of(mailing_app, "mia.moved@people.example"))


@pytest.mark.parametrize(
    "email",
    [
        [MIA.email, "eve@evil.example"], ["eve@evil.example", MIA.email], [MIA.email, MIA.email],
        f"{MIA.email},eve@evil.example", f"{MIA.email} eve@evil.example", f"{MIA.email};eve@evil.example",
        f"{MIA.email}\r\nBcc: eve@evil.example", f"Mia <{MIA.email}>",
        '["mia@people.example"]', "", "mia",
    ],
)  # fmt: skip
def test_line_26_lists_and_more_than_one_address_are_refused(mailing_app: Flask, post: Post, email: object) -> None:
    join(mailing_app, MIA)
    assert ask(mailing_app, email).status_code == 400
    assert post.taken == []


@pytest.mark.parametrize("name", ["email[]", "email[0]", "emails", "address"])
def test_line_26_fields_of_other_names_say_nothing(mailing_app: Flask, post: Post, name: str) -> None:
    join(mailing_app, MIA)
    assert visitor(mailing_app).post("/account/reset", data={name: MIA.email}).status_code == 400
    assert visitor(mailing_app).post("/account/reset", json={"email": [MIA.email]}).status_code == 400
    mailing_app.extensions["hindsight_worker"].drain()
    assert post.taken == []


@pytest.mark.parametrize(
    "twin",
    [
        "mıa@people.example", "mia@people.exampIe", "ｍia@people.example", "mia@people．example",
        "mi\u0430@people.example",
    ],
)  # fmt: skip
def test_line_26_an_address_that_only_looks_alike_gets_no_mail(mailing_app: Flask, post: Post, twin: str) -> None:
    join(mailing_app, MIA)
    assert ask(mailing_app, twin).status_code in (303, 400)
    assert post.taken == []


def test_line_26_letters_that_fold_to_another_are_not_that_letter(mailing_app: Flask, post: Post) -> None:
    """The Kelvin sign is a k in lower case: Django CVE-2019-19844."""
    number = join(mailing_app, MIA).id
    with mailing_app.app_context(), writing(db.session):
        user = db.session.get_one(User, number)
        user.email = user.email_key = "mike@people.example"
    ask(mailing_app, "mi\u212ae@people.example")
    assert post.taken == []
    ask(mailing_app, " MIKE@people.example ")
    assert post.to == ["mike@people.example"]


def test_line_26_known_and_unknown_addresses_get_the_same_answer_by_the_same_steps(
    mailing_app: Flask, post: Post
) -> None:
    join(mailing_app, MIA)
    known = visitor(mailing_app).post("/account/reset", data={"email": MIA.email})
    unknown = visitor(mailing_app).post("/account/reset", data={"email": "nobody@people.example"})
    assert (known.status_code, known.location, known.data) == (unknown.status_code, unknown.location, unknown.data)
    with mailing_app.app_context():
        kinds = list(db.session.scalars(select(Event.kind).where(Event.kind == "account.reset_asked")))
        jobs = list(db.session.scalars(select(Job.kind).where(Job.kind == "mail.write")))
    assert len(kinds) == len(jobs) == 2, "the same rows are written for both, and mail is the worker's"
    mailing_app.extensions["hindsight_worker"].drain()
    assert post.to == [MIA.email]


def test_line_26_five_mails_a_day_whoever_asks(make_app: MakeApp, post: Post) -> None:
    app = make_app(mail_url=post.address, rate_limits=True)
    join(app, MIA)

    def from_address(last: int, email: str = MIA.email) -> int:
        base = {"REMOTE_ADDR": f"203.0.113.{last}"}
        return visitor(app).post("/account/reset", data={"email": email}, environ_base=base).status_code

    with time_machine.travel(START, tick=False) as clock:
        assert [from_address(last) for last in range(5)] == [303] * 5
        assert from_address(9) == 429
        assert [from_address(50, f"nobody{place}@people.example") for place in range(6)] == [303] * 5 + [429]
        clock.move_to(START + timedelta(days=1, seconds=1))
        assert from_address(9) == 303


def test_a_new_link_ends_the_one_before(mailing_app: Flask, post: Post) -> None:
    join(mailing_app, MIA)
    ask(mailing_app)
    first = link_in(post)
    ask(mailing_app)
    assert choose(mailing_app, first).status_code == 410
    assert choose(mailing_app, link_in(post)).status_code == 303


def test_tokens_end_too_and_who_reads_the_mail_has_shown_that_the_address_is_theirs(
    mailing_app: Flask, post: Post
) -> None:
    user = join(mailing_app, MIA)
    ask(mailing_app)
    with mailing_app.app_context(), writing(db.session):
        create_token(owner=db.session.get_one(User, user.id), name="bot", scopes=["read"], days=3)
    choose(mailing_app, link_in(post))
    with mailing_app.app_context():
        assert all(token.revoked_at for token in db.session.scalars(select(ApiToken)))
        assert all(row.ended_at for row in db.session.scalars(select(Session)))
        kinds = list(db.session.scalars(select(Event.kind)))
    assert "account.address_verified" in kinds
    mailing_app.extensions["hindsight_worker"].drain()
    assert "was changed" in str(post.taken[-1]["Subject"]), "and they are told that it happened"


def test_the_rules_of_passwords_hold(mailing_app: Flask, post: Post) -> None:
    join(mailing_app, ADA)
    ask(mailing_app, ADA.email)
    refused = choose(mailing_app, link_in(post), "twelve chars")
    assert refused.status_code == 400 and "15" in refused.text
    assert choose(mailing_app, link_in(post)).status_code == 303, "the link still holds"


def test_who_is_disabled_gets_no_mail(mailing_app: Flask, post: Post) -> None:
    user = join(mailing_app, MIA)
    with mailing_app.app_context(), writing(db.session):
        db.session.get_one(User, user.id).disabled_at = START
    assert ask(mailing_app).status_code == 303
    assert post.taken == []


def test_a_site_without_mail_says_so(app: Flask) -> None:
    join(app, MIA)
    page = visitor(app).get("/account/reset")
    assert "sends no mail" in page.text
    assert visitor(app).post("/account/reset", data={"email": MIA.email}).status_code == 403
    assert "/account/reset" not in visitor(app).get("/account/login").text


def test_the_sign_in_page_leads_there(mailing_app: Flask) -> None:
    assert 'href="/account/reset"' in visitor(mailing_app).get("/account/login").text


def test_the_mail_says_the_same_in_text_and_html(mailing_app: Flask, post: Post) -> None:
    join(mailing_app, MIA)
    ask(mailing_app)
    (message,) = post.taken
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["From"] == "Hindsight <hindsight@127.0.0.1>"
    assert link_in(post) in html_of(message)
    assert "30 minutes" in text_of(message) and "30 minutes" in html_of(message)


def test_lesson_12_a_reset_goes_to_the_stored_address_alone(mailing_app: Flask, post: Post) -> None:
    """GitLab CVE-2023-7028: an array of addresses; Django CVE-2019-19844: a twin."""
    join(mailing_app, MIA)
    asked = [
        [MIA.email, "eve@evil.example"],
        ["eve@evil.example", MIA.email],
        "MIA@PEOPLE.EXAMPLE",
        "mıa@people.example",
    ]
    for email in asked:
        ask(mailing_app, email)
    assert post.to == [MIA.email]
    assert post.taken[0]["To"] == MIA.email and post.taken[0]["Cc"] is None
