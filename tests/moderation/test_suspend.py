"""Suspending a member: with a reason and an end, in the open, and able to be undone. They read, and take no part."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from blog.accounts.models import Role, User
from blog.articles.models import Article
from blog.errors import NotAllowed
from blog.extensions import db
from blog.lib import clock
from blog.lib.database import writing
from blog.moderation.act_queries import newest_act
from blog.moderation.models import Act
from tests.factories.articles import make_published
from tests.factories.moderation import suspend, undo
from tests.people import ADA, ARUN, CAST, MIA, MOSS, NOOR, PASSWORD, Person, join
from tests.visitor import Visitor, signed_in

GIVEN = {"days": "3", "code": "attack", "reason": "Insults, twice in a week."}


@pytest.fixture
def article(app: Flask) -> Article:
    return make_published(app, slug="disk-full")


def as_person(app: Flask, person: Person) -> Visitor:
    client = app.test_client()
    signed_in(client, person)
    return client


@pytest.mark.parametrize("person", CAST, ids=lambda person: person.role)
def test_only_moderators_and_admins_suspend(app: Flask, client: Visitor, person: Person) -> None:
    number = join(app, NOOR if person is MIA else MIA).id
    signed_in(client, person)
    answer = client.post(f"/moderation/people/{number}/suspend", data=GIVEN)
    assert answer.status_code == (303 if person.role in (Role.MODERATOR, Role.ADMIN) else 403)


@pytest.mark.parametrize(("by", "whose"), [(MOSS, MOSS), (MOSS, ADA), (ADA, MOSS)], ids=str)
def test_moderators_do_not_suspend_each_other_or_themselves(app: Flask, by: Person, whose: Person) -> None:
    number = join(app, whose).id
    moderator = as_person(app, by)
    assert moderator.post(f"/moderation/people/{number}/suspend", data=GIVEN).status_code == 403
    assert "Moderators and admins are not suspended" in moderator.get(f"/moderation/people/{number}").text


@pytest.mark.parametrize(
    "wrong",
    [{"days": "400"}, {"days": ""}, {"code": "fine"}, {"code": "other", "reason": ""}, {"reason": "Mia!"}],
    ids=str,
)
def test_a_suspension_needs_an_end_and_a_public_reason(app: Flask, client: Visitor, wrong: dict[str, str]) -> None:
    number = join(app, MIA).id
    signed_in(client, MOSS)
    answer = client.post(f"/moderation/people/{number}/suspend", data={**GIVEN, **wrong})
    assert answer.status_code == 400 and "field-error" in answer.text
    assert join(app, MIA).suspended_until is None


def test_who_is_suspended_reads_and_takes_no_part_until_it_ends(app: Flask, client: Visitor, article: Article) -> None:
    signed_in(client, MIA)
    assert "Add a comment" in client.get("/postmortems/disk-full").text
    act = suspend(app, MIA)
    page = client.get("/postmortems/disk-full").text
    assert "Add a comment" not in page and "You are suspended until" in page and "/account/comments" in page
    answer = client.post("/postmortems/disk-full/comments", data={"text": "Still here."})
    assert answer.status_code == 403 and "You are suspended until" in answer.text
    other = as_person(app, NOOR).get("/postmortems/disk-full").text
    assert "Add a comment" in other and "suspended" not in other
    assert act.until is not None
    with time_machine.travel(act.until + timedelta(seconds=1), tick=False):
        fresh = as_person(app, MIA)
        assert "Add a comment" in fresh.get("/postmortems/disk-full").text
        assert fresh.post("/postmortems/disk-full/comments", data={"text": "Back."}).status_code == 303


def test_it_is_told_at_sign_in_on_the_own_page_and_on_the_profile(app: Flask, client: Visitor) -> None:
    number = join(app, MIA).id
    suspend(app, MIA, **{"code": "attack", "reason": "Insults."})
    client.post("/account/login", data={"email": MIA.email, "password": PASSWORD})
    for page in (client.get("/"), client.get("/account/comments"), app.test_client().get(f"/people/{number}")):
        assert "Attacks a person: Insults" in page.text
    assert "uspended until" in app.test_client().get(f"/people/{number}").text


def test_the_public_log_tells_it_without_the_person(app: Flask) -> None:
    suspend(app, MIA)
    main = " ".join(app.test_client().get("/moderation/log").text.partition("<main")[2].split())
    assert "suspended a member until" in main and "Mia" not in main and "/people/" not in main


def test_it_can_be_ended_early_and_both_can_be_undone(app: Flask, client: Visitor) -> None:
    number = join(app, MIA).id
    act = suspend(app, MIA)
    signed_in(client, ADA)
    assert "End the suspension now" in client.get(f"/moderation/people/{number}").text
    answer = client.post(f"/moderation/people/{number}/unsuspend", data={"code": "mistake"})
    assert answer.status_code == 303 and join(app, MIA).suspended_until is None
    assert client.post(f"/moderation/people/{number}/unsuspend", data={"code": "mistake"}).status_code == 409
    undo(app, newest_of(app, number))
    assert join(app, MIA).suspended_until == act.until
    undo(app, act)
    assert join(app, MIA).suspended_until is None


def test_a_longer_suspension_replaces_one_and_undoing_it_brings_the_first_back(app: Flask) -> None:
    first, longer = suspend(app, MIA, days=1), suspend(app, MIA, days=30)
    assert join(app, MIA).suspended_until == longer.until
    undo(app, longer)
    assert join(app, MIA).suspended_until == first.until


def test_an_author_who_is_suspended_goes_on_writing_and_takes_no_part(app: Flask, article: Article) -> None:
    suspend(app, ARUN)
    arun = as_person(app, ARUN)
    assert arun.get("/editor/").status_code == 200
    assert arun.post("/postmortems/disk-full/comments", data={"text": "Mine."}).status_code == 403


def test_a_suspension_that_ran_out_is_not_told_any_more(app: Flask, client: Visitor) -> None:
    number = join(app, MIA).id
    with app.app_context(), writing(db.session):
        db.session.get_one(User, number).suspended_until = clock.now() - timedelta(seconds=1)
    assert "uspended" not in client.get(f"/people/{number}").text.partition("<main")[2]


def newest_of(app: Flask, number: int) -> Act:
    with app.app_context():
        act = newest_act(comment_id=None, person_id=number)
    assert act is not None
    return act


def test_who_became_a_moderator_since_is_not_suspended_by_undoing(app: Flask) -> None:
    suspend(app, NOOR)
    number = join(app, NOOR).id
    as_person(app, MOSS).post(f"/moderation/people/{number}/unsuspend", data={"code": "mistake"})
    with app.app_context(), writing(db.session):
        db.session.get_one(User, number).role = Role.MODERATOR
        ending = newest_act(comment_id=None, person_id=number)
    assert ending is not None
    with pytest.raises(NotAllowed):
        undo(app, ending, by=ADA)
    with app.app_context():
        assert db.session.get_one(User, number).suspended_until is None
