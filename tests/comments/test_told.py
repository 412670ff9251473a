"""What the sanitizer removes is said in the preview, not swallowed."""

import pytest
from flask import Flask

from blog.comments.text_checks import prepare
from tests.factories.articles import make_published
from tests.people import MIA
from tests.visitor import Visitor, signed_in

SCRIPT = {"X-Requested-With": "fetch", "Accept": "text/html"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[x](javascript:alert(1))", "1 link lost its address (javascript:)"),
        ("[x](javascript:1) [y](data:text/html,1)", "2 links lost their addresses (javascript:, data:)"),
        ("<script>x</script> <b>y</b> <b>z</b>", "HTML shows as typed and does nothing: <script>, <b> (2 times)."),
        ("![p](https://example.org/a.png)", "1 picture was left as typed"),
        ("a\x08b\x0bc", "2 characters were taken out that nobody can see."),
        ("a\U000e0068\U000e0069b", "2 characters were taken out that nobody can see."),
        (">" * 30 + " deep", "too deeply nested"),
    ],
)
def test_what_is_not_obeyed_is_said(text: str, told: str) -> None:
    assert told in " ".join(prepare(text).told)


@pytest.mark.parametrize(
    "text", ["**a** `b` [c](https://d.example)", "a < b and <name>", "`<b>`", "```\n<i>\n```", "plain"]
)
def test_nothing_is_said_of_what_is_shown(text: str) -> None:
    assert prepare(text).told == ()


@pytest.mark.parametrize("headers", [{}, SCRIPT], ids=["without script", "with script"])
def test_the_preview_says_it(app: Flask, client: Visitor, headers: dict[str, str]) -> None:
    make_published(app, slug="disk-full")
    signed_in(client, MIA)
    said = {"text": "<b>x</b> [x](javascript:alert(1))", "article": "disk-full"}
    page = client.post("/comments/preview", data=said, headers=headers).text
    assert '<ul class="preview-told">' in page and "javascript:" in page and "&lt;b&gt;." in page
