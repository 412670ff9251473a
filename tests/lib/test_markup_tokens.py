"""Markup read without a tree gives what bleach's parser and our walk give of it, or is left to them."""

import pytest
from bleach.sanitizer import Cleaner
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.lib.markdown import to_raw_html
from blog.lib.markup_tokens import tokens_of
from blog.lib.sanitize import ARTICLE_TAGS, COMMENT_TAGS, INLINE_TAGS
from blog.lib.token_walk import TokenWalker

BLOCKS, INLINES = ("blockquote", "ol", "p", "ul", "li"), ("a", "code", "em", "strong")
ATTRIBUTES = ['href="https://a.b/c?d&e"', 'title=""', 'rel="x y"', "title='x'", 'onclick="f()"', 'HREF="#"']
PIECES = [
    *(f"<{tag}>" for tag in (*BLOCKS, *INLINES, "br", "pre", "h2", "script", "svg")),
    *(f"</{tag}>" for tag in (*BLOCKS, *INLINES, "br", "pre", "h2")),
    *(f"<a {one}>" for one in ATTRIBUTES), '<ol start="4">', '<br title="x">', '<a href="x" href="y">', "<A>", "<a/>",
    "<em >", "text", " ", "\n", "&amp;", "&", "&lt;b&gt;", "<", ">", '"', "\0", "\r", "\t\f", "é", "\ufffe", "<!--",
]  # fmt: skip


def parsed(markup, tags):
    parser = Cleaner(tags=tags).parser
    return list(TokenWalker(parser.parseFragment(markup)))


def nested(children):
    """Markup that is well nested, and often at places where a parser moves it."""
    whole = st.sampled_from([*BLOCKS, *INLINES])
    attributes = st.sampled_from(["", *(f" {one}" for one in ATTRIBUTES)])
    return st.builds(lambda tag, given, inner: f"<{tag}{given}>{''.join(inner)}</{tag}>", whole, attributes, children)


TEXTS = st.sampled_from(["text", " a ", "\n", "&amp;", "<br>", "x > y"])
NESTED = st.recursive(TEXTS, lambda inner: nested(st.lists(inner, max_size=3)), max_leaves=12)


@settings(max_examples=300, deadline=None)
@given(st.lists(NESTED, max_size=4).map("".join), st.sampled_from([ARTICLE_TAGS, COMMENT_TAGS, INLINE_TAGS]))
def test_nested_markup_gives_the_tokens_of_its_tree(markup, tags):
    found = tokens_of(markup, tags)
    assert found is None or found == parsed(markup, tags)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=10).map("".join))
def test_pieces_put_together_at_random_give_the_tokens_of_their_tree(markup):
    found = tokens_of(markup, COMMENT_TAGS)
    assert found is None or found == parsed(markup, COMMENT_TAGS)


@pytest.mark.parametrize(
    "text",
    [
        "One **two** and `three`, see [four](https://a.b/c).\n\n- five\n- six\n\n1. seven\n2. eight",
        "> quoted\n> twice\n\nLine one\nline two, **so *it* is**.",
        "- a list\n\n    - in a list\n\n- & more",
    ],
)
def test_what_markdown_makes_of_a_comment_needs_no_tree(text):
    markup = to_raw_html(text, "comment")
    assert tokens_of(markup, COMMENT_TAGS) == parsed(markup, COMMENT_TAGS)


@pytest.mark.parametrize(
    "markup",
    [
        "<p><p>x</p></p>", "<em><p>x</p></em>", "<a><em><a>x</a></em></a>", "<li>x</li>", "<p>x", "x</p>",
        "<p><em>x</p></em>", "<pre>\nx</pre>", "<script>x</script>", "<br></br>", '<a href="x" href="y">z</a>',
        "<a href=x>y</a>", "<p>\0</p>", "<p>x</p", "<!-- x -->", "<p>a < b</p>", "</p attr>", '<p>x</p id="y">',
    ],
)  # fmt: skip
def test_what_a_parser_would_mend_is_left_to_it(markup):
    assert tokens_of(markup, COMMENT_TAGS) is None


def test_a_tag_of_another_level_is_left_to_the_parser_which_shows_it_as_typed():
    assert tokens_of("<p>x</p>", INLINE_TAGS) is None
