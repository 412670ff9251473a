"""Follows and verified addresses for tests."""

from flask import Flask
from sqlalchemy import select

from blog.accounts.models import User
from blog.accounts.proof_models import Mailbox
from blog.articles.models import Article
from blog.extensions import db
from blog.lib import clock
from blog.lib.database import writing
from blog.notifications import changes
from blog.notifications.models import Follow, FollowKind, Message, Notice, Pace
from blog.taxonomy.models import Tag
from tests.people import Person, join


def verified(app: Flask, *people: Person) -> None:
    """Their addresses take mail."""
    for person in people:
        row = join(app, person)
        with app.app_context(), writing(db.session):
            now = clock.now()
            db.session.add(Mailbox(user_id=row.id, address=row.email, verified_at=now, stopped_reason=""))


def follow_article(app: Flask, person: Person | User, article: Article, *, pace: str = Pace.AT_ONCE) -> Follow:
    return _follow(app, person, FollowKind.ARTICLE, article.id, pace)


def follow_thread(app: Flask, person: Person | User, comment_id: int, *, pace: str = Pace.AT_ONCE) -> Follow:
    return _follow(app, person, FollowKind.THREAD, comment_id, pace)


def follow_tag(app: Flask, person: Person | User, slug: str, *, pace: str = Pace.AT_ONCE) -> Follow:
    with app.app_context():
        number = db.session.scalars(select(Tag.id).where(Tag.slug == slug)).one()
    return _follow(app, person, FollowKind.TAG, number, pace)


def _follow(app: Flask, person: Person | User, kind: FollowKind, number: int, pace: str) -> Follow:
    row = join(app, person) if isinstance(person, Person) else person
    with app.app_context(), writing(db.session):
        return changes.follow(actor=db.session.get_one(User, row.id), kind=kind, subject_ids=(number,), pace=pace)


def notices_of(app: Flask, person: Person) -> list[str]:
    """The kinds of what somebody was told, oldest first."""
    row = join(app, person)
    with app.app_context():
        return list(db.session.scalars(select(Notice.kind).where(Notice.user_id == row.id).order_by(Notice.id)))


def messages(app: Flask) -> list[tuple[str, str]]:
    """(kind, state) of every message, oldest first."""
    with app.app_context():
        rows = db.session.scalars(select(Message).order_by(Message.id))
        return [(str(row.kind), str(row.state)) for row in rows]


def drain(app: Flask) -> None:
    app.extensions["hindsight_worker"].drain()
