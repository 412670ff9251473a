"""Writes of uploads: a picture is added, withdrawn and shown again."""

import hashlib

from blog import policy
from blog.accounts.models import User
from blog.errors import Conflict, Fault, Invalid, NotAllowed
from blog.extensions import db
from blog.journal.changes import record
from blog.lib import clock
from blog.lib.images import Picture
from blog.lib.text import clean_line
from blog.media.models import Upload

MAX_ALT = 500  # characters; what is longer belongs into the text, where everybody reads it
MAX_REASON = 500


def require_writer(actor: User) -> None:
    """Raises `NotAllowed`. Asked before any work is done for a picture, and again when its row is added."""
    if not policy.can_upload(actor):
        raise NotAllowed("Pictures are for write-ups, so authors and reviewers upload them. An admin can make you one.")


def checked_alt(given: str) -> str:
    """The words for who does not see the picture, on one line. Raises `Invalid` at `alt`."""
    alt = _line(given, "alt")
    if not alt:
        raise Invalid([Fault("alt", "Say in a few words what the picture shows.")])
    if len(alt) > MAX_ALT:
        reason = f"These are {len(alt)} characters. Shorten them to {MAX_ALT}; the text can say more."
        raise Invalid([Fault("alt", reason, is_too_long=True)])
    return alt


def add_upload(*, actor: User, picture: Picture, name: str, alt: str) -> Upload:
    """The row of a file that is on the disk already. Raises `NotAllowed`, `Invalid`."""
    require_writer(actor)
    upload = Upload(
        name=name,
        sha256=hashlib.sha256(picture.content).hexdigest(),
        size=len(picture.content),
        width=picture.width,
        height=picture.height,
        alt=checked_alt(alt),
        created_by_id=actor.id,
        created_at=clock.now(),
    )
    db.session.add(upload)
    db.session.flush()
    # Never its name: the journal is for more people than a draft is.
    record("image.uploaded", subject=upload, actor=actor, data={"bytes": upload.size})
    return upload


def withdraw_upload(*, actor: User, upload: Upload, reason: str) -> None:
    """Show it no longer, wherever a text names it. Its file stays. Raises `NotAllowed`, `Conflict`, `Invalid`."""
    if upload.is_withdrawn:
        raise Conflict("This picture was withdrawn already.")
    if not policy.can_withdraw_upload(actor, upload):
        raise NotAllowed("Who uploaded a picture can withdraw it, or an admin.")
    upload.withdrawn_reason = _reason(reason)
    upload.withdrawn_at, upload.withdrawn_by_id = clock.now(), actor.id
    record("image.withdrawn", subject=upload, actor=actor, reason=upload.withdrawn_reason)


def restore_upload(*, actor: User, upload: Upload) -> None:
    """Show a withdrawn picture again. Raises `NotAllowed`, `Conflict`."""
    if not upload.is_withdrawn:
        raise Conflict("This picture is shown already.")
    if not policy.can_restore_upload(actor, upload):
        raise NotAllowed("Who withdrew a picture can show it again, or an admin.")
    upload.withdrawn_at = upload.withdrawn_by_id = None
    upload.withdrawn_reason = ""
    record("image.restored", subject=upload, actor=actor)


def _reason(given: str) -> str:
    reason = _line(given, "reason")
    if not reason:
        raise Invalid([Fault("reason", "Say why, in a few words.")])
    if len(reason) > MAX_REASON:
        raise Invalid([Fault("reason", f"Shorten it to {MAX_REASON} characters.", is_too_long=True)])
    return reason


def _line(given: str, path: str) -> str:
    try:
        return clean_line(given)
    except ValueError as error:
        raise Invalid([Fault(path, str(error))]) from None
