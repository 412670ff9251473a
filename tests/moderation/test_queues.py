"""What waits for a moderator, by why it waits, with its context; and one act on many."""

import pytest
from flask import Flask

from blog.articles.models import Article
from blog.comments.models import Comment
from blog.extensions import db
from blog.journal.changes import record
from blog.lib.database import writing
from blog.moderation import queries
from tests.factories.articles import make_published
from tests.factories.comments import make_comment, make_thread, row_of
from tests.factories.moderation import flag, hold, moderate, suspend, undo
from tests.people import ADA, MIA, MOSS, NOOR, join
from tests.statements import counted
from tests.visitor import Visitor, signed_in


@pytest.fixture
def article(app: Flask) -> Article:
    return make_published(app, slug="disk-full", title="A full disk")


@pytest.fixture
def moss(app: Flask) -> Visitor:
    client = app.test_client()
    signed_in(client, MOSS)
    return client


def edit(app: Flask, comment: Comment) -> None:
    """What an edit leaves in the journal."""
    writer = join(app, MIA)
    with app.app_context(), writing(db.session):
        row = db.session.get_one(Comment, comment.id)
        record("comment.edited", subject=row, actor=writer, data={"article": row.article_id})


def shown(page: str) -> list[int]:
    return [int(part.partition('"')[0]) for part in page.split(' id="entry-')[1:]]


def sizes(page: str) -> list[int]:
    return [int(part.partition(">")[2].partition("<")[0]) for part in page.split('class="moderation-size')[1:]]


def test_each_queue_holds_what_waits_for_its_reason_and_is_counted(app: Flask, article: Article, moss: Visitor) -> None:
    held, flagged, edited, hidden = (make_comment(app, article) for _ in range(4))
    make_comment(app, article)
    hold(app, held)
    flag(app, flagged, by=NOOR)
    moderate(app, "keep", edited)
    edit(app, edited)
    act = moderate(app, "hide", hidden, by=ADA)
    mia = app.test_client()
    signed_in(mia, MIA)
    mia.post(f"/account/acts/{act.id}/appeal", data={"text": "Why?"})
    for name, wanted in (("held", held), ("flagged", flagged), ("edited", edited)):
        page = moss.get(f"/moderation/?queue={name}").text
        assert shown(page) == [wanted.id] and sizes(page) == [1, 1, 1, 1]
    assert "Why?" in moss.get("/moderation/?queue=appeals").text
    assert len(shown(moss.get("/moderation/?queue=all").text)) == 5


def test_the_bare_address_shows_the_first_queue_in_which_something_waits(
    app: Flask, article: Article, moss: Visitor
) -> None:
    seen, flagged = make_comment(app, article), make_comment(app, article)
    assert shown(moss.get("/moderation/").text) == [flagged.id, seen.id]
    flag(app, flagged, by=NOOR)
    assert shown(moss.get("/moderation/").text) == [flagged.id]
    hold(app, seen)
    assert shown(moss.get("/moderation/").text) == [seen.id]


@pytest.mark.parametrize("query", ["queue=gone", "queue=held&after=x", "queue=appeals&after=-1"])
def test_a_queue_or_place_made_up_by_hand_is_refused(moss: Visitor, query: str) -> None:
    assert moss.get(f"/moderation/?{query}").status_code == 400


@pytest.mark.parametrize(
    ("queue", "words"),
    [("held", "Nothing waits"), ("flagged", "Nothing is flagged"), ("edited", "Nothing was edited"),
     ("appeals", "Nobody appeals")],
)  # fmt: skip
def test_an_empty_queue_says_what_belongs_there(moss: Visitor, queue: str, words: str) -> None:
    assert words in moss.get(f"/moderation/?queue={queue}").text


def test_an_edit_counts_only_after_a_moderator_looked_and_until_one_looks_again(
    app: Flask, article: Article, moss: Visitor
) -> None:
    comment = make_comment(app, article)
    edit(app, comment)
    assert shown(moss.get("/moderation/?queue=edited").text) == []
    looking = moderate(app, "keep", comment)
    edit(app, comment)
    assert shown(moss.get("/moderation/?queue=edited").text) == [comment.id]
    again = moderate(app, "keep", comment)
    assert shown(moss.get("/moderation/?queue=edited").text) == []
    undo(app, again)
    assert shown(moss.get("/moderation/?queue=edited").text) == [comment.id]
    undo(app, looking)
    assert shown(moss.get("/moderation/?queue=edited").text) == []


def test_an_entry_shows_what_it_answers_why_it_waits_and_its_writer_in_numbers(
    app: Flask, article: Article, moss: Visitor
) -> None:
    parent = make_comment(app, article, user=NOOR, text="Was the *disk* new?")
    moderate(app, "hide", make_comment(app, article))
    suspended = suspend(app, MIA)
    undo(app, suspended)
    comment = make_comment(app, article, parent_id=parent.id)
    hold(app, comment)
    page = " ".join(moss.get("/moderation/?queue=held").text.split())
    assert "Answers Noor</a>: Was the disk new?" in page and "Flagged by several members" in page
    assert "0 visible comments, 1 waiting, 1 hidden, joined" in page
    assert f'href="/moderation/people/{join(app, MIA).id}"' in page and "A full disk" in page


def test_an_entry_says_which_rule_holds_it(app: Flask, article: Article, moss: Visitor) -> None:
    comment = make_comment(app, article)
    hold(app, comment, code="links-7 honeypot")
    page = moss.get("/moderation/?queue=held").text
    assert "Many links, A field that people do not see" in page and 'href="/moderation/rules/7"' in page


def test_a_queue_pages_with_the_oldest_first(
    app: Flask, article: Article, moss: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "QUEUE_PAGE", 2)
    made = [make_comment(app, article) for _ in range(3)]
    for comment in made:
        hold(app, comment)
    page = moss.get("/moderation/?queue=held").text
    assert shown(page) == [made[0].id, made[1].id] and sizes(page)[0] == 3
    assert f"queue=held&amp;after={made[1].id}" in page
    assert shown(moss.get(f"/moderation/?queue=held&after={made[1].id}").text) == [made[2].id]


def test_a_full_page_costs_as_many_statements_as_one_entry(app: Flask, article: Article, moss: Visitor) -> None:
    for comment_id in make_thread(app, article, [None, *[0] * 30], user=NOOR):
        hold(app, row_of(app, comment_id))
    with counted(app) as many:
        moss.get("/moderation/?queue=held")
    assert len(many) <= 14


def test_one_act_on_many_tells_what_was_done_and_what_was_left(app: Flask, article: Article, moss: Visitor) -> None:
    one, two, own, gone = (make_comment(app, article, user=user) for user in (MIA, NOOR, MOSS, MIA))
    for comment in (one, two, own, gone):
        hold(app, comment)
    moderate(app, "approve", gone, by=ADA)
    chosen = [str(comment.id) for comment in (one, two, own, gone)] + ["99"]
    given = {"comment": chosen, "verb": "approve", "code": "fine", "queue": "held"}
    answer = moss.post("/moderation/act", data=given)
    assert answer.location == "/moderation/?queue=held"
    page = moss.get(answer.location).text
    assert "2 comments approved." in page and "3 comments were left" in page
    assert [row_of(app, comment.id).state for comment in (one, two, own)] == ["visible", "visible", "held"]


@pytest.mark.parametrize(
    "wrong",
    [{"comment": []}, {"comment": ["x"]}, {"comment": [str(n) for n in range(1, 60)]}, {"verb": "erase"},
     {"verb": "hide", "code": "fine"}, {"verb": "hide", "code": "other"}],
    ids=["none", "no number", "too many", "no such act", "reason does not fit", "no words"],
)  # fmt: skip
def test_one_act_on_many_is_refused_whole(
    app: Flask, article: Article, moss: Visitor, wrong: dict[str, str | list[str]]
) -> None:
    comment = make_comment(app, article)
    hold(app, comment)
    given = {"comment": [str(comment.id)], "verb": "approve", "code": "fine", "queue": "held", "reason": "", **wrong}
    answer = moss.post("/moderation/act", data=given)
    assert answer.status_code == 400 and "field-error" in answer.text and "moderation-many" in answer.text
    assert row_of(app, comment.id).state == "held"


def test_acting_in_a_queue_leads_back_to_it(app: Flask, article: Article, moss: Visitor) -> None:
    comment = make_comment(app, article)
    hold(app, comment)
    answer = moss.post(f"/moderation/comments/{comment.id}/approve", data={"code": "fine", "queue": "held"})
    assert answer.location == "/moderation/?queue=held"
    assert "where you can undo it" in moss.get(answer.location).text
