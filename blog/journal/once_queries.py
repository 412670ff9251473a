"""Reads of answers that are kept for a request that may be sent again."""

from datetime import datetime

from sqlalchemy import select

from blog.extensions import db
from blog.journal.models import KeptAnswer


def kept_answer(key_hash: str) -> KeptAnswer | None:
    """The answer kept under this key, however old."""
    return db.session.get(KeptAnswer, key_hash)


def is_any_older(than: datetime) -> bool:
    """Whether there is an answer to forget."""
    return db.session.scalar(select(KeptAnswer.key_hash).where(KeptAnswer.at < than).limit(1)) is not None
