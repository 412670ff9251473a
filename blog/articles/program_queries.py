"""Reads of what programs had a part in: a revision, and everything it is based on."""

from dataclasses import dataclass

from sqlalchemy import bindparam, select

from blog.accounts.label_queries import Label, is_labelled
from blog.accounts.models import ProgramLabel, User
from blog.articles.models import Revision
from blog.extensions import db
from blog.lib.ready import Ready

_BEHIND = Ready(
    select(
        Revision.number, ProgramLabel.program, ProgramLabel.model, ProgramLabel.prefix, User.name, ProgramLabel.owner_id
    )
    .join(ProgramLabel, is_labelled("revision", Revision.id))
    .join(User, User.id == ProgramLabel.owner_id)
    .where(Revision.article_id == bindparam("article"), Revision.number <= bindparam("number"))
    .order_by(Revision.number)
)


@dataclass(frozen=True)
class Hand:
    """A program (with one model, for one person) and the numbers of the revisions that it wrote, oldest first."""

    label: Label
    numbers: list[int]


def programs_behind(revision: Revision) -> list[Hand]:
    """The programs that wrote this revision or one before it: what is based on a program's text keeps its label, as it
    keeps its authors.
    """
    hands: dict[Label, list[int]] = {}
    for number, *label in _BEHIND.all(db.session, article=revision.article_id, number=revision.number):
        hands.setdefault(Label(*label), []).append(number)
    return [Hand(label, numbers) for label, numbers in hands.items()]
