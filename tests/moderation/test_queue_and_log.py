"""The moderators' queue and the public log: who sees what, by state, a page at a time."""

import pytest
from flask import Flask

from blog.accounts.models import Role
from blog.articles.models import Article
from blog.comments.models import Comment
from blog.extensions import db
from blog.lib.database import writing
from blog.moderation import changes, log_queries, queries
from tests.comments.judge import by_class, complaints, parsed, words_of
from tests.factories.articles import make_published
from tests.factories.comments import make_comment, make_thread
from tests.people import CAST, MIA, MOSS, NOOR, Person, join
from tests.visitor import Visitor, signed_in


@pytest.fixture
def article(app: Flask) -> Article:
    return make_published(app, slug="disk-full", title="A full disk")


@pytest.fixture
def states(app: Flask, client: Visitor, article: Article) -> dict[str, Comment]:
    """A comment of each state."""
    made = {
        state: make_comment(app, article, text=f"This one is {state}.") for state in ("visible", "hidden", "withdrawn")
    }
    signed_in(client, MIA)
    client.post(f"/comments/{made['withdrawn'].id}/withdraw")
    hide(app, made["hidden"], "Names a customer.")
    return made


def hide(app: Flask, comment: Comment, reason: str) -> None:
    actor = join(app, MOSS)
    with app.app_context(), writing(db.session):
        row = db.session.get_one(Comment, comment.id)
        changes.hide_comment(actor=actor, comment=row, reason=reason)


@pytest.mark.parametrize("person", CAST, ids=lambda person: person.role)
def test_only_moderators_and_admins_see_the_queue(
    app: Flask, client: Visitor, article: Article, person: Person
) -> None:
    comment = make_comment(app, article, text="Look at me.")
    signed_in(client, person)
    for address in ("/moderation/", f"/moderation/comments/{comment.id}"):
        answer = client.get(address)
        allowed = person.role in (Role.MODERATOR, Role.ADMIN)
        assert answer.status_code == (200 if allowed else 403) and ("Look at me." in answer.text) == allowed


def test_a_reader_is_sent_to_sign_in(client: Visitor) -> None:
    assert client.get("/moderation/").location == "/account/login?next=/moderation/"


@pytest.mark.parametrize("state", ["visible", "hidden", "withdrawn"])
def test_the_queue_can_be_asked_for_one_state(client: Visitor, states: dict[str, Comment], state: str) -> None:
    signed_in(client, MOSS)
    page = client.get(f"/moderation/?state={state}").text
    links = [one for one in states.values() if f'href="/comments/{one.id}"' in page]
    assert links == [states[state]]
    assert (f"This one is {state}." in page) == (state != "withdrawn")


@pytest.mark.parametrize("query", ["state=gone", "before=x", "before=-1", "before=0", "before=99999999999"])
def test_a_state_or_cursor_made_up_by_hand_is_refused(client: Visitor, query: str) -> None:
    signed_in(client, MOSS)
    assert client.get(f"/moderation/?{query}").status_code == 400


def test_an_empty_queue_and_an_empty_log_say_what_belongs_there(client: Visitor) -> None:
    signed_in(client, MOSS)
    assert "No comments here" in client.get("/moderation/").text
    assert "Nothing is hidden." in client.get("/moderation/?state=hidden").text
    assert "Nothing was moderated" in client.get("/moderation/log").text


def test_the_queue_pages_through_everything_newest_first(app: Flask, client: Visitor, article: Article) -> None:
    made = make_thread(app, article, [None] * (queries.QUEUE_PAGE + 3))
    signed_in(client, MOSS)
    page = client.get("/moderation/").text
    assert f"before={made[3]}" in page and page.index(f"comment-{made[-1]}") < page.index(f"comment-{made[-2]}")
    rest = client.get(f"/moderation/?before={made[3]}").text
    assert [f'id="comment-{one}"' in rest for one in made[:4]] == [True, True, True, False] and "before=" not in rest


def test_the_log_is_for_everybody_and_names_nobody(app: Flask, client: Visitor, states: dict[str, Comment]) -> None:
    reader = app.test_client()
    answer = reader.get("/moderation/log")
    assert answer.status_code == 200 and "Names a customer." in answer.text and "A full disk" in answer.text
    main = answer.text.partition("<main")[2]
    assert not any(name in main for name in ("Mia", "Moss", "This one is", "@"))
    assert "csrf" not in answer.text


def test_the_log_pages_by_cursor(
    app: Flask, client: Visitor, article: Article, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_queries, "LOG_PAGE", 2)
    for number in range(3):
        hide(app, make_comment(app, article), f"Reason {number}.")
    page = client.get("/moderation/log").text
    assert "Reason 2." in page and "Reason 1." in page and "Reason 0." not in page
    address = page.partition("/moderation/log?")[2].partition('"')[0]
    assert "Reason 0." in client.get(f"/moderation/log?{address}").text
    assert client.get("/moderation/log?before=x").status_code == 400


def test_hostile_words_are_inert_in_the_queue_and_the_log(app: Flask, client: Visitor) -> None:
    article = make_published(app, slug="hostile", title="<script>alert(1)</script> {{ 7*7 }}")
    comment = make_comment(app, article, user=NOOR, text="<img src=x onerror=alert(1)> {{text}}")
    hide(app, comment, '"><script>alert(1)</script> {{ 7*7 }}')
    signed_in(client, MOSS)
    for address in ("/moderation/", f"/moderation/comments/{comment.id}", "/moderation/log"):
        root = parsed(client.get(address).text)
        assert all(one.get("src") for one in root.iter("script"))
        for text in by_class(root, "comment-text"):
            assert list(complaints(text)) == []
        assert any(
            '"><script>alert(1)</script> {{ 7*7 }}' in words_of(one) for one in by_class(root, "moderation-reason")
        )
