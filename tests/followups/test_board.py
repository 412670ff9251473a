"""The board: what is overdue first, filters, pages, its table, and what it costs."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import insert

from blog.extensions import db
from blog.followups.models import ActionItem
from blog.lib.database import writing
from tests.factories.actions import PROMISE, act, project
from tests.factories.articles import make_draft, make_published
from tests.people import ARUN, ROSA, join
from tests.statements import counted
from tests.visitor import Visitor, signed_in, without_tokens

TODAY = "2026-06-15T09:00:00Z"


def promises(*given: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**PROMISE, "text": f"Promise {number}.", **one} for number, one in enumerate(given, 1)]


@pytest.fixture
def site(app: Flask) -> Flask:
    """One of each: two overdue, one due later, one without a date, one done, one confirmed, one dropped."""
    due = ("2026-06-14", "2026-05-01", "2026-06-15", None, "2026-01-01", "2026-01-01", "2026-01-01")
    rows = promises(*({"due_on": one, "owner_role": f"team {number % 2}"} for number, one in enumerate(due)))
    article = make_published(app, slug="one", title="The one write-up", actions=rows)
    actions = project(app, article.id)
    for action in actions[4:6]:
        act(app, "mark_done", action, ARUN, evidence="Seen.", at=datetime(2026, 6, 1, tzinfo=UTC))
    act(app, "confirm", actions[5], ROSA, at=datetime(2026, 6, 2, tzinfo=UTC))
    act(app, "drop", actions[6], ROSA, reason="Not needed.", at=datetime(2026, 6, 3, tzinfo=UTC))
    act(app, "assign", actions[0], ARUN, owner=join(app, ARUN), at=datetime(2026, 6, 3, tzinfo=UTC))
    return app


def shown(app: Flask, path: str = "/actions/") -> list[str]:
    with time_machine.travel(TODAY, tick=False):
        items = app.test_client().get(f"/api/v1{path.replace('/actions/', '/actions')}").json["items"]
        page = app.test_client().get(path).text
    texts = [item["text"] for item in items]
    places = [page.index(f">{text}</a>") for text in texts]
    assert places == sorted(places), "the page and the API show the same, in the same order"
    return [text.removeprefix("Promise ").removesuffix(".") for text in texts]


def test_what_is_overdue_comes_first(site: Flask) -> None:
    assert shown(site) == ["2", "1", "3", "4"]
    with time_machine.travel(TODAY, tick=False):
        page = site.test_client().get("/actions/").text
    assert "Overdue by 45 days" in page and "Overdue by 1 day<" in page and page.count("Overdue by") == 2


def test_each_state_has_its_list(site: Flask) -> None:
    lists = {state: shown(site, f"/actions/?state={state}") for state in ("overdue", "done", "confirmed", "dropped")}
    assert lists == {"overdue": ["2", "1"], "done": ["5"], "confirmed": ["6"], "dropped": ["7"]}
    assert shown(site, "/actions/?state=all") == ["2", "1", "3", "4", "5", "6", "7"]


def test_filters_go_together(site: Flask) -> None:
    assert shown(site, "/actions/?role=team+1") == ["2", "4"]
    assert shown(site, "/actions/?role=team+1&state=overdue") == ["2"]
    assert shown(site, "/actions/?kind=detect") == []
    assert shown(site, f"/actions/?person={join(site, ARUN).id}") == ["1"]
    assert shown(site, "/actions/?role=nobody") == []


@pytest.mark.parametrize(
    "query", ["state=x", "kind=x", "person=0", "person=-1", "person=99999999999", "role=%00", "page=0", "page=x"]
)
def test_made_up_filters_are_refused(app: Flask, query: str) -> None:
    for path in ("/actions/", "/api/v1/actions"):
        assert app.test_client().get(f"{path}?{query}").status_code == 400, path
    assert app.test_client().get("/actions/?page=2").status_code == 404


def test_what_is_not_published_is_not_on_the_board(app: Flask) -> None:
    draft = make_draft(app, actions=promises({}))
    assert project(app, draft.article_id) == []
    assert "Nothing was promised here yet." in app.test_client().get("/actions/").text


def test_the_board_is_never_stale(app: Flask) -> None:
    """It is asked after each change, by readers and by people, who are all sent what was kept where it still holds."""
    readers = [app.test_client(), app.test_client()]
    signed_in(readers[1], ARUN)

    def board() -> str:
        pages = [without_tokens(reader.get("/actions/?state=all").text) for reader in readers for _ in range(2)]
        assert len({page.partition("<main")[2] for page in pages}) == 1
        return pages[0]

    assert "Promise" not in board()
    article = make_published(app, slug="one", title="The one write-up", actions=promises({"due_on": "2026-06-14"}))
    assert "Promise" not in board(), "the job has not run yet"
    app.extensions["hindsight_worker"].drain()
    assert "Promise 1." in board()
    action = project(app, article.id)[0]
    with time_machine.travel("2026-06-14T23:59:00Z"):
        assert "Overdue by" not in board()
    with time_machine.travel("2026-06-15T00:01:00Z"):
        assert "Overdue by 1 day<" in board()
        act(app, "start", action, ARUN)
        assert "Overdue by 1 day, in progress<" in board()
        act(app, "mark_done", action, ARUN, evidence="Seen.")
        assert "Done, not confirmed</span>" in board()
        assert all("Rosa" not in reader.get(f"/actions/{action.id}").text for reader in readers)
    act(app, "confirm", action, ROSA)
    assert "Confirmed</span>" in board()
    assert all("Rosa" in reader.get(f"/actions/{action.id}").text for reader in readers)


def test_the_table_can_be_opened_by_a_spreadsheet(app: Flask) -> None:
    article = make_published(app, actions=promises({"text": "=1+1", "owner_role": "@team"}, {}))
    action = project(app, article.id)[0]
    act(app, "mark_done", action, ARUN, evidence='-2+3, "quoted"\nand a second line')
    answer = app.test_client().get("/actions.csv?state=all")
    assert answer.content_type == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["action"], row["owner role"]) for row in rows] == [("Promise 2.", "queue team"), ("'=1+1", "'@team")]
    assert rows[1]["evidence"] == '\'-2+3, "quoted"\nand a second line'
    assert (rows[1]["number"], rows[1]["done by"]) == (str(action.id), "Arun")


def test_every_page_of_the_board_costs_the_same(app: Flask) -> None:
    """As many statements with a thousand actions as with one, and for the last page as for the first."""
    article = make_published(app, actions=promises({}))
    project(app, article.id)
    first = statements(app, "/actions/?state=all")
    rows = [
        {"article_id": article.id, "row_id": f"x{n}", "text": f"Promise {n}.", "due_on": None, "owner_id": 1}
        for n in range(1_000)
    ]
    with app.app_context(), writing(db.session):
        db.session.execute(insert(ActionItem), rows)
    assert statements(app, "/actions/?state=all&kind=") == first
    assert statements(app, "/actions/?state=all&page=41") == first
    assert first <= 6


def statements(app: Flask, path: str) -> int:
    with time_machine.travel(datetime.now(UTC) + timedelta(days=1)), counted(app) as seen:
        client = app.test_client()
        assert isinstance(client, Visitor)
        assert client.get(path).status_code == 200
    return len(seen)
