"""Changing one's own comment: freely at first, with its history later, and never under a reply without a trace."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from blog.articles.models import Article
from blog.comments.edit_models import CommentEdit
from blog.comments.models import Comment
from blog.extensions import db
from blog.journal.models import Event
from tests.factories.articles import make_published
from tests.factories.comments import make_comment, row_of
from tests.people import ADA, ARUN, MIA, MOSS, NOOR, RAVI, Person
from tests.visitor import Visitor, signed_in

SCRIPT = {"X-Requested-With": "fetch", "Accept": "text/html"}


@pytest.fixture
def article(app: Flask) -> Article:
    return make_published(app, slug="disk-full")


def edits(app: Flask, comment_id: int) -> list[CommentEdit]:
    with app.app_context():
        return list(db.session.scalars(select(CommentEdit).where(CommentEdit.comment_id == comment_id)))


def last_event(app: Flask) -> Event:
    with app.app_context():
        return db.session.scalars(select(Event).order_by(Event.id.desc())).first()  # type: ignore[return-value]


@pytest.mark.parametrize("headers", [{}, SCRIPT], ids=["without script", "with script"])
def test_a_slip_is_mended_without_a_mark(
    app: Flask, client: Visitor, article: Article, headers: dict[str, str]
) -> None:
    comment = make_comment(app, article, text="The disc was full.")
    signed_in(client, MIA)
    assert "The disc was full." in client.get(f"/comments/{comment.id}/edit", headers=headers).text
    answer = client.post(f"/comments/{comment.id}/edit", data={"text": "The disk was *full*."}, headers=headers)
    assert answer.status_code == (200 if headers else 303)
    row = row_of(app, comment.id)
    assert (row.text, row.edited_at) == ("The disk was *full*.", None)
    assert "<em>full</em>" in row.html and edits(app, comment.id) == []
    page = client.get("/postmortems/disk-full").text
    assert "<em>full</em>" in page and f"/comments/{comment.id}/history" not in page
    assert (last_event(app).kind, last_event(app).data) == ("comment.edited", {"article": article.id, "kept": False})


def test_after_fifteen_minutes_what_it_said_stays_readable(app: Flask, client: Visitor, article: Article) -> None:
    comment = make_comment(app, article, text="It took two hours.")
    signed_in(client, MIA)
    with time_machine.travel(comment.created_at + timedelta(minutes=15), tick=False):
        client.post(f"/comments/{comment.id}/edit", data={"text": "It took three hours."})
    assert row_of(app, comment.id).edited_at is not None
    (earlier,) = edits(app, comment.id)
    assert (earlier.text, earlier.answered) == ("It took two hours.", False)
    page = client.get("/postmortems/disk-full").text
    assert f'href="/comments/{comment.id}/history"' in page and "two hours" not in page
    history = client.get(f"/comments/{comment.id}/history").text
    assert "<del>two</del>" in history and "<ins>three</ins>" in history
    assert "It took two hours." in history


def test_a_reply_freezes_what_it_answered(app: Flask, client: Visitor, article: Article) -> None:
    comment = make_comment(app, article, text="Nobody tested it.")
    make_comment(app, article, user=NOOR, text="I did.", parent_id=comment.id)
    signed_in(client, MIA)
    client.post(f"/comments/{comment.id}/edit", data={"text": "Somebody tested it."})
    (earlier,) = edits(app, comment.id)
    assert (earlier.text, earlier.answered) == ("Nobody tested it.", True)
    history = client.get(f"/comments/{comment.id}/history").text
    assert "replies were made to it" in history


@pytest.mark.parametrize(("depth", "kept"), [(6, True), (5, False)], ids=["on the deepest level", "above it"])
def test_a_reply_beside_what_it_answers_freezes_it(
    app: Flask, client: Visitor, article: Article, depth: int, kept: bool
) -> None:
    """Replies to the deepest level join it; above it a later neighbour answers something else."""
    above = make_comment(app, article, user=NOOR)
    for _ in range(depth - 2):
        above = make_comment(app, article, user=NOOR, parent_id=above.id)
    comment = make_comment(app, article, text="Nobody tested it.", parent_id=above.id)
    reply = make_comment(app, article, user=NOOR, text="I did.", parent_id=comment.id if kept else above.id)
    assert reply.parent_id == above.id
    signed_in(client, MIA)
    client.post(f"/comments/{comment.id}/edit", data={"text": "Somebody tested it."})
    assert [one.answered for one in edits(app, comment.id)] == [True] * kept


@pytest.mark.parametrize("person", [NOOR, ARUN, RAVI, MOSS, ADA], ids=lambda person: person.role)
def test_nobody_changes_the_words_of_another(app: Flask, client: Visitor, article: Article, person: Person) -> None:
    comment = make_comment(app, article, text="Mine.")
    signed_in(client, person)
    assert client.get(f"/comments/{comment.id}/edit").status_code == 403
    assert client.post(f"/comments/{comment.id}/edit", data={"text": "Yours."}).status_code == 403
    assert row_of(app, comment.id).text == "Mine."


def test_words_that_are_the_same_leave_no_trace(app: Flask, client: Visitor, article: Article) -> None:
    comment = make_comment(app, article, text="As it was.")
    signed_in(client, MIA)
    assert client.post(f"/comments/{comment.id}/edit", data={"text": "As it was."}).status_code == 303
    assert last_event(app).kind == "comment.posted"


def test_an_edit_meets_the_same_limits_as_a_comment(app: Flask, client: Visitor, article: Article) -> None:
    comment = make_comment(app, article, text="Short.")
    signed_in(client, MIA)
    refused = client.post(f"/comments/{comment.id}/edit", data={"text": "x" * 10_001})
    assert refused.status_code == 413 and "Shorten it" in refused.text
    links = " ".join(f"https://example.org/{number}" for number in range(11))
    refused = client.post(f"/comments/{comment.id}/edit", data={"text": links})
    assert refused.status_code == 400 and links in refused.text
    assert row_of(app, comment.id).text == "Short."


def test_two_windows_do_not_overwrite_each_other(app: Flask, client: Visitor, article: Article) -> None:
    comment = make_comment(app, article, text="First.")
    signed_in(client, MIA)
    form = client.get(f"/comments/{comment.id}/edit").text
    seen = form.split('name="seen" value="')[1].split('"')[0]
    assert client.post(f"/comments/{comment.id}/edit", data={"text": "Second.", "seen": seen}).status_code == 303
    refused = client.post(f"/comments/{comment.id}/edit", data={"text": "Third.", "seen": seen})
    assert refused.status_code == 409 and "Third." in refused.text
    again = refused.text.split('name="seen" value="')[1].split('"')[0]
    assert client.post(f"/comments/{comment.id}/edit", data={"text": "Third.", "seen": again}).status_code == 303


def test_the_history_goes_with_the_comment(app: Flask, client: Visitor, article: Article) -> None:
    comment = make_comment(app, article, text="Too much said.")
    make_comment(app, article, user=NOOR, text="Is it?", parent_id=comment.id)
    signed_in(client, MIA)
    client.post(f"/comments/{comment.id}/edit", data={"text": "Less."})
    client.post(f"/comments/{comment.id}/withdraw")
    answer = client.get(f"/comments/{comment.id}/history")
    assert answer.status_code == 404 and "Too much said." not in answer.text


def test_a_comment_that_was_changed_very_often_shows_its_history_in_pages(
    app: Flask, client: Visitor, article: Article
) -> None:
    """Comparing two wordings takes its time, and nothing bounds how often somebody changes their words."""
    comment = make_comment(app, article, text="Wording 0.")
    with app.app_context():
        for number in range(45):
            made = {"comment_id": comment.id, "text": f"Wording {number}.", "answered": False}
            db.session.add(CommentEdit(**made, written_at=comment.created_at, replaced_at=comment.created_at))
        db.session.get_one(Comment, comment.id).text = "Wording 45."
        db.session.commit()
    pages = [client.get(f"/comments/{comment.id}/history?page={number}") for number in (1, 2, 3, 4)]
    assert [page.status_code for page in pages] == [200, 200, 200, 404]
    assert [page.text.count("<h2>Changed") for page in pages[:3]] == [20, 20, 5]
    assert "<ins>45</ins>" in pages[0].text and "<del>25</del>" in pages[0].text
    assert "<ins>25</ins>" in pages[1].text and "<ins>5</ins>" in pages[2].text
    assert ["First wording" in page.text for page in pages[:3]] == [False, False, True]
    assert "Wording 0." in pages[2].text


def test_the_source_of_changed_evidence_counts_as_a_link(app: Flask, client: Visitor, article: Article) -> None:
    links = " ".join(f"[{number}](https://{number}.example)" for number in range(10))
    signed_in(client, MIA)
    sent = {"text": links, "kind": "evidence", "source": "A report"}
    number = client.post("/postmortems/disk-full/comments", data=sent).headers["Location"].rpartition("/")[2]
    changed = client.post(f"/comments/{number}/edit", data={"text": links, "source": "https://c.example"})
    assert changed.status_code == 400 and "11 links" in changed.text
