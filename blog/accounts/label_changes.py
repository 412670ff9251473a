"""Labels: the mark that stays on everything a program wrote."""

from typing import Any

from blog.accounts.models import ProgramLabel, User
from blog.extensions import db
from blog.journal.changes import record
from blog.lib import clock
from blog.lib.json_api import MAX_MODEL
from blog.lib.text import clean_line


def label(*, actor: User, subject: Any) -> None:
    """Say for ever that this flushed row (a revision or a comment) was written by the program that acts now. Does
    nothing where the person acts.
    """
    program, kind = actor.acting_program, subject.__tablename__.removesuffix("s")
    if program is None:
        return
    db.session.add(
        ProgramLabel(
            subject_type=kind,
            subject_id=subject.id,
            token_id=program.token_id,
            prefix=program.prefix,
            program=program.name,
            model=program.model,
            owner_id=actor.id,
            at=clock.now(),
        )
    )
    record(f"{kind}.written_by_token", subject=subject, actor=actor)


def clean_model(text: str) -> str:
    """The name of a model as it is kept. Raises `ValueError`, with what to do."""
    cleaned = clean_line(text)
    if len(cleaned) > MAX_MODEL:
        raise ValueError(f"the name of a model has at most {MAX_MODEL} characters")
    return cleaned
