"""Reads of labels: which program wrote a revision or a comment."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import QueryableAttribute

from blog.accounts.models import ProgramLabel, User
from blog.extensions import db

SUBJECTS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Label:
    """Who wrote a row beside the person under it: `program` is the token's name, `model` what it said it runs (or
    nothing), `owner` the person who answers for it.
    """

    program: str
    model: str
    prefix: str
    owner: str
    owner_id: int


def labels_of(kind: str, ids: Collection[int]) -> dict[int, Label]:
    """The labels of these rows (`revision` or `comment`), by number; rows that people wrote have none."""
    found, numbers = {}, sorted(ids)
    for start in range(0, len(numbers), SUBJECTS_AT_ONCE):
        some = numbers[start : start + SUBJECTS_AT_ONCE]
        wanted = select(ProgramLabel, User.name).join(User, User.id == ProgramLabel.owner_id)
        wanted = wanted.where(ProgramLabel.subject_type == kind, ProgramLabel.subject_id.in_(some))
        for row, owner in db.session.execute(wanted):
            found[row.subject_id] = Label(row.program, row.model, row.prefix, owner, row.owner_id)
    return found


def is_labelled(kind: str, column: QueryableAttribute[int]) -> ColumnElement[bool]:
    """For the join of a query of its own: the label of the row that this column names."""
    return and_(ProgramLabel.subject_type == kind, ProgramLabel.subject_id == column)


def written_with(token_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """How much was written with each of these tokens: `{3: {"revision": 2, "comment": 5}}`."""
    counted: dict[int, dict[str, int]] = {}
    wanted = (
        select(ProgramLabel.token_id, ProgramLabel.subject_type, func.count())
        .where(ProgramLabel.token_id.in_(token_ids))
        .group_by(ProgramLabel.token_id, ProgramLabel.subject_type)
    )
    for token_id, kind, number in db.session.execute(wanted):
        counted.setdefault(token_id, {})[kind] = number
    return counted
