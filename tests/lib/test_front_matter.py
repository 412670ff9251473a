"""Front matter of anybody: what a text may cost has limits, and every refusal is a ValueError with its line."""

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.lib import front_matter
from blog.lib.front_matter import MAX_DEPTH, MAX_KEY, MAX_NODES, dump_yaml, join, load_yaml, split


@pytest.mark.parametrize(
    "value",
    ['!!int ""', '!!int "_"', '!!float ""', "!!bool foo", "!!timestamp foo", "!!binary x", "!!set {a}", "! x", "!x y"],
)
@pytest.mark.parametrize("times_as_text", [True, False])
def test_a_tag_is_refused_with_its_line(value: str, times_as_text: bool) -> None:
    with pytest.raises(ValueError, match=r"line 2: a tag \(.*\) is not accepted"):
        load_yaml(f"a: 1\nx: {value}\n", times_as_text=times_as_text)


@pytest.mark.parametrize("value", ["1:30", "1:1", ":".join("1" * 200) + ":1.5", "-1:30", "1:30.5", "0b_", "0x_"])
def test_what_looks_like_a_number_to_base_60_or_without_digits_is_text(value: str) -> None:
    assert load_yaml(f"x: {value}") == {"x": value}


def test_a_number_of_many_digits_is_text() -> None:
    for value in ("9" * 65, "1" + "_" * 70, "0x" + "f" * 5000, "1." + "0" * 5000, "1:1" * 50_000):
        assert load_yaml(f"x: {value}") == {"x": value}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12), ("-7", -7), ("1_000", 1000), ("017", 15), ("0x1f", 31), ("0b101", 5), ("0", 0), ("1.5", 1.5),
        ("-.5", -0.5), ("1.0e+3", 1000.0), ("yes", True), ("~", None), ("", None), ("<<", "<<"), ("=", "="),
    ],
)  # fmt: skip
def test_short_plain_words_keep_their_kind(text: str, value: Any) -> None:
    assert load_yaml(f"x: {text}") == {"x": value}


def test_each_key_is_compared_a_bounded_number_of_times(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = 0

    class Key(str):
        __slots__ = ()
        __hash__ = str.__hash__

        def __eq__(self, other: object) -> bool:
            nonlocal compared
            compared += 1
            return str.__eq__(self, other)

    scalar = yaml.ScalarNode
    children = [
        (scalar("tag:yaml.org,2002:str", Key(f"key{i}")), scalar("tag:yaml.org,2002:str", "")) for i in range(999)
    ]
    front_matter._Loader("").construct_mapping(yaml.MappingNode("tag:yaml.org,2002:map", children))
    assert compared < 10 * len(children)


def test_the_number_of_nodes_is_bounded() -> None:
    assert len(load_yaml("[" + ",".join("a" * 1000) + "]")) == 1000
    with pytest.raises(ValueError, match=f"more than {MAX_NODES:,} keys and values"):
        load_yaml("[" + "a," * MAX_NODES + "]")


def test_a_long_key_is_refused_with_its_line() -> None:
    assert load_yaml(f"{'k' * MAX_KEY}: 1") == {"k" * MAX_KEY: 1}
    with pytest.raises(ValueError, match="line 2: a key is longer"):
        load_yaml(f"a: 1\n{'k' * (MAX_KEY + 1)}: 1")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: 1\nb: 2\na: 3", "line 3: the key 'a' stands twice"),
        ("a: &x [1]\nb: *x", "line 2: an alias"),
        ("\n" + "[" * (MAX_DEPTH + 1), "line 2: nested deeper"),
        ("a: 1\nb: 2025-13-45", "line 2: month must be"),
        ('a: 1\nb: "\\UFFFFFFFF"', "line 2: "),
        ("%YAML " + "9" * 5000 + ".1\n--- a", "line 1: not readable"),
        ("{[a]: 1}", "line 1: "),
        ("a\x00b", "broken YAML"),
    ],
)
def test_a_refusal_names_line_and_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        load_yaml(text)


def test_whatever_the_library_raises_is_a_value_error(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in (LookupError, AttributeError, OverflowError, TypeError, RecursionError, AssertionError):

        def fail(*_: Any, kind: type[Exception] = kind) -> Any:
            raise kind("odd")

        monkeypatch.setattr(front_matter._Loader, "compose_document", fail, raising=False)
        with pytest.raises(ValueError, match=f"line 1: not readable \\({kind.__name__}\\)"):
            load_yaml("a: 1")


TEXTS = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]) | st.just("\n"), max_size=80)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats(allow_nan=False) | TEXTS,
    lambda below: st.lists(below, max_size=4) | st.dictionaries(TEXTS, below, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(PLAIN)
def test_what_is_written_is_read_back(data: Any) -> None:
    assert load_yaml(dump_yaml(data)) == data


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="abx01:.-_!&*{}[],?|>'\"%#@`<= \n\t\\U~", max_size=60))
def test_any_text_is_read_or_refused_as_a_value_error(text: str) -> None:
    try:
        load_yaml(text)
        load_yaml(text, times_as_text=True)
    except ValueError as error:
        assert str(error).startswith("broken YAML, ")


def test_front_matter_and_body_come_back() -> None:
    assert split(join({"title": "12:30", "n": 3}, "Words\n")) == ({"title": "12:30", "n": 3}, "Words\n")
