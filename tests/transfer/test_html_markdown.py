"""HTML of foreign comments becomes Markdown that shows the same, however broken it is."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.lib.renderer import render_comment
from blog.transfer.html_markdown import markdown_of

SAMPLES = {
    "<p>Hello <b>big </b>*world*</p><p>Two<br>lines</p>": "Hello **big** \\*world\\*\n\nTwo  \nlines",
    "<ul><li>one<li>two <i>em</i></ul>after": "- one\n- two *em*\n\nafter",
    "<ol><li>one</li><li>two</li></ol>": "1. one\n2. two",
    "<blockquote><p>q1</p><p>q2</p></blockquote>": "> q1\n>\n> q2",
    "<pre><code>if a &lt; b:\n    pass```</code></pre>": "````\nif a < b:\n    pass```\n````",
    "# no heading": "\\# no heading",
    "1. no list": "1\\. no list",
    "&amp;lt; stays": "&amp;lt; stays",
    '<a href="https://a.example/x_y">words</a>': "[words](https://a.example/x_y)",
    '<a href="https://a.example">https://a.example</a>': "<https://a.example>",
    '<a href="javascript:alert(1)">words</a>': "words",
    "<script>alert(1)</script>words": "words",
    "<b><i>un</b>closed": "***un***closed",
    "see https://a.example/a_b_c": "see https://a.example/a_b_c",
    "": "",
}


@pytest.mark.parametrize(("html", "markdown"), SAMPLES.items())
def test_html_becomes_what_somebody_would_type(html: str, markdown: str) -> None:
    assert markdown_of(html) == markdown


def test_line_breaks_count_where_the_source_says_so() -> None:
    assert markdown_of("one\ntwo\n\nthree", keeps_lines=True) == "one  \ntwo\n\nthree"


@given(st.text(alphabet="abc <>/&;pbia\"'=[](){}*_`#-1.\n", max_size=200))
@settings(max_examples=60, deadline=None)
def test_nothing_breaks_it(html: str) -> None:
    markdown_of(html)
    markdown_of(html, keeps_lines=True)


@pytest.mark.parametrize("words", ["a_b_c *d* [e](f) `g`", "2 < 3 & 4 > 1", "- x", "+ y", "> z", "1. w", "&lt;b&gt;"])
def test_plain_words_show_as_they_were(words: str) -> None:
    shown = render_comment(markdown_of(words.replace("&", "&amp;").replace("<", "&lt;"))).html
    assert shown == f"<p>{words.replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;')}</p>"


@pytest.mark.parametrize("html", ["<b>" * 50_000, "<" * 50_000, "[" * 50_000, "<ul><li>" * 20_000, "&" * 50_000])
def test_what_was_made_to_be_slow_is_not(html: str) -> None:
    began = time.process_time()
    markdown_of(html)
    assert time.process_time() - began < 5
