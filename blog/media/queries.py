"""Reads of uploads."""

from collections.abc import Iterator, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from blog import policy
from blog.accounts.models import User
from blog.errors import NotFound
from blog.extensions import db
from blog.lib.pagination import Page
from blog.media.models import Upload

PAGE_SIZE = 24  # pictures
CHUNK = 500  # values in one IN list


def upload_named(name: str) -> Upload:
    """The picture of this name, withdrawn ones too. Whoever knows the name may see it. Raises `NotFound`."""
    upload = db.session.scalar(select(Upload).where(Upload.name == name))
    if upload is None:
        raise NotFound("There is no such picture.")
    return upload


def shown_uploads(names: Sequence[str]) -> Iterator[Upload]:
    """Those of these names that are there and not withdrawn, in the order of the names."""
    for start in range(0, len(names), CHUNK):
        wanted = select(Upload).where(Upload.name.in_(names[start : start + CHUNK]), Upload.withdrawn_at.is_(None))
        yield from db.session.scalars(wanted.order_by(Upload.name))


def upload_for(user: User | None, upload_id: int) -> Upload:
    """One picture of the list, for who uploaded it and for admins. Raises `NotFound`."""
    upload = db.session.get(Upload, upload_id)
    if upload is None or not (policy.can_administer(user) or (user is not None and upload.created_by_id == user.id)):
        raise NotFound("There is no such picture.")
    return upload


def uploads_for(user: User, number: int) -> tuple[list[Upload], Page]:
    """A page of the pictures somebody uploaded, newest first; of everybody's for admins."""
    wanted = select(Upload)
    if not policy.can_administer(user):
        wanted = wanted.where(Upload.created_by_id == user.id)
    total = db.session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    newest = wanted.order_by(Upload.id.desc()).offset((number - 1) * PAGE_SIZE).limit(PAGE_SIZE)
    return list(db.session.scalars(newest.options(joinedload(Upload.created_by)))), Page(number, PAGE_SIZE, total)
