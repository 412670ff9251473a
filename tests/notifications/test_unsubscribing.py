"""Unsubscribing by the link of a mail: in one click (RFC 8058), or by the button of a page."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from blog.accounts.models import User
from blog.articles.models import Article
from blog.extensions import db
from blog.lib.database import writing
from blog.notifications.models import Follow
from blog.notifications.tokens import Unsubscribing, sign
from tests.factories.articles import make_published
from tests.factories.comments import make_comment
from tests.factories.follows import drain, follow_article, notices_of, verified
from tests.mail_server import Post
from tests.people import MIA, NOOR, join

MINUTE = timedelta(minutes=1)
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def clock():
    with time_machine.travel(datetime(2026, 3, 2, 9, 0, tzinfo=UTC), tick=False) as traveller:
        yield traveller


def mailed(app: Flask, clock, article: Article) -> None:
    make_comment(app, article, user=MIA)
    drain(app)
    clock.shift(MINUTE)
    drain(app)


def link_in(post: Post) -> str:
    found = re.fullmatch(
        r"<http://127\.0\.0\.1:8000(/unsubscribe\?to=[\w.-]+)>", str(post.taken[-1]["List-Unsubscribe"])
    )
    assert found is not None
    return found[1]


def paces(app: Flask) -> list[str]:
    with app.app_context():
        return [str(pace) for pace in db.session.scalars(select(Follow.pace).order_by(Follow.id))]


def test_one_click_stops_the_mail_without_cookie_or_token(mailing_app: Flask, post: Post, clock) -> None:
    article, other = make_published(mailing_app), make_published(mailing_app)
    verified(mailing_app, NOOR)
    follow_article(mailing_app, NOOR, article)
    follow_article(mailing_app, NOOR, other)
    mailed(mailing_app, clock, article)
    client = mailing_app.test_client()
    answer = client.post(link_in(post), data=ONE_CLICK, with_token=False)
    assert answer.status_code == 200
    assert paces(mailing_app) == ["site", "at-once"], "what the mail was about, and nothing else"
    mailed(mailing_app, clock, article)
    assert len(post.taken) == 1
    assert notices_of(mailing_app, NOOR) == ["comment", "comment"], "the notices on the site go on"
    assert client.post(link_in(post), data=ONE_CLICK, with_token=False).status_code == 200, "again is no error"


def test_looking_at_the_link_changes_nothing(mailing_app: Flask, post: Post, clock) -> None:
    article = make_published(mailing_app)
    verified(mailing_app, NOOR)
    follow_article(mailing_app, NOOR, article)
    mailed(mailing_app, clock, article)
    page = mailing_app.test_client().get(link_in(post))
    assert page.status_code == 200 and "Stop this mail" in page.text
    assert paces(mailing_app) == ["at-once"]


def test_what_waits_for_the_next_mail_is_not_sent_any_more(mailing_app: Flask, post: Post, clock) -> None:
    article = make_published(mailing_app)
    verified(mailing_app, NOOR)
    follow_article(mailing_app, NOOR, article)
    mailed(mailing_app, clock, article)
    make_comment(mailing_app, article, user=MIA)
    drain(mailing_app)
    mailing_app.test_client().post(link_in(post), data=ONE_CLICK, with_token=False)
    clock.shift(MINUTE)
    drain(mailing_app)
    assert len(post.taken) == 1


def test_a_mail_about_oneself_stops_what_concerns_oneself(mailing_app: Flask, post: Post, clock) -> None:
    article = make_published(mailing_app)
    verified(mailing_app, NOOR)
    asked = make_comment(mailing_app, article, user=NOOR)
    make_comment(mailing_app, article, user=MIA, parent_id=asked.id)
    drain(mailing_app)
    clock.shift(MINUTE)
    drain(mailing_app)
    assert post.to == [NOOR.email]
    mailing_app.test_client().post(link_in(post), data=ONE_CLICK, with_token=False)
    make_comment(mailing_app, article, user=MIA, parent_id=asked.id)
    drain(mailing_app)
    clock.shift(MINUTE)
    drain(mailing_app)
    assert len(post.taken) == 1 and notices_of(mailing_app, NOOR) == ["reply", "reply"]


@pytest.mark.parametrize("change", [lambda link: link[:-1] + "A", lambda link: "made-up", lambda link: ""])
def test_a_link_that_was_not_signed_here_does_nothing(mailing_app: Flask, change) -> None:
    user = join(mailing_app, NOOR)
    follow_article(mailing_app, NOOR, make_published(mailing_app))
    with mailing_app.app_context():
        link = change(sign(Unsubscribing(user.id)))
    client = mailing_app.test_client()
    assert client.get("/unsubscribe", query_string={"to": link}).status_code == 404
    assert client.post(f"/unsubscribe?to={link}", data=ONE_CLICK, with_token=False).status_code == 404
    assert paces(mailing_app) == ["at-once"]


def test_a_mail_about_very_many_things_stops_them_all(mailing_app: Flask) -> None:
    user = join(mailing_app, NOOR)
    rows = [follow_article(mailing_app, NOOR, make_published(mailing_app)) for _ in range(10)]
    with mailing_app.app_context():
        link = sign(Unsubscribing(user.id, tuple(row.id for row in rows)))
    assert len(link) < 200
    mailing_app.test_client().post(f"/unsubscribe?to={link}", data=ONE_CLICK, with_token=False)
    assert set(paces(mailing_app)) == {"site"}


def test_a_link_of_somebody_who_is_not_here_any_more_changes_nothing(mailing_app: Flask) -> None:
    erased = join(mailing_app, NOOR)
    with mailing_app.app_context(), writing(db.session):
        db.session.get_one(User, erased.id).erased_at = datetime(2026, 3, 2, tzinfo=UTC)
    with mailing_app.app_context():
        links = [sign(Unsubscribing(number)) for number in (erased.id, erased.id + 1)]  # as after a backup came back
    for link in links:
        answer = mailing_app.test_client().post(f"/unsubscribe?to={link}", data=ONE_CLICK, with_token=False)
        assert answer.status_code == 200, "and tells nobody whether there was one"
    assert paces(mailing_app) == []
