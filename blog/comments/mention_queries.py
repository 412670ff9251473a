"""Whom a text mentions: handles, and the people who have those names."""

from collections.abc import Iterable, Mapping

from sqlalchemy import select

from blog.accounts.models import User
from blog.accounts.names import key_of_name
from blog.extensions import db
from blog.lib.mentions import handles_in, names_behind, readings_of


def people_in(texts: Iterable[str]) -> Mapping[str, int]:
    """The people that these texts may mention: numbers by handle, as the renderer takes them. One statement, and none
    for texts without an @.
    """
    named = [text for text in texts if "@" in text]
    handles = dict.fromkeys(reading for text in named for handle in handles_in(text) for reading in readings_of(handle))
    if not handles:
        return {}
    keys = {handle: [key_of_name(name) for name in names_behind(handle)] for handle in handles}
    wanted = select(User.name_key, User.id).where(
        User.name_key.in_({key for of_one in keys.values() for key in of_one}), User.disabled_at.is_(None)
    )
    ids = {row.name_key: row.id for row in db.session.execute(wanted)}
    found = {handle: next((ids[key] for key in of_one if key in ids), None) for handle, of_one in keys.items()}
    return {handle: number for handle, number in found.items() if number is not None}
