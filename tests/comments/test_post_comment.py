"""Posting a comment, with and without script: what is kept, what is refused, and what is never lost."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from blog.articles.models import Article
from blog.comments.changes import MAX_DEPTH
from blog.comments.models import Comment
from blog.comments.text_checks import MAX_TEXT
from blog.errors import Invalid
from blog.extensions import db
from blog.journal.models import Event, Job
from blog.journal.reactions import INDEX
from tests.factories.articles import make_draft, make_published
from tests.factories.comments import count_of, make_comment, make_thread, row_of
from tests.people import ADA, ARUN, CAST, MIA, NOOR, Person
from tests.visitor import Visitor, signed_in, without_tokens

SCRIPT = {"X-Requested-With": "fetch", "Accept": "text/html"}


@pytest.fixture
def article(app: Flask) -> Article:
    return make_published(app, slug="disk-full")


def said(app: Flask) -> list[Comment]:
    with app.app_context():
        return list(db.session.scalars(select(Comment).order_by(Comment.id)))


@pytest.mark.parametrize("person", CAST, ids=lambda person: person.role)
def test_everybody_who_is_signed_in_may_comment(app: Flask, client: Visitor, article: Article, person: Person) -> None:
    signed_in(client, person)
    answer = client.post("/postmortems/disk-full/comments", data={"text": "We saw *this* too."})
    assert answer.status_code == 303 and answer.location == "/comments/1"
    page = client.get(answer.location, follow_redirects=True)
    assert page.request.path == "/postmortems/disk-full"
    assert "<p>We saw <em>this</em> too.</p>" in page.text and f'comment-user">{person.name}<' in page.text


def test_a_comment_by_script_answers_with_the_one_entry(app: Flask, client: Visitor, article: Article) -> None:
    signed_in(client, MIA)
    answer = client.post("/postmortems/disk-full/comments", data={"text": "By script."}, headers=SCRIPT)
    assert answer.status_code == 201 and answer.headers["Location"].endswith("/comments/1")
    assert answer.text.lstrip().startswith('<li class="thread-entry depth-1"') and "<html" not in answer.text
    assert without_tokens(answer.text.strip()) in without_tokens(client.get("/postmortems/disk-full").text)


def test_a_reader_cannot_comment(app: Flask, client: Visitor, article: Article) -> None:
    answer = client.post("/postmortems/disk-full/comments", data={"text": "Nobody said this."})
    assert answer.status_code == 403 and said(app) == []


def test_a_comment_without_the_token_is_refused(app: Flask, client: Visitor, article: Article) -> None:
    signed_in(client, MIA)
    address = "/postmortems/disk-full/comments"
    assert client.post(address, data={"text": "Forged."}, with_token=False).status_code == 400
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert client.post(address, data={"text": "Forged."}, headers=foreign).status_code == 403
    assert said(app) == []


def test_drafts_and_retired_write_ups_take_no_comments(app: Flask, client: Visitor, article: Article) -> None:
    make_draft(app, slug="not-public")
    signed_in(client, MIA)
    assert client.post("/postmortems/not-public/comments", data={"text": "Found you."}).status_code == 404
    signed_in(client, ARUN)
    assert client.post("/postmortems/not-public/comments", data={"text": "My own."}).status_code == 403
    with app.app_context():
        db.session.get_one(Article, article.id).state = "retired"  # type: ignore[assignment]
        db.session.commit()
    assert client.post("/postmortems/disk-full/comments", data={"text": "Late."}).status_code == 403
    assert said(app) == []


@pytest.mark.parametrize("headers", [{}, SCRIPT], ids=["without script", "with script"])
@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"text": ""}, 400, "Write something first."),
        ({"text": " \r\n\t "}, 400, "Write something first."),
        ({"text": "\u200b\u2060\ufeff"}, 400, "Write something first."),
        ({}, 400, "Write something first."),
        ({"text": "kept words " + "x" * MAX_TEXT}, 413, "Shorten it to 10,000"),
        ({"text": "kept words", "parent_id": "17"}, 400, "not part of this discussion"),
        ({"text": "kept words", "parent_id": "1; drop table comments"}, 400, "not the number of a comment"),
        ({"text": "kept words", "parent_id": "9" * 40}, 400, "not the number of a comment"),
        ({"text": "kept words", "parent_id": "-1"}, 400, "not the number of a comment"),
        ({"text": "kept words", "kind": "advert"}, 400, "A comment is one of"),
        ({"text": "kept words", "anchor": "javascript:alert(1)"}, 400, "no row of a write-up"),
        ({"text": "kept words " + "http://a.example/ " * 11}, 400, "11 links"),
    ],
    ids=str,
)
def test_what_is_refused_comes_back_in_the_form(  # noqa: PLR0917 - the columns of the table
    app: Flask,
    client: Visitor,
    article: Article,
    fields: dict[str, str],
    status: int,
    words: str,
    headers: dict[str, str],
) -> None:
    signed_in(client, MIA)
    answer = client.post("/postmortems/disk-full/comments", data=fields, headers=headers)
    assert answer.status_code == status and words in answer.text
    assert ("<html" in answer.text) == (not headers)
    if "kept words" in fields.get("text", ""):
        assert "kept words" in answer.text.split("<textarea")[1]
    assert said(app) == [] and count_of(app, article) == 0


def test_a_comment_may_be_exactly_as_long_as_the_limit(app: Flask, client: Visitor, article: Article) -> None:
    signed_in(client, MIA)
    line = "twelve chars\r\n" * 1_000
    text = (line.replace("\r\n", "\n") + "x" * MAX_TEXT)[:MAX_TEXT].replace("\n", "\r\n")
    assert client.post("/postmortems/disk-full/comments", data={"text": text}).status_code == 303
    assert said(app)[0].text == text.replace("\r\n", "\n"), "a browser's line ends do not count twice"
    assert client.post("/postmortems/disk-full/comments", data={"text": text + "x"}).status_code == 413


def test_text_is_kept_as_it_was_written(app: Flask, client: Visitor, article: Article) -> None:
    signed_in(client, MIA)
    client.post("/postmortems/disk-full/comments", data={"text": "  two blanks\n\nand **stars** <b>\n"})
    assert said(app)[0].text == "  two blanks\n\nand **stars** <b>\n"


def test_only_the_fields_of_the_form_are_read(app: Flask, client: Visitor, article: Article) -> None:
    signed_in(client, MIA)
    forged = {
        "user_id": "99",
        "state": "hidden",
        "created_at": "2001-01-01",
        "id": "77",
        "html": "<script>",
        "role": "admin",
    }
    client.post("/postmortems/disk-full/comments", data={"text": "Mine.", **forged})
    (comment,) = said(app)
    assert (comment.id, comment.state, comment.html) == (1, "visible", "<p>Mine.</p>")
    assert comment.created_at.year > 2001 and row_of(app, 1).user_id != 99


def test_a_reply_stands_below_what_it_answers(app: Flask, client: Visitor, article: Article) -> None:
    first, second = make_thread(app, article, [None, None])
    signed_in(client, MIA)
    client.post("/postmortems/disk-full/comments", data={"text": "To the first.", "parent_id": str(first)})
    reply = said(app)[-1]
    assert (reply.parent_id, reply.root_id) == (first, first)
    page = client.get("/postmortems/disk-full").text
    assert page.index("To the first.") < page.index(f'id="comment-{second}"')
    assert 'class="thread-entry depth-2"' in page


def test_a_reply_to_a_comment_of_another_article_is_refused(app: Flask, client: Visitor, article: Article) -> None:
    other = make_published(app, slug="other")
    (foreign,) = make_thread(app, other, [None])
    signed_in(client, MIA)
    answer = client.post("/postmortems/disk-full/comments", data={"text": "Astray.", "parent_id": str(foreign)})
    assert answer.status_code == 400 and "Astray." in answer.text
    assert count_of(app, article) == 0 and count_of(app, other) == 1


@pytest.mark.parametrize("state", ["hidden", "withdrawn"])
def test_a_reply_to_what_is_not_shown_is_refused(app: Flask, client: Visitor, article: Article, state: str) -> None:
    (first,) = make_thread(app, article, [None])
    with app.app_context():
        db.session.get_one(Comment, first).state = state  # type: ignore[assignment]
        db.session.commit()
    signed_in(client, MIA)
    fields = {"text": "Too late.", "parent_id": str(first)}
    assert client.post("/postmortems/disk-full/comments", data=fields).status_code == 400
    assert client.get(f"/comments/{first}/reply").status_code == 400


def test_replies_deeper_than_allowed_join_the_deepest_level(app: Flask, client: Visitor, article: Article) -> None:
    chain = make_thread(app, article, [None, *range(MAX_DEPTH - 1)])
    late = make_comment(app, article, parent_id=chain[-1])
    later = make_comment(app, article, parent_id=late.id)
    assert row_of(app, late.id).parent_id == row_of(app, later.id).parent_id == chain[-2]
    page = client.get("/postmortems/disk-full").text
    assert page.count(f"depth-{MAX_DEPTH}") == 3 and f"depth-{MAX_DEPTH + 1}" not in page


def test_the_comment_its_event_its_job_and_the_count_are_written_together(app: Flask, article: Article) -> None:
    comment = make_comment(app, article)
    with app.app_context():
        event = db.session.scalars(select(Event).where(Event.kind == "comment.posted")).one()
        assert (event.subject_type, event.subject_id, event.data) == ("comment", comment.id, {"article": article.id})
        assert event.actor_id == comment.user_id
        jobs = db.session.execute(select(Job.kind, Job.subject_id).where(Job.subject_type == "comment")).all()
        assert {INDEX} <= {job.kind for job in jobs} and {job.subject_id for job in jobs} == {comment.id}
    assert count_of(app, article) == 1


def test_a_failure_in_the_middle_leaves_nothing(
    app: Flask, client: Visitor, article: Article, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the disk is gone")

    monkeypatch.setattr("blog.comments.changes.record", fail)
    signed_in(client, MIA)
    assert client.post("/postmortems/disk-full/comments", data={"text": "Half."}).status_code == 500
    assert said(app) == [] and count_of(app, article) == 0


def test_a_locked_database_gives_the_text_back(
    app: Flask, client: Visitor, article: Article, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in(client, MIA)
    monkeypatch.setattr("blog.lib.database.BUSY_TIMEOUT_MS", 50)
    with app.app_context():
        db.engine.dispose()  # the next connections wait only as long as this test does
        outside = db.engine.raw_connection()
        outside.cursor().execute("BEGIN IMMEDIATE")
        answer = client.post("/postmortems/disk-full/comments", data={"text": "Do not lose me."})
        outside.rollback()
        outside.close()
    assert answer.status_code == 503 and answer.headers["Retry-After"] == "5"
    assert "Do not lose me.</textarea>" in answer.text
    assert client.post("/postmortems/disk-full/comments", data={"text": "Do not lose me."}).status_code == 303


def test_other_people_see_a_comment_at_once(app: Flask, client: Visitor, article: Article) -> None:
    make_comment(app, article, user=NOOR, text="Fresh words.")
    assert "Fresh words." in client.get("/postmortems/disk-full").text
    signed_in(client, ADA)
    assert "Fresh words." in client.get("/postmortems/disk-full").text


def test_a_comment_may_name_its_kind_and_the_row_it_is_about(app: Flask, client: Visitor, article: Article) -> None:
    make_published(app, slug="late", timeline=[{"id": "t1", "text": "The disk was full."}])
    signed_in(client, MIA)
    fields = {"text": "The hour is wrong.", "kind": "correction", "anchor": "timeline.t1"}
    client.post("/postmortems/late/comments", data=fields)
    page = client.get("/postmortems/late").text
    assert '<span class="thread-kind">Correction</span>' in page and "/postmortems/late#timeline-t1" in page


def test_an_old_comment_does_not_count_as_a_double(app: Flask, article: Article) -> None:
    make_comment(app, article, text="Same words.")
    with app.app_context():
        db.session.get_one(Comment, 1).created_at -= timedelta(minutes=11)
        db.session.commit()
    assert make_comment(app, article, text="Same words.").id == 2


@pytest.mark.parametrize(
    "body", [b"text=a%00b", b"text=%ff%fe", b"text=%ed%a0%80"], ids=["NUL", "not UTF-8", "surrogate"]
)
def test_broken_text_is_refused_before_anything_is_stored(
    app: Flask, client: Visitor, article: Article, body: bytes
) -> None:
    signed_in(client, MIA)
    answer = client.post(
        "/postmortems/disk-full/comments",
        data=b"csrf_token=" + client.csrf_token().encode() + b"&" + body,
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == 400 and "form is too old" not in answer.text and said(app) == []


@pytest.mark.parametrize("text", ["a\x00b", "half \ud800 a pair"])
def test_broken_text_from_a_program_is_refused_too(app: Flask, article: Article, text: str) -> None:
    with pytest.raises(Invalid) as refused:
        make_comment(app, article, text=text)
    assert refused.value.at("text")
