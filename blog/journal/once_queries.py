"""Reads of answers that are kept for a request that may be sent again."""

from datetime import datetime

from sqlalchemy import bindparam, select

from blog.extensions import db
from blog.journal.models import KeptAnswer

_KEPT = select(KeptAnswer).where(KeptAnswer.key_hash == bindparam("key"))  # made once: every comment asks


def kept_answer(key_hash: str) -> KeptAnswer | None:
    """The answer kept under this key, however old."""
    return db.session.scalar(_KEPT, {"key": key_hash})


def is_any_older(than: datetime) -> bool:
    """Whether there is an answer to forget."""
    return db.session.scalar(select(KeptAnswer.key_hash).where(KeptAnswer.at < than).limit(1)) is not None
