"""Reading threads: order, depth, pages, long ones; and that their size never changes the number of statements."""

import re

import pytest
from flask import Flask
from sqlalchemy import select, update

from blog.articles.models import Article
from blog.comments import queries
from blog.comments.models import Comment
from blog.comments.thread_queries import MOST_PER_PAGE, ROOTS_PER_PAGE, THREAD_PAGE
from blog.extensions import db
from blog.journal import jobs
from tests.comments.judge import by_class, parsed, words_of
from tests.factories.articles import make_published
from tests.factories.comments import make_comment, make_thread
from tests.people import MIA, NOOR, join
from tests.statements import counted
from tests.visitor import Visitor, signed_in

ADDRESS = "/postmortems/disk-full"


@pytest.fixture
def article(app: Flask) -> Article:
    return make_published(app, slug="disk-full")


def ids_on(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'data-entry="(\d+)"', page)]


def test_a_write_up_without_comments_says_what_belongs_there(client: Visitor, article: Article) -> None:
    page = client.get(ADDRESS).text
    assert "Nobody has said anything yet." in page and ids_on(page) == []


def test_a_thread_is_shown_in_reading_order_with_its_depth(app: Flask, client: Visitor, article: Article) -> None:
    a, b, c, d, e = make_thread(app, article, [None, None, 0, 2, 0])
    page = client.get(ADDRESS).text
    assert ids_on(page) == [a, c, d, e, b]
    depths = [one.get("class", "").split()[-1] for one in by_class(parsed(page), "thread-entry")]
    assert depths == ["depth-1", "depth-2", "depth-3", "depth-2", "depth-1"]


def test_a_thousand_comments_cost_as_many_statements_as_one(app: Flask, client: Visitor, article: Article) -> None:
    small = make_published(app, slug="small")
    make_comment(app, small)
    make_thread(app, article, [None if place % 4 == 0 else place - 1 for place in range(1_000)])
    signed_in(client, MIA)
    client.get("/postmortems/small")
    with counted(app) as one:
        client.get("/postmortems/small")
    with counted(app) as thousand:
        page = client.get(ADDRESS).text
    assert len(one) == len(thousand) <= 14, "\n".join(thousand)
    assert sum(" comments" in statement for statement in thousand) == 4, (
        "threads, their comments, who has some waiting, what is said at places of the text"
    )
    assert len(ids_on(page)) == 4 * ROOTS_PER_PAGE


def test_all_pages_together_show_every_comment_once(app: Flask, client: Visitor, article: Article) -> None:
    made = make_thread(app, article, [None if place % 3 else max(0, place - 3) or None for place in range(200)])
    shown: list[int] = []
    number = 1
    while True:
        page = client.get(f"{ADDRESS}?page={number}").text
        shown += ids_on(page)
        if 'rel="next"' not in page:
            break
        number += 1
    assert number > 3 and sorted(shown) == made


@pytest.mark.parametrize(("number", "status"), [("2", 404), ("0", 400), ("-1", 400), ("x", 400), ("9" * 30, 400)])
def test_a_page_that_is_not_there_is_refused(
    app: Flask, client: Visitor, article: Article, number: str, status: int
) -> None:
    make_thread(app, article, [None])
    assert client.get(f"{ADDRESS}?page={number}").status_code == status


def test_one_endless_thread_is_cut_and_goes_on_elsewhere(app: Flask, client: Visitor, article: Article) -> None:
    made = make_thread(app, article, [None, *([0] * 600), None])
    page = client.get(ADDRESS).text
    assert len(ids_on(page)) == MOST_PER_PAGE and made[-1] in ids_on(page)
    assert f'<a href="/comments/{made[0]}/thread">Continue this thread: 482 more replies</a>' in page
    shown: list[int] = []
    for number in (1, 2, 3, 4, 5, 6):
        part = client.get(f"/comments/{made[0]}/thread?page={number}")
        assert part.status_code == 200 and len(ids_on(part.text)) <= THREAD_PAGE
        shown += ids_on(part.text)
    assert shown == made[:-1]
    assert client.get(f"/comments/{made[0]}/thread?page=7").status_code == 404


def test_small_threads_stay_whole_beside_an_endless_one(app: Flask, client: Visitor, article: Article) -> None:
    parents: list[int | None] = [None, None, 1, 1]
    made = make_thread(app, article, parents + [0] * 500)
    page = client.get(ADDRESS).text
    assert set(made[1:4]) <= set(ids_on(page)) and page.count("Continue this thread") == 1


def test_a_deep_thread_of_a_thousand_is_shown(app: Flask, client: Visitor, article: Article) -> None:
    made = make_thread(app, article, [None, *range(999)])
    assert client.get(ADDRESS).status_code == 200
    assert ids_on(client.get(f"/comments/{made[0]}/thread?page=9").text)[-1] == made[-1]


def test_a_permalink_leads_to_the_page_that_shows_the_comment(app: Flask, client: Visitor, article: Article) -> None:
    made = make_thread(app, article, [None, *([0] * 600), *([None] * 60)])
    for place in (0, 1, 90, 91, 600, 629, 630):  # the 29 short threads of the page leave 91 places to the long one
        answer = client.get(f"/comments/{made[place]}")
        assert answer.status_code == 302 and answer.location.endswith(f"#comment-{made[place]}")
        assert made[place] in ids_on(client.get(answer.location.partition("#")[0]).text), place


def test_the_permalink_of_a_first_page_is_the_write_up_itself(app: Flask, client: Visitor, article: Article) -> None:
    made = make_thread(app, article, [None] * (ROOTS_PER_PAGE + 1))
    for first in (made[0], made[ROOTS_PER_PAGE - 1]):
        assert client.get(f"/comments/{first}").location == f"{ADDRESS}#comment-{first}"
    assert client.get(f"/comments/{made[-1]}").location == f"{ADDRESS}?page=2#comment-{made[-1]}"


@pytest.mark.parametrize("address", ["/comments/99", "/comments/0", "/comments/99999999999999999999", "/comments/x"])
def test_a_permalink_to_nothing_is_not_found(client: Visitor, article: Article, address: str) -> None:
    assert client.get(address).status_code == client.get(f"{address}/thread").status_code == 404


def test_the_thread_of_a_reply_is_that_of_its_beginning(app: Flask, client: Visitor, article: Article) -> None:
    first, reply = make_thread(app, article, [None, 0])
    assert client.get(f"/comments/{reply}/thread").location == f"/comments/{first}/thread"


def test_the_comments_of_a_draft_are_reached_by_nobody_else(app: Flask, client: Visitor, article: Article) -> None:
    """It cannot come about by the rules; by the rows it can, and the side routes must still ask."""
    (one,) = make_thread(app, article, [None])
    with app.app_context():
        db.session.execute(update(Article).values(state="draft"))
        db.session.commit()
    for address in (f"/comments/{one}", f"/comments/{one}/thread"):
        assert client.get(address).status_code == 404
    signed_in(client, NOOR)
    assert client.get(f"/comments/{one}/reply").status_code == 404
    assert client.post(f"/comments/{one}/withdraw").status_code == 404


def test_html_of_another_renderer_is_made_anew_and_can_be_stored(app: Flask, client: Visitor, article: Article) -> None:
    (one,) = make_thread(app, article, [None])
    with app.app_context():
        db.session.execute(update(Comment).values(html="<i>old</i>", text="*new*", renderer_version="0"))
        db.session.commit()
    assert "<em>new</em>" in client.get(ADDRESS).text
    assert "1 comment(s)" in app.test_cli_runner().invoke(args=["comments", "rebuild"]).output
    with app.app_context():
        assert db.session.get_one(Comment, one).html == "<p><em>new</em></p>"
        assert queries.ids_to_render() == []


def test_long_names_and_words_stay_what_they_are(app: Flask, client: Visitor, article: Article) -> None:
    make_comment(app, article, text="w" * 4_000)
    (text,) = by_class(parsed(client.get(ADDRESS).text), "comment-text")
    assert words_of(text) == "w" * 4_000


def test_a_comment_says_whom_it_answers(app: Flask, client: Visitor, article: Article) -> None:
    (first,) = make_thread(app, article, [None], user=NOOR)
    make_comment(app, article, user=join(app, MIA), parent_id=first)
    assert f'<a href="#comment-{first}">answers Noor</a>' in client.get(ADDRESS).text


def test_what_waits_is_looked_up_among_the_few_that_wait(
    app: Flask, article: Article, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nobody waits the planner once took to reading every comment of a long discussion, several times a page."""
    monkeypatch.setattr(jobs, "_gathered_at", None)
    make_thread(app, article, [None] * 20)
    for number in range(12):
        make_comment(app, make_published(app, slug=f"quiet-{number}"))
    with app.app_context():
        jobs.gather_statistics()
        db.engine.dispose()  # a new connection plans by what was learned
        asked = select(Comment.id).where(Comment.article_id == article.id, queries.has_place(article.id))
        words = str(asked.compile(db.engine, compile_kwargs={"literal_binds": True}))
        plan = " ".join(row[3] for row in db.session.connection().exec_driver_sql("EXPLAIN QUERY PLAN " + words))
    assert "ix_comments_held (article_id" in plan and "ix_comments_unseen (article_id" in plan, plan
