"""What each kind of rule concerns: words in disguise, links, texts that resemble each other."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.comments.rule_checks import Facts, Rule, alike, concerns, fold, folded_text, has_words, sketch_of
from blog.comments.rule_models import RuleKind
from blog.comments.text_checks import outside_links

SPAM = "<p>Buy cheap replica watches in my shop, only today, write to seller {} at example.test!</p>"
HONEST = "<p>We had the same at our place: the queue filled up because nobody had looked at the disk.</p>"


def facts(text: str = "", html: str = "", *, stands: int = 0, before: tuple[str, ...] = ()) -> Facts:
    return Facts(
        user_id=7,
        text=text,
        html=html or f"<p>{text}</p>",
        links=outside_links(html),
        stands=lambda number: stands >= number,
        before=lambda: [sketch_of(one) for one in before],
    )


def rule(kind: RuleKind, amount: int = 0, *, words: str = "", person: int | None = None) -> Rule:
    return Rule(1, kind, amount, words, person)


@pytest.mark.parametrize(
    "said",
    ["Buy viagra now", "VIAGRA!", "vi\u0430gra in two scripts", "via\u200bgra", "(viagra)", "free   \n money here"],
)  # fmt: skip
def test_a_listed_word_is_found_in_disguise(said: str) -> None:
    assert concerns(rule(RuleKind.WORDS, words="viagra\nFree money"), facts(said))


@pytest.mark.parametrize("said", ["viagraful", "a free lunch, no money", "Via Graz", ""])
def test_a_word_counts_only_as_a_whole(said: str) -> None:
    assert not concerns(rule(RuleKind.WORDS, words="viagra\nfree money"), facts(said))


def test_marks_of_markdown_hide_no_word_and_addresses_are_read_too() -> None:
    assert has_words(folded_text("vi**ag**ra", "<p>vi<strong>ag</strong>ra</p>"), "viagra")
    assert has_words(
        folded_text("[here](https://spam.test/x)", '<p><a href="https://spam.test/x">here</a></p>'), "spam.test"
    )


def test_a_word_of_signs_breaks_nothing() -> None:
    assert has_words(fold("costs (a.b) [c]"), "(a.b)")
    assert not has_words(fold("axb"), "a.b")
    assert not has_words(fold("anything"), "")


@given(st.text(max_size=60), st.text(max_size=200))
@settings(max_examples=60, deadline=None)
def test_any_word_and_any_text_can_be_compared(word: str, text: str) -> None:
    assert has_words(fold(text), word) in {True, False}
    assert alike(sketch_of(text), sketch_of(text)) in {True, False}


@pytest.mark.parametrize(("links", "held"), [(2, False), (3, True)])
def test_links_are_held_above_the_number(links: int, held: bool) -> None:
    html = (
        "".join(f'<a href="https://example.test/{place}">x</a>' for place in range(links)) + '<a href="/tags/x">y</a>'
    )
    assert concerns(rule(RuleKind.LINKS, 2), facts("x", html)) is held


@pytest.mark.parametrize(("stands", "held"), [(0, True), (1, True), (2, False)])
def test_first_comments_are_held_until_enough_stand(stands: int, held: bool) -> None:
    assert concerns(rule(RuleKind.FIRST, 2), facts("Hello", stands=stands)) is held


def test_a_person_is_held_and_nobody_else() -> None:
    assert concerns(rule(RuleKind.PERSON, person=7), facts("Hello"))
    assert not concerns(rule(RuleKind.PERSON, person=8), facts("Hello"))


def test_a_text_that_was_said_often_is_held_also_with_small_changes() -> None:
    said = (SPAM.format("one"), SPAM.format("two").replace("today", "now"), HONEST)
    asked = rule(RuleKind.SIMILAR, 2)
    assert concerns(asked, facts("x", SPAM.format("three"), before=said))
    assert not concerns(asked, facts("x", SPAM.format("three"), before=said[1:]))
    assert not concerns(asked, facts("x", HONEST.replace("queue", "table"), before=said))


def test_short_texts_resemble_nothing() -> None:
    assert not alike(sketch_of("<p>Same here!</p>"), sketch_of("<p>Same here!</p>"))


def test_likeness_grows_with_what_is_shared() -> None:
    words = [f"word{number}" for number in range(100)]
    whole = sketch_of(" ".join(words))
    assert alike(whole, sketch_of(" ".join([*words[:90], *(f"other{number}" for number in range(10))])))
    assert not alike(whole, sketch_of(" ".join([*words[:40], *(f"other{number}" for number in range(60))])))
