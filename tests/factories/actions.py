"""Promised actions for tests: of a published write-up, projected, and taken as far as a test needs."""

from typing import Any

from flask import Flask

from blog.extensions import db
from blog.followups import changes, queries
from blog.followups.models import ActionItem
from blog.followups.projections import project_actions
from blog.lib.database import writing
from tests.factories.articles import make_published
from tests.people import ARUN, ROSA, Person, join

PROMISE = {"text": "Rotate the log every hour.", "kind": "prevent", "owner_role": "queue team", "due_on": "2026-03-01"}


def make_action(app: Flask, *, author: Person = ARUN, reviewer: Person = ROSA, **overrides: Any) -> ActionItem:
    """The only action of a new write-up: `make_action(app, due_on="2030-01-01")`. Detached, without its people."""
    article = make_published(app, author=author, reviewer=reviewer, actions=[{**PROMISE, **overrides}])
    return project(app, article.id)[0]


def project(app: Flask, article_id: int) -> list[ActionItem]:
    """Every action the write-up ever had, as its live revision states them now."""
    with app.app_context():
        with writing(db.session):
            project_actions(article_id)
        return queries.items_of(article_id)


def act(app: Flask, verb: str, action: ActionItem | int, person: Person, **given: Any) -> ActionItem:
    """One of `blog.followups.changes` as this person, in a transaction of its own; the action as it is then."""
    actor, number = join(app, person), action if isinstance(action, int) else action.id
    with app.app_context():
        with writing(db.session):
            getattr(changes, verb)(actor=actor, action=queries.action_for(actor, number), **given)
        return queries.action_for(actor, number)


def make_done(app: Flask, *, by: Person = ARUN, **overrides: Any) -> ActionItem:
    """An action that somebody says is done."""
    return act(app, "mark_done", make_action(app, **overrides), by, evidence="The drill of May passed.")
