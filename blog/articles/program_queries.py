"""Reads of what programs had a part in: a revision, and everything it is based on."""

from dataclasses import dataclass

from sqlalchemy import select

from blog.accounts.label_queries import Label, is_labelled
from blog.accounts.models import ProgramLabel, User
from blog.articles.models import Revision
from blog.extensions import db


@dataclass(frozen=True)
class Hand:
    """A program (with one model, for one person) and the numbers of the revisions that it wrote, oldest first."""

    label: Label
    numbers: list[int]


def programs_behind(revision: Revision) -> list[Hand]:
    """The programs that wrote this revision or one before it: what is based on a program's text keeps its label, as it
    keeps its authors.
    """
    wanted = (
        select(Revision.number, ProgramLabel, User.name)
        .join(ProgramLabel, is_labelled("revision", Revision.id))
        .join(User, User.id == ProgramLabel.owner_id)
        .where(Revision.article_id == revision.article_id, Revision.number <= revision.number)
        .order_by(Revision.number)
    )
    hands: dict[Label, list[int]] = {}
    for number, row, owner in db.session.execute(wanted):
        label = Label(row.program, row.model, row.prefix, owner, row.owner_id)
        hands.setdefault(label, []).append(number)
    return [Hand(label, numbers) for label, numbers in hands.items()]
