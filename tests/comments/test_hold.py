"""Posting what a rule holds, or a form that a program sent: one comment that waits, told to its writer alone."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from blog.articles.models import Article
from blog.comments import rule_queries
from blog.comments.hold_changes import hold
from blog.comments.models import Comment
from blog.comments.rule_changes import switch_off
from blog.extensions import db
from blog.journal.models import Event
from blog.lib import clock
from blog.lib.database import writing
from blog.lib.once import made_at, new_key
from tests.conftest import MakeApp
from tests.factories.articles import make_published
from tests.factories.comments import count_of, make_comment, row_of
from tests.factories.rules import make_rule
from tests.people import ADA, MIA, MOSS, NOOR, Person, join
from tests.statements import counted
from tests.visitor import Visitor, signed_in

SCRIPT = {"X-Requested-With": "fetch", "Accept": "text/html"}
ADDRESS = "/postmortems/disk-full/comments"
LINKS = "See [a](https://a.example) [b](https://b.example) [c](https://c.example) for more."


@pytest.fixture
def article(app: Flask) -> Article:
    return make_published(app, slug="disk-full")


def newest(app: Flask) -> Comment:
    with app.app_context():
        return db.session.scalars(select(Comment).order_by(Comment.id.desc())).first() or Comment()


def token_of(app: Flask, person: Person) -> str:
    join(app, person)
    made = app.test_cli_runner().invoke(args=["tokens", "create", person.email, "--name", "bot", "--scopes", "comment"])
    return str(made.stdout.strip())


def kinds(app: Flask) -> list[str]:
    with app.app_context():
        told = select(Event.kind).where(Event.subject_type == "comment").order_by(Event.id)
        return list(db.session.scalars(told))


def test_no_rule_is_on_and_a_new_member_is_public_at_once(app: Flask, client: Visitor, article: Article) -> None:
    signed_in(client, NOOR)
    assert client.post(ADDRESS, data={"text": LINKS.replace("[c]", "c ")}).status_code == 303
    assert newest(app).state == "visible"


def test_a_held_comment_is_kept_told_and_shown_to_its_writer_alone(
    app: Flask, client: Visitor, article: Article
) -> None:
    rule = make_rule(app, amount="2", live=True)
    signed_in(client, MIA)
    answer = client.post(ADDRESS, data={"text": LINKS})
    comment = newest(app)
    assert answer.status_code == 303 and answer.headers["Location"] == f"/comments/{comment.id}"
    assert (comment.state, comment.held_code, count_of(app, article)) == ("held", f"links-{rule.id}", 0)
    assert kinds(app) == ["comment.held"]
    page = client.get(f"/comments/{comment.id}").text
    assert "waits for a moderator" in page and "because it has many links" in page and f"comment-{comment.id}" in page
    assert "Yours, waiting" in client.get("/postmortems/disk-full").text
    for person in (None, NOOR):
        other = app.test_client()
        if person:
            signed_in(other, person)
        assert "a.example" not in other.get("/postmortems/disk-full").text
        assert other.get(f"/comments/{comment.id}").status_code == 404


def test_the_writer_finds_it_on_a_page_that_was_kept_for_others(app: Flask, client: Visitor, article: Article) -> None:
    signed_in(client, NOOR)
    client.get("/postmortems/disk-full")
    comment = make_comment(app, article, user=MIA, text="Said before it was held.")
    with app.app_context(), writing(db.session):
        hold(comment=db.session.get_one(Comment, comment.id), codes=["flags"], actor=None)
    assert "Said before" not in client.get("/postmortems/disk-full").text
    signed_in(client, MIA)
    assert "Said before" in client.get("/postmortems/disk-full").text
    signed_in(client, NOOR)
    assert "Said before" not in client.get("/postmortems/disk-full").text
    assert kinds(app)[-1] == "comment.held"


def test_a_script_gets_the_entry_that_says_it_waits(app: Flask, client: Visitor, article: Article) -> None:
    make_rule(app, amount="2", live=True)
    signed_in(client, MIA)
    answer = client.post(ADDRESS, data={"text": LINKS}, headers=SCRIPT)
    assert answer.status_code == 201 and "data-waits" in answer.text and "<html" not in answer.text


def test_sent_twice_it_is_one_comment_that_waits(app: Flask, client: Visitor, article: Article) -> None:
    make_rule(app, amount="2", live=True)
    signed_in(client, MIA)
    sent = [client.post(ADDRESS, data={"text": LINKS, "once": "k1"}).headers["Location"] for _ in range(2)]
    assert sent[0] == sent[1] and kinds(app) == ["comment.held"]


def test_first_comments_wait_until_one_stands(app: Flask, article: Article) -> None:
    make_rule(app, "first", amount="1", live=True)
    first = make_comment(app, article, user=NOOR)
    assert row_of(app, first.id).state == "held"
    assert row_of(app, make_comment(app, article, user=NOOR).id).state == "held", "none of hers stands yet"
    with app.app_context(), writing(db.session):
        db.session.get_one(Comment, first.id).state = "visible"
    assert row_of(app, make_comment(app, article, user=NOOR).id).state == "visible"


@pytest.mark.parametrize("person", [MOSS, ADA], ids=lambda person: person.role)
def test_what_moderators_say_is_never_held(app: Flask, article: Article, person: Person) -> None:
    make_rule(app, amount="0", live=True)
    assert row_of(app, make_comment(app, article, user=person, text=LINKS).id).state == "visible"


def test_the_same_text_of_several_people_is_held(app: Flask, article: Article) -> None:
    make_rule(app, "similar", amount="2", live=True)
    text = "Buy cheap replica watches in my shop, only today, write to seller {} at example dot test!"
    states = [
        row_of(app, make_comment(app, article, user=person, text=text.format(person.name)).id).state
        for person in (MIA, NOOR, MIA, NOOR)
    ]
    assert states == ["visible", "visible", "held", "held"]


def test_a_text_that_came_in_by_changes_without_a_mark_is_held_too(
    app: Flask, client: Visitor, article: Article
) -> None:
    make_rule(app, "similar", amount="2", live=True)
    spam = "Buy cheap replica watches in my shop, only today, write to the seller at example dot test!"
    harmless = ["The queue filled up because nobody looked.", "Our alarms were off for the whole night.", "Thank you."]
    comments = [make_comment(app, article, text=text) for text in harmless]
    signed_in(client, MIA)
    for comment in comments:
        client.post(f"/comments/{comment.id}/edit", data={"text": spam})
    assert [row_of(app, comment.id).state for comment in comments] == ["visible", "visible", "held"]


def test_a_flood_of_long_texts_is_compared_bit_by_bit(
    app: Flask, article: Article, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others wait to write meanwhile; and after a start none of the texts was looked at before."""
    monkeypatch.setattr(rule_queries, "MOST_SKETCHED", 2)
    make_rule(app, "similar", amount="1", live=True)
    for number in range(5):
        make_comment(app, article, user=MOSS, text=f"{number} of the replicas that the queue filled up with, at last.")
    made = []
    monkeypatch.setattr(rule_queries, "sketch_of", lambda html: made.append(html) or frozenset())
    for seen in (2, 4, 6):  # with the first and the second of these
        make_comment(app, article, text=f"Comment {seen} of somebody who says something else at some length.")
        assert len(made) == seen


def test_an_old_comment_resembles_nothing_any_more(app: Flask, article: Article) -> None:
    make_rule(app, "similar", amount="1", live=True)
    text = "We had the same at our place: the queue filled up because nobody had looked at the disk."
    with time_machine.travel(clock.now() - timedelta(hours=25), tick=True):
        make_comment(app, article, user=MIA, text=text)
    assert row_of(app, make_comment(app, article, user=NOOR, text=text).id).state == "visible"
    assert row_of(app, make_comment(app, article, user=MIA, text=f"{text}!").id).state == "held"


def test_a_rule_that_was_switched_off_holds_nothing(app: Flask, article: Article) -> None:
    rule = make_rule(app, amount="2", live=True)
    actor = join(app, MOSS)
    with app.app_context(), writing(db.session):
        switch_off(actor=actor, rule=rule_queries.rule_for(actor, rule.id))
    assert row_of(app, make_comment(app, article, text=LINKS).id).state == "visible"


def test_rules_cost_one_statement_while_none_is_live(app: Flask, client: Visitor, article: Article) -> None:
    signed_in(client, MIA)
    client.post(ADDRESS, data={"text": "The first one, for the caches."})
    with counted(app) as statements:
        client.post(ADDRESS, data={"text": "The one that counts."})
    assert sum("comment_rules" in statement for statement in statements) == 1


def test_a_field_that_people_do_not_see_holds_silently(app: Flask, client: Visitor, article: Article) -> None:
    signed_in(client, MIA)
    answer = client.post(ADDRESS, data={"text": "Visit us", "website": "https://spam.example"})
    assert answer.status_code == 303
    assert (newest(app).state, newest(app).held_code) == ("held", "honeypot")


@pytest.fixture
def strict(make_app: MakeApp) -> Flask:
    """A site with its limits and time traps on."""
    app = make_app(rate_limits=True)
    make_published(app, slug="disk-full")
    return app


@pytest.mark.parametrize(
    ("age", "code"),
    [
        (timedelta(seconds=2), "too-fast"),
        (timedelta(seconds=4), ""),
        (timedelta(hours=23, minutes=59), ""),
        (timedelta(hours=24, minutes=1), "too-late"),
    ],
    ids=str,
)
def test_the_time_a_form_was_open_is_judged(strict: Flask, age: timedelta, code: str) -> None:
    client = strict.test_client()
    signed_in(client, NOOR)
    with strict.app_context(), time_machine.travel(clock.now() - age, tick=False):
        key = new_key()
    assert client.post(ADDRESS, data={"text": "Hello there.", "once": key}).status_code == 303
    assert newest(strict).held_code == code


@pytest.mark.parametrize("key", ["", "k1", "65000000.x.y", "65000000.x." + "0" * 24, "é.x.y"])
def test_a_form_that_says_no_time_of_ours_is_not_judged_by_it(strict: Flask, key: str) -> None:
    """A member made a second ago, through a program that sends what the contract names."""
    client = strict.test_client()
    signed_in(client, NOOR)
    answer = client.post(ADDRESS, data={"text": "Hello there.", "once": key})
    assert answer.status_code == (303 if key.isascii() else 400)
    if key.isascii():
        assert newest(strict).state == "visible"


def test_a_key_tells_when_it_was_made_and_only_ours_do(app: Flask) -> None:
    with app.app_context():
        key = new_key()
        assert abs((made_at(key) or clock.now() - timedelta(days=9)) - clock.now()) < timedelta(seconds=5)
        assert made_at("0" + key) is None and made_at(new_key("another secret of 32 characters..")) is None


def test_one_address_posts_so_much_whoever_it_is(make_app: MakeApp) -> None:
    app = make_app(rate_limits=True, comment_address_rates="2/minute")
    make_published(app, slug="disk-full")
    answers = []
    for person, text in ((MIA, "One."), (NOOR, "Two."), (MOSS, "Three.")):
        client = app.test_client()
        signed_in(client, person)
        answers.append(client.post(ADDRESS, data={"text": text}))
    assert [answer.status_code for answer in answers] == [303, 303, 429]
    assert "Three." in answers[-1].text, "what was typed is not lost"


def test_an_edit_into_what_a_rule_holds_waits_too(app: Flask, client: Visitor, article: Article) -> None:
    comment = make_comment(app, article, user=MIA, text="Nothing to see.")
    make_comment(app, article, user=NOOR, text="I answer this.", parent_id=comment.id)
    make_rule(app, amount="2", live=True)
    signed_in(client, MIA)
    assert client.post(f"/comments/{comment.id}/edit", data={"text": LINKS}).status_code == 303
    assert (row_of(app, comment.id).state, count_of(app, article)) == ("held", 1)
    assert kinds(app)[-2:] == ["comment.edited", "comment.held"]
    reader = app.test_client().get("/postmortems/disk-full").text
    assert "a.example" not in reader and "Nothing to see." not in reader and "I answer this." in reader


def test_a_program_is_told_that_its_comment_waits(app: Flask, article: Article) -> None:
    make_rule(app, amount="2", live=True)
    headers = {"Authorization": f"Bearer {token_of(app, MIA)}", "Idempotency-Key": "one"}
    address = "/api/v1/articles/disk-full/comments"
    answers = [app.test_client().post(address, json={"text": LINKS}, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].get_json()["state"] == "held" and answers[0].get_json() == answers[1].get_json()
    assert app.test_client().get(address).get_json()["items"] == [], "nobody else hears of it"
    assert kinds(app) == ["comment.held", "comment.written_by_token"]


def test_what_waits_is_in_no_search_and_no_export(app: Flask, client: Visitor, article: Article) -> None:
    make_rule(app, "words", words="zebrafish", live=True)
    make_comment(app, article, text="A zebrafish swam by.")
    worker = app.extensions["hindsight_worker"]
    worker.drain()
    assert "zebrafish swam" not in client.get("/search?q=zebrafish").text
    assert "zebrafish" not in client.get("/feed.atom").text
    assert "zebrafish" not in client.get(f"/people/{join(app, MIA).id}").text
