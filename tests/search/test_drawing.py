"""What the index keeps of a write-up is shown only while the database says the same; else it is drawn anew."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from blog.articles.listing import FacetValue, Filters
from blog.articles.models import Article
from blog.extensions import db
from blog.lib import clock
from blog.lib.database import writing
from blog.search import drawing, queries
from blog.search.browsing import Search
from tests.factories.articles import make_published
from tests.search.site import found, hits, index_dir, index_now, page_of
from tests.visitor import Visitor

TIMES = {"started": "2025-05-01 10:00Z", "resolved": "2025-05-01 12:15Z"}


@pytest.fixture
def article(app: Flask) -> Article:
    made = make_published(
        app,
        summary="A resolver.",
        body="The resolver looped.",
        tags=["DNS"],
        incidents=[{"severity": "SEV2", "times": TIMES}],
    )
    index_now(app)
    return made


def without(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Note which write-ups are drawn anew."""
    late: list[int] = []
    made = queries.entries_of
    monkeypatch.setattr(queries, "entries_of", lambda ids: (late.extend(ids), made(ids))[1])
    return late


def change(app: Flask, article: Article, **values: object) -> None:
    """As another program would: without an event, so that the index does not hear of it."""
    with app.app_context(), writing(db.session):
        row = db.session.get(Article, article.id)
        for name, value in values.items():
            setattr(row, name, value)


def test_what_is_kept_is_what_would_be_drawn(
    app: Flask, client: Visitor, article: Article, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = without(app, monkeypatch)
    kept = page_of(client, "resolver")
    assert late == []
    monkeypatch.setattr(queries, "decode_entry", lambda _kept, _version: None)
    drawn = page_of(client, "resolver")
    assert late == [article.id]
    assert drawn == kept
    assert "2 h 15 min to resolve" in kept


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"card": {"severity": "SEV5", "tags": [["other", "Other"]]}}, '<a class="tag" href="/tags/other">Other</a>'),
        ({"title": "A <new> title"}, "A &lt;new&gt; title"),
        ({"slug": "moved"}, 'href="/postmortems/moved"'),
    ],
)
def test_what_changed_since_is_shown_as_it_is_now(
    app: Flask, client: Visitor, article: Article, changed: dict[str, object], told: str
) -> None:
    change(app, article, **changed)
    assert told in page_of(client, "resolver")


def test_what_was_withdrawn_since_is_not_shown(app: Flask, client: Visitor, article: Article) -> None:
    change(app, article, state="retired")
    assert found(client, "resolver") == []


def test_a_program_that_draws_differently_does_not_use_what_is_kept(
    app: Flask, client: Visitor, article: Article, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = without(app, monkeypatch)
    monkeypatch.setattr(drawing, "_way_of_drawing", lambda: 1)
    assert found(client, "resolver") == [article.slug]
    assert late == [article.id]


@pytest.mark.parametrize("kept", [None, "", "other", "other\0<b>\0<i>\0text\0rows"])
def test_what_is_of_another_version_is_nothing(kept: str | None) -> None:
    assert drawing.decode_entry(kept, "12345678") is None


def test_no_part_of_what_is_kept_can_end_early(app: Flask) -> None:
    with app.test_request_context():
        card = {"tags": [["a", "<A>\0b"]]}
        made = drawing.encode_entry("12345678", number=1, card=card, text="one\0two\nthree", rows="")
        entry = drawing.decode_entry(made, "12345678")
    assert entry is not None
    assert (entry.text, entry.rows) == ("one two three", "")
    assert "&lt;A&gt; b" in entry.facts


@pytest.mark.parametrize("harm", ["cut", "zeros", "noise", "gone"])
def test_a_damaged_file_of_what_is_kept_breaks_no_page(
    app: Flask, client: Visitor, article: Article, harm: str
) -> None:
    app.extensions["hindsight_search"].close()
    path = max(index_dir(app).glob("*/*.kept.col"), key=lambda one: one.stat().st_size)
    size = path.stat().st_size
    if harm == "gone":
        path.unlink()
    else:
        path.write_bytes({"cut": path.read_bytes()[: size // 2], "zeros": bytes(size), "noise": b"\xff" * size}[harm])
    assert found(client, "resolver") == [article.slug]
    app.extensions["hindsight_worker"].do_chores()
    page = page_of(client, "looped")
    assert hits(page) == [article.slug]
    assert "The resolver <mark>looped</mark>." in page


@pytest.mark.parametrize("days", [0, 1, 12, 900])
def test_times_are_drawn_as_on_every_other_page(app: Flask, days: int) -> None:
    at = clock.now() - timedelta(days=days, microseconds=1)
    with app.test_request_context():
        module: Any = app.jinja_env.get_template("components/time.html").module
        assert drawing.said(at) == module.when(at)
        assert drawing.published(at) == f"<li>{module.ago(at)}</li>"
    assert drawing.published(None) == ""


@pytest.mark.parametrize(
    ("filters", "address"),
    [
        ((), "/search?q=%3Ca%3E+%26&amp;tag=a%22b&amp;sort=newest"),
        ((("kind", "incident"),), "/search?q=%3Ca%3E+%26&amp;kind=incident&amp;tag=a%22b&amp;sort=newest"),
    ],
)
def test_links_that_narrow_a_search_hold_what_is_typed_and_named_escaped(
    app: Flask, filters: Filters, address: str
) -> None:
    values = [FacetValue('a"b', "<A> & \0b", 3), FacetValue("none", "None", 0)]
    with app.test_request_context():
        made = dict(Search("<a> &", "newest", filters).narrower({"tag": values, "year": []}))
    assert made == {"Tag": f'<li><a href="{address}">&lt;A&gt; &amp;  b</a> <span class="quiet">3</span></li>'}
