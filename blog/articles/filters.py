"""The filters of every template: instants and moments in words, slugs, excerpts, and the drawing of a list entry."""

from datetime import date, datetime

from flask.sansio.app import App

from blog.articles.time_bar import draw_card
from blog.articles.wording import ago_words, moment_words, utc_exact, utc_words
from blog.lib import clock
from blog.lib.slugs import slug_of
from blog.lib.text import excerpt


def init_app(app: App) -> None:
    """Make them known to Jinja; components/time.html and components/card.html need them on every page."""
    app.jinja_env.filters |= {
        "iso": clock.iso,
        "utc_words": utc_words,
        "utc_exact": utc_exact,
        "ago_words": _ago,
        "moment_words": moment_words,
        "day": _day,
        "slug": slug_of,
        "excerpt": excerpt,
        "time_bar": draw_card,
        "row_words": row_words,
    }


def row_words(anchor: str) -> str:
    """A row of a write-up as a reader calls it: `claims.c2` is claim c2."""
    part, _, row = anchor.partition(".")
    if part == "body":
        return "a passage" if row else "the text"
    name = {"claims": "claim", "actions": "action", "sources": "source", "incidents": "incident"}.get(part, part)
    return f"{name} {row.replace('.', ' ')}" if row else f"the {name}"


def _ago(instant: datetime) -> str:
    return ago_words(instant, now=clock.now())


def _day(day: date) -> str:
    return f"{day.day} {day:%b} {day.year}"
