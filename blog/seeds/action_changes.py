"""What became of the actions of the demo world: each step through the change that people use, by one of its people."""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from blog.accounts.models import User
from blog.articles.models import Article
from blog.followups import changes, queries
from blog.followups.models import ActionItem
from blog.followups.projections import project_actions
from blog.lib import clock
from blog.lib.front_matter import load_yaml

FILE = Path(__file__).parent / "actions.yaml"


def actions() -> list[dict[str, Any]]:
    """`{slug, row, steps}` of each action; a step is `{do, by, at}` and what it needs: `evidence`, `url`, `done_on`,
    `reason`, `owner`. Steps stand in the order of their times.
    """
    return list(load_yaml(FILE.read_text(encoding="utf-8"))["actions"])


def load_actions(article: Article, *, cast: Mapping[str, User]) -> None:
    """Take the actions of a write-up that is published as far as the demo world says."""
    project_actions(article.id)
    by_row = {action.row_id: action for action in queries.items_of(article.id)}
    for entry in actions():
        if entry["slug"] == article.slug:
            for step in entry["steps"]:
                _take(by_row[entry["row"]], step, cast)


def _take(action: ActionItem, step: Mapping[str, Any], cast: Mapping[str, User]) -> None:
    at = min(datetime.fromisoformat(step["at"]), clock.now())  # as all of the demo world: nothing comes from the future
    who: dict[str, Any] = {"actor": cast[step["by"]], "action": action, "at": at}
    reason = step.get("reason", "")
    match step["do"]:
        case "assign":
            changes.assign(**who, owner=cast[step["owner"]])
        case "start":
            changes.start(**who)
        case "done":
            day = min(date.fromisoformat(step["done_on"]), at.date()) if "done_on" in step else None
            changes.mark_done(**who, evidence=step["evidence"], evidence_url=step.get("url", ""), done_on=day)
        case "confirm":
            changes.confirm(**who, note=reason)
        case "send-back":
            changes.send_back(**who, reason=reason)
        case "drop":
            changes.drop(**who, reason=reason)
        case "reopen":
            changes.reopen(**who, reason=reason)
