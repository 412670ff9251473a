"""Merging a write-up into another that tells the same, and undoing it: nothing that was said or numbered is lost."""

import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from blog.articles import addresses
from blog.articles.models import Article, Revision
from blog.comments import merging, text_checks
from blog.comments.models import Comment
from blog.editor import publishing
from blog.errors import Conflict, HindsightError, Invalid, NotAllowed
from blog.extensions import db
from blog.lib.database import writing
from blog.moderation.changes import hide_comment
from tests.factories.articles import make_draft, make_published
from tests.factories.comments import count_of, make_comment, row_of
from tests.people import ADA, ARUN, MIA, MOSS, NOOR, RAVI, ROSA, Person, join
from tests.visitor import Visitor, signed_in


def merge(app: Flask, article: Article | int, into: Article, *, by: Person = ROSA, reason: str = "Told twice.") -> None:
    actor, number = join(app, by), article if isinstance(article, int) else article.id
    with app.app_context(), writing(db.session):
        one, other = db.session.get_one(Article, number), db.session.get_one(Article, into.id)
        merging.merge(actor=actor, article=one, into=other, reason=reason)


def undo(app: Flask, article: Article, *, by: Person = RAVI) -> None:
    actor = join(app, by)
    with app.app_context(), writing(db.session):
        merging.undo_merge(actor=actor, article=db.session.get_one(Article, article.id))


def retire(app: Flask, article: Article) -> None:
    actor = join(app, RAVI)
    with app.app_context(), writing(db.session):
        publishing.retire(actor=actor, article=db.session.get_one(Article, article.id), reason="Wrong.")


def standing(app: Flask) -> dict[str, list[int]]:
    """Slug -> the comments that stand on it."""
    with app.app_context():
        wanted = select(Article.slug, Comment.id).join(Comment, Comment.article_id == Article.id).order_by(Comment.id)
        found: dict[str, list[int]] = {}
        for slug, number in db.session.execute(wanted):
            found.setdefault(slug, []).append(number)
        return found


def hits(client: Visitor, word: str) -> list[str]:
    return [hit["slug"] for hit in json.loads(client.get(f"/api/v1/search?q={word}").text)["items"]]


@pytest.fixture
def pair(app: Flask) -> tuple[Article, Article]:
    """The same incident, told twice."""
    claims = [{"text": "It was DNS.", "claimant": "Example", "role": "vendor", "source": "s1"}]
    sources = [{"url": "https://example.com/report", "title": "Report"}]
    more: dict[str, Any] = {"claims": claims, "sources": sources, "incidents": [{"name": "The outage"}]}
    going = make_published(app, slug="going", title="Told second", tags=["twice"], **more)
    return going, make_published(app, slug="staying", title="Told first", tags=["twice"])


def test_its_address_leads_to_the_other_and_all_lists_follow(
    app: Flask, client: Visitor, pair: tuple[Article, Article]
) -> None:
    going, staying = pair
    for path in ("/postmortems/going", "/postmortems/staying", "/postmortems/", "/", "/tags/twice", "/feed.atom"):
        assert [client.get(path).status_code for _ in range(2)] == [200, 200]  # kept from now on
    merge(app, *pair)
    for path in ("/postmortems/going", f"/postmortems/{going.id}", "/postmortems/going?x=1"):
        response = client.get(path)
        assert (response.status_code, response.headers["Location"].partition("?")[0]) == (301, "/postmortems/staying")
    for path in ("/postmortems/", "/", "/tags/twice", "/feed.atom", "/sitemap.xml"):
        page = client.get(path).text
        assert "/postmortems/going" not in page, path
        assert "/postmortems/staying" in page or path == "/sitemap.xml", path
    assert client.get("/api/v1/articles/going").headers["Location"] == "/api/v1/articles/staying"
    assert staying.id


def test_both_numbers_and_the_reason_stand_on_the_one_that_stays(
    app: Flask, client: Visitor, pair: tuple[Article, Article]
) -> None:
    going, staying = pair
    merge(app, *pair, reason="It tells <b>the same</b>.")
    page = client.get("/postmortems/staying").text
    assert f"Write-up {staying.id}" in page
    assert f'id="merged-{going.id}"' in page
    assert "It tells &lt;b&gt;the same&lt;/b&gt;." in page
    shown = json.loads(client.get("/api/v1/articles/staying").text)
    assert shown["number"] == staying.id
    assert shown["merged"] == [{"number": going.id, "slug": "going", "title": "Told second"}]
    assert client.get("/incidents/1").headers["Location"] == f"/postmortems/staying#merged-{going.id}"
    history = client.get("/postmortems/going/revisions")
    assert history.status_code == 200
    assert "was merged into another one" in history.text
    assert "Told second" in client.get("/postmortems/going/revisions/1").text
    assert client.get(f"/postmortems/{going.id}/revisions").headers["Location"] == "/postmortems/going/revisions"


def test_comments_move_with_their_threads_and_say_where_they_were_said(
    app: Flask, client: Visitor, pair: tuple[Article, Article]
) -> None:
    going, staying = pair
    first = make_comment(app, going, anchor="claims.c1")
    reply = make_comment(app, going, user=NOOR, parent_id=first.id)
    own = make_comment(app, staying)
    client.get("/postmortems/staying")
    merge(app, *pair)
    assert standing(app) == {"staying": [first.id, reply.id, own.id]}
    assert (count_of(app, going), count_of(app, staying)) == (0, 3)
    page = client.get("/postmortems/staying").text
    assert page.count(f'<a href="/postmortems/{going.id}/revisions">write-up {going.id}</a>') == 2
    assert 'href="/postmortems/staying#claims-c1"' not in page, "it is about a row of the other document"
    assert client.get(f"/comments/{reply.id}").headers["Location"] == f"/postmortems/staying#comment-{reply.id}"
    said = json.loads(client.get("/api/v1/articles/staying/comments").text)["items"]
    assert [one["said_on"] for one in said] == [going.id, going.id, None]


def test_the_search_finds_moved_comments_under_the_one_that_stays(
    app: Flask, client: Visitor, pair: tuple[Article, Article]
) -> None:
    make_comment(app, pair[0], text="A pangolin stood in the rack.")
    app.extensions["hindsight_worker"].drain()
    assert hits(client, "pangolin") == ["going"]
    merge(app, *pair)
    assert hits(client, "pangolin") == []
    app.extensions["hindsight_worker"].drain()
    assert hits(client, "pangolin") == ["staying"]
    assert hits(client, "told") == ["staying"]
    undo(app, pair[0])
    app.extensions["hindsight_worker"].drain()
    assert hits(client, "pangolin") == ["going"]
    assert sorted(hits(client, "told")) == ["going", "staying"]


def test_undoing_brings_everything_back(app: Flask, client: Visitor, pair: tuple[Article, Article]) -> None:
    going, staying = pair
    comment, own = make_comment(app, going, anchor="claims.c1"), make_comment(app, staying)
    before = {path: client.get(path).status_code for path in ("/postmortems/going", "/tags/twice")}
    merge(app, *pair)
    undo(app, going)
    assert standing(app) == {"going": [comment.id], "staying": [own.id]}
    assert row_of(app, comment.id).said_on_id is None
    assert (count_of(app, going), count_of(app, staying)) == (1, 1)
    assert {path: client.get(path).status_code for path in before} == before
    page = client.get("/postmortems/going").text
    assert 'href="/postmortems/going#claims-c1"' in page
    assert "Told second" in client.get("/postmortems/?tag=twice").text
    assert "merged" not in client.get("/postmortems/staying").text
    assert client.get("/incidents/1").headers["Location"] == "/postmortems/going#incidents-i1"


def test_what_was_answered_meanwhile_goes_back_with_its_thread(app: Flask, pair: tuple[Article, Article]) -> None:
    going, staying = pair
    first = make_comment(app, going)
    merge(app, *pair)
    answer = make_comment(app, staying, user=MIA, parent_id=first.id)
    begun = make_comment(app, staying, user=NOOR)
    undo(app, going)
    assert standing(app) == {"going": [first.id, answer.id], "staying": [begun.id]}
    assert row_of(app, answer.id).said_on_id == staying.id
    assert (count_of(app, going), count_of(app, staying)) == (2, 1)
    merge(app, *pair)  # and once more: it stands where it was said
    assert row_of(app, answer.id).said_on_id is None
    assert row_of(app, first.id).said_on_id == going.id


def test_one_person_may_have_said_the_same_on_both(app: Flask, pair: tuple[Article, Article]) -> None:
    said = [make_comment(app, article, user=MIA, text=words).id for article in pair for words in ("Me too.", "Why?")]
    merge(app, *pair)
    assert standing(app) == {"staying": said}
    undo(app, pair[0])
    assert standing(app) == {"going": said[:2], "staying": said[2:]}


def test_hidden_comments_move_and_are_not_counted(app: Flask, pair: tuple[Article, Article]) -> None:
    going, staying = pair
    hidden = make_comment(app, going)
    moss = join(app, MOSS)
    with app.app_context(), writing(db.session):
        hide_comment(actor=moss, comment=db.session.get_one(Comment, hidden.id), reason="Unfit.")
    merge(app, *pair)
    assert standing(app) == {"staying": [hidden.id]}
    assert count_of(app, staying) == 0


def test_a_chain_leads_to_its_end_and_is_undone_from_there(app: Flask, client: Visitor) -> None:
    one, two, three = (make_published(app, slug=slug) for slug in ("one", "two", "three"))
    said = {article.slug: make_comment(app, article).id for article in (one, two, three)}
    merge(app, one, two)
    merge(app, two, three)
    assert client.get("/postmortems/one").headers["Location"] == "/postmortems/three"
    page = client.get("/postmortems/three").text
    assert f'id="merged-{one.id}"' in page
    assert f'id="merged-{two.id}"' in page
    assert standing(app) == {"three": [said["one"], said["two"], said["three"]]}
    with pytest.raises(Conflict, match="Undo that first"):
        undo(app, one)
    undo(app, two)
    assert standing(app) == {"two": [said["one"], said["two"]], "three": [said["three"]]}
    assert client.get("/postmortems/one").headers["Location"] == "/postmortems/two"
    undo(app, one)
    assert standing(app) == {slug: [number] for slug, number in said.items()}


def test_no_circle_and_nothing_twice(app: Flask, pair: tuple[Article, Article]) -> None:
    going, staying = pair
    third, draft = make_published(app, slug="third"), make_draft(app, slug="draft")
    merge(app, *pair)
    refusals: list[tuple[Article | int, Article, type[HindsightError]]] = [
        (staying, going, Invalid),  # a circle
        (third, going, Invalid),  # into a merged one
        (going, third, NotAllowed),  # merged already
        (third, third, Invalid),
        (draft.article_id, third, NotAllowed),
    ]
    for article, into, refusal in refusals:
        with pytest.raises(refusal):
            merge(app, article, into)
    with pytest.raises(Invalid):
        merge(app, third, draft.article)
    with pytest.raises(NotAllowed):
        undo(app, staying)


def test_a_retired_one_can_be_merged_and_is_retired_again_after(
    app: Flask, client: Visitor, pair: tuple[Article, Article]
) -> None:
    retire(app, pair[0])
    merge(app, *pair)
    assert client.get("/postmortems/going").status_code == 301
    undo(app, pair[0])
    assert "This write-up was retired.</strong> Wrong." in client.get("/postmortems/going").text
    assert "/postmortems/going" not in client.get("/postmortems/").text


def test_the_one_that_stays_may_be_retired_later(app: Flask, client: Visitor, pair: tuple[Article, Article]) -> None:
    merge(app, *pair)
    retire(app, pair[1])
    assert client.get("/postmortems/going").headers["Location"] == "/postmortems/staying"
    undo(app, pair[0])
    assert client.get("/postmortems/going").status_code == 200


def test_what_was_merged_can_be_neither_edited_nor_published_nor_renamed(
    app: Flask, pair: tuple[Article, Article]
) -> None:
    merge(app, *pair)
    with app.app_context():
        article = db.session.get_one(Article, pair[0].id)
        rosa = join(app, ROSA)
        with pytest.raises(NotAllowed), writing(db.session):
            addresses.change_slug(actor=rosa, article=article, slug="other")
        with pytest.raises(NotAllowed), writing(db.session):
            publishing.restore(
                actor=rosa, article=article, revision=db.session.get_one(Revision, pair[0].live_revision_id)
            )


@pytest.mark.parametrize("person", [MIA, ARUN, MOSS])
def test_only_reviewers_merge_and_undo(app: Flask, pair: tuple[Article, Article], person: Person) -> None:
    with pytest.raises(NotAllowed):
        merge(app, *pair, by=person)
    merge(app, *pair, by=ADA)
    with pytest.raises(NotAllowed):
        undo(app, pair[0], by=person)


@pytest.mark.parametrize("reason", ["", "  \n ", "x" * 4_001])
def test_a_reason_is_asked_for(app: Flask, pair: tuple[Article, Article], reason: str) -> None:
    with pytest.raises(Invalid) as refusal:
        merge(app, *pair, reason=reason)
    assert refusal.value.at("reason")
    assert standing(app) == {}


def test_the_form_shows_both_then_merges_and_undoes(app: Flask, client: Visitor, pair: tuple[Article, Article]) -> None:
    going, staying = pair
    signed_in(client, ROSA)
    page = f"/editor/articles/{going.id}/address"
    site = "http://localhost"
    for named in ("staying", str(staying.id), "/postmortems/staying", f"{site}/postmortems/staying/revisions?x#y"):
        look = client.get(page, query_string={"into": named})
        assert look.status_code == 200
        assert "This one stays" in look.text
    unknown = client.get(page, query_string={"into": "http://[nowhere"})
    assert (unknown.status_code, "there is no write-up at this address" in unknown.text) == (400, True)
    refused = client.post(f"/editor/articles/{going.id}/merge", data={"into": "staying", "reason": ""})
    assert (refused.status_code, "say why" in refused.text) == (400, True)
    done = client.post(f"/editor/articles/{going.id}/merge", data={"into": "staying", "reason": "Told twice."})
    assert done.headers["Location"] == "/postmortems/staying"
    assert f'href="{page}"' in client.get("/postmortems/staying").text
    assert "Undo the merge" in client.get(page).text
    undone = client.post(f"/editor/articles/{going.id}/unmerge")
    assert undone.headers["Location"] == "/postmortems/going"
    assert client.get("/postmortems/going").status_code == 200


def test_words_sent_to_the_one_that_went_are_kept_for_the_one_that_stays(
    app: Flask, client: Visitor, pair: tuple[Article, Article]
) -> None:
    first = make_comment(app, pair[0])
    merge(app, *pair)
    signed_in(client, NOOR)
    sent = {"text": "Same here.", "parent_id": str(first.id), "anchor": "claims.c1"}
    refused = client.post("/postmortems/going/comments", data=sent)
    assert refused.status_code == 409
    assert 'action="/postmortems/staying/comments"' in refused.text
    assert "Same here.</textarea>" in refused.text
    assert f'name="parent_id" value="{first.id}"' in refused.text
    assert "claims.c1" not in refused.text
    again = client.post("/postmortems/staying/comments", data={**sent, "anchor": ""})
    assert again.status_code == 303


def test_words_that_meet_the_merge_itself_are_kept_too(
    app: Flask, client: Visitor, pair: tuple[Article, Article], monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in(client, NOOR)
    prepare = text_checks.prepare

    def late(words: str, **given: object) -> text_checks.Prepared:
        with app.app_context():
            merge(app, *pair)
        return prepare(words)

    monkeypatch.setattr("blog.comments.text_checks.prepare", late)
    refused = client.post("/postmortems/going/comments", data={"text": "Same here."})
    assert (refused.status_code, "Same here.</textarea>" in refused.text) == (409, True)
    assert standing(app) == {}


def test_the_journal_tells_of_both(app: Flask, pair: tuple[Article, Article]) -> None:
    make_comment(app, pair[0])
    merge(app, *pair)
    undo(app, pair[0])
    with app.app_context():
        rows = db.session.execute(text("SELECT kind, reason, data FROM events ORDER BY id DESC LIMIT 2")).all()
    data = {"into": pair[1].id, "comments": 1}
    assert [(row.kind, row.reason, json.loads(row.data)) for row in rows] == [
        ("article.unmerged", "", data),
        ("article.merged", "Told twice.", data),
    ]


def test_commands_move_merge_and_undo_under_the_same_rules(
    app: Flask, client: Visitor, pair: tuple[Article, Article]
) -> None:
    for person in (MIA, ROSA):
        join(app, person)

    def run(*words: str, by: Person = ROSA) -> str:
        result = app.test_cli_runner().invoke(args=["articles", *words, "--by", by.email])
        return f"{result.exit_code} {result.output}"

    assert run("move", "going", "staying").startswith("1 Error: slug: the address staying is, or was")
    assert run("move", "going", "gone").startswith("0 ")
    assert run("merge", "gone", "going", "--reason", "Twice.").startswith("1 Error: into: this is the same")
    assert run("merge", "gone", "staying", "--reason", "Twice.", by=MIA).startswith("1 Error: Reviewers merge")
    assert run("merge", "gone", "staying", "--reason", " ").startswith("1 Error: reason: say why")
    assert run("merge", "gone", "staying", "--reason", "Twice.").startswith("0 ")
    assert client.get("/postmortems/going").headers["Location"] == "/postmortems/staying"
    assert run("unmerge", "gone", by=MIA).startswith("1 ")
    assert run("unmerge", "gone").startswith("0 ")
    assert client.get("/postmortems/gone").status_code == 200
