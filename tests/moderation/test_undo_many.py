"""Acts of moderation that are ticked in the list of what was done are taken back together."""

from flask import Flask

from tests.factories.articles import make_published
from tests.factories.comments import make_comment, row_of
from tests.factories.moderation import moderate
from tests.people import MOSS
from tests.visitor import Visitor, signed_in


def test_many_acts_are_taken_back_at_once(app: Flask, client: Visitor) -> None:
    article = make_published(app, slug="disk-full")
    first, second, other = (make_comment(app, article) for _ in range(3))
    acts = [moderate(app, "hide", first), moderate(app, "restore", first), moderate(app, "hide", second)]
    newest = [moderate(app, "hide", other), moderate(app, "restore", other)]
    signed_in(client, MOSS)
    page = client.get("/moderation/acts").text
    assert page.count('name="act"') == 5 and 'form="undo-many"' in page
    ticked = [str(act.id) for act in [*acts, newest[0]]] + ["9999"]
    answer = client.post("/moderation/acts/undo", data={"act": ticked})
    page = client.get(answer.location).text
    assert "3 acts taken back." in page and "2 left: taken back already, followed by something newer" in page
    assert [row_of(app, one.id).state for one in (first, second, other)] == ["visible"] * 3
    assert page.count("Taken back") == 3
    nothing = client.post("/moderation/acts/undo")
    assert nothing.status_code == 400 and "Tick the acts that it is about." in nothing.text
