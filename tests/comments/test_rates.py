"""How often, how alike and with how many links one may comment: at each limit and one beyond."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask

from blog.accounts.models import User
from blog.articles.models import Article
from blog.comments.rate_changes import MAX_LINKS, MAX_LINKS_YOUNG
from blog.errors import Conflict, Invalid, TooMany
from blog.extensions import db
from tests.factories.articles import make_published
from tests.factories.comments import make_comment, make_thread
from tests.people import JOINED_AT, MIA, NOOR, join
from tests.visitor import Visitor, signed_in

NOON = datetime(2025, 6, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def article(limited_app: Flask) -> Article:
    return make_published(limited_app, slug="disk-full")


def post_each(app: Flask, article: Article, count: int, *, every: timedelta, began: datetime = NOON) -> datetime:
    """Post `count` comments as Mia; gives the moment of the last."""
    for place in range(count):
        with time_machine.travel(began + every * place, tick=False):
            make_comment(app, article)
    return began + every * (count - 1)


@pytest.mark.parametrize(
    ("count", "every", "wait"),
    [
        (2, timedelta(seconds=10), timedelta(seconds=50)),
        (20, timedelta(seconds=120), timedelta(seconds=3600 - 19 * 120)),
        (100, timedelta(seconds=600), timedelta(seconds=86_400 - 99 * 600)),
    ],
    ids=["2 a minute", "20 an hour", "100 a day"],
)
def test_one_beyond_the_limit_is_refused_until_the_time_is_over(
    limited_app: Flask, article: Article, count: int, every: timedelta, wait: timedelta
) -> None:
    last = post_each(limited_app, article, count, every=every)
    with time_machine.travel(last, tick=False), pytest.raises(TooMany) as refused:
        make_comment(limited_app, article)
    assert refused.value.retry_after_seconds == wait.total_seconds() + 1
    with time_machine.travel(last, tick=False):
        make_comment(limited_app, article, user=NOOR)  # limits are each person's own
    with time_machine.travel(last + wait, tick=False):
        make_comment(limited_app, article)


def test_too_many_keeps_the_text_and_says_when_to_come_back(limited_app: Flask, article: Article) -> None:
    client = limited_app.test_client()
    signed_in(client, MIA)
    for words in ("One.", "Two."):
        assert client.post("/postmortems/disk-full/comments", data={"text": words}).status_code == 303
    answer = client.post("/postmortems/disk-full/comments", data={"text": "Three, <kept>."})
    assert answer.status_code == 429 and 50 <= int(answer.headers["Retry-After"]) <= 61
    assert "Three, &lt;kept&gt;.</textarea>" in answer.text and "2 comments a minute" in answer.text


def test_a_double_submit_is_refused(limited_app: Flask, article: Article) -> None:
    client = limited_app.test_client()
    signed_in(client, MIA)
    assert client.post("/postmortems/disk-full/comments", data={"text": "Once."}).status_code == 303
    answer = client.post("/postmortems/disk-full/comments", data={"text": "Once."})
    assert answer.status_code == 409 and "once is enough" in answer.text
    assert client.get("/postmortems/disk-full").text.count("<p>Once.</p>") == 1


def test_the_same_words_may_come_back_after_ten_minutes(limited_app: Flask, article: Article) -> None:
    with time_machine.travel(NOON, tick=False):
        make_comment(limited_app, article, text="Same.")
        make_comment(limited_app, article, user=NOOR, text="Same.")
    with time_machine.travel(NOON + timedelta(minutes=9, seconds=59), tick=False), pytest.raises(Conflict):
        make_comment(limited_app, article, text="Same.")
    with time_machine.travel(NOON + timedelta(minutes=10), tick=False):
        make_comment(limited_app, article, text="Same.")


@pytest.mark.parametrize(
    ("age", "most"), [(timedelta(days=2, hours=23), MAX_LINKS_YOUNG), (timedelta(days=3), MAX_LINKS)]
)
def test_links_are_counted_by_the_age_of_the_account(
    limited_app: Flask, article: Article, age: timedelta, most: int
) -> None:
    own = "[here](/postmortems/disk-full) [there](#claims-c1) "
    links = " ".join(f"https://a.example/{place} [w](http://b.example/{place})" for place in range(most))
    allowed = own * 3 + " ".join(links.split(" ")[:most])
    with time_machine.travel(JOINED_AT + age, tick=False):
        make_comment(limited_app, article, text=allowed)
        with pytest.raises(Invalid, match=f"{most + 1} links. Keep {most}"):
            make_comment(limited_app, article, text=f"{allowed} https://one.example/more")


def test_imported_comments_do_not_count(limited_app: Flask, article: Article) -> None:
    make_thread(limited_app, article, [None] * 30, at=datetime.now(UTC) - timedelta(minutes=29))
    make_comment(limited_app, article)


def test_all_of_this_is_off_where_rate_limits_are_off(app: Flask, client: Visitor) -> None:
    article = make_published(app, slug="busy")
    young = join(app, MIA)
    with app.app_context():
        db.session.get_one(User, young.id).created_at = datetime.now(UTC)
        db.session.commit()
    for _ in range(5):
        make_comment(app, article, text="Same https://a.example https://b.example https://c.example")
    with pytest.raises(Invalid):
        make_comment(app, article, text="https://a.example/ " * (MAX_LINKS + 1))


def test_previews_are_limited_too(limited_app: Flask, article: Article) -> None:
    client = limited_app.test_client()
    signed_in(client, MIA)
    answers = [client.post("/comments/preview", data={"text": "x"}).status_code for _ in range(41)]
    assert answers[39] == 200 and answers[40] == 429
