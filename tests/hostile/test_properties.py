"""The rules of the wall, for texts that nobody wrote: put together at random from what attacks are made of."""

import html
import json
from xml.etree import ElementTree

import html5lib
import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markupsafe import Markup, escape

from blog.accounts.names import MAX_NAME, BadName, clean_name
from blog.comments.reading import comment_html
from blog.feeds.feed_entries import clean, with_absolute_links
from blog.lib import clock, front_matter, render_child
from blog.lib.sanitize import is_safe_link
from blog.lib.slugs import SLUG, slug_of
from blog.lib.text import clean_line, clean_text, excerpt, mend_text
from blog.search.language import QueryTooLong, parse
from blog.search.snippets import highlight, snippet
from tests.hostile.conftest import MakeSite
from tests.hostile.inputs import WALL
from tests.hostile.judge import fragment
from tests.lib.test_sanitize import LEVELS, faults, tree

_ATOMS = [
    *"<>\"'`[]()!*_#\n\t -|:/\\&;{}%=+~^.,0aé",
    "script", "javascript:", "http://a.b/", "](", "<a href=", "```", "[^1]", "[^1]: ", "&#x", "&lt;", "&amp;",
    "\u200b", "\u202e", "\x00", "\ud800", "\x1b", "\u0301", "\ufffe", "{{", "}}", "{%", "<!--", "-->", "<svg>",
    "<style>", "</p>", "onclick=", "/media/", "\n\n", "    ", "- ", "> ", "1. ", "|-|", "---", "title: ",
]  # fmt: skip
PIECES = st.lists(st.sampled_from(_ATOMS), max_size=30).map("".join)
CUT = st.builds(lambda one, at: one.text[at : at + 200], st.sampled_from(WALL), st.integers(0, 60))
TEXT = st.one_of(PIECES, st.lists(CUT, min_size=1, max_size=3).map("".join), st.text(max_size=60))
MANY = settings(max_examples=80, deadline=None)


@MANY
@given(TEXT)
def test_rendered_text_keeps_to_the_lists_and_stands_still(text: str) -> None:
    for level in LEVELS:
        markup = render_child.render(text, level).get("html", "")  # type: ignore[arg-type]
        assert faults(markup, level) == []
        once = _written(markup)
        assert once == _written(once)


def _written(markup: str) -> str:
    written: str = html5lib.serialize(tree(markup), quote_attr_values="always", omit_optional_tags=False)
    return written.replace("\r\n", "\n").replace("\r", "\n")


@MANY
@given(TEXT, st.integers(0, 80))
def test_an_excerpt_is_words_whatever_its_length(text: str, length: int) -> None:
    for source in (mend_text(text), render_child.render(text, "article").get("plain", "")):
        cut = excerpt(source, length)
        assert len(cut) <= length
        assert len(list(fragment(str(escape(cut))).iter())) == 1


@MANY
@given(TEXT, st.sampled_from(["script", "a", "java*", '"http a"', "é -b", "-", "<b>"]), st.integers(1, 120))
def test_a_highlight_holds_marks_and_nothing_else(text: str, asked: str, length: int) -> None:
    query = parse(asked)
    for shown in (snippet(text, query, length=length), highlight(text, query)):
        assert isinstance(shown, Markup)
        assert {one.tag for one in fragment(shown).iter()} <= {"DOCUMENT_FRAGMENT", "mark"}


@MANY
@given(TEXT)
def test_any_query_is_read(text: str) -> None:
    try:
        query = parse(text)
    except QueryTooLong:
        assert len(text) > 200
    else:
        assert len(query.groups) + len(query.excluded) <= 12 and parse(text) == query


@MANY
@given(TEXT)
def test_stored_text_is_text_that_stays_the_same(text: str) -> None:
    mended = mend_text(text)
    assert mend_text(mended) == mended and mended.encode() is not None
    try:
        cleaned = clean_text(text)
    except ValueError:
        assert "\x00" in text or any("\ud800" <= one <= "\udfff" for one in text)
    else:
        assert clean_text(cleaned) == cleaned == mended
    try:
        line = clean_line(text)
    except ValueError:
        return
    assert clean_line(line) == line and "\n" not in line


@MANY
@given(TEXT)
def test_a_name_is_one_line_of_ink(text: str) -> None:
    try:
        name = clean_name(text)
    except BadName:
        return
    assert clean_name(name) == name and 1 <= len(name) <= MAX_NAME
    assert not set(name) & set("\x00\n\t\u200b\u202e\ufeff")


@MANY
@given(TEXT)
def test_a_slug_is_a_slug(text: str) -> None:
    assert SLUG.fullmatch(slug_of(mend_text(text)))


@MANY
@given(TEXT)
def test_a_feed_can_hold_it(text: str) -> None:
    markup = render_child.render(text, "article").get("html", "")
    whole = clean(with_absolute_links(markup, page="https://s.example/p"))
    ours = whole.replace('href="https://s.example/p#', 'href="#')  # links within the page have no `rel` anywhere
    assert faults(ours, "article") == []
    assert ElementTree.fromstring(f"<x>{html.escape(whole)}</x>").text is not None or not whole
    assert json.loads(json.dumps(whole)) == whole


@MANY
@given(TEXT, TEXT)
def test_front_matter_comes_back_as_it_went(value: str, body: str) -> None:
    try:
        data, rest = {"title": clean_line(value), "summary": clean_text(value)}, clean_text(body).strip()
    except ValueError:
        return
    read, left = front_matter.split(front_matter.join(data, rest))
    assert (read, left.strip()) == (data, rest)


@MANY
@given(TEXT)
def test_any_front_matter_is_read_or_refused(text: str) -> None:
    for times_as_text in (False, True):
        try:
            front_matter.split("---\n" + text + "\n---\nbody", times_as_text=times_as_text)
        except ValueError as refusal:
            assert str(refusal)


@MANY
@given(TEXT)
def test_a_safe_link_stays_one_without_what_has_no_ink(text: str) -> None:
    if is_safe_link(text):
        assert not set(html.unescape(text)) & {"\\", "\x00", "\u200b", "\t", "\n"}
        assert text.startswith(("/", "#")) or html.unescape(text).lower().startswith(("http://", "https://", "mailto:"))


@pytest.fixture(scope="module")
def app(make_site: MakeSite) -> Flask:
    return make_site()


@settings(MANY, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXT, TEXT)
def test_the_template_of_a_comment_is_filled_in_one_pass(app: Flask, user: str, text: str) -> None:
    """What stands in one value is never looked for in another."""
    user, text = mend_text(user), mend_text(text)
    with app.app_context():
        root = fragment(comment_html(user=user, at=clock.now(), text=escape(text)))
    shown = {one.get("class"): "".join(one.itertext()) for one in root.iter() if one.get("class")}
    assert (shown["comment-user"], shown["comment-text"]) == (user, text)
    assert [one.tag for one in root.iter()] == ["DOCUMENT_FRAGMENT", "p", "strong", "time", "div"]
