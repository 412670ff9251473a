"""Rendering what changed: the same form as rendering it all, with less work."""

from typing import Any

import pytest

from blog.articles import rendering
from blog.articles.rendering import render_changes, render_document
from blog.lib.renderer import RENDERER_VERSION
from tests.factories.articles import make_document

ROWS = {
    "timeline": [{"text": "*one*"}, {"text": "two"}],
    "incidents": [{"impact": "Much", "factors": [{"name": "f", "text": "why"}]}],
}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"title": "Another title"},
        {"body": "## Another\n\nbody"},
        {"summary": ""},
        {"timeline": [{"id": "t2", "text": "two"}, {"id": "t3", "text": "*one*"}, {"id": "t4", "text": "`three`"}]},
        {"timeline": [], "incidents": [{"impact": "*one*"}]},
    ],
)
def test_what_is_made_of_the_changes_is_what_is_made_of_the_whole(changes: dict[str, Any]) -> None:
    before = make_document(title="T", **ROWS)
    after = make_document(**{"title": "T", **ROWS, **changes})
    stored, version = render_document(before)
    assert render_changes(after, before=before, stored=stored, version=version) == render_document(after)


def test_only_what_changed_is_rendered(monkeypatch: pytest.MonkeyPatch) -> None:
    before = make_document(title="T", **ROWS)
    after = make_document(**{"title": "T", **ROWS, "timeline": [{"text": "*one*"}, {"text": "other"}]})
    stored, version = render_document(before)
    asked: list[Any] = []
    render_batch = rendering.render_batch
    monkeypatch.setattr(rendering, "render_batch", lambda items: (asked.extend(items), render_batch(items))[1])
    render_changes(after, before=before, stored=stored, version=version)
    assert asked == [("inline", "other")]


@pytest.mark.parametrize(
    ("stored", "version"), [(None, RENDERER_VERSION), ({"html": "<old>", "toc": [], "rows": {}}, "another")]
)
def test_a_form_of_another_renderer_is_never_taken_over(stored: Any, version: str) -> None:
    document = make_document()
    assert render_changes(document, before=document, stored=stored, version=version) == render_document(document)
