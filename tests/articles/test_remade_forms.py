"""HTML that another version of the renderer made: never shown, made anew once for all readers."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from blog.articles import rendering
from blog.articles.models import Article, Revision
from blog.extensions import db
from blog.lib.database import writing
from tests.factories.articles import make_published
from tests.visitor import Visitor

OLD = {"html": "<p>old <script>", "toc": [], "rows": {}}


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "_kept", rendering._KeptForms())


@pytest.fixture
def batches(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """What is given to the renderer."""
    given: list[Any] = []
    batch = rendering.render_batch

    def counted(items: Any) -> Any:
        given.append(items)
        return batch(items)

    monkeypatch.setattr(rendering, "render_batch", counted)
    yield given


def make_old(app: Flask, version: str = "0.old", **fields: Any) -> Article:
    article = make_published(app, slug="one", **fields)
    with app.app_context(), writing(db.session):
        db.session.execute(update(Revision).values(rendered=OLD, renderer_version=version))
    return article


@pytest.mark.parametrize("version", ["0.old", ""])
def test_old_html_is_made_anew_once_for_every_page_and_feed(
    app: Flask, client: Visitor, batches: list[Any], version: str
) -> None:
    make_old(app, version, body="It *stood* still.")
    batches.clear()
    for path in ("/postmortems/one", "/postmortems/one", "/postmortems/one/revisions/1", "/feed.atom", "/feed.json"):
        text = client.get(path).text
        assert "<script>" not in text.partition("old ")[2][:20]
        assert "stood" in text
    assert len(batches) == 1


def test_a_reader_does_not_wait_long_while_a_form_is_made_for_another(
    app: Flask, client: Visitor, batches: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_old(app, body="It *stood* still.")
    batches.clear()
    monkeypatch.setattr(rendering, "WAIT_SECONDS", 0.01)
    with rendering._making:
        assert "It *stood* still." in client.get("/postmortems/one").text
    assert batches == []
    assert "It <em>stood</em> still." in client.get("/postmortems/one").text


def test_forms_made_anew_are_kept_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = rendering._KeptForms()
    form = {"html": "x" * 10, "toc": [], "rows": {"timeline.t1": "y" * 10}}
    monkeypatch.setattr(rendering, "KEPT_FORMS", 3)
    for number in range(5):
        kept.put(b"%d" % number, form)
    assert [kept.get(b"%d" % number) is None for number in range(5)] == [True, True, False, False, False]
    monkeypatch.setattr(rendering, "KEPT_CHARACTERS", 40)
    kept.put(b"2", form)
    assert [kept.get(b"%d" % number) is None for number in (2, 3, 4)] == [False, True, False]
