"""The plain-text mode: a document as YAML front matter and Markdown, and back, without loss."""

from typing import Any

from blog.articles.document import Document, parse_document
from blog.errors import Invalid
from blog.lib.moment import Moment

BESIDE = {"slug", "published_at", "authors"}  # an export adds them; the site knows them beside the document


def to_text(document: Document) -> str:
    """The document as people edit it: what is empty left out, times as short as their precision allows."""
    from blog.lib import front_matter  # here and below: only writers need YAML

    data = document.model_dump(mode="json", exclude_defaults=True, exclude={"body"})
    for row, plain in zip(document.timeline, data.get("timeline", []), strict=True):
        _shorten(plain, "at", row.at)
    for incident, plain in zip(document.incidents, data.get("incidents", []), strict=True):
        for name in plain.get("times", {}):
            _shorten(plain["times"], name, getattr(incident.times, name))
    return front_matter.join(data, document.body)


def from_text(text: str) -> Document:
    """The document that a text means. Raises `Invalid` with the path and reason of every fault.

    `slug`, `published_at` and `authors` are passed over, so that an exported file can be pasted as it stands.
    """
    from blog.lib import front_matter

    try:
        data, body = front_matter.split(text.replace("\r\n", "\n"))
    except ValueError as error:
        raise Invalid(str(error)) from error
    if data is None:
        raise Invalid("the text begins with front matter: a line ---, at least title: ..., and another line ---")
    if "body" in data:
        raise Invalid("the body stands below the front matter, not in it")
    own = {name: value for name, value in data.items() if name not in BESIDE}
    return parse_document({**own, "body": body.strip("\n")})


def _shorten(plain: dict[str, Any], name: str, moment: Moment | None) -> None:
    if moment is not None and Moment.model_validate(moment.as_text()) == moment:
        plain[name] = moment.as_text()
