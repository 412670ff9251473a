"""JSON Feed 1.1 (jsonfeed.org/version/1.1)."""

import json
from typing import Any

from blog.feeds.feed_entries import Feed, FeedEntry
from blog.lib.clock import iso

CONTENT_TYPE = "application/feed+json; charset=utf-8"


def json_feed(feed: Feed) -> str:
    """The feed as JSON."""
    content = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.home,
        "feed_url": feed.address,
        "items": [_item(entry) for entry in feed.entries],
    }
    return json.dumps(content, ensure_ascii=False)


def _item(entry: FeedEntry) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": entry.id,
        "url": entry.address,
        "title": entry.title,
        "content_html": entry.html,
        "summary": entry.summary,
        "date_published": iso(entry.published_at),
        "date_modified": iso(entry.updated_at),
    }
    if entry.authors:
        item["authors"] = [{"name": name} for name in entry.authors]
    if entry.tags:
        item["tags"] = entry.tags
    return item
