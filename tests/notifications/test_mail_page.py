"""The admins' page of mail: what failed or is late, whose address takes none, and another try."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask

from tests.factories.articles import make_published
from tests.factories.comments import make_comment
from tests.factories.follows import drain, follow_article, messages, verified
from tests.mail_server import Post
from tests.people import ADA, MIA, NOOR, join
from tests.visitor import Visitor, signed_in

MINUTE = timedelta(minutes=1)


def as_person(app: Flask, person) -> Visitor:
    client = app.test_client()
    assert isinstance(client, Visitor)
    signed_in(client, person)
    return client


@pytest.fixture
def refused(mailing_app: Flask, post: Post):
    """A mail to Noor that her server refused."""
    post.answers[NOOR.email] = "550 5.1.1 <b>No such user</b>"
    with time_machine.travel(datetime(2026, 3, 2, 9, 0, tzinfo=UTC), tick=False) as clock:
        article = make_published(mailing_app)
        verified(mailing_app, NOOR)
        follow_article(mailing_app, NOOR, article)
        make_comment(mailing_app, article, user=MIA)
        drain(mailing_app)
        clock.shift(MINUTE)
        drain(mailing_app)
    return mailing_app


def test_admins_see_what_was_refused_and_why(refused: Flask) -> None:
    page = as_person(refused, ADA).get("/account/mail").text
    assert "550 5.1.1 &lt;b&gt;No such user&lt;/b&gt;" in page
    assert NOOR.email in page and "Noor" in page
    assert "127.0.0.1" in page, "the server"


def test_the_person_sees_it_too_and_may_verify_the_address_again(refused: Flask, post: Post) -> None:
    client = as_person(refused, NOOR)
    page = client.get("/account/follows").text
    assert "No mail reaches noor@people.example" in page and "5.1.1" in page
    post.answers.clear()
    assert client.post("/account/verify").status_code == 303
    drain(refused)
    assert post.to == [NOOR.email]


def test_an_admin_has_it_tried_again(refused: Flask, post: Post) -> None:
    post.answers.clear()
    client = as_person(refused, ADA)
    assert client.post("/account/mail/1/try-again").status_code == 303
    drain(refused)
    assert messages(refused) == [("at-once", "dropped")], "not to an address that must be verified again"
    assert client.post("/account/mail/1/try-again").status_code == 409
    assert as_person(refused, MIA).post("/account/mail/1/try-again").status_code == 403


def test_an_empty_page_says_that_all_went_out(app: Flask, mailing_app: Flask) -> None:
    join(app, ADA)
    assert "Every mail went out" in as_person(mailing_app, ADA).get("/account/mail").text
    assert "No mail server is set" in as_person(app, ADA).get("/account/mail").text
