"""The query syntax: what is typed becomes a tree, and nothing typed is an error."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.search.language import (
    MAX_CHARACTERS,
    MAX_TERMS,
    FieldIs,
    Phrase,
    Prefix,
    Query,
    QueryTooLong,
    Word,
    parse,
)


def seconds(year: int, month: int = 1, day: int = 1) -> int:
    return int(datetime(year, month, day, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("agent deleted", ((Word("agent"),), (Word("deleted"),))),
        ('"deleted and rebuilt" kiro', ((Phrase(("deleted", "and", "rebuilt")),), (Word("kiro"),))),
        ("“deleted it”", ((Phrase(("deleted", "it")),),)),
        ('"one"', ((Word("one"),),)),
        ("perm*", ((Prefix("perm"),),)),
        ("kiro OR codex aws", ((Word("kiro"), Word("codex")), (Word("aws"),))),
        ("a1 OR b2 OR c3", ((Word("a1"), Word("b2"), Word("c3")),)),
        ("a1 | b2", ((Word("a1"), Word("b2")),)),
        ("one AND two", ((Word("one"),), (Word("two"),))),
        ("or and not", ((Word("or"),), (Word("and"),), (Word("not"),))),
        ("(kiro, aws)", ((Word("kiro"),), (Word("aws"),))),
        ("us-east-1", ((Word("us-east-1"),),)),
        ("http://x.example/a", ((Word("http://x.example/a"),),)),
        ("colour:red", ((Word("colour:red"),),)),
        ("12:30", ((Word("12:30"),),)),
    ],
)
def test_words_phrases_prefixes_and_alternatives_are_read(text: str, groups: object) -> None:
    query = parse(text)
    assert query.groups == groups
    assert query.notes == ()


def test_words_phrases_and_prefixes_can_be_excluded() -> None:
    query = parse('kiro -aws -"human error" -perm* NOT gcp')
    assert query.groups == ((Word("kiro"),),)
    assert query.excluded == (Word("aws"), Phrase(("human", "error")), Prefix("perm"), Word("gcp"))


def test_fields_are_conditions_and_their_values_are_folded() -> None:
    query = parse('service:AWS severity:SEV1 tag:"Human Error" author:"Ada  Lovelace" year:2025 -status:draft x')
    assert query.wanted == (
        FieldIs("service", "aws"),
        FieldIs("severity", "sev1"),
        FieldIs("tag", "human-error"),
        FieldIs("author", "ada lovelace"),
        FieldIs("year", "2025"),
    )
    assert query.unwanted == (FieldIs("status", "draft"),)
    assert query.groups == ((Word("x"),),)


def test_a_field_name_may_be_typed_in_capitals() -> None:
    assert parse("Tag:dns").wanted == (FieldIs("tag", "dns"),)


@pytest.mark.parametrize(
    ("text", "after", "before"),
    [
        ("after:2024-05-31", seconds(2024, 5, 31), None),
        ("after:2024-05", seconds(2024, 5), None),
        ("after:2023 before:2024", seconds(2023), seconds(2024)),
    ],
)
def test_after_and_before_take_a_day_a_month_or_a_year(text: str, after: int, before: int | None) -> None:
    query = parse(text)
    assert (query.after, query.before) == (after, before)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('"no end', "closing quotation mark"),
        ("***", "no letters or digits"),
        ("?? !!", "no letters or digits"),
        ("ki*", "at least 3 letters"),
        ("*kiro", "end of a word only"),
        ("ki*ro", "end of a word only"),
        ("kiro OR", "both sides"),
        ("OR kiro", "both sides"),
        ("after:yesterday", "is not a day"),
        ("after:2024-02-30", "is not a day"),
        ("-after:2024", "is not a day"),
        ("before:0000", "is not a day"),
        ("year:last", "no value that can be searched"),
        ("tag:,", "no value that can be searched"),
        ("tag: x", "right after the colon"),
        ("aaa* bbb* ccc*", "At most 2"),
        ('"a b" "c d" "e f" "g h"', "At most 3 phrases"),
        (" ".join(f"w{n}" for n in range(20)), f"at most {MAX_TERMS} words"),
    ],
)
def test_what_is_ignored_or_cut_is_told(text: str, told: str) -> None:
    assert any(told in note for note in parse(text).notes), parse(text).notes


def test_an_unclosed_quotation_runs_to_the_end() -> None:
    assert parse('aws "deleted and rebuilt').groups == ((Word("aws"),), (Phrase(("deleted", "and", "rebuilt")),))


def test_only_signs_are_a_lost_query_but_nothing_typed_is_not() -> None:
    assert parse('*** ?? "" \'').is_lost
    assert not parse("   ").is_lost
    assert not parse("tag:dns").is_lost
    assert not parse("-dns").is_lost


def test_no_more_than_the_limit_of_words_is_kept() -> None:
    query = parse('"' + "ab " * 30 + '" ' + "cd " * 30)
    assert sum(len(leaf.words) if isinstance(leaf, Phrase) else 1 for leaf in query.leaves) <= MAX_TERMS


def test_one_character_more_than_the_limit_is_refused() -> None:
    assert parse("a" * MAX_CHARACTERS).groups
    with pytest.raises(QueryTooLong, match="at most 200 characters"):
        parse("a" * (MAX_CHARACTERS + 1))
    with pytest.raises(QueryTooLong):
        parse("a" * 10_000)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=MAX_CHARACTERS) | st.text('"-*:|~^()[]{}?+\\/ORANDT tagfterbyi20-', max_size=MAX_CHARACTERS))
def test_no_text_is_an_error(text: str) -> None:
    query = parse(text)
    assert isinstance(query, Query)
    assert len(query.leaves) + len(query.excluded) <= MAX_TERMS
    for leaf in query.leaves + query.excluded:
        for word in leaf.words if isinstance(leaf, Phrase) else (leaf.text,):
            assert any(char.isalnum() for char in word)
            assert "*" not in word[:1]
