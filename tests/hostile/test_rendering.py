"""Every input of the wall through every trust level of the renderer: judged by html5lib, with nh3 as second opinion."""

import html
from typing import Any

import html5lib
import nh3
import pytest
from bleach import html5lib_shim
from bleach.sanitizer import Cleaner

from blog.lib import render_child
from blog.lib.plain_prose import prose_html
from blog.lib.sanitize import LINK_REL, _cleaner, sanitize
from blog.lib.text import excerpt, plain_text
from tests.hostile.inputs import PRODUCT, WALL
from tests.hostile.judge import fragment
from tests.lib.test_sanitize import ATTRIBUTES, LEVELS, TAGS, faults, shape, tree


@pytest.fixture(scope="module")
def made() -> dict[tuple[str, str], dict[str, Any]]:
    """(id, level) -> what the renderer answers."""
    return {(one.id, level): render_child.render(one.text, level) for one in WALL for level in LEVELS}  # type: ignore[arg-type]


def test_the_wall_is_high_enough() -> None:
    assert len({one.text for one in WALL}) == len({one.id for one in WALL}) >= 1_000
    assert len({one.kind for one in WALL}) >= 14


def test_hardly_any_input_needs_the_fallback(made: dict[Any, Any]) -> None:
    """What is refused is judged nowhere else, so it must be little."""
    refused = {name for (name, _), answer in made.items() if "refused" in answer}
    assert refused == {"nesting-034", "nesting-035", "lengths-034", "lengths-035"}


@pytest.mark.parametrize("level", LEVELS)
def test_every_input_keeps_to_the_lists(made: dict[Any, Any], level: str) -> None:
    shown = {one.id: made[one.id, level].get("html", "") for one in WALL}
    assert {name: found for name, markup in shown.items() if (found := faults(markup, level))} == {}
    assert [name for name, markup in shown.items() if PRODUCT in markup] == []


@pytest.mark.parametrize("level", LEVELS)
def test_a_second_sanitizer_finds_nothing_to_remove(made: dict[Any, Any], level: str) -> None:
    allowed = {tag: ATTRIBUTES.get(tag, set()) - {"rel"} for tag in TAGS[level]}
    differences = {}
    for one in WALL:
        markup = made[one.id, level].get("html", "")
        second = nh3.clean(
            markup, tags=set(TAGS[level]), attributes=allowed, url_schemes={"http", "https", "mailto"},
            link_rel=LINK_REL, strip_comments=True,
        )  # fmt: skip
        if shape(markup) != shape(second):
            differences[one.id] = (markup, second)
    assert differences == {}


@pytest.mark.parametrize("level", LEVELS)
def test_a_second_parse_gives_the_same_tree(made: dict[Any, Any], level: str) -> None:
    for one in WALL:
        once = _written(made[one.id, level].get("html", ""))
        assert once == _written(once), one.id


def _written(markup: str) -> str:
    written: str = html5lib.serialize(tree(markup), quote_attr_values="always", omit_optional_tags=False)
    return written.replace("\r\n", "\n").replace("\r", "\n")  # `&#13;` is written as itself


@pytest.mark.parametrize("level", LEVELS)
def test_raw_html_passes_the_sanitizer_no_better(level: Any) -> None:
    """The sanitizer alone, as if Markdown escaped nothing."""
    assert {one.id: found for one in WALL if (found := faults(sanitize(one.text, level), level))} == {}


@pytest.mark.parametrize("level", LEVELS)
def test_our_ways_to_read_markup_give_the_tokens_of_the_library(level: Any, made: dict[Any, Any]) -> None:
    ours, theirs, walk = _cleaner(level), Cleaner(tags=TAGS[level]), html5lib_shim.getTreeWalker("etree")
    for one in WALL:
        for markup in (one.text, made[one.id, level].get("html", "")):
            tree = theirs.parser.parseFragment(markup)
            expected = [token for token in walk(tree) if token["type"] not in ("Comment", "Doctype")]
            assert list(ours.walker(ours.parser.parseFragment(markup))) == expected, one.id  # type: ignore[call-overload]


def test_template_syntax_shows_as_it_was_typed(made: dict[Any, Any]) -> None:
    """But for what Markdown itself takes away: marks of emphasis, code and escapes."""
    for one in WALL:
        if one.kind == "templates" and not set(one.text) & set("*_`\\<&#-[]"):
            for level in LEVELS:
                assert made[one.id, level]["plain"] == " ".join(one.text.split()), one.id


@pytest.mark.parametrize("length", [1, 7, 40, 240])
def test_an_excerpt_cut_anywhere_is_words_alone(made: dict[Any, Any], length: int) -> None:
    for one in WALL:
        plain = made[one.id, "article"].get("plain", "")
        cut = excerpt(plain, length)
        assert len(cut) <= length
        cut.encode("utf-8")
        assert len(list(fragment(html.escape(cut)).iter())) == 1, one.id


def test_the_short_cut_for_prose_never_takes_markup(made: dict[Any, Any]) -> None:
    for one in WALL:
        for level in ("comment", "inline"):
            quick = prose_html(one.text, level)
            assert quick is None or quick == made[one.id, level]["html"], one.id


@pytest.mark.parametrize(
    ("typed", "shown"),
    [("&amp;lt;b&amp;gt;", "&lt;b&gt;"), ("&amp;#60;", "&#60;"), ("&lt;b&gt;", "<b>"), ("AT&amp;T & Co", "AT&T & Co")],
)
@pytest.mark.parametrize("level", LEVELS)
def test_a_reference_is_read_once(level: Any, typed: str, shown: str) -> None:
    """The linkifier once read what the sanitizer had left: `&amp;lt;` showed as `<`."""
    markup = render_child.render(typed, level)["html"]
    assert "".join(fragment(markup).itertext()) == plain_text(markup) == shown


@pytest.mark.parametrize(
    "typed", ["&#" + "9" * 5_000 + ";", "&#x" + "f" * 5_000 + ";", "[a](http://b.c/&#" + "1" * 5_000 + ";)"]
)
def test_a_number_that_names_no_character_spoils_nothing(typed: str) -> None:
    """Python reads no number of more than 4,300 digits, and one such reference took the form from a whole text."""
    answer = render_child.render(f"*said* {typed}", "article")
    assert "<em>said</em>" in answer["html"] and "9" * 50 not in answer["html"].replace("&amp;#", "")[:20]
