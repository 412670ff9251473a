"""Rules that hold comments, for tests: written by a moderator, tried and put in force the way one does it."""

from typing import Any

from flask import Flask

from blog.comments import rule_changes, rule_queries, trial_queries
from blog.comments.rule_changes import RuleGiven
from blog.comments.rule_models import CommentRule
from blog.extensions import db
from blog.lib.database import writing
from tests.people import MOSS, join


def make_rule(app: Flask, kind: str = "links", *, tried: bool = True, live: bool = False, **given: Any) -> CommentRule:
    """A rule as it is now, detached; `given` are fields of its form."""
    actor = join(app, MOSS)
    fields = {"note": "for a test"} | ({"amount": "2"} if kind in {"links", "first", "similar"} else {}) | given
    with app.app_context(), writing(db.session):
        rule = rule_changes.make_rule(actor=actor, given=RuleGiven(kind=kind, **fields))
        if tried or live:
            rule_changes.note_trial(
                actor=actor, rule=rule, trial=trial_queries.run_trial(rule), read_at=rule.changed_at
            )
        if live:
            rule_changes.switch_on(actor=actor, rule=rule)
        rule_id = rule.id
    with app.app_context():
        return rule_queries.rule_for(actor, rule_id)
