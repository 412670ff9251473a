"""The reply form: a page of its own without script, a piece of one with it."""

from flask import Flask
from pytest import fixture

from blog.articles.models import Article
from tests.comments.judge import parsed
from tests.factories.articles import make_published
from tests.factories.comments import make_comment, row_of
from tests.people import MIA, NOOR
from tests.visitor import Visitor, signed_in, without_tokens

SCRIPT = {"X-Requested-With": "fetch", "Accept": "text/html"}


@fixture
def article(app: Flask) -> Article:
    return make_published(app, slug="disk-full")


def test_the_reply_page_shows_what_is_answered_and_posts_the_answer(
    app: Flask, client: Visitor, article: Article
) -> None:
    comment = make_comment(app, article, user=NOOR, text="Was it *rotated*?")
    signed_in(client, MIA)
    page = client.get(f"/comments/{comment.id}/reply")
    assert page.status_code == 200 and "Was it <em>rotated</em>?" in page.text and "Reply to Noor" in page.text
    form = next(one for one in parsed(page.text).iter("form") if "comment-form" in one.get("class", ""))
    fields = {one.get("name", ""): one.get("value", "") for one in form.iter("input")}
    answer = client.post(form.get("action", ""), data={**fields, "text": "It was not."})
    assert answer.status_code == 303 and row_of(app, comment.id + 1).parent_id == comment.id


def test_with_script_the_form_alone_comes_back(app: Flask, client: Visitor, article: Article) -> None:
    comment = make_comment(app, article)
    signed_in(client, MIA)
    part = client.get(f"/comments/{comment.id}/reply", headers=SCRIPT).text
    assert "<html" not in part and f'name="parent_id" value="{comment.id}"' in part
    assert f'id="reply-{comment.id}-text"' in part, "two open forms must not share an id"


def test_a_reply_by_script_answers_with_an_entry_of_the_right_depth(
    app: Flask, client: Visitor, article: Article
) -> None:
    comment = make_comment(app, article, user=NOOR)
    signed_in(client, MIA)
    fields = {"text": "No.", "parent_id": str(comment.id)}
    answer = client.post("/postmortems/disk-full/comments", data=fields, headers=SCRIPT)
    assert 'class="thread-entry depth-2"' in answer.text and "answers Noor" in answer.text
    assert without_tokens(answer.text.strip()) in without_tokens(client.get("/postmortems/disk-full").text)


def test_a_reader_is_sent_to_sign_in_and_comes_back(app: Flask, client: Visitor, article: Article) -> None:
    comment = make_comment(app, article)
    answer = client.get(f"/comments/{comment.id}/reply")
    assert answer.status_code == 303 and answer.location == f"/account/login?next=/comments/{comment.id}/reply"
