"""Flagging: who may, what three flags do, what a member's flags weigh, and who learns of them."""

import pytest
from flask import Flask
from sqlalchemy import select

from blog.accounts.models import User
from blog.articles.models import Article
from blog.comments.models import Comment
from blog.errors import Conflict, TooMany
from blog.extensions import db
from blog.journal.changes import record
from blog.journal.models import Event
from blog.lib import clock
from blog.lib.database import writing
from blog.moderation import flag_changes
from blog.moderation.flag_changes import weight_of
from blog.moderation.models import Flag
from tests.factories.accounts import a_person
from tests.factories.articles import make_published
from tests.factories.comments import count_of, make_comment, row_of
from tests.factories.moderation import flag, moderate, suspend, undo
from tests.people import ADA, ARUN, MIA, MOSS, NOOR, RAVI, ROSA, join
from tests.visitor import Visitor, signed_in


@pytest.fixture
def article(app: Flask) -> Article:
    return make_published(app, slug="disk-full")


@pytest.fixture
def comment(app: Flask, article: Article) -> Comment:
    return make_comment(app, article, text="Buy my disks.")


def flags_of(app: Flask) -> list[Flag]:
    with app.app_context():
        return list(db.session.scalars(select(Flag).order_by(Flag.id)))


def a_member_who_was_wrong(app: Flask, article: Article, times: int = 1) -> User:
    person = a_person(app)
    for _ in range(times):
        other = make_comment(app, article, user=ADA)
        flag(app, other, by=person)
        moderate(app, "keep", other)
    return person


def test_a_member_flags_with_a_reason_and_is_thanked(app: Flask, client: Visitor, comment: Comment) -> None:
    signed_in(client, NOOR)
    assert f'href="/comments/{comment.id}/flag"' in client.get("/postmortems/disk-full").text
    assert "Flag this comment" in client.get(f"/comments/{comment.id}/flag").text
    answer = client.post(f"/comments/{comment.id}/flag", data={"code": "other", "reason": "It is a trap."})
    assert answer.location == f"/comments/{comment.id}"
    assert [(one.code, one.words, one.weight) for one in flags_of(app)] == [("other", "It is a trap.", 100)]
    assert "You flagged this comment." in client.get(f"/comments/{comment.id}/flag").text


@pytest.mark.parametrize("typed", [{}, {"code": "fine"}, {"code": "flags"}, {"code": "other"}, {"code": "x"}], ids=str)
def test_a_flag_without_a_usable_reason_is_refused(
    app: Flask, client: Visitor, comment: Comment, typed: dict[str, str]
) -> None:
    signed_in(client, NOOR)
    answer = client.post(f"/comments/{comment.id}/flag", data={"reason": "", **typed})
    assert answer.status_code == 400 and "field-error" in answer.text and not flags_of(app)


def test_nobody_flags_twice_nor_their_own_words(app: Flask, client: Visitor, comment: Comment) -> None:
    flag(app, comment, by=NOOR)
    with pytest.raises(Conflict):
        flag(app, comment, by=NOOR)
    signed_in(client, MIA)
    assert "/flag" not in client.get("/postmortems/disk-full").text
    assert client.post(f"/comments/{comment.id}/flag", data={"code": "off-topic"}).status_code == 403
    assert len(flags_of(app)) == 1


def test_three_members_put_a_comment_aside_and_two_do_not(
    app: Flask, client: Visitor, article: Article, comment: Comment
) -> None:
    for person in (NOOR, ARUN):
        flag(app, comment, by=person)
    assert row_of(app, comment.id).state == "visible"
    signed_in(client, ROSA)
    answer = client.post(f"/comments/{comment.id}/flag", data={"code": "advertising"})
    assert answer.location == "/postmortems/disk-full#comments", "its own page is not theirs to see any more"
    row = row_of(app, comment.id)
    assert (row.state, row.held_code, count_of(app, article)) == ("held", "flags", 0)
    assert "Buy my disks." not in app.test_client().get("/postmortems/disk-full").text
    assert "Flags of several members put aside" in app.test_client().get("/moderation/log").text


@pytest.mark.parametrize("kept_away", ["disabled", "suspended"])
def test_flags_of_people_who_were_kept_away_since_put_nothing_aside(
    app: Flask, comment: Comment, kept_away: str
) -> None:
    for person in (NOOR, ARUN):
        flag(app, comment, by=person)
        number = join(app, person).id
        if kept_away == "suspended":
            suspend(app, person)
        else:
            with app.app_context(), writing(db.session):
                db.session.get_one(User, number).disabled_at = clock.now()
    flag(app, comment, by=ROSA)
    assert row_of(app, comment.id).state == "visible"
    for person in (RAVI, ADA):
        flag(app, comment, by=person)
    assert row_of(app, comment.id).state == "held"


def test_who_flagged_wrongly_weighs_less_and_more_flags_are_needed(
    app: Flask, article: Article, comment: Comment
) -> None:
    careless = a_member_who_was_wrong(app, article)
    flag(app, comment, by=careless)
    for person in (NOOR, ARUN):
        flag(app, comment, by=person)
    assert [one.weight for one in flags_of(app)][1:] == [67, 100, 100]
    assert row_of(app, comment.id).state == "visible"
    flag(app, comment, by=ROSA)
    assert row_of(app, comment.id).state == "held"


@pytest.mark.parametrize(
    ("right", "wrong", "weight"), [(0, 0, 100), (9, 0, 100), (0, 1, 67), (0, 2, 50), (2, 1, 80), (0, 8, 20)]
)
def test_the_weight_is_the_formula_of_the_decision(right: int, wrong: int, weight: int) -> None:
    assert weight_of(right, wrong) == weight


def test_hiding_says_that_flags_were_right_and_leaving_that_they_were_wrong(
    app: Flask, article: Article, comment: Comment
) -> None:
    other = make_comment(app, article)
    flag(app, comment, by=NOOR)
    flag(app, other, by=NOOR)
    hiding = moderate(app, "hide", comment)
    keeping = moderate(app, "keep", other)
    assert [one.outcome for one in flags_of(app)] == ["right", "wrong"]
    undo(app, hiding)
    undo(app, keeping)
    assert [one.outcome for one in flags_of(app)] == ["open", "open"]
    again = moderate(app, "hide", comment)
    restoring = moderate(app, "restore", comment)
    assert [one.outcome for one in flags_of(app)] == ["void", "open"], "people saw it differently: nobody was wrong"
    undo(app, restoring)
    undo(app, again)
    assert [one.outcome for one in flags_of(app)] == ["open", "open"]


def test_what_a_moderator_left_is_not_put_aside_again_until_it_is_edited(
    app: Flask, article: Article, comment: Comment
) -> None:
    moderate(app, "keep", comment)
    for person in (NOOR, ARUN, ROSA):
        flag(app, comment, by=person)
    assert row_of(app, comment.id).state == "visible"
    writer = join(app, MIA)
    with app.app_context(), writing(db.session):
        row = db.session.get_one(Comment, comment.id)
        record("comment.edited", subject=row, actor=writer, data={"article": article.id})
    flag(app, comment, by=RAVI)
    assert row_of(app, comment.id).state == "held"


def test_flags_are_shown_to_moderators_without_names_and_to_nobody_else(
    app: Flask, client: Visitor, comment: Comment
) -> None:
    flag(app, comment, by=NOOR, code="other", words="Sells stolen disks.")
    moderator = app.test_client()
    signed_in(moderator, MOSS)
    page = moderator.get("/moderation/?queue=flagged").text.partition("<main")[2]
    assert "Sells stolen disks." in page and "Noor" not in page
    signed_in(client, MIA)
    for visitor in (client, app.test_client()):
        for path in ("/postmortems/disk-full", f"/comments/{comment.id}", "/moderation/log", "/journal/"):
            seen = visitor.get(path, follow_redirects=True).text
            assert "Sells stolen disks." not in seen and "flagged a comment" not in seen
    assert "Sells stolen disks." not in client.get("/account/comments").text


def test_a_flag_is_an_event_without_its_words(app: Flask, comment: Comment) -> None:
    flag(app, comment, by=NOOR, words="Sells stolen disks.")
    with app.app_context():
        event = db.session.scalars(select(Event).where(Event.kind == "comment.flagged")).one()
        assert (event.subject_id, event.reason, list(event.data)) == (comment.id, "", ["article"])


def test_who_is_suspended_does_not_flag(app: Flask, client: Visitor, comment: Comment) -> None:
    suspend(app, NOOR)
    signed_in(client, NOOR)
    assert client.get(f"/comments/{comment.id}/flag").status_code == 403
    assert client.post(f"/comments/{comment.id}/flag", data={"code": "off-topic"}).status_code == 403
    assert not flags_of(app)


def test_a_member_flags_only_so_many_comments_a_day(
    app: Flask, limited_app: Flask, article: Article, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flag_changes, "FLAGS_A_DAY", 2)
    made = [make_comment(app, article) for _ in range(3)]
    for comment in made[:2]:
        flag(limited_app, comment, by=NOOR)
    with pytest.raises(TooMany):
        flag(limited_app, made[2], by=NOOR)


def test_a_member_takes_a_flag_back_and_may_flag_again(app: Flask, client: Visitor, comment: Comment) -> None:
    flag(app, comment, by=NOOR)
    signed_in(client, NOOR)
    assert f'action="/comments/{comment.id}/flag/back"' in client.get(f"/comments/{comment.id}/flag").text
    answer = client.post(f"/comments/{comment.id}/flag/back")
    assert answer.location == f"/comments/{comment.id}" and not flags_of(app)
    again = client.post(f"/comments/{comment.id}/flag/back")
    assert again.status_code == 409 and "You have not flagged this comment." in again.text
    for person in (RAVI, ROSA):
        flag(app, comment, by=person)
    assert row_of(app, comment.id).state == "visible"  # the flag that was taken back does not count
    flag(app, comment, by=NOOR)
    assert row_of(app, comment.id).state == "held"


def test_a_flag_that_was_judged_stays(app: Flask, client: Visitor, comment: Comment) -> None:
    flag(app, comment, by=NOOR)
    moderate(app, "keep", comment)
    signed_in(client, NOOR)
    assert "a moderator has looked at it" in client.get(f"/comments/{comment.id}/flag").text
    answer = client.post(f"/comments/{comment.id}/flag/back")
    assert answer.status_code == 409 and "so the flag stays" in answer.text
    assert [one.outcome for one in flags_of(app)] == ["wrong"]
