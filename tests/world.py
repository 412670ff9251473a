"""A site with one of everything, built once by the real changes; every use starts from a copy of its database.

The permission table and the tests of tests/safety walk through it: each person of the cast is signed in already and has
a program with each scope.
"""

import hashlib
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import update

from app import create_app
from blog.accounts import sessions, token_changes, token_queries
from blog.accounts.models import ApiToken, User
from blog.accounts.tokens import hash_of
from blog.articles.models import Article
from blog.articles.queries import live_revision_of
from blog.comments import merging
from blog.comments.changes import set_state
from blog.comments.models import Comment, CommentState
from blog.editor import publishing, working_copy_changes
from blog.extensions import db
from blog.lib import clock
from blog.lib.database import writing
from blog.lib.migrating import alembic
from blog.media.changes import withdraw_upload
from blog.media.queries import upload_for
from blog.moderation import act_queries, appeal_changes
from blog.moderation.changes import hide_comment
from blog.notifications import changes as follows
from blog.notifications.models import FollowKind
from tests.factories.actions import PROMISE, act, project
from tests.factories.articles import make_approved, make_draft, make_published, make_submitted
from tests.factories.comments import make_comment
from tests.factories.media import make_upload
from tests.factories.remarks import make_remark
from tests.factories.rules import make_rule
from tests.people import ADA, ARUN, CAST, MIA, MOSS, NOOR, RAVI, ROSA, Person, join
from tests.visitor import Visitor

SECRET_KEY = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a6978"  # the same in every copy, so that cookies fit them all
SCOPES = token_changes.SCOPES
GONE = Person("Gone", ADA.role)  # an admin whose account is disabled
# What is written whenever somebody asks, and decides nothing.
NOTES = {("sessions", "seen_at"), ("api_tokens", "used_at")}
# The journal notes what a program was refused; the refusal changes nothing else.
NOTED = {"events": "WHERE kind != 'token.refused'", "sqlite_sequence": "WHERE name != 'events'"}


@dataclass(frozen=True)
class World:
    """`names` fill the placeholders of paths; `cookies` and `secrets` are keyed by person, and by person and scope."""

    database: Path
    names: dict[str, str]
    cookies: dict[Person, str]
    secrets: dict[tuple[Person, str], str]

    def app(self, folder: Path, **settings: Any) -> Flask:
        """A site of its own over a copy, in an existing folder."""
        self.restore(folder)
        for kept in ("index", "uploads"):
            shutil.copytree(self.database.parent / kept, folder / kept, dirs_exist_ok=True)
        return _app(folder, **settings)

    def restore(self, folder: Path) -> None:
        """Make the database in this folder what it was, under whatever connections are open but idle."""
        with closing(sqlite3.connect(self.database)) as source, closing(_opened(folder)) as target:
            source.backup(target)

    def client(self, app: Flask, person: Person | None, **more: str) -> Visitor:
        """A browser, signed in as this person; None is nobody. Each browser has a CSRF secret of its own."""
        client = app.test_client()
        assert isinstance(client, Visitor)
        if person is not None:
            with client.session_transaction() as cookie:
                cookie["_user_id"], cookie["_fresh"] = self.cookies[person], True
                cookie["csrf_token"] = hashlib.sha1(person.name.encode()).hexdigest()
                cookie.update(more)
                cookie.permanent = True
        return client


def build(folder: Path) -> World:
    """Written by Arun, reviewed by Ravi, discussed by Mia."""
    app = _app(folder)
    with app.app_context():
        alembic.upgrade()
    people = {person: join(app, person) for person in (*CAST, GONE)}
    incident = {"services": ["Mailer"], "organisations": ["Example"]}
    promises = [{**PROMISE, "text": f"Rotate the log of {host}."} for host in ("one", "two", "three")]
    written = {"incidents": [incident], "actions": promises}
    live = make_published(app, slug="live", title="Queue host full", author=ARUN, reviewer=RAVI, **written)
    action, done, dropped = project(app, live.id)
    act(app, "assign", action, ARUN, owner=people[MIA])
    act(app, "mark_done", done, ARUN, evidence="It was rotated all week.")
    act(app, "drop", dropped, RAVI, reason="for a test")
    retired = make_published(app, slug="retired", title="Old and wrong", author=ARUN, reviewer=RAVI)
    merged = make_published(app, slug="merged", title="Queue host full, told twice", author=ARUN, reviewer=RAVI)
    draft = make_draft(app, slug="draft", author=ARUN, title="Unseen zebra", tags=["unseen"])
    submitted, rosas = make_submitted(app, author=ARUN), make_submitted(app, author=ROSA)
    approved = make_approved(app, author=ARUN, reviewer=RAVI)
    picture, unshown = make_upload(app, user=ARUN), make_upload(app, user=ARUN, alt="Unfit for the page")
    remark, settled = make_remark(app, submitted, user=ROSA), make_remark(app, submitted, user=ROSA, settled=True)
    comment, hidden = make_comment(app, live, user=MIA), make_comment(app, live, user=NOOR, text="Unfit words.")
    held, mias = (make_comment(app, live, user=user, text="Words that wait.") for user in (NOOR, MIA))
    question = make_comment(app, live, user=MIA, text="Who was paged?", kind="question")
    answer = make_comment(app, live, user=NOOR, text="Nobody was.", parent_id=question.id)
    correction = make_comment(app, live, user=MIA, text="The other host.", kind="correction", anchor="actions.a1")
    rule, live_rule = make_rule(app, amount="9"), make_rule(app, amount="10", live=True)
    make_comment(app, retired, user=MIA, text="Said before it was retired.")
    with app.app_context(), writing(db.session):
        withdraw_upload(actor=people[ARUN], upload=upload_for(people[ARUN], unshown.id), reason="for a test")
    with app.app_context(), writing(db.session):
        hiding = hide_comment(actor=people[MOSS], comment=_row(hidden), reason="for a test").id
        mias_hiding = hide_comment(actor=people[MOSS], comment=_row(mias), reason="for a test").id
        set_state(held, CommentState.HELD, after=CommentState.VISIBLE, held_code="flags")
        against = act_queries.act_for(hiding)
        appeal = appeal_changes.appeal(actor=people[NOOR], act=against, text="These words fit.").id
        one, other = (db.session.get_one(Article, row.id) for row in (merged, live))
        merging.merge(actor=people[RAVI], article=one, into=other, reason="for a test")
        publishing.retire(actor=people[RAVI], article=db.session.get_one(Article, retired.id), reason="for a test")
    with app.app_context(), writing(db.session):
        for person in (ARUN, ROSA):
            working_copy_changes.keep(
                actor=people[person], place=draft.article_id, mode="form", fields={"title": "Typed and not saved"},
                begun_from_id=draft.id, window=person.name, after="",
            )  # fmt: skip
        working_copy_changes.discard(actor=people[ROSA], place=draft.article_id)
    with app.app_context(), writing(db.session):
        follow = follows.follow(actor=people[MIA], kind=FollowKind.ARTICLE, subject_ids=(live.id,), pace="daily")
    app.extensions["hindsight_worker"].drain()  # so that the search finds it all
    app.extensions["hindsight_search"].close()
    cookies = {person: _signed_in(app, row) for person, row in people.items()}
    secrets = {(person, scope): _token(app, row, scope) for person, row in people.items() for scope in SCOPES}
    with app.app_context():
        mias_token = token_queries.token_by_secret(secrets[MIA, "read"])
    assert mias_token is not None
    names = {
        "live_hash": _live_hash(app, live.id), "mias_token": mias_token[0].id,
        "live": live.id, "draft": draft.article_id, "draft_revision": draft.id, "submitted_revision": submitted.id,
        "submitted_hash": submitted.document_hash, "rosas_revision": rosas.id, "rosas_hash": rosas.document_hash,
        "question": question.id, "answer": answer.id, "correction": correction.id,
        "live_revision": live.live_revision_id,
        "remark": remark.id, "settled": settled.id,
        "action": action.id, "done": done.id, "dropped": dropped.id,
        "approved_revision": approved.id, "comment": comment.id, "hidden": hidden.id, "mia": people[MIA].id,
        "mias_session": 1, "mias_follow": follow.id, "retired": retired.id, "merged": merged.id, "picture": picture.id,
        "picture_name": picture.name, "unshown": unshown.id, "gone": people[GONE].id,
        "held": held.id, "hiding": hiding, "mias_hiding": mias_hiding, "appeal": appeal,
        "rule": rule.id, "live_rule": live_rule.id,
    }  # fmt: skip
    with app.app_context():
        with writing(db.session):
            db.session.get_one(User, people[GONE].id).disabled_at = clock.now()
        db.engine.dispose()
    with closing(_opened(folder)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return World(folder / "hindsight.sqlite3", {name: str(value) for name, value in names.items()}, cookies, secrets)


def _row(comment: Comment) -> Comment:
    return db.session.get_one(Comment, comment.id)


def _live_hash(app: Flask, article_id: int) -> str:
    with app.app_context():
        revision = live_revision_of(article_id)
    assert revision is not None
    return revision.document_hash


def content_of(folder: Path) -> dict[str, str]:
    """A hash of the rows of every table, but for columns that only note when somebody asked last."""
    found = {}
    with closing(_opened(folder)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
        for (table,) in tables:
            columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
            kept = ", ".join(f'"{name}"' for name in columns if (table, name) not in NOTES)
            rows = connection.execute(f'SELECT {kept} FROM "{table}" {NOTED.get(table, "")} ORDER BY rowid').fetchall()
            found[table] = hashlib.sha256(repr(rows).encode()).hexdigest()
    return found


def _opened(folder: Path) -> sqlite3.Connection:
    return sqlite3.connect(folder / "hindsight.sqlite3", timeout=30)


def _app(folder: Path, **settings: Any) -> Flask:
    app = create_app({"data_dir": folder, "worker": "off", "rate_limits": False, "secret_key": SECRET_KEY, **settings})
    app.testing, app.test_client_class = True, Visitor
    return app


def _signed_in(app: Flask, row: User) -> str:
    agent = app.test_client().environ_base["HTTP_USER_AGENT"]
    with app.app_context(), writing(db.session):
        return sessions.open_session(user=row, user_agent=agent, address="127.0.0.1")


def _token(app: Flask, owner: User, scope: str) -> str:
    """The secret of a token with this scope, also where the rules would not make it: the row is what counts then."""
    with app.app_context(), writing(db.session):
        token, secret = token_changes.create_token(owner=owner, name=f"bot for {scope}", scopes=["read"], days=30)
        db.session.get_one(ApiToken, token.id).scopes = scope
    return secret


def end_token(app: Flask, secret: str, *, by: str) -> None:
    """Let the token be `revoked` or `expired`."""
    column = {"revoked": "revoked_at", "expired": "expires_at"}[by]
    with app.app_context(), writing(db.session):
        moment = clock.now() - timedelta(seconds=1)
        db.session.execute(update(ApiToken).where(ApiToken.token_hash == hash_of(secret)).values({column: moment}))
