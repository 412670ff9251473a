"""The pages of the rules: written, tried on past comments, put in force, switched off; every step is told."""

import pytest
from flask import Flask
from sqlalchemy import select

from blog.articles.models import Article
from blog.comments import rule_changes, rule_queries, trial_queries
from blog.comments.rule_changes import RuleGiven
from blog.comments.rule_models import CommentRule, RuleState
from blog.errors import Conflict, NotAllowed
from blog.extensions import db
from blog.journal.models import Event
from blog.lib.database import writing
from tests.factories.articles import make_published
from tests.factories.comments import make_comment, make_thread
from tests.factories.rules import make_rule
from tests.people import ADA, MIA, MOSS, NOOR, join
from tests.visitor import Visitor, signed_in

RULES = "/moderation/rules/"
LINKS = "See [a](https://a.example) [b](https://b.example) [c](https://c.example) for more."


@pytest.fixture
def article(app: Flask) -> Article:
    return make_published(app, slug="disk-full")


def newest(app: Flask) -> CommentRule:
    with app.app_context():
        return db.session.scalars(select(CommentRule).order_by(CommentRule.id.desc())).one()


def test_a_rule_goes_from_draft_to_live_by_way_of_a_try(app: Flask, client: Visitor, article: Article) -> None:
    make_comment(app, article, text=LINKS)
    make_comment(app, article, text="No link at all.")
    signed_in(client, MOSS)
    assert "Every comment is public at once" in client.get(RULES).text
    made = client.post(RULES, data={"kind": "links", "amount": "2", "note": "Link farms came by"})
    rule = newest(app)
    page = made.headers["Location"]
    assert page == f"{RULES}{rule.id}" and rule.state == RuleState.DRAFT
    assert "Let it hold comments" not in client.get(page).text, "nobody knows yet what it would hold"
    assert client.post(f"{page}/on").status_code == 409
    assert client.post(f"{page}/try").status_code == 303
    tried = client.get(page).text
    assert "it would have held <strong>1</strong> of the 2 newest comments" in tried and "a.example" in tried
    assert client.post(f"{page}/on").status_code == 303
    assert newest(app).state == RuleState.LIVE and "Link farms came by" in client.get(RULES).text
    assert client.post(f"{page}/off").status_code == 303
    assert newest(app).state == RuleState.OFF
    with app.app_context():
        told = db.session.execute(select(Event.kind, Event.actor_id).where(Event.subject_type == "comment_rule"))
        kinds = ["rule.made", "rule.tried", "rule.live", "rule.off"]
        assert [tuple(row) for row in told] == [(kind, join(app, MOSS).id) for kind in kinds]


def test_what_is_live_is_switched_off_before_it_changes(app: Flask, client: Visitor) -> None:
    rule = make_rule(app, live=True)
    signed_in(client, ADA)
    assert "Switch it off" in client.get(f"{RULES}{rule.id}/edit").text
    refused = client.post(f"{RULES}{rule.id}", data={"amount": "5", "note": "softer"})
    assert refused.status_code == 409 and "Switch it off, change it" in refused.text and "softer" in refused.text
    client.post(f"{RULES}{rule.id}/off")
    assert client.post(f"{RULES}{rule.id}", data={"amount": "5", "note": "softer"}).status_code == 303
    assert (newest(app).amount, newest(app).tried_at) == (5, None), "a changed rule is tried anew"


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"kind": "links", "amount": "11"}, "from 0 to 10"),
        ({"kind": "links", "amount": "-1"}, "from 0 to 10"),
        ({"kind": "first", "amount": "0"}, "from 1 to 20"),
        ({"kind": "similar", "amount": "²"}, "from 1 to 20"),
        ({"kind": "words", "words": " \n\u200b\n"}, "at least one word"),
        ({"kind": "words", "words": "x" * 101}, "100 characters"),
        ({"kind": "words", "words": "\n".join(f"w{n}" for n in range(501))}, "500 lines"),
        ({"kind": "words", "words": "a\x00b"}, "NUL"),
        ({"kind": "person", "person": "Nobody Here"}, "Nobody has this name"),
        ({"kind": "person", "person": ""}, "Nobody has this name"),
        ({"kind": "person", "person": MOSS.name}, "Moderators would let"),
        ({"kind": "links", "amount": "2", "note": ""}, "Say why"),
        ({"kind": "links", "amount": "2", "note": "n" * 201}, "200 characters"),
        ({"kind": "sql"}, "A rule is one of"),
    ],
)
def test_a_rule_that_says_nothing_usable_comes_back_with_the_reason(
    app: Flask, client: Visitor, fields: dict[str, str], told: str
) -> None:
    join(app, MOSS)
    signed_in(client, ADA)
    answer = client.post(RULES, data={"note": "Typed <by> hand", **fields})
    assert answer.status_code in (400, 422) and told in answer.text
    with app.app_context():
        assert db.session.scalars(select(CommentRule)).all() == []


@pytest.mark.parametrize(
    ("kind", "given", "matched"),
    [
        ("links", {"amount": "2"}, 1),
        ("words", {"words": "free money"}, 2),
        ("person", {"person": NOOR.name}, 2),
        ("first", {"amount": "1"}, 2),
        ("similar", {"amount": "1"}, 1),
    ],
)
def test_a_try_finds_what_each_kind_would_have_held(
    app: Flask, article: Article, kind: str, given: dict[str, str], matched: int
) -> None:
    make_comment(app, article, user=MIA, text=LINKS)
    make_comment(app, article, user=MOSS, text="Free money, says the moderator, is never free at all, my friends.")
    spam = "Get your FREE MONEY at my place today, dear friends, and tell all of your colleagues about it"
    make_comment(app, article, user=NOOR, text=spam)
    make_comment(app, article, user=NOOR, text=f"{spam}!!")
    make_comment(app, article, user=MIA, text="Same here.")
    rule = make_rule(app, kind, **given)
    assert (rule.trial["looked"], rule.trial["matched"]) == (4, matched), "what moderators say is not looked at"
    assert len(rule.trial["examples"]) == matched  # type: ignore[arg-type]


def test_a_try_looks_at_so_many_and_no_more(app: Flask, article: Article, monkeypatch: pytest.MonkeyPatch) -> None:
    make_thread(app, article, [None] * 30)
    monkeypatch.setattr(trial_queries, "MOST", 20)
    monkeypatch.setattr(trial_queries, "CHUNK", 7)
    rule = make_rule(app, "words", words="comment")
    assert (rule.trial["looked"], rule.trial["matched"]) == (20, 20)
    monkeypatch.setattr(trial_queries, "LONGEST_SECONDS", 0.0)
    assert make_rule(app, "words", words="comment").trial["looked"] == 0


def test_a_try_holds_nothing(app: Flask, article: Article) -> None:
    comment = make_comment(app, article, text=LINKS)
    make_rule(app)
    with app.app_context():
        assert db.session.get_one(type(comment), comment.id).state == "visible"


def test_a_rule_that_changed_while_it_was_tried_is_tried_again(app: Flask) -> None:
    rule = make_rule(app, tried=False)
    actor = join(app, MOSS)
    with app.app_context(), writing(db.session):
        fresh = rule_queries.rule_for(actor, rule.id)
        rule_changes.change_rule(actor=actor, rule=fresh, given=RuleGiven(kind="links", amount="1", note="x"))
    with app.app_context(), pytest.raises(Conflict), writing(db.session):
        fresh = rule_queries.rule_for(actor, rule.id)
        trial = trial_queries.Trial()
        rule_changes.note_trial(actor=actor, rule=fresh, trial=trial, read_at=rule.changed_at)


def test_two_who_switch_a_rule_do_it_once(app: Flask) -> None:
    rule = make_rule(app, live=True)
    actor = join(app, MOSS)
    with app.app_context(), writing(db.session):
        rule_changes.switch_off(actor=actor, rule=rule)
    with app.app_context(), pytest.raises(Conflict), writing(db.session):
        rule_changes.switch_off(actor=actor, rule=rule)


def test_only_so_many_rules_are_live(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rule_changes, "MAX_LIVE", 1)
    make_rule(app, live=True)
    with pytest.raises(Conflict):
        make_rule(app, live=True)


def test_members_have_no_part_in_rules(app: Flask) -> None:
    actor = join(app, MIA)
    with app.app_context(), pytest.raises(NotAllowed), writing(db.session):
        rule_changes.make_rule(actor=actor, given=RuleGiven(kind="links", amount="2", note="x"))
    with app.app_context(), pytest.raises(NotAllowed):
        rule_queries.all_rules(actor)


def test_what_became_of_what_it_held_is_counted(app: Flask, client: Visitor, article: Article) -> None:
    rule = make_rule(app, live=True)
    make_comment(app, article, text=LINKS)
    signed_in(client, MOSS)
    page = client.get(f"{RULES}{rule.id}").text
    assert "What it held" in page and "<dt>wait now</dt><dd>1</dd>" in page
    assert "held 1, of which 1 waits now" in client.get(RULES).text


def test_hostile_words_stand_on_the_pages_as_typed(app: Flask, client: Visitor) -> None:
    rule = make_rule(app, "words", words="<script>alert(1)</script>\n{{ 7*7 }}", note='"><img src=x>')
    signed_in(client, MOSS)
    for address in (RULES, f"{RULES}{rule.id}", f"{RULES}{rule.id}/edit"):
        page = client.get(address).text
        assert "<script>alert" not in page and "<img src=x" not in page and "49" not in page.split("<main")[1]
