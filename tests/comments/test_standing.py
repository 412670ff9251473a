"""Questions that are answered, corrections that become revisions or are declined, evidence with its source."""

import pytest
from flask import Flask
from sqlalchemy import select

from blog.articles import queries as article_queries
from blog.articles.document import parse_document_text
from blog.articles.models import Article, Revision, RevisionState
from blog.comments.models import Comment
from blog.editor import publishing, reviewing
from blog.errors import NotAllowed
from blog.extensions import db
from blog.journal.models import Event
from blog.lib.database import writing
from tests.factories.articles import make_published
from tests.factories.comments import make_comment, row_of
from tests.people import ADA, ARUN, MIA, MOSS, NOOR, RAVI, ROSA, Person, join
from tests.visitor import Visitor, signed_in

CLAIM = {"id": "c1", "text": "It was full for an hour.", "claimant": "The vendor", "role": "vendor", "source": "s1"}
BODY = "The disk filled up.\n\nIt took *two* hours to see.\n\n- one look\n- another look\n"


@pytest.fixture
def article(app: Flask) -> Article:
    return make_published(app, slug="full", body=BODY, claims=[CLAIM], sources=[{"id": "s1", "title": "A report"}])


def newest(app: Flask, article: Article) -> Revision:
    with app.app_context():
        return article_queries.newest_revision_of(db.session.get_one(Article, article.id))


def kinds_of_events(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(Event.kind).order_by(Event.id)))


def test_a_question_is_open_until_its_writer_names_the_answer(app: Flask, client: Visitor, article: Article) -> None:
    question = make_comment(app, article, text="Who was paged?", kind="question")
    answer = make_comment(app, article, user=NOOR, text="Nobody.", parent_id=question.id)
    assert "standing-open" in client.get("/postmortems/full").text
    signed_in(client, MIA)
    page = client.get("/postmortems/full").text
    assert f"/comments/{question.id}/standing?answer={answer.id}" in page and "Mark the answer" in page
    choice = client.get(f"/comments/{question.id}/standing?answer={answer.id}").text
    assert f'value="{answer.id}" required checked' in choice
    sent = client.post(f"/comments/{question.id}/answered", data={"answer": answer.id})
    assert sent.status_code == 303
    page = client.get("/postmortems/full").text
    assert f'class="standing standing-answered" href="/comments/{answer.id}"' in page
    assert '<span class="thread-kind">Answer</span>' in page
    client.post(f"/comments/{question.id}/reopened")
    assert "standing-open" in client.get("/postmortems/full").text
    assert kinds_of_events(app)[-2:] == ["comment.answered", "comment.reopened"]


@pytest.mark.parametrize("person", [ARUN, MIA], ids=["an author of the write-up", "who asked"])
def test_who_may_name_the_answer(app: Flask, article: Article, client: Visitor, person: Person) -> None:
    question = make_comment(app, article, kind="question")
    answer = make_comment(app, article, user=NOOR, parent_id=question.id)
    signed_in(client, person)
    client.post(f"/comments/{question.id}/answered", data={"answer": answer.id})
    assert row_of(app, question.id).standing == "answered"


@pytest.mark.parametrize("person", [NOOR, ROSA, MOSS], ids=lambda person: person.role)
def test_nobody_else_names_the_answer(app: Flask, article: Article, client: Visitor, person: Person) -> None:
    question = make_comment(app, article, kind="question")
    answer = make_comment(app, article, user=NOOR, parent_id=question.id)
    signed_in(client, person)
    assert client.post(f"/comments/{question.id}/answered", data={"answer": answer.id}).status_code == 403
    assert "Mark the answer" not in client.get("/postmortems/full").text
    assert row_of(app, question.id).standing == "open"


def test_only_a_reply_that_everybody_sees_is_an_answer(app: Flask, client: Visitor, article: Article) -> None:
    question = make_comment(app, article, kind="question")
    other = make_comment(app, article, user=NOOR)
    gone = make_comment(app, article, user=NOOR, parent_id=question.id)
    signed_in(client, NOOR)
    client.post(f"/comments/{gone.id}/withdraw")
    signed_in(client, MIA)
    for number in (question.id, other.id, gone.id, 4711, "x", ""):
        refused = client.post(f"/comments/{question.id}/answered", data={"answer": number})
        assert refused.status_code == 400 and row_of(app, question.id).standing == "open"


def test_an_accepted_correction_becomes_a_revision_that_names_its_writer(
    app: Flask, client: Visitor, article: Article
) -> None:
    comment = make_comment(app, article, text="It was two.", kind="correction", anchor="claims.c1")
    signed_in(client, ARUN)
    page = client.get(f"/comments/{comment.id}/standing").text
    assert "It was full for an hour.</textarea>" in page, "the words it is about, and no others"
    based_on = newest(app, article).id
    sent = {"based_on": based_on, "wording": "It was full for two hours.", "note": "Two hours, not one.", "submit": "1"}
    answer = client.post(f"/comments/{comment.id}/accepted", data=sent)
    made = newest(app, article)
    assert answer.status_code == 303 and answer.location == f"/editor/revisions/{made.id}"
    assert made.state == RevisionState.SUBMITTED and made.public_note == "Two hours, not one."
    assert parse_document_text(made.document).claims[0].text == "It was full for two hours."
    assert parse_document_text(made.document).body == BODY.strip()
    row = row_of(app, comment.id)
    assert (row.standing, row.proposed_id) == ("accepted", made.id)
    assert "into the next revision" in client.get("/postmortems/full").text
    publish(app, made)
    page = client.get("/postmortems/full").text
    assert f'/postmortems/full/revisions/{made.number}">revision {made.number}</a>' in page
    history = client.get("/postmortems/full/revisions").text
    assert f'href="/comments/{comment.id}"' in history and "Mia" in history


def publish(app: Flask, revision: Revision) -> None:
    ravi = join(app, RAVI)
    with app.app_context(), writing(db.session):
        row = db.session.get_one(Revision, revision.id)
        reviewing.approve(actor=ravi, revision=row, document_hash=row.document_hash)
        publishing.publish(actor=ravi, revision=row, article=db.session.get_one(Article, row.article_id))


def test_neither_who_corrected_nor_who_accepted_can_approve_it(app: Flask, client: Visitor, article: Article) -> None:
    comment = make_comment(app, article, user=ROSA, text="It was two.", kind="correction", anchor="claims.c1")
    signed_in(client, ADA)
    sent = {"based_on": newest(app, article).id, "wording": "Two hours.", "note": "Two.", "submit": "1"}
    client.post(f"/comments/{comment.id}/accepted", data=sent)
    made = newest(app, article)
    for person in (join(app, ROSA), join(app, ADA)):
        with app.app_context(), writing(db.session), pytest.raises(NotAllowed):
            row = db.session.get_one(Revision, made.id)
            reviewing.approve(actor=person, revision=row, document_hash=row.document_hash)


def test_a_passage_is_corrected_in_its_markdown(app: Flask, client: Visitor, article: Article) -> None:
    page = client.get("/postmortems/full").text
    anchor = "body." + page.split('id="body-')[2].split('"')[0]
    comment = make_comment(app, article, text="It was three.", kind="correction", anchor=anchor)
    signed_in(client, ARUN)
    assert "It took *two* hours to see.</textarea>" in client.get(f"/comments/{comment.id}/standing").text
    sent = {"based_on": newest(app, article).id, "wording": "It took *three* hours to see.", "note": "Three."}
    client.post(f"/comments/{comment.id}/accepted", data=sent)
    made = newest(app, article)
    assert made.state == RevisionState.DRAFT
    assert parse_document_text(made.document).body == BODY.strip().replace("two", "three")


@pytest.mark.parametrize("wording", ["It was full for an hour.", "", "x" * 5000], ids=["the same", "none", "too long"])
def test_what_cannot_be_accepted_says_why(app: Flask, client: Visitor, article: Article, wording: str) -> None:
    comment = make_comment(app, article, kind="correction", anchor="claims.c1")
    signed_in(client, ARUN)
    before = newest(app, article).id
    sent = {"based_on": before, "wording": wording, "note": "N"}
    refused = client.post(f"/comments/{comment.id}/accepted", data=sent)
    assert refused.status_code == 400 and 'class="error-summary"' in refused.text
    assert newest(app, article).id == before and row_of(app, comment.id).standing == "open"


def test_an_older_base_is_refused_with_the_words_kept(app: Flask, client: Visitor, article: Article) -> None:
    comment = make_comment(app, article, kind="correction", anchor="claims.c1")
    signed_in(client, ARUN)
    sent = {"based_on": "9999", "wording": "Mine.", "note": "N"}
    refused = client.post(f"/comments/{comment.id}/accepted", data=sent)
    assert refused.status_code == 409 and "Mine.</textarea>" in refused.text


def test_a_correction_is_declined_with_a_reason_for_everybody(app: Flask, client: Visitor, article: Article) -> None:
    comment = make_comment(app, article, kind="correction")
    signed_in(client, ARUN)
    assert client.post(f"/comments/{comment.id}/declined", data={"reason": " "}).status_code == 400
    assert client.post(f"/comments/{comment.id}/declined", data={"reason": "The log says <one>."}).status_code == 303
    page = client.get("/postmortems/full").text
    assert "standing-declined" in page and "Declined: The log says &lt;one&gt;." in page
    again = client.post(f"/comments/{comment.id}/declined", data={"reason": "No."})
    assert again.status_code == 409, "somebody decided first"


@pytest.mark.parametrize("person", [MIA, NOOR, MOSS], ids=lambda person: person.role)
def test_who_may_not_edit_decides_about_no_correction(
    app: Flask, client: Visitor, article: Article, person: Person
) -> None:
    comment = make_comment(app, article, kind="correction", anchor="claims.c1")
    signed_in(client, person)
    assert client.post(f"/comments/{comment.id}/declined", data={"reason": "No."}).status_code == 403
    sent = {"based_on": newest(app, article).id, "wording": "Mine.", "note": "N"}
    assert client.post(f"/comments/{comment.id}/accepted", data=sent).status_code == 403
    assert row_of(app, comment.id).standing == "open"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"source": "https://example.org/report.pdf"}, "https://example.org/report.pdf"),
        ({"source": " The report of May,  page 4 "}, "The report of May, page 4"),
        ({"text": "See https://example.org/a?b=1&c=2 for it."}, "https://example.org/a?b=1&c=2"),
    ],
    ids=["address", "words", "link in the text"],
)
def test_evidence_names_its_source(
    app: Flask, client: Visitor, article: Article, given: dict[str, str], kept: str
) -> None:
    signed_in(client, MIA)
    client.post("/postmortems/full/comments", data={"text": "It is on record.", "kind": "evidence"} | given)
    assert row_of(app, 1).source == kept
    page = client.get("/postmortems/full").text
    shown = page.split('class="thread-source">')[1].split("</p>")[0]
    assert kept.replace("&", "&amp;") in shown
    assert ('rel="nofollow ugc noopener"' in shown) == kept.startswith("http")


@pytest.mark.parametrize("source", ["", "   ", "x" * 2_001, "a\u202eb"])
def test_evidence_without_a_readable_source_is_refused(
    app: Flask, client: Visitor, article: Article, source: str
) -> None:
    signed_in(client, MIA)
    said = {"text": "Believe me.", "kind": "evidence", "source": source}
    refused = client.post("/postmortems/full/comments", data=said)
    assert refused.status_code in (400, 422) and "Believe me.</textarea>" in refused.text
    with app.app_context():
        assert db.session.scalar(select(Comment.id)) is None


NO_ADDRESSES = ["javascript:alert(1)", 'https://a.b/"onmouseover=x', "//evil.example", "https://a\\b"]


@pytest.mark.parametrize("source", NO_ADDRESSES)
def test_a_source_that_is_no_address_is_words(app: Flask, client: Visitor, article: Article, source: str) -> None:
    signed_in(client, MIA)
    client.post("/postmortems/full/comments", data={"text": "There.", "kind": "evidence", "source": source})
    shown = client.get("/postmortems/full").text.split('class="thread-source">')[1].split("</p>")[0]
    assert "<a" not in shown and "href" not in shown
