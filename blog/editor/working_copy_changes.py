"""Keeping what somebody types, discarding it, and bringing it back. Nothing of it is in the journal: it is nobody's
business but the writer's, and it comes every few seconds (decision 0015).
"""

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import ColumnElement, delete, update

from blog import policy
from blog.accounts.models import User
from blog.articles import queries
from blog.editor.working_copy_models import MAX_LABEL, NEW, WorkingCopy
from blog.editor.working_copy_queries import discarded_copy, is_revision_of, open_copy
from blog.errors import Conflict, NotAllowed, NotFound
from blog.extensions import db
from blog.lib import clock
from blog.lib.text import mend_text

KEPT_DISCARDED = timedelta(days=30)
MAX_WINDOW = 32
OTHER_WINDOW = "You have this open in another window, which kept a text of its own. Go on there, or reload this page."


def keep(
    *, actor: User, place: int, mode: str, fields: Mapping[str, str], begun_from_id: int | None, window: str, after: str
) -> WorkingCopy:
    """Keep what was typed in `window`, which went on from what the window `after` had kept. Raises `Conflict` where a
    third one kept something meanwhile, so that no window writes over another one's text.
    """
    require_place(actor, place)
    copy = open_copy(actor, place)
    if copy is not None and copy.window not in (window, after):
        raise Conflict(OTHER_WINDOW)
    if copy is None:
        copy = WorkingCopy(user_id=actor.id, place=place, is_discarded=False)
        db.session.add(copy)
    typed = {name: mend_text(value) for name, value in fields.items()}
    copy.mode, copy.fields, copy.window, copy.kept_at = mode, typed, window[:MAX_WINDOW], clock.now()
    copy.label = _label(typed)
    copy.begun_from_id = begun_from_id if begun_from_id and is_revision_of(begun_from_id, place) else None
    db.session.flush()
    return copy


def discard(*, actor: User, place: int) -> None:
    """Put away what was typed at this place, in place of what was put away there before. Raises `NotFound`."""
    require_place(actor, place)
    if open_copy(actor, place) is None:
        raise NotFound("There is nothing unsaved of yours here.")
    _remove(actor, place, is_discarded=True)
    _mark(actor, place, is_discarded=True)


def bring_back(*, actor: User, place: int) -> None:
    """Make what was discarded last the working copy again. Raises `NotFound`, and `Conflict` where there is one."""
    require_place(actor, place)
    if discarded_copy(actor, place) is None:
        raise NotFound("There is nothing discarded of yours here.")
    if open_copy(actor, place) is not None:
        raise Conflict("You have typed something else here since. Save or discard it first.")
    _mark(actor, place, is_discarded=False)


def forget_saved(*, actor: User, place: int, windows: tuple[str, ...]) -> None:
    """What these windows typed was saved as a revision. Another window's text stays."""
    copy = open_copy(actor, place)
    if copy is not None and copy.window in windows:
        db.session.delete(copy)


def forget_old() -> None:
    """Remove what was discarded so long ago that nobody will bring it back."""
    old = clock.now() - KEPT_DISCARDED
    db.session.execute(delete(WorkingCopy).where(WorkingCopy.is_discarded, WorkingCopy.kept_at < old))


def require_place(actor: User, place: int) -> None:
    """Raises `NotFound` and `NotAllowed` as writing there would."""
    if place == NEW:
        if not policy.can_write(actor):
            raise NotAllowed("Only authors and reviewers start a write-up.")
    elif not policy.can_edit(actor, queries.article_by_id(actor, place)):
        raise NotAllowed("You may not edit this write-up.")


def _label(fields: Mapping[str, str]) -> str:
    """The title as far as it was typed; in plain text the line that gives it."""
    title = fields.get("title", "")
    if not title:
        lines = (line.partition("title:") for line in fields.get("text", "").splitlines()[:50])
        title = next((rest.strip(" '\"") for before, found, rest in lines if found and not before), "")
    return " ".join(title.split())[:MAX_LABEL]


def _remove(actor: User, place: int, *, is_discarded: bool) -> None:
    db.session.execute(delete(WorkingCopy).where(*_here(actor, place, is_discarded=is_discarded)))


def _mark(actor: User, place: int, *, is_discarded: bool) -> None:
    here = _here(actor, place, is_discarded=not is_discarded)
    moved = update(WorkingCopy).where(*here).values(is_discarded=is_discarded, kept_at=clock.now())
    db.session.execute(moved, execution_options={"synchronize_session": False})
    db.session.expire_all()


def _here(actor: User, place: int, *, is_discarded: bool) -> tuple[ColumnElement[bool], ...]:
    return (
        WorkingCopy.user_id == actor.id,
        WorkingCopy.place == place,
        WorkingCopy.is_discarded.is_(is_discarded),
    )
