"""What a comment costs while all other writers wait: few statements, and nothing slow."""

from typing import Any

import pytest
from flask import Flask

from blog.lib import renderer
from blog.lib.database import is_writing
from tests.factories.articles import make_published
from tests.people import MIA
from tests.statements import counted
from tests.visitor import Visitor, signed_in

MARKDOWN = "We saw *this* too: `one`, [two](https://example.org/2).\n\n- three\n"
MOST_WRITING = (
    13  # person and write-up, rules, comment, root, count, chain, event, job, versions; three for a form sent twice
)


def test_a_comment_is_written_in_few_statements(app: Flask, client: Visitor) -> None:
    article = make_published(app)
    signed_in(client, MIA)
    address = f"/postmortems/{article.slug}/comments"
    client.post(address, data={"text": MARKDOWN, "once": "first"})
    with counted(app) as statements:
        assert client.post(address, data={"text": MARKDOWN + "four", "once": "second"}).status_code == 303
    begun = statements.index("BEGIN IMMEDIATE")
    assert len(statements[begun + 1 :]) <= MOST_WRITING, "\n".join(statements)
    assert len(statements[:begun]) <= 3, "the session with its person, and the write-up"


def test_text_is_rendered_before_others_have_to_wait_and_only_once(
    app: Flask, client: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    rendered: list[str] = []
    batch = renderer.render_batch

    def note(items: Any, **given: Any) -> Any:
        assert not is_writing()
        rendered.extend(text for _, text in items)
        return batch(items, **given)

    monkeypatch.setattr(renderer, "render_batch", note)
    article = make_published(app)
    signed_in(client, MIA)
    client.post(f"/postmortems/{article.slug}/comments", data={"text": MARKDOWN})
    assert rendered == [MARKDOWN]
    assert "<em>this</em>" in client.get(f"/postmortems/{article.slug}").text
    assert rendered == [MARKDOWN]
