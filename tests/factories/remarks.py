"""Remarks for tests, made by the real changes."""

from flask import Flask

from blog.articles.models import Article, Revision
from blog.editor import remarking
from blog.editor.remark_models import Remark
from blog.extensions import db
from blog.lib.database import writing
from tests.people import ROSA, Person, join


def make_remark(
    app: Flask,
    revision: Revision,
    *,
    user: Person = ROSA,
    path: str = "title",
    line: int = 1,
    text: str = "Say it shorter.",
    settled: bool = False,
) -> Remark:
    """A remark on a line of a revision. It is detached: use its columns."""
    actor = join(app, user)
    with app.app_context(), writing(db.session):
        row = db.session.get_one(Revision, revision.id)
        article = db.session.get_one(Article, row.article_id)
        remark = remarking.make_remark(actor=actor, revision=row, article=article, path=path, line=line, text=text)
        if settled:
            remarking.resolve_remark(actor=actor, remark=remark, article=article)
        return remark
