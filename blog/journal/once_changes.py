"""Doing a request once: its answer is kept, in the transaction of what it did, and given again when it comes again."""

from datetime import timedelta

from sqlalchemy import bindparam, delete, insert
from sqlalchemy.exc import IntegrityError

from blog.errors import Conflict
from blog.extensions import db
from blog.journal import once_queries
from blog.journal.models import KeptAnswer
from blog.lib import clock
from blog.lib.once import Once
from blog.lib.ready import Ready

KEPT = timedelta(days=1)

# Every comment pays for them while all other writers wait.
_FORGET = Ready(delete(KeptAnswer).where(KeptAnswer.key_hash == bindparam("key")))
_KEEP = Ready(insert(KeptAnswer), columns=[column.key for column in KeptAnswer.__table__.columns])


def answered(once: Once | None) -> KeptAnswer | None:
    """The answer this request was given before; None where it is new, or has no key. Ask inside the transaction that
    writes: whoever sent the same at the same moment has then ended. Raises `Conflict` for a key with another body.
    """
    kept = once_queries.kept_answer(once.key_hash) if once else None
    if once is None or kept is None:
        return None
    if kept.at < clock.now() - KEPT:
        _FORGET.run(db.session, {"key": once.key_hash})
        return None
    if kept.body_hash != once.body_hash:
        raise Conflict("This key was used for another request. Use a new key for each thing to be done.")
    return kept


def keep(once: Once | None, *, status: int, location: str, answer: str = "") -> None:
    """Keep the answer, where the request has a key. Raises `Conflict` when another process kept one meanwhile."""
    if once is None:
        return
    row = {"key_hash": once.key_hash, "body_hash": once.body_hash, "status": status, "location": location}
    try:
        _KEEP.run(db.session, row | {"answer": answer, "at": clock.now()})
    except IntegrityError as error:
        raise Conflict("The same request is being worked on. Send it again to have its answer.") from error


def forget_old() -> None:
    """Remove the answers that are kept no longer."""
    db.session.execute(delete(KeptAnswer).where(KeptAnswer.at < clock.now() - KEPT))
