"""Mentions: a name in a comment leads to its person, and the event says who was called."""

import pytest
from flask import Flask
from sqlalchemy import select

from blog.accounts import administering
from blog.articles.models import Article
from blog.comments.models import Comment
from blog.extensions import db
from blog.journal.models import Event
from blog.lib.database import writing
from blog.lib.mentions import MAX_MENTIONS, handle_of, handles_in, names_behind, readings_of
from tests.factories.articles import make_published
from tests.factories.comments import make_comment, row_of
from tests.people import ADA, MIA, NOOR, Person, join
from tests.visitor import Visitor, signed_in


@pytest.fixture
def article(app: Flask) -> Article:
    return make_published(app, slug="disk-full")


def mentions(app: Flask) -> list[int]:
    with app.app_context():
        event = db.session.scalars(select(Event).where(Event.kind.like("comment.%")).order_by(Event.id.desc())).first()
    assert event is not None
    return list(event.data.get("mentions", []))


@pytest.mark.parametrize(
    "text", ["Ask @Noor.", "@noor's log", "See @NOOR, please", "(@noor)", "**@noor**", "one\n@noor"]
)
def test_a_mention_leads_to_the_person(app: Flask, article: Article, text: str) -> None:
    noor = join(app, NOOR)
    comment = make_comment(app, article, text=text)
    assert f'<a href="/people/{noor.id}">@' in row_of(app, comment.id).html
    assert mentions(app) == [noor.id]


@pytest.mark.parametrize(
    "text", ["@nobody-here", "mail noor@noor", "`@noor`", "```\n@noor\n```", "[@noor](/about)", "@ noor"]
)
def test_what_names_nobody_stays_text(app: Flask, article: Article, text: str) -> None:
    join(app, NOOR)
    comment = make_comment(app, article, text=text)
    assert "/people/" not in row_of(app, comment.id).html and mentions(app) == []


def test_a_name_with_blanks_is_written_with_hyphens(app: Flask, article: Article) -> None:
    person = join(app, Person("Anne-Marie de Vries", NOOR.role))
    comment = make_comment(app, article, text="As @anne-marie-de-vries said.")
    assert f'<a href="/people/{person.id}">@anne-marie-de-vries</a>' in row_of(app, comment.id).html
    assert handle_of("Anne-Marie de Vries") == "Anne-Marie-de-Vries"


def test_nobody_is_called_by_themselves_nor_when_disabled(app: Flask, article: Article) -> None:
    ada, noor = join(app, ADA), join(app, NOOR)
    make_comment(app, article, text="I, @mia, say so.")
    assert mentions(app) == []
    with app.app_context(), writing(db.session):
        administering.disable(actor=ada, user_id=noor.id, reason="for a test")
    comment = make_comment(app, article, text="Ask @noor.")
    assert "/people/" not in row_of(app, comment.id).html and mentions(app) == []


def test_an_edit_calls_only_those_it_adds(app: Flask, client: Visitor, article: Article) -> None:
    join(app, NOOR)
    ada = join(app, ADA)
    comment = make_comment(app, article, text="Ask @noor.")
    signed_in(client, MIA)
    client.post(f"/comments/{comment.id}/edit", data={"text": "Ask @noor or @ada."})
    assert mentions(app) == [ada.id]


def test_a_comment_calls_no_whole_site(app: Flask, article: Article) -> None:
    people = [join(app, Person(f"Person{number}", NOOR.role)) for number in range(MAX_MENTIONS + 2)]
    make_comment(app, article, text=" ".join(f"@{person.name}" for person in people))
    assert mentions(app) == [person.id for person in people[:MAX_MENTIONS]]


def test_a_preview_shows_the_link_and_the_page_does(app: Flask, client: Visitor, article: Article) -> None:
    noor = join(app, NOOR)
    signed_in(client, MIA)
    said = {"text": "Ask @noor.", "article": "disk-full"}
    assert f'<a href="/people/{noor.id}">@noor</a>' in client.post("/comments/preview", data=said).text
    client.post("/postmortems/disk-full/comments", data=said)
    assert f'<a href="/people/{noor.id}">@noor</a>' in client.get("/postmortems/disk-full").text


def test_a_comment_made_anew_for_a_page_keeps_its_mentions(app: Flask, client: Visitor, article: Article) -> None:
    noor = join(app, NOOR)
    comment = make_comment(app, article, text="Ask @noor.")
    with app.app_context():
        db.session.get_one(Comment, comment.id).renderer_version = "of another program"
        db.session.commit()
    assert f'<a href="/people/{noor.id}">@noor</a>' in client.get("/postmortems/disk-full").text
    app.test_cli_runner().invoke(args=["comments", "rebuild"])
    assert f'<a href="/people/{noor.id}">@noor</a>' in row_of(app, comment.id).html


def test_what_a_handle_may_mean() -> None:
    assert handles_in("@a @B-c. x@d @a") == ["a", "b-c"]
    assert readings_of("rita's") == ["rita's", "rita"]
    assert names_behind("a-b") == ["a-b", "a b"]
    assert len(names_behind("-".join("abcdefgh"))) == 2
    assert handle_of("A & B") == ""
