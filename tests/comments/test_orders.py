"""The orders of threads: by time both ways, and by what members found useful, which counts after a day."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import update

from blog.articles.models import Article
from blog.comments.models import Comment, CommentState
from blog.comments.thread_queries import ROOTS_PER_PAGE
from blog.extensions import db
from blog.journal.versions import move_names
from blog.lib import clock
from blog.lib.database import writing
from tests.comments.test_threads import ids_on
from tests.factories.articles import make_published
from tests.factories.comments import make_thread
from tests.people import MIA
from tests.visitor import Visitor, signed_in

ADDRESS = "/postmortems/disk-full"
HOUR = timedelta(hours=1)


@pytest.fixture
def article(app: Flask) -> Article:
    return make_published(app, slug="disk-full")


def give_marks(app: Flask, counts: dict[int, int], *, state: CommentState = CommentState.VISIBLE) -> None:
    """Say of comments how many members marked them."""
    with app.app_context(), writing(db.session):
        for comment_id, count in counts.items():
            changed = {"useful_count": count, "state": state}
            db.session.execute(update(Comment).where(Comment.id == comment_id).values(**changed))
        move_names(["thread 1"])


def order(client: Visitor, name: str) -> list[int]:
    return ids_on(client.get(f"{ADDRESS}?order={name}").text)


def all_pages(client: Visitor, name: str) -> Iterable[list[int]]:
    number, page = 1, ""
    while number == 1 or 'rel="next"' in page:
        page = client.get(f"{ADDRESS}?order={name}&page={number}").text
        yield ids_on(page)
        number += 1


def test_the_newest_threads_come_first_and_answers_stay_in_their_order(
    app: Flask, client: Visitor, article: Article
) -> None:
    a, b, c, d, e = make_thread(app, article, [None, None, 0, 2, 0])
    assert order(client, "newest") == [b, a, c, d, e]
    assert order(client, "oldest") == order(client, "") == [a, c, d, e, b]


def test_the_most_useful_thread_comes_first(app: Flask, client: Visitor, article: Article) -> None:
    a, b, c, d = make_thread(app, article, [None, None, None, None])
    give_marks(app, {b: 1, c: 3})
    assert order(client, "useful") == [c, b, a, d]


def test_a_thread_is_as_useful_as_the_best_comment_in_it(app: Flask, client: Visitor, article: Article) -> None:
    a, b, c, d, e = make_thread(app, article, [None, None, None, 0, 0])
    give_marks(app, {b: 3, d: 2, e: 2, c: 5})
    assert order(client, "useful") == [c, b, a, d, e], "marks of a thread do not add up"


def test_what_nobody_sees_makes_no_thread_useful(app: Flask, client: Visitor, article: Article) -> None:
    a, b, c, d = make_thread(app, article, [None, None, None, 2])
    give_marks(app, {d: 9}, state=CommentState.HIDDEN)
    give_marks(app, {b: 1})
    assert order(client, "useful") == [b, a, c, d]


def test_marks_order_nothing_for_a_day(app: Flask, client: Visitor, article: Article) -> None:
    (old,) = make_thread(app, article, [None])
    a, b, c = make_thread(app, article, [None] * 3, at=clock.now() - 23 * HOUR)
    give_marks(app, {old: 50, a: 1, b: 90})
    for _ in range(2):
        assert order(client, "useful") == [c, b, a, old], "what is young stands on top, by time alone"
    with time_machine.travel(datetime.now(UTC) + 2 * HOUR):
        assert order(client, "useful") == [b, old, a, c], "no kept page stands in the way of the clock"


def test_marks_of_a_young_answer_lift_no_old_thread(app: Flask, client: Visitor, article: Article) -> None:
    a, b, c = make_thread(app, article, [None, None, 0])
    give_marks(app, {b: 1, c: 5})
    assert order(client, "useful") == [a, c, b]
    with app.app_context(), writing(db.session):
        db.session.execute(update(Comment).where(Comment.id == c).values(created_at=clock.now() - 2 * HOUR))
    assert order(client, "useful") == [b, a, c]


@pytest.mark.parametrize("name", ["oldest", "newest", "useful"])
def test_all_pages_of_an_order_show_every_comment_once(
    app: Flask, client: Visitor, article: Article, name: str
) -> None:
    made = make_thread(app, article, [None if place % 3 else max(0, place - 3) or None for place in range(150)])
    give_marks(app, {one: one % 7 for one in made})
    pages = list(all_pages(client, name))
    shown = [one for page in pages for one in page]
    assert len(pages) > 3 and sorted(shown) == made


@pytest.mark.parametrize("name", ["oldest", "newest", "useful"])
def test_a_permalink_leads_to_the_right_page_of_each_order(
    app: Flask, client: Visitor, article: Article, name: str
) -> None:
    made = make_thread(app, article, [None, *([0] * 300), *([None] * 60)])
    give_marks(app, {one: one % 7 for one in made})
    for place in (0, 1, 90, 300, 301, 329, 330, 360):
        answer = client.get(f"/comments/{made[place]}?order={name}")
        assert answer.location.endswith(f"#comment-{made[place]}")
        assert made[place] in ids_on(client.get(answer.location.partition("#")[0]).text), place


def test_pages_of_an_order_lead_to_its_other_pages(app: Flask, client: Visitor, article: Article) -> None:
    make_thread(app, article, [None] * (ROOTS_PER_PAGE + 1))
    page = client.get(f"{ADDRESS}?order=newest").text
    assert f'href="{ADDRESS}?order=newest&amp;page=2#comments"' in page
    assert '<span aria-current="true">Newest</span>' in page
    assert f'href="{ADDRESS}#comments"' in page and f'href="{ADDRESS}?order=useful#comments"' in page
    assert f'<link rel="canonical" href="http://localhost{ADDRESS}">' in page.replace("127.0.0.1:8000", "localhost")


def test_one_thread_needs_no_order(app: Flask, client: Visitor, article: Article) -> None:
    make_thread(app, article, [None, 0])
    assert "thread-orders" not in client.get(ADDRESS).text


@pytest.mark.parametrize("address", [f"{ADDRESS}?order=best", f"{ADDRESS}?order=OLDEST", "/comments/1?order=x"])
def test_an_order_that_does_not_exist_is_refused(app: Flask, client: Visitor, article: Article, address: str) -> None:
    make_thread(app, article, [None])
    assert client.get(address).status_code == 400


def test_orders_by_time_are_kept_for_everybody(app: Flask, client: Visitor, article: Article) -> None:
    make_thread(app, article, [None, None])
    tag = client.get(f"{ADDRESS}?order=newest").headers["ETag"]
    assert client.get(f"{ADDRESS}?order=newest", headers={"If-None-Match": tag}).status_code == 304
    assert "ETag" not in client.get(f"{ADDRESS}?order=useful").headers


def test_a_member_sees_the_same_order(app: Flask, client: Visitor, article: Article) -> None:
    a, b = make_thread(app, article, [None, None])
    signed_in(client, MIA)
    assert order(client, "newest") == [b, a]
