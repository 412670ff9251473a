"""How actions stand travels with a bundle, and only where the rules of the changes would let it stand."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from blog.followups.models import ActionItem
from tests.conftest import MakeApp
from tests.factories.actions import PROMISE, act, project
from tests.factories.articles import make_published
from tests.people import ARUN, MIA, ROSA, join
from tests.transfer.site import rows_in, rows_of, run_export, run_import
from tests.transfer.test_export import other_site


def promising_site(app: Flask) -> None:
    promises = [{**PROMISE, "text": f"Promise {number}."} for number in range(1, 6)]
    actions = project(app, make_published(app, slug="one", actions=promises).id)
    act(app, "assign", actions[0], ARUN, owner=join(app, MIA))
    for one in actions[1:3]:
        act(app, "mark_done", one, ARUN, evidence="Seen.", evidence_url="https://a.example/r", done_on=date(2026, 1, 2))
    act(app, "confirm", actions[2], ROSA)
    act(app, "drop", actions[3], ROSA, reason="Not needed.")


def test_how_actions_stand_comes_along(app: Flask, make_app: MakeApp, template_database: Path, tmp_path: Path) -> None:
    promising_site(app)
    assert run_export(app, tmp_path / "one.jsonl").exit_code == 0
    lines = [json.loads(line) for line in (tmp_path / "one.jsonl").read_text().splitlines()]
    assert [(one["row"], one["state"]) for one in lines if one["type"] == "action"] == [
        ("a1", "promised"), ("a2", "done"), ("a3", "confirmed"), ("a4", "dropped"),
    ]  # fmt: skip
    other = other_site(make_app, template_database, tmp_path / "other")
    assert run_import(other, tmp_path / "one.jsonl").exit_code == 0
    run_export(other, tmp_path / "two.jsonl")
    assert (tmp_path / "two.jsonl").read_bytes() == (tmp_path / "one.jsonl").read_bytes()
    other.extensions["hindsight_worker"].drain()
    page = other.test_client().get("/actions/3").text
    assert "Confirmed" in page and "Rosa" in page and "The operator brought it in" in page and "Seen." in page
    before = rows_in(other)
    assert run_import(other, tmp_path / "one.jsonl").exit_code == 0
    assert rows_in(other) == before, "a second time brings nothing"


def test_what_somebody_touched_is_left_as_it_is(app: Flask, tmp_path: Path) -> None:
    promising_site(app)
    run_export(app, tmp_path / "one.jsonl")
    act(app, "reopen", rows_of(app, ActionItem)[3].id, ROSA, reason="It is needed.")
    assert run_import(app, tmp_path / "one.jsonl").exit_code == 0
    assert rows_of(app, ActionItem)[3].state == "promised"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"state": "done"}, "evidence: what is done has evidence"),
        ({"state": "confirmed", "evidence": "Seen.", "done_by": "a@a.example", "confirmed_by": "a@a.example"}, "else"),
        ({"state": "confirmed", "evidence": "Seen.", "owner": "a@a.example", "confirmed_by": "a@a.example"}, "else"),
        ({"state": "dropped", "reason": " "}, "reason: what is dropped has a reason"),
        ({"state": "finished"}, "state"),
        ({"state": "done", "evidence_url": "javascript:x()"}, "evidence_url"),
        ({"state": "done", "evidence": "x" * 4_001}, "evidence"),
        ({"state": "promised", "row": "a9"}, "promises nothing under the id 'a9'"),
        ({"state": "promised", "article": "nowhere"}, "'nowhere' is not here"),
        ({"state": "promised", "unknown": 1}, "unknown: there is no field of this name"),
        ({"state": "promised", "closed_on": "soon"}, "closed_on"),
    ],
)
def test_what_cannot_be_is_refused_by_name(app: Flask, tmp_path: Path, given: dict[str, Any], told: str) -> None:
    document = {"title": "One", "body": "Text.", "actions": [PROMISE]}
    lines = [
        {"type": "action", "article": "one", "row": "a1", **given},
        {"type": "user", "name": "Anna", "email": "a@a.example", "role": "author"},
        {"type": "article", "slug": "one", "document": document},
    ]
    (tmp_path / "site.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in lines))
    result = run_import(app, tmp_path / "site.jsonl")
    assert result.exit_code == 1 and told in result.output, result.output
    assert all(one.state == "promised" and one.step == 0 for one in rows_of(app, ActionItem))
