"""The steps of an action: who may take which, what each needs, and what it leaves in the journal."""

from datetime import date

import pytest
import time_machine
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from blog.errors import Conflict, Invalid, NotAllowed, NotFound
from blog.extensions import db
from blog.followups import queries
from blog.followups.models import ActionState
from blog.journal.models import Event
from blog.lib.database import writing
from tests.factories.actions import PROMISE, act, make_action, make_done, project
from tests.factories.articles import make_published
from tests.people import ADA, ARUN, MIA, MOSS, NOOR, RAVI, ROSA, Person, join

EVIDENCE = {"evidence": "The drill of May passed."}
# Each step, from a state in which it fits, and who may take it. Arun said that it is done, and it is nobody's.
STEPS = [
    ("start", "promised", {}, {ARUN, ROSA, RAVI, ADA}),
    ("mark_done", "promised", EVIDENCE, {ARUN, ROSA, RAVI, ADA}),
    ("drop", "promised", {"reason": "Nobody needs it."}, {ROSA, RAVI, ADA}),
    ("confirm", "done", {}, {ROSA, RAVI, ADA}),
    ("send_back", "done", {"reason": "The link is dead."}, {ARUN, ROSA, RAVI, ADA}),
    ("reopen", "dropped", {"reason": "It is needed."}, {ROSA, RAVI, ADA}),
]
LEADS_TO = {
    "start": "in-progress",
    "mark_done": "done",
    "drop": "dropped",
    "confirm": "confirmed",
    "send_back": "in-progress",
    "reopen": "promised",
}


def in_state(app: Flask, state: str) -> int:
    """The number of an action that nobody used yet: of one write-up, since publishing takes longest."""
    rows = [{**PROMISE, "text": f"Rotate the log of host {number}."} for number in range(12)]
    unused = app.extensions.get("unused actions") or project(app, make_published(app, actions=rows).id)
    app.extensions["unused actions"] = unused
    number = unused.pop().id
    if state == "done":
        act(app, "mark_done", number, ARUN, **EVIDENCE)
    if state == "dropped":
        act(app, "drop", number, ROSA, reason="The host is gone.")
    return number


@pytest.mark.parametrize(("verb", "state", "given", "may"), STEPS, ids=[step[0] for step in STEPS])
def test_a_step_is_taken_by_those_who_may(
    app: Flask, verb: str, state: str, given: dict[str, str], may: set[Person]
) -> None:
    for person in (MIA, MOSS, *sorted({ARUN, ROSA, RAVI, ADA} - may, key=str)):
        number = in_state(app, state)
        with pytest.raises(NotAllowed):
            act(app, verb, number, person, **given)
    for person in sorted(may, key=str):
        assert act(app, verb, in_state(app, state), person, **given).state == LEADS_TO[verb]


def test_a_step_that_does_not_fit_is_refused(app: Flask) -> None:
    for verb, state, given, _ in STEPS:
        number = in_state(app, "done" if state == "promised" else "promised")
        if state == "promised":
            act(app, "confirm", number, ROSA)
        with pytest.raises((Conflict, NotAllowed)):
            act(app, verb, number, RAVI, **given)


def test_who_marked_it_done_never_confirms_it(app: Flask) -> None:
    done = make_done(app, by=ROSA)
    with pytest.raises(NotAllowed):
        act(app, "confirm", done, ROSA)
    confirmed = act(app, "confirm", done, ARUN, note="Read the report.")
    assert (confirmed.state, confirmed.confirmed_by_id) == (ActionState.CONFIRMED, join(app, ARUN).id)


def test_whose_action_it_is_never_confirms_it(app: Flask) -> None:
    made = make_action(app)
    act(app, "assign", made, RAVI, owner=join(app, RAVI))
    done = act(app, "mark_done", made, ARUN, **EVIDENCE)
    with pytest.raises(NotAllowed):
        act(app, "confirm", done, RAVI)
    with pytest.raises(Conflict):
        act(app, "assign", done, RAVI, owner=None)  # to let go of it now would be a way around
    assert act(app, "confirm", done, ROSA).state == ActionState.CONFIRMED


def test_the_database_knows_the_rules_too(app: Flask) -> None:
    number = make_done(app).id
    person = join(app, ARUN).id
    with app.app_context():
        for statement in (
            f"UPDATE action_items SET state = 'confirmed', confirmed_by_id = {person} WHERE id = {number}",
            f"UPDATE action_items SET evidence = '' WHERE id = {number}",
            f"UPDATE action_items SET state = 'dropped' WHERE id = {number}",
        ):
            with pytest.raises(IntegrityError), writing(db.session):
                db.session.execute(text(statement))


def test_a_member_acts_on_what_is_theirs_and_nothing_else(app: Flask) -> None:
    hers, other = make_action(app), make_action(app)
    act(app, "assign", hers, ARUN, owner=join(app, MIA))
    assert act(app, "start", hers, MIA).state == ActionState.IN_PROGRESS
    assert act(app, "mark_done", hers, MIA, evidence_url="https://a.example/report").done_by_id == join(app, MIA).id
    with pytest.raises(NotAllowed):
        act(app, "drop", hers, MIA, reason="No.")
    for verb, given in (("start", {}), ("mark_done", EVIDENCE), ("assign", {"owner": None})):
        with pytest.raises(NotAllowed):
            act(app, verb, other, MIA, **given)


def test_who_is_disabled_is_given_nothing(app: Flask) -> None:
    noor = join(app, NOOR)
    made = make_action(app)
    with app.app_context(), writing(db.session):
        db.session.execute(text(f"UPDATE users SET disabled_at = '2026-01-01 00:00:00' WHERE id = {noor.id}"))
    gone = join(app, NOOR)
    with pytest.raises(Invalid):
        act(app, "assign", made, ARUN, owner=gone)
    with app.app_context():
        assert queries.person_named("Noor") is None


FAULTY = [
    ({}, "evidence"),
    ({"evidence": " \n "}, "evidence"),
    ({"evidence": "x" * 4_001}, "evidence"),
    ({"evidence": "a\x00b"}, "evidence"),
    ({"evidence_url": "javascript:alert(1)"}, "evidence_url"),
    ({"evidence_url": "//evil.example/x"}, "evidence_url"),
    ({"evidence_url": "ftp://a.example/x"}, "evidence_url"),
    ({"evidence_url": "https://a.example/two words"}, "evidence_url"),
    ({"evidence_url": "https://a.example/" + "x" * 2_000}, "evidence_url"),
    ({**EVIDENCE, "done_on": date(2999, 1, 1)}, "done_on"),
    ({**EVIDENCE, "done_on": date(1800, 1, 1)}, "done_on"),
]


def test_done_needs_evidence_that_can_be_kept(app: Flask) -> None:
    number = make_action(app).id
    for given, path in FAULTY:
        with pytest.raises(Invalid) as refused:
            act(app, "mark_done", number, ARUN, **given)
        assert refused.value.at(path), refused.value
        assert refused.value.status == (422 if "x" * 2_000 in str(given) else 400)
    assert act(app, "start", number, ARUN).evidence == ""


def test_a_way_back_needs_a_reason(app: Flask) -> None:
    for verb, state in (("drop", "promised"), ("send_back", "done"), ("reopen", "dropped")):
        number = in_state(app, state)
        for reason in ("", "  \n", "x" * 2_001, "\ud800"):
            with pytest.raises(Invalid) as refused:
                act(app, verb, number, ROSA, reason=reason)
            assert refused.value.at("reason"), verb


def test_what_moved_on_unseen_is_not_acted_on(app: Flask) -> None:
    """Rosa opens the page; the evidence is sent back and other evidence given; her confirmation was for the first."""
    done = make_done(app)
    act(app, "send_back", done, RAVI, reason="The drill was in another region.")
    act(app, "mark_done", done, ARUN, evidence="The drill of June passed.")
    with pytest.raises(Conflict):
        act(app, "confirm", done, ROSA, seen=done.step)
    assert act(app, "confirm", done, ROSA, seen=done.step + 2).state == ActionState.CONFIRMED


def test_what_was_shown_before_stays_in_the_journal(app: Flask) -> None:
    done = make_done(app)
    back = act(app, "send_back", done, RAVI, reason="The drill was in another region.")
    assert (back.evidence, back.done_by_id, back.closed_on) == ("", None, None)
    act(app, "drop", done, ROSA, reason="The host is gone.")
    act(app, "reopen", done, RAVI, reason="It came back.")
    with app.app_context():
        told = queries.history_of(queries.action_for(None, done.id))
    assert [(one.kind, one.actor, one.text) for one in told] == [
        ("reopened", "Ravi", "It came back."),
        ("dropped", "Rosa", "The host is gone."),
        ("sent_back", "Ravi", "The drill was in another region."),
        ("done", "Arun", "The drill of May passed."),
    ]


def test_the_journal_holds_no_name(app: Flask) -> None:
    made = make_action(app)
    act(app, "assign", made, ROSA, owner=join(app, MIA))
    with app.app_context():
        event = db.session.query(Event).filter(Event.kind == "action.assigned").one()
        assert event.data == {"article": made.article_id, "owner": join(app, MIA).id}
        assert (event.subject_type, event.subject_id, event.actor_id) == ("action_item", made.id, join(app, ROSA).id)


def test_a_day_ends_at_midnight_in_utc(app: Flask) -> None:
    made = make_action(app, due_on="2026-03-01")
    for at, days in (("2026-03-01T23:59:59Z", 0), ("2026-03-01T23:30:00-05:00", 1), ("2026-03-12T00:00:00Z", 11)):
        with time_machine.travel(at, tick=False):
            assert made.days_overdue == days, at
    with time_machine.travel("2026-04-01", tick=False):
        assert act(app, "start", made, ARUN).days_overdue == 31
        done = act(app, "mark_done", made, ARUN, **EVIDENCE)
        assert (done.days_overdue, done.closed_on) == (0, date(2026, 4, 1))
    assert make_action(app, due_on=None).days_overdue == 0


def test_what_nobody_published_has_no_number(app: Flask) -> None:
    with app.app_context(), pytest.raises(NotFound):
        queries.action_for(None, 4711)
    article = make_published(app)
    assert project(app, article.id) == []
