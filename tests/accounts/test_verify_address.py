"""Showing that an address is one's own: the mail after registering, and the button behind its link."""

import re

from flask import Flask
from sqlalchemy import select

from blog.accounts.models import User
from blog.accounts.proof_queries import is_verified
from blog.extensions import db
from tests.conftest import MakeApp
from tests.mail_server import Post, text_of
from tests.people import MIA, NOOR, join
from tests.visitor import Visitor, signed_in

ZOE = {"name": "Zoe", "email": "zoe@people.example", "password": "four rivers and a lamp"}


def visitor(app: Flask) -> Visitor:
    client = app.test_client()
    assert isinstance(client, Visitor)
    return client


def drain(app: Flask) -> None:
    app.extensions["hindsight_worker"].drain()


def link_in(post: Post) -> str:
    found = re.search(r"(/account/verify/address\?token=[\w-]+)", text_of(post.taken[-1]))
    assert found is not None
    return found[1]


def verified(app: Flask, email: str) -> bool:
    with app.app_context():
        return is_verified(db.session.scalars(select(User).where(User.email == email)).one())


def test_who_registers_is_asked_and_the_button_verifies(mailing_app: Flask, post: Post) -> None:
    client = visitor(mailing_app)
    client.post("/account/register", data=ZOE)
    assert f"A mail is on its way to {ZOE['email']}" in client.get("/").text
    drain(mailing_app)
    assert post.to == [ZOE["email"]]
    link = link_in(post)
    page = visitor(mailing_app).get(link)
    assert page.status_code == 200 and ZOE["email"] in page.text
    assert not verified(mailing_app, ZOE["email"]), "a program that opens every link of a mail proves nothing"
    assert visitor(mailing_app).post(link).status_code == 200
    assert verified(mailing_app, ZOE["email"])
    assert visitor(mailing_app).post(link).status_code == 410
    again = client.get(link)
    assert (again.status_code, "reaches you" in again.text) == (200, True), "opened twice, by who it belongs to"


def test_the_mail_can_be_asked_for_again_three_times_in_six_hours(make_app: MakeApp, post: Post) -> None:
    app = make_app(mail_url=post.address, rate_limits=True)
    client = visitor(app)
    signed_in(client, MIA)
    assert [client.post("/account/verify").status_code for _ in range(4)] == [303, 303, 303, 429]
    drain(app)
    assert post.to == [MIA.email] * 3


def test_a_link_for_one_does_nothing_for_another(mailing_app: Flask, post: Post) -> None:
    join(mailing_app, NOOR)
    client = visitor(mailing_app)
    signed_in(client, MIA)
    client.post("/account/verify")
    drain(mailing_app)
    client.post(link_in(post).replace("verify/address", "reset/new"), data={"password": "x" * 20})
    assert visitor(mailing_app).get(link_in(post).replace("verify/address", "reset/new")).status_code == 410
    visitor(mailing_app).post(link_in(post))
    assert verified(mailing_app, MIA.email) and not verified(mailing_app, NOOR.email)


def test_a_site_without_mail_asks_nothing(app: Flask) -> None:
    client = visitor(app)
    assert client.post("/account/register", data=ZOE).status_code == 303
    drain(app)
    assert client.post("/account/verify").status_code == 403
