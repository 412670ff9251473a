"""Snippets: the right passage, and never anything but escaped text and mark elements."""

import html
import re

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup

from blog.search.language import Query, Word, parse
from blog.search.snippets import LENGTH, SEARCHED, highlight, snippet
from blog.search.whoosh_analysis import WORD, stem


def plain(made: Markup) -> str:
    return html.unescape(re.sub(r"</?mark>", "", str(made)))


def test_words_are_marked_on_their_stem_as_the_index_finds_them() -> None:
    made = snippet("The agents were deleting an environment.", parse("agent deleted environments"))
    assert made == "The <mark>agents</mark> were <mark>deleting</mark> an <mark>environment</mark>."


def test_prefixes_and_words_of_a_phrase_are_marked() -> None:
    made = snippet("Permissions given by human hand", parse('permis* "human error"'))
    assert made == "<mark>Permissions</mark> given by <mark>human</mark> hand"


def test_excluded_words_are_not_marked() -> None:
    assert snippet("kiro and codex", parse("kiro -codex")) == "<mark>kiro</mark> and codex"


def test_accents_and_case_do_not_matter() -> None:
    assert snippet("Ausfall in ZÜRICH", parse("zurich")) == "Ausfall in <mark>ZÜRICH</mark>"


def test_the_passage_with_the_most_different_words_is_chosen() -> None:
    filler = "nothing to see in this sentence at all. " * 20
    text = f"agent agent agent. {filler}Here the agent deleted the environment. {filler}"
    made = snippet(text, parse("agent deleted environment"))
    assert "<mark>agent</mark> <mark>deleted</mark> the <mark>environment</mark>" in made
    assert made.startswith("… ") and made.endswith(" …")
    assert len(plain(made)) <= LENGTH + 70


def test_without_a_hit_the_beginning_is_shown() -> None:
    made = snippet("word " * 200, parse("absent"))
    assert made.startswith("word word")
    assert "<mark>" not in made
    assert len(made) <= LENGTH + 2


def test_text_beyond_the_limit_is_not_looked_at() -> None:
    text = "filler " * (SEARCHED // 7 + 1) + "kiro"
    assert "<mark>" not in snippet(text, parse("kiro"))


def test_hostile_text_comes_out_inert() -> None:
    text = "<script>alert(1)</script> kiro <mark onclick=x> &lt;b&gt; \u202egnp.exe"
    made = snippet(text, parse("kiro script"))
    assert made == (
        "&lt;<mark>script</mark>&gt;alert(1)&lt;/<mark>script</mark>&gt; <mark>kiro</mark> "
        "&lt;mark onclick=x&gt; &amp;lt;b&amp;gt; gnp.exe"
    )


FORMS = [
    "happy", "happier", "happiness", "happily", "die", "dies", "died", "dying", "relate",
    "relational", "relations", "sensible", "sensibility", "hop", "hopping", "hoping", "hoped", "agree",
    "agreed", "skies", "sky", "analogy", "analogies", "fulness", "electricity", "electrical", "Zürich",
    "ZÜRICH", "zurich", "naïve", "naively", "ECONNRESET", "v1", "us-east-1", "cached", "caching",
    "caches", "cache", "communicate", "communications", "general", "generalise",
]  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_every_form_that_the_index_joins_is_marked(form: str) -> None:
    asked = stem(form)
    for other in FORMS:
        is_marked = f"<mark>{other}</mark>" in highlight(f"x {other} y", parse(form))
        assert is_marked == (stem(other) == asked and asked is not None) or "-" in form + other


_LETTERS = st.text(st.sampled_from("aeistlngyzkïéßİ_-. 1"), max_size=120)


@settings(max_examples=200, deadline=None)
@given(text=_LETTERS, query=_LETTERS)
def test_exactly_the_words_with_an_asked_stem_are_marked(text: str, query: str) -> None:
    asked = {stem(word) for word in WORD.findall(" ".join(query.split("-")))} - {None}
    words = [word for word in WORD.findall(text) if stem(word) in asked]
    parsed = Query(groups=tuple((Word(word),) for word in WORD.findall(query)))
    assert re.findall("<mark>(.*?)</mark>", highlight(text, parsed)) == words


def test_a_title_is_marked_whole() -> None:
    assert highlight("A & B: " + "kiro " * 100, parse("kiro")).count("<mark>") == 100
    assert highlight("A & B", parse("kiro")) == "A &amp; B"


_HOSTILE = st.text(st.sampled_from("<>&\"'/ ab=kiro\n\u2028é日"), max_size=400)


@settings(max_examples=150, deadline=None)
@given(text=_HOSTILE, query=_HOSTILE, length=st.integers(5, 60))
def test_any_text_cut_anywhere_is_balanced_and_holds_marks_only(text: str, query: str, length: int) -> None:
    made = snippet(text, parse(query[:200]), length=length)
    tree = html5lib.parseFragment(str(made), treebuilder="etree", namespaceHTMLElements=False)
    assert {node.tag for node in tree.iter() if isinstance(node.tag, str)} <= {"DOCUMENT_FRAGMENT", "mark"}
    assert not any(node.attrib for node in tree.iter())
    assert made.count("<mark>") == made.count("</mark>")
    shown = plain(made).removeprefix("… ").removesuffix(" …")
    assert shown in " ".join(text.replace("\u2028", " ").split()) or not shown.strip()
