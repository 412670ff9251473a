"""A reason has a code that fits the act, and words that everybody may read: they name nobody."""

import pytest
from flask import Flask

from blog.articles.models import Article
from blog.comments.models import Comment
from blog.errors import Invalid
from blog.moderation.vocabulary import CODE_WORDS, CODES_OF, Code, told
from tests.factories.articles import make_published
from tests.factories.comments import make_comment, row_of
from tests.factories.moderation import moderate
from tests.people import MIA
from tests.visitor import Visitor, signed_in


@pytest.fixture
def article(app: Flask) -> Article:
    return make_published(app, slug="disk-full")


@pytest.fixture
def comment(app: Flask, article: Article) -> Comment:
    return make_comment(app, article)


@pytest.mark.parametrize(
    "words", ["Mia sells disks.", "as mia does", "Moss says so", "write to mia@people.example", "to:x@y.example"]
)
def test_words_that_name_the_writer_the_moderator_or_an_address_are_refused(
    app: Flask, comment: Comment, words: str
) -> None:
    with pytest.raises(Invalid):
        moderate(app, "hide", comment, reason=words)
    assert row_of(app, comment.id).state == "visible"


@pytest.mark.parametrize("words", ["It names a miasma.", "mossy words", "Sent @ night.", "5 @ 3"])
def test_other_words_are_not(app: Flask, comment: Comment, words: str) -> None:
    moderate(app, "hide", comment, reason=words)
    assert row_of(app, comment.id).hidden_reason == words


@pytest.mark.parametrize("code", ["fine", "flags", "made-up"])
def test_a_code_that_does_not_fit_is_refused(app: Flask, comment: Comment, code: str) -> None:
    with pytest.raises(Invalid):
        moderate(app, "hide", comment, code=code)


def test_the_code_is_told_with_the_words_to_the_writer_and_in_the_log(
    app: Flask, client: Visitor, comment: Comment
) -> None:
    moderate(app, "hide", comment, code="leak", reason="It holds a key.")
    said = "Gives away a password, a key or an inner address: It holds a key."
    assert said in client.get("/moderation/log").text
    signed_in(client, MIA)
    assert said in client.get("/account/comments").text


def test_every_code_has_words_and_every_act_its_codes() -> None:
    assert set(CODE_WORDS) == set(Code)
    assert all(Code.FLAGS not in codes and codes for codes in CODES_OF.values())
    assert [told("other", "x"), told("fine", ""), told("fine", "x"), told("gone", "x")] == [
        "x",
        "Nothing speaks against it.",
        "Nothing speaks against it: x",
        "x",
    ]
