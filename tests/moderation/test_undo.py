"""Every act of moderation can be taken back, and everything is then as it was."""

import pytest
from flask import Flask

from blog.articles.models import Article
from blog.comments.models import Comment
from blog.errors import Conflict, NotAllowed
from blog.extensions import db
from blog.lib.database import writing
from blog.moderation import act_queries, appeal_changes
from tests.factories.articles import make_published
from tests.factories.comments import count_of, make_comment, row_of
from tests.factories.moderation import hold, moderate, undo
from tests.people import ADA, MIA, MOSS, ROSA, join
from tests.visitor import Visitor, signed_in

SCRIPT = {"X-Requested-With": "fetch", "Accept": "text/html"}


@pytest.fixture
def article(app: Flask) -> Article:
    return make_published(app, slug="disk-full")


def facts(app: Flask, article: Article, comment: Comment) -> tuple[str, str, str, int]:
    row = row_of(app, comment.id)
    return row.state, row.hidden_reason, row.held_code, count_of(app, article)


@pytest.mark.parametrize(
    ("before", "verb"),
    [([], "hide"), ([], "keep"), (["held"], "approve"), (["held"], "hide"), (["hide"], "restore")],
    ids=str,
)
def test_undoing_an_act_puts_everything_back(app: Flask, article: Article, before: list[str], verb: str) -> None:
    comment = make_comment(app, article)
    for step in before:
        if step == "held":
            hold(app, comment, code="rule-7")
        else:
            moderate(app, step, comment, reason="Names a customer.")
    was = facts(app, article, comment)
    act = moderate(app, verb, comment)
    undo(app, act, by=ADA)
    assert facts(app, article, comment) == was


def test_the_newest_act_is_taken_back_first_and_each_once(app: Flask, article: Article) -> None:
    comment = make_comment(app, article)
    first, second = moderate(app, "hide", comment), moderate(app, "restore", comment)
    with pytest.raises(Conflict, match="Take that back first"):
        undo(app, first)
    undo(app, second)
    undo(app, first)
    with pytest.raises(Conflict, match="taken back already"):
        undo(app, first)
    assert row_of(app, comment.id).state == "visible"


def test_what_was_withdrawn_meanwhile_stays_withdrawn(app: Flask, client: Visitor, article: Article) -> None:
    comment = make_comment(app, article)
    hold(app, comment)
    act = moderate(app, "approve", comment)
    signed_in(client, MIA)
    client.post(f"/comments/{comment.id}/withdraw")
    with pytest.raises(Conflict, match="withdrew"):
        undo(app, act)
    assert row_of(app, comment.id).state == "withdrawn"


def test_only_moderators_undo_and_nobody_in_their_own_favour(app: Flask, article: Article) -> None:
    act = moderate(app, "hide", make_comment(app, article, user=MOSS), by=ADA)
    for person in (ROSA, MOSS):
        with pytest.raises(NotAllowed):
            undo(app, act, by=person)


@pytest.mark.parametrize("headers", [{}, SCRIPT], ids=["without script", "with script"])
def test_the_button_undoes_and_the_log_says_so(
    app: Flask, client: Visitor, article: Article, headers: dict[str, str]
) -> None:
    comment = make_comment(app, article, text="Look at me.")
    act = moderate(app, "hide", comment)
    signed_in(client, MOSS)
    assert f"/moderation/acts/{act.id}/undo" in client.get("/moderation/acts").text
    answer = client.post(f"/moderation/acts/{act.id}/undo", data={"from": "acts"}, headers=headers)
    assert answer.status_code == 200 if headers else answer.location == "/moderation/acts"
    assert "Look at me." in app.test_client().get("/postmortems/disk-full").text
    assert "Taken back" in app.test_client().get("/moderation/log").text
    again = client.post(f"/moderation/acts/{act.id}/undo", headers=headers)
    assert again.status_code == 409


def test_an_act_that_is_not_there_is_not_found(client: Visitor, article: Article) -> None:
    signed_in(client, MOSS)
    assert client.post("/moderation/acts/99/undo").status_code == 404


@pytest.mark.parametrize(("verdict", "left"), [("grant", "visible"), ("uphold", "hidden")])
def test_only_who_judged_an_appeal_takes_that_back(app: Flask, article: Article, verdict: str, left: str) -> None:
    comment = make_comment(app, article)
    hiding = moderate(app, "hide", comment)
    mia, ada = join(app, MIA), join(app, ADA)
    with app.app_context(), writing(db.session):
        asked = appeal_changes.appeal(actor=mia, act=act_queries.act_for(hiding.id), text="It is no advertising.")
    with app.app_context(), writing(db.session):
        judgement = appeal_changes.judge(
            actor=ada, appeal=act_queries.appeal_for(asked.id), verdict=verdict, code="other", reason="Looked again."
        )
    with pytest.raises(NotAllowed):
        undo(app, judgement, by=MOSS)
    assert row_of(app, comment.id).state == left
    client = app.test_client()
    signed_in(client, MOSS)
    assert f"/moderation/acts/{judgement.id}/undo" not in client.get("/moderation/acts").text
    undo(app, judgement, by=ADA)
    assert row_of(app, comment.id).state == "hidden"
