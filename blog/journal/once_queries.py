"""Reads of answers that are kept for a request that may be sent again."""

from datetime import datetime

from sqlalchemy import bindparam, select

from blog.extensions import db
from blog.journal.models import KeptAnswer
from blog.lib.ready import Ready

_KEPT = Ready(select(*KeptAnswer.__table__.columns).where(KeptAnswer.key_hash == bindparam("key")))


def kept_answer(key_hash: str) -> KeptAnswer | None:
    """The answer kept under this key, however old."""
    kept = _KEPT.first(db.session, key=key_hash)
    return KeptAnswer(**kept._asdict()) if kept else None


def is_any_older(than: datetime) -> bool:
    """Whether there is an answer to forget."""
    return db.session.scalar(select(KeptAnswer.key_hash).where(KeptAnswer.at < than).limit(1)) is not None
