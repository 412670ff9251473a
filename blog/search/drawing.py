"""What a result shows of a write-up whatever was asked: drawn when it is indexed, and kept by the index.

What is kept is used only while the database says the same as when it was drawn, and while this program still draws as
it did then; both are in its version. Anything else is drawn anew, so nothing stale is ever shown.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote_plus
from zlib import crc32

from flask import current_app
from markupsafe import Markup, escape

from blog.articles.wording import ago_words, day_words, utc_exact, utc_words
from blog.lib import clock
from blog.search.snippets import one_line

END = "\0"  # of a part; no part holds it
_SAMPLE = {
    "severity": "SEV2",
    "kind": "near-miss",
    "services": [["a", "A"]],
    "tags": [["b", "B"]],
    "times": {
        "started": {"at": "2025-05-01T10:00:00Z", "precision": "minute"},
        "detected": {"at": "2025-05-01T10:20:00Z", "precision": "hour"},
        "mitigated": {"at": "2025-05-01T11:00:00Z", "precision": "minute"},
        "resolved": {"at": "2025-05-02T13:00:00Z", "precision": "day"},
    },
}
_SAMPLE_TIME = datetime(2000, 1, 2, 3, 4, 5, tzinfo=UTC)
_EXTENSION = "hindsight_search_drawing"
KEPT_PARTS = 4_096  # of each kind, about 200 bytes each; pure functions of what they are kept by


class Entry(NamedTuple):
    """`strip` and `facts` are HTML; `text` (summary and body) and `rows` (all else that is found) are plain lines."""

    strip: Markup
    facts: Markup
    text: str
    rows: str


def draw(number: int, card: Mapping[str, Any]) -> tuple[Markup, Markup]:
    """The time strip of the write-up of this number, and the facts under its passage."""
    module = _parts()
    return Markup(module.strip(number, card)), Markup(module.facts(card))  # noqa: S704  # the template escaped them


def published(at: datetime | None) -> Markup:
    """How long ago a write-up was published, as the last of its facts."""
    return Markup() if at is None else _timed("published", at, ago_words(at, now=clock.now()))


def said(at: datetime) -> Markup:
    """When a comment was written."""
    return _timed("said", at, utc_words(at))


@lru_cache(KEPT_PARTS)
def pieces_of_value(facet: str, slug: str, name: str) -> tuple[str, str, str, str]:
    """Of a link to a search narrowed by this value: what stands before the address, what is added to the address, what
    stands between it and the count, and what follows.
    """
    before, between, after = _parts().narrower(END, name.replace(END, " "), END).split(END)
    return str(before), str(escape(f"&{facet}={quote_plus(slug)}")), str(between), str(after)


def _timed(macro: str, at: datetime, words: str) -> Markup:
    before, between, then, after = _pieces_of_time(macro)
    return Markup(f"{before}{clock.iso(at)}{between}{utc_exact(at)}{then}{words}{after}")  # noqa: S704  # no letter of
    # these is special in HTML


@cache
def _pieces_of_time(macro: str) -> tuple[str, str, str, str]:
    """What stands around the three writings of an instant. A page has forty, and the filters of each take as long as
    the rest of its entry.
    """
    before, rest = str(getattr(_parts(), macro)(_SAMPLE_TIME)).split(clock.iso(_SAMPLE_TIME))
    between, rest = rest.split(utc_exact(_SAMPLE_TIME))
    then, after = rest.split(utc_words(_SAMPLE_TIME) if macro == "said" else day_words(_SAMPLE_TIME))
    return before, between, then, after


def _parts() -> Any:
    return current_app.jinja_env.get_template("search/_hit.html").module


def version_of(revision_id: int | None, summary: str, card: str) -> str:
    """What an entry is made of, in a few letters. `card` is `Article.card` as it is stored."""
    return f"{crc32(f'{_way_of_drawing()}{END}{revision_id}{END}{summary}{END}{card}'.encode(errors='replace')):08x}"


def encode_entry(version: str, *, number: int, card: Mapping[str, Any], text: str, rows: str) -> str:
    """An entry for the index to keep."""
    parts = (version, *draw(number, card), one_line(text), one_line(rows))
    return END.join(part.replace(END, " ") for part in parts)


def decode_entry(kept: str | None, version: str) -> Entry | None:
    """The entry that was kept, unless it is of another version."""
    if kept is None or not kept.startswith(version + END):
        return None
    _, strip, facts, text, rows = kept.split(END)
    return Entry(Markup(strip), Markup(facts), text, rows)  # noqa: S704  # as `draw` made them


def _way_of_drawing() -> int:
    """Differs when a template or the drawing of times changed since an entry was kept."""
    known = current_app.extensions.get(_EXTENSION)
    if known is None:
        known = current_app.extensions[_EXTENSION] = crc32(END.join(draw(0, _SAMPLE)).encode())
    return int(known)
