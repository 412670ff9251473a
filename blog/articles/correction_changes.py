"""Corrections: whoever changes what is public says in public what changed."""

from blog.accounts.models import User
from blog.articles.models import Article, Revision
from blog.errors import Fault, Invalid
from blog.lib.text import clean_line

MAX_PUBLIC_NOTE = 1_000  # it is read in a list, above the text


def note_correction(*, actor: User, revision: Revision, article: Article, note: str) -> None:
    """Keep the public note of a revision of a write-up that is live. The words a person saved it with count where no
    others are given; those of a program say who proposed it, not what changed. Raises `Invalid` at `public_note`.
    """
    if article.live_revision_id is None:
        return
    try:
        kept = clean_line(note)
    except ValueError as error:
        raise Invalid([Fault("public_note", str(error))]) from error
    if len(kept) > MAX_PUBLIC_NOTE:
        reason = f"a public note is at most {MAX_PUBLIC_NOTE} characters"
        raise Invalid([Fault("public_note", reason, is_too_long=True)])
    saved_with = "" if actor.acting_program else revision.note
    revision.public_note = kept or revision.public_note or saved_with
    if not revision.public_note:
        raise Invalid([Fault("public_note", "say what changed since it was published; readers see it on the page")])
