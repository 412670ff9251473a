"""The public page of a person: GET /people/<id>."""

from flask import Flask

from blog.accounts.models import User
from blog.extensions import db
from blog.lib.database import writing
from tests.factories.articles import make_draft, make_published
from tests.factories.comments import make_comment
from tests.people import ARUN, JOINED_AT, MIA, join
from tests.visitor import Visitor


def test_everybody_sees_name_and_text_but_not_the_address(app: Flask, client: Visitor) -> None:
    user = join(app, MIA)
    with app.app_context(), writing(db.session):
        db.session.get_one(User, user.id).about = "<b>Storage</b> {{ 7*7 }}"
    page = client.get(f"/people/{user.id}")
    assert page.status_code == 200
    assert "<h1>Mia</h1>" in page.text
    assert "&lt;b&gt;Storage&lt;/b&gt; {{ 7*7 }}" in page.text
    assert MIA.email not in page.text


def test_a_person_who_is_not_there_is_not_found(client: Visitor) -> None:
    for user_id in ("1", "0", str(2**31), "9" * 40, "mia"):
        assert client.get(f"/people/{user_id}").status_code == 404


def test_a_disabled_account_is_shown_as_such(app: Flask, client: Visitor) -> None:
    user = join(app, MIA)
    with app.app_context(), writing(db.session):
        db.session.get_one(User, user.id).disabled_at = JOINED_AT
    assert "This account is disabled" in client.get(f"/people/{user.id}").text


def test_a_profile_shows_what_a_person_published_and_said(app: Flask) -> None:
    article = make_published(app, author=ARUN, slug="full-disk", title="Full disk")
    make_draft(app, author=ARUN, title="Not yet for everybody")
    make_comment(app, article, user=ARUN, text="The *log* was the cause.")
    page = app.test_client().get(f"/people/{join(app, ARUN).id}").text
    assert 'href="/postmortems/full-disk"' in page
    assert "The log was the cause." in page
    assert "Not yet for everybody" not in page


def test_a_profile_says_when_nothing_is_published(app: Flask) -> None:
    assert "Nothing published yet" in app.test_client().get(f"/people/{join(app, MIA).id}").text
