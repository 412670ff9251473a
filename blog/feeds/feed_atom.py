"""Atom (RFC 4287), written by feedgenerator."""

from datetime import datetime
from html import escape
from typing import Any

from feedgenerator import Atom1Feed

from blog.feeds.feed_entries import Feed

CONTENT_TYPE = "application/atom+xml; charset=utf-8"


class _Atom(Atom1Feed):  # type: ignore[misc]
    """With every author of an entry, and a time that an empty feed keeps."""

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        for name in item["further_authors"]:
            handler.startElement("author", {})
            handler.addQuickElement("name", name)
            handler.endElement("author")

    def latest_post_date(self) -> datetime:
        updated_at: datetime = self.feed["updated_at"]
        return updated_at


def atom(feed: Feed) -> str:
    """The feed as XML: well-formed and without DOCTYPE for any text, since `feed_entries` cleaned it."""
    writer = _Atom(
        title=feed.title,
        link=feed.home,
        description=None,
        author_name=feed.site_name,  # what an entry without authors counts as written by
        feed_url=feed.address,
        feed_guid=feed.address,
        updated_at=feed.updated_at.replace(microsecond=0),
    )
    for entry in feed.entries:
        writer.add_item(
            title=entry.title,
            link=entry.address,
            description=escape(entry.summary, quote=False),  # the element is marked as HTML
            content=entry.html,
            unique_id=entry.id,
            pubdate=entry.published_at.replace(microsecond=0),
            updateddate=entry.updated_at.replace(microsecond=0),
            author_name=entry.authors[0] if entry.authors else None,
            further_authors=entry.authors[1:],
            categories=entry.tags,
        )
    text: str = writer.writeString("utf-8")
    return text
