"""One appeal against what was done, judged by another moderator, with its outcome kept."""

import pytest
from flask import Flask
from sqlalchemy import select

from blog.articles.models import Article
from blog.comments.models import Comment
from blog.extensions import db
from blog.moderation.models import Act, Appeal, Flag
from tests.factories.articles import make_published
from tests.factories.comments import count_of, make_comment, row_of
from tests.factories.moderation import flag, moderate, suspend, undo
from tests.people import ADA, MIA, MOSS, NOOR, Person, join
from tests.visitor import Visitor, signed_in

WORDS = {"text": "It was no advertisement.\n\nThese are our own disks."}


@pytest.fixture
def article(app: Flask) -> Article:
    return make_published(app, slug="disk-full")


@pytest.fixture
def comment(app: Flask, article: Article) -> Comment:
    return make_comment(app, article, text="Buy my disks.")


@pytest.fixture
def hiding(app: Flask, comment: Comment) -> Act:
    return moderate(app, "hide", comment, reason="It sells disks.")


def as_person(app: Flask, person: Person) -> Visitor:
    client = app.test_client()
    signed_in(client, person)
    return client


def appeal(app: Flask, act: Act, by: Person = MIA) -> Appeal:
    assert as_person(app, by).post(f"/account/acts/{act.id}/appeal", data=WORDS).status_code == 303
    return the_appeal(app)


def the_appeal(app: Flask) -> Appeal:
    with app.app_context():
        return db.session.scalars(select(Appeal)).one()


def newest(app: Flask) -> Act:
    with app.app_context():
        return db.session.scalars(select(Act).order_by(Act.id.desc()).limit(1)).one()


def test_the_writer_appeals_once(app: Flask, client: Visitor, hiding: Act) -> None:
    signed_in(client, MIA)
    page = client.get("/account/comments").text
    assert "It sells disks." in page and f"/account/acts/{hiding.id}/appeal" in page
    assert client.post(f"/account/acts/{hiding.id}/appeal", data=WORDS).location == "/account/comments"
    page = client.get("/account/comments").text
    assert "You appealed." in page and "/appeal" not in page
    again = client.post(f"/account/acts/{hiding.id}/appeal", data=WORDS)
    assert again.status_code == 409 and the_appeal(app).text == WORDS["text"]


@pytest.mark.parametrize("text", ["", " \n\t", "x" * 2_001], ids=["empty", "blank", "too long"])
def test_an_appeal_says_something_of_bounded_length(app: Flask, client: Visitor, hiding: Act, text: str) -> None:
    signed_in(client, MIA)
    answer = client.post(f"/account/acts/{hiding.id}/appeal", data={"text": text})
    assert answer.status_code in (400, 422) and "field-error" in answer.text
    with app.app_context():
        assert not db.session.scalars(select(Appeal)).all()


@pytest.mark.parametrize("person", [NOOR, MOSS, ADA], ids=lambda person: person.name)
def test_nobody_appeals_for_somebody_else(app: Flask, hiding: Act, person: Person) -> None:
    assert as_person(app, person).post(f"/account/acts/{hiding.id}/appeal", data=WORDS).status_code == 403


@pytest.mark.parametrize("verdict", ["grant", "uphold"])
def test_who_acted_does_not_judge(app: Flask, comment: Comment, hiding: Act, verdict: str) -> None:
    appealed = appeal(app, hiding)
    moss = as_person(app, MOSS)
    assert "another moderator judges this" in moss.get("/moderation/?queue=appeals").text
    answer = moss.post(f"/moderation/appeals/{appealed.id}/{verdict}", data={"code": "other", "reason": "No."})
    assert answer.status_code == 403 and the_appeal(app).state == "open"
    assert row_of(app, comment.id).state == "hidden"


def test_a_moderator_does_not_judge_their_own_appeal(app: Flask, article: Article) -> None:
    act = moderate(app, "hide", make_comment(app, article, user=MOSS), by=ADA)
    appealed = appeal(app, act, by=MOSS)
    answer = as_person(app, MOSS).post(f"/moderation/appeals/{appealed.id}/grant", data={"code": "fine"})
    assert answer.status_code == 403


def test_a_granted_appeal_brings_the_comment_back(
    app: Flask, article: Article, comment: Comment, client: Visitor
) -> None:
    flag(app, comment, by=NOOR)
    appealed = appeal(app, moderate(app, "hide", comment))
    ada = as_person(app, ADA)
    page = ada.get("/moderation/?queue=appeals").text
    assert "These are our own disks." in page and "Moss" in page and "Buy my disks." in page
    answer = ada.post(f"/moderation/appeals/{appealed.id}/grant", data={"code": "mistake", "reason": "Own disks."})
    assert answer.location == "/moderation/?queue=appeals"
    assert the_appeal(app).state == "granted" and count_of(app, article) == 1
    assert "Buy my disks." in client.get("/postmortems/disk-full").text
    assert "granted an appeal about" in client.get("/moderation/log").text
    with app.app_context():
        assert db.session.scalars(select(Flag.outcome)).all() == ["void"]
    undo(app, newest(app), by=ADA)
    assert the_appeal(app).state == "open" and row_of(app, comment.id).state == "hidden"
    with app.app_context():
        assert db.session.scalars(select(Flag.outcome)).all() == ["right"]


def test_a_refused_appeal_keeps_the_answer_for_its_writer(app: Flask, comment: Comment, hiding: Act) -> None:
    appealed = appeal(app, hiding)
    given = {"code": "other", "reason": "Own disks are for sale, too."}
    assert as_person(app, ADA).post(f"/moderation/appeals/{appealed.id}/uphold", data=given).status_code == 303
    page = as_person(app, MIA).get("/account/comments").text
    assert "it stands" in page and "Own disks are for sale, too." in page and "/appeal" not in page
    assert row_of(app, comment.id).state == "hidden" and the_appeal(app).state == "upheld"
    again = as_person(app, ADA).post(f"/moderation/appeals/{appealed.id}/grant", data={"code": "fine"})
    assert again.status_code == 409 and the_appeal(app).state == "upheld"


@pytest.mark.parametrize(
    ("verdict", "code"), [("grant", "advertising"), ("uphold", "fine"), ("grant", ""), ("uphold", "")]
)
def test_a_verdict_needs_a_reason_that_fits(app: Flask, hiding: Act, verdict: str, code: str) -> None:
    appealed = appeal(app, hiding)
    answer = as_person(app, ADA).post(f"/moderation/appeals/{appealed.id}/{verdict}", data={"code": code})
    assert answer.status_code == 400 and "field-error" in answer.text and the_appeal(app).state == "open"


def test_an_appeal_is_over_when_the_act_is_taken_back(app: Flask, comment: Comment, hiding: Act) -> None:
    appealed = appeal(app, hiding)
    undo(app, hiding)
    assert the_appeal(app).state == "moot"
    assert "Nobody appeals" in as_person(app, ADA).get("/moderation/?queue=appeals").text
    answer = as_person(app, ADA).post(f"/moderation/appeals/{appealed.id}/grant", data={"code": "fine"})
    assert answer.status_code == 409


def test_a_restored_comment_ends_the_appeal_and_undoing_that_opens_it(
    app: Flask, comment: Comment, hiding: Act
) -> None:
    appeal(app, hiding)
    restoring = moderate(app, "restore", comment)
    assert the_appeal(app).state == "moot"
    undo(app, restoring)
    assert the_appeal(app).state == "open"


def test_who_is_suspended_can_appeal_and_a_granted_one_ends_it(app: Flask) -> None:
    act = suspend(app, MIA)
    mia = as_person(app, MIA)
    assert "You are suspended until" in mia.get("/account/comments").text
    appealed = appeal(app, act)
    given = {"code": "mistake", "reason": "It was another one."}
    assert as_person(app, ADA).post(f"/moderation/appeals/{appealed.id}/grant", data=given).status_code == 303
    assert join(app, MIA).suspended_until is None
    undo(app, newest(app), by=ADA)
    assert join(app, MIA).suspended_until == act.until and the_appeal(app).state == "open"
