"""Comments for tests: said by somebody of the cast, or whole threads that came with an import."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from flask import Flask

from blog.accounts.models import User
from blog.articles.models import Article
from blog.comments import changes, importing
from blog.comments.changes import Prepared
from blog.comments.models import Comment
from blog.extensions import db
from blog.lib import clock
from blog.lib.database import writing
from blog.lib.renderer import RENDERER_VERSION
from tests.people import MIA, Person, join

_numbers = count(1)
LONG_AGO = timedelta(days=30)


def make_comment(app: Flask, article: Article, *, user: Person | User = MIA, text: str = "", **given: Any) -> Comment:
    """A comment posted the way a person does it; `given` are the keywords of `post_comment`."""
    actor = join(app, user) if isinstance(user, Person) else user
    with app.app_context(), writing(db.session):
        return changes.post_comment(
            actor=actor, article=article, text=text or f"Words no. {next(_numbers)}, said about this.", **given
        )


def make_thread(
    app: Flask, article: Article, parents: list[int | None], *, user: Person | User = MIA, at: datetime | None = None
) -> list[int]:
    """Imported comments, one for each entry of `parents`: the place in this list of the comment it answers, or None.

    Their numbers, in the same order. Texts are `Comment 0`, `Comment 1` and so on; a minute lies between them.
    """
    actor = join(app, user) if isinstance(user, Person) else user
    began = at or clock.now() - LONG_AGO
    bundle, made = next(_numbers), list[Comment]()
    with app.app_context(), writing(db.session):
        for place, parent in enumerate(parents):
            words = f"Comment {place}"
            made.append(
                importing.import_comment(
                    article=article,
                    user=actor,
                    text=Prepared(words, f"<p>{words}</p>", RENDERER_VERSION),
                    created_at=began + timedelta(minutes=place),
                    source=f"bundle {bundle}/{place}",
                    parent=None if parent is None else made[parent],
                )
            )
    return [comment.id for comment in made]


def row_of(app: Flask, comment_id: int) -> Comment:
    """The row as it is now, detached."""
    with app.app_context():
        return db.session.get_one(Comment, comment_id)


def count_of(app: Flask, article: Article) -> int:
    """How many comments the write-up says it has."""
    with app.app_context():
        return db.session.get_one(Article, article.id).comment_count
