"""Comments on single places of a write-up: counts beside them, a page of each, and places found again after an edit."""

import re
from typing import Any

import pytest
from flask import Flask

from blog.articles import queries as article_queries
from blog.articles.document import parse_document, parse_document_text
from blog.articles.models import Article
from blog.extensions import db
from blog.lib.passages import found_again, passages_of
from blog.lib.renderer import render_article
from tests.factories.articles import make_draft, make_published, make_revised
from tests.factories.comments import make_comment, row_of
from tests.people import MIA, NOOR
from tests.visitor import Visitor, signed_in

SCRIPT = {"X-Requested-With": "fetch", "Accept": "text/html"}
BODY = "The disk filled up in the night.\n\nNobody had an alarm for it.\n\n- first we looked\n- then we deleted logs\n"
CLAIM = {"id": "c1", "text": "It was nobody's fault.", "claimant": "The vendor", "role": "vendor"}
ROW = {"id": "t1", "text": "The disk was full."}


@pytest.fixture
def article(app: Flask) -> Article:
    action = {"id": "a1", "text": "Add an alarm."}
    return make_published(
        app, slug="full", body=BODY, claims=[CLAIM], timeline=[ROW], actions=[action], summary="Full."
    )


def passage(app: Flask, article: Article, words: str) -> str:
    """The anchor of the passage with these words, as the page has it."""
    with app.app_context():
        html = article_queries.current_page(db.session.get_one(Article, article.id)).rendered["html"]
    return "body." + next(one.name for one in passages_of(html) if words in one.text)


@pytest.mark.parametrize("anchor", ["claims.c1", "timeline.t1", "actions.a1", "summary", "the alarm", "deleted logs"])
def test_each_place_counts_what_was_said_there(app: Flask, client: Visitor, article: Article, anchor: str) -> None:
    if " " in anchor:
        anchor = passage(app, article, anchor if anchor != "the alarm" else "an alarm")
    comment = make_comment(app, article, text="Is this so?", anchor=anchor)
    make_comment(app, article, user=NOOR, text="It is.", parent_id=comment.id)
    make_comment(app, article, text="Something else.")
    page = client.get("/postmortems/full").text
    assert f'href="/postmortems/full/on/{anchor}"' in page and page.count("data-talk") == 1
    assert "2 comments on this" in page
    assert f'id="{anchor.replace(".", "-")}"' in page, "the link of the comment leads there"
    for headers in ({}, SCRIPT):
        place = client.get(f"/postmortems/full/on/{anchor}", headers=headers).text
        assert "Is this so?" in place and "It is." in place and "Something else." not in place
        assert ("<html" in place) == (not headers)
        assert 'name="text"' not in place, "readers who are not signed in see no form"


def test_a_member_begins_at_a_place_that_nobody_spoke_of(app: Flask, client: Visitor, article: Article) -> None:
    signed_in(client, MIA)
    page = client.get("/postmortems/full").text
    assert page.count("talk-empty") == 8, "the summary, two paragraphs, two items, claim, line and action"
    form = client.get("/postmortems/full/on/claims.c1").text
    assert 'name="anchor" value="claims.c1"' in form and "It was nobody" in form
    answer = client.post(
        "/postmortems/full/comments",
        data={"text": "Whose?", "anchor": "claims.c1", "revision": str(article.live_revision_id)},
    )
    comment = row_of(app, int(answer.location.split("/comments/")[-1].split("#")[0].split("?")[0]))
    assert (comment.anchor, comment.revision_id) == ("claims.c1", article.live_revision_id)


@pytest.mark.parametrize(
    "anchor", ["claims.c9", "body.p-000000000000", "nonsense", "Claims.c1", "x" * 70, "incidents.i1"]
)
def test_there_is_no_page_of_a_place_that_is_not_there(client: Visitor, article: Article, anchor: str) -> None:
    assert client.get(f"/postmortems/full/on/{anchor}").status_code == 404


def test_hidden_words_do_not_count(app: Flask, client: Visitor, article: Article) -> None:
    comment = make_comment(app, article, anchor="claims.c1")
    signed_in(client, MIA)
    client.post(f"/comments/{comment.id}/withdraw")
    assert "1 comment on this claim" not in client.get("/postmortems/full").text


def test_a_comment_keeps_its_place_while_other_text_changes(app: Flask, client: Visitor, article: Article) -> None:
    anchor = passage(app, article, "an alarm")
    make_comment(app, article, text="We had one.", anchor=anchor)
    make_comment(app, article, text="Whose, then?", anchor="claims.c1")
    make_revised(
        app, article, body="A new beginning.\n\n" + BODY.replace("Nobody", "*Nobody*"), claims=[CLAIM], timeline=[ROW]
    )
    page = client.get("/postmortems/full").text
    assert "/on/claims.c1" in page and f"/on/{anchor}" in page
    assert "text changed" not in page


def test_a_comment_says_that_its_text_changed_and_links_the_difference(
    app: Flask, client: Visitor, article: Article
) -> None:
    old = passage(app, article, "an alarm")
    make_comment(app, article, text="We had one.", anchor=old)
    make_comment(app, article, text="Whose, then?", anchor="claims.c1")
    changed = {**CLAIM, "text": "It was everybody's fault."}
    make_revised(app, article, body=BODY.replace("Nobody had", "Only two of us had"), claims=[changed])
    new = passage(app, article, "Only two of us")
    page = client.get("/postmortems/full").text
    assert new != old and f'href="/postmortems/full#{new.replace(".", "-")}"' in page
    assert page.count("The text changed since") == 2 and "Nobody had an alarm for it." in page
    assert page.count("/postmortems/full/compare?from=1&amp;to=2") >= 2
    place = client.get(f"/postmortems/full/on/{new}").text
    assert "We had one." in place and "Only two of us" in place
    assert client.get(f"/postmortems/full/on/{old}").location == f"/postmortems/full/on/{new}", "a link from before"


def test_what_was_taken_out_is_still_quoted(app: Flask, client: Visitor, article: Article) -> None:
    old = passage(app, article, "an alarm")
    make_comment(app, article, text="We had one.", anchor=old)
    make_comment(app, article, text="Whose, then?", anchor="claims.c1")
    make_revised(
        app,
        article,
        body="The disk filled up in the night.\n\nWe wrote all of it anew, quite differently.\n",
        claims=[],
    )
    page = client.get("/postmortems/full").text
    assert page.count("This was taken out since") == 2
    place = client.get("/postmortems/full/on/claims.c1").text
    assert "It was nobody" in place and "Whose, then?" in place and "<textarea" not in place


def test_a_comment_remembers_the_revision_its_writer_had_before_them(
    app: Flask, client: Visitor, article: Article
) -> None:
    before = article.live_revision_id
    anchor = passage(app, article, "an alarm")
    make_revised(app, article, body=BODY.replace("Nobody had", "Only two of us had"))
    signed_in(client, MIA)
    said = {"text": "We had one.", "anchor": anchor, "revision": str(before)}
    client.post("/postmortems/full/comments", data=said)
    assert row_of(app, 1).revision_id == before
    assert "The text changed since" in client.get("/postmortems/full").text
    client.post("/postmortems/full/comments", data={**said, "text": "Again.", "revision": "4711"})
    assert row_of(app, 2).revision_id not in (before, 4711), "what is no revision of it counts for nothing"


def test_a_draft_has_no_places(app: Flask, client: Visitor) -> None:
    make_draft(app, slug="unseen", body=BODY)
    assert client.get("/postmortems/unseen/on/summary").status_code == 404


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("One two three four.", "One two three five.", True),
        ("One two three four.", "Quite another matter entirely.", False),
        ("Same.\n\nOne two three four.\n\nEnd.", "New at the top.\n\nSame.\n\nOne two six seven.\n\nEnd.", True),
        ("One two three four.\n\nEnd.", "End.\n\nOne two three five six.", True),
    ],
)
def test_passages_are_found_again_by_their_words(old: str, new: str, found: bool) -> None:
    before, after = (passages_of(render_article(text).html) for text in (old, new))
    wanted = next(one.name for one in before if one.text.startswith("One"))
    assert (wanted in found_again(before, after)) == found


def test_no_passage_is_made_of_code_tables_or_footnotes() -> None:
    text = "Words.[^1]\n\n```\ncode\n```\n\n| a | b |\n|---|---|\n| c | d |\n\n[^1]: A note.\n"
    assert [one.text for one in passages_of(render_article(text).html)] == ["Words."]


def test_the_same_document_gives_the_same_places(app: Flask, article: Article) -> None:
    with app.app_context():
        text = article_queries.current_page(db.session.get_one(Article, article.id)).revision.document
    once: Any = passages_of(render_article(parse_document_text(text).body).html)
    again = passages_of(render_article(parse_document({"title": "t", "body": BODY}).body).html)
    assert [one.name for one in once] == [one.name for one in again]


def test_the_buttons_on_the_page_of_a_place_work_without_a_script(
    app: Flask, client: Visitor, article: Article
) -> None:
    comment = make_comment(app, article, text="Is this so?", anchor="claims.c1")
    signed_in(client, NOOR)
    page = client.get("/postmortems/full/on/claims.c1").text
    form = re.search(r'<form id="useful"[^>]*>', page)
    assert form and 'action="/comments/useful"' in form[0]
    assert client.post("/comments/useful", data={"comment": str(comment.id)}).status_code == 303
