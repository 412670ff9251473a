"""Comments as Disqus exports them: one XML file of threads and posts."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import BinaryIO
from xml.etree.ElementTree import Element

from blog.transfer.foreign import ForeignComment, ForeignRecord, ForeignState, ForeignThread, Markup, Unreadable
from blog.transfer.xml_events import attribute, child, elements, name_of, text_of

ROOT = b"<disqus"


def records(file: BinaryIO) -> Iterator[ForeignRecord]:
    """Its threads and posts, as they stand. Raises `Invalid` for broken XML."""
    for element in elements(file, level=1):
        match name_of(element):
            case "thread":
                addresses = (text_of(element, "link"), text_of(element, "id"))
                yield ForeignThread(attribute(element, "id"), tuple(one for one in addresses if one))
            case "post":
                yield _post(element)


def _post(post: Element) -> ForeignComment | Unreadable:
    number, author = attribute(post, "id"), child(post, "author")
    try:
        said = datetime.fromisoformat(text_of(post, "createdAt"))
        at = said.replace(tzinfo=said.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):  # years begin with 1 and end with 9999, in UTC too
        return Unreadable(f"post {number}", "it says no time at which it was written")
    parent = attribute(child(post, "parent"), "id")
    return ForeignComment(
        id=number,
        thread=attribute(child(post, "thread"), "id"),
        parent="" if parent == "0" else parent,
        name=text_of(author, "name") or text_of(author, "username"),
        email=text_of(author, "email"),
        at=at,
        text=text_of(post, "message"),
        markup=Markup.HTML,
        state=_state(post),
    )


def _state(post: Element) -> ForeignState:
    if text_of(post, "isSpam") == "true":
        return ForeignState.SPAM
    if text_of(post, "isDeleted") == "true":
        return ForeignState.DELETED
    return ForeignState.WAITING if text_of(post, "isApproved") == "false" else ForeignState.PUBLIC
