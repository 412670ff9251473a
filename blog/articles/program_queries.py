"""Reads of what programs had a part in: a revision, and everything it is based on."""

from sqlalchemy import select

from blog.accounts.label_queries import Label, is_labelled
from blog.accounts.models import ProgramLabel, User
from blog.articles.models import Revision
from blog.extensions import db


def programs_behind(revision: Revision) -> list[tuple[int, Label]]:
    """(revision number, label) of each revision up to this one that a program wrote, oldest first: what is based on a
    program's text keeps its label, as it keeps its authors.
    """
    wanted = (
        select(Revision.number, ProgramLabel, User.name)
        .join(ProgramLabel, is_labelled("revision", Revision.id))
        .join(User, User.id == ProgramLabel.owner_id)
        .where(Revision.article_id == revision.article_id, Revision.number <= revision.number)
        .order_by(Revision.number)
    )
    return [
        (number, Label(row.program, row.model, row.prefix, owner, row.owner_id))
        for number, row, owner in db.session.execute(wanted)
    ]
