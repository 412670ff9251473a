"""Blocks of rendered text, and those of them that are new."""

from hypothesis import given, settings
from hypothesis import strategies as st

from blog.lib.html_blocks import blocks_of, with_new_blocks_marked
from blog.lib.renderer import render_batch

PIECES = st.lists(
    st.sampled_from(
        ["A *line*.", "", "## Head", "- one\n- two", "> said <b>x</b>", "```python\nif a < b: pass\n```",
         "a|b\n-|-\n1|2", '![a "<" b](/x.png "a < b > c")', "---", "<div>open", "text\\\nbreak", "[^1]\n\n[^1]: note"]
    ),
    max_size=8,
)  # fmt: skip


def test_a_text_comes_apart_at_its_top_level() -> None:
    html = '<p>One <b>x</b></p>\n<ul><li>a</li><li>b</li></ul>\n<hr>\n<p title="a > b">Two</p>'
    assert [block.strip() for block in blocks_of(html)] == [
        "<p>One <b>x</b></p>",
        "<ul><li>a</li><li>b</li></ul>",
        "<hr>",
        '<p title="a > b">Two</p>',
    ]


def test_new_blocks_that_follow_each_other_are_marked_together() -> None:
    marked = with_new_blocks_marked("<p>a</p><p>b</p><p>c</p><p>d</p>", "<p>a</p><p>d</p>", before="[", after="]")
    assert marked == "<p>a</p>[<p>b</p><p>c</p>]<p>d</p>"


def test_a_block_that_stands_twice_now_is_new_once() -> None:
    assert with_new_blocks_marked("<p>a</p><p>a</p>", "<p>a</p>", before="[", after="]") == "<p>a</p>[<p>a</p>]"


@settings(max_examples=30, deadline=None)
@given(PIECES)
def test_the_blocks_of_whatever_was_rendered_are_the_text(pieces: list[str]) -> None:
    (text,) = render_batch([("article", "\n\n".join(pieces))])
    blocks = blocks_of(text.html)
    assert "".join(blocks) == text.html
    for block in blocks:
        assert block.count("<p>") == block.count("</p>")
        assert block.count("<div") == block.count("</div>")
