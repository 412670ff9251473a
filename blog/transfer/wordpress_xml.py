"""Comments as WordPress exports them (WXR): RSS whose items hold the comments of a post."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import BinaryIO
from xml.etree.ElementTree import Element

from blog.transfer.foreign import ForeignComment, ForeignRecord, ForeignState, ForeignThread, Markup, Unreadable
from blog.transfer.xml_events import elements, name_of, text_of

ROOT = b"<rss"
SIGN = b"wordpress.org/export/"
STATES = {"1": ForeignState.PUBLIC, "0": ForeignState.WAITING, "spam": ForeignState.SPAM, "trash": ForeignState.DELETED}
NOT_SAID = {"pingback", "trackback"}  # other sites told that they link here; nobody said anything


def records(file: BinaryIO) -> Iterator[ForeignRecord]:
    """Its posts as threads, each before its comments. Raises `Invalid` for broken XML."""
    for item in elements(file, level=2):
        if name_of(item) != "item":
            continue
        key = text_of(item, "post_id")
        addresses = (text_of(item, "link"), text_of(item, "post_name"))
        comments = [one for one in item if name_of(one) == "comment"]
        if comments:
            yield ForeignThread(key, tuple(one for one in addresses if one))
        for comment in comments:
            yield _comment(comment, key)


def _comment(comment: Element, thread: str) -> ForeignComment | Unreadable:
    number, parent = text_of(comment, "comment_id"), text_of(comment, "comment_parent")
    if (kind := text_of(comment, "comment_type")) in NOT_SAID:
        return Unreadable(f"comment {number}", f"it is a {kind}", is_fault=False)
    try:
        at = datetime.strptime(text_of(comment, "comment_date_gmt"), "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return Unreadable(f"comment {number}", "it says no time at which it was written")
    return ForeignComment(
        id=number,
        thread=thread,
        parent="" if parent == "0" else parent,
        name=text_of(comment, "comment_author"),
        email=text_of(comment, "comment_author_email"),
        at=at,
        text=text_of(comment, "comment_content"),
        markup=Markup.HTML,
        state=STATES.get(text_of(comment, "comment_approved"), ForeignState.WAITING),
    )
