"""The lines of a bundle that tell how an action stands: what they hold, how one is read, and how one is written."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from blog.articles.document import MAX_NOTE, RowId
from blog.errors import Invalid
from blog.followups.lifecycle import MAX_EVIDENCE, MAX_REASON
from blog.followups.models import ActionItem, ActionState
from blog.lib.validation_faults import faults_of

Address = Annotated[str, StringConstraints(max_length=254)]  # of a person, by mail


class ActionLine(BaseModel):
    """How an action stands: `article` is a slug, `row` the id of the action in its document; people are addresses."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: Literal["action"] = "action"
    article: Annotated[str, StringConstraints(min_length=1, max_length=120)]
    row: RowId
    state: ActionState
    promised_on: date | None = None
    owner: Address = ""
    evidence: Annotated[str, StringConstraints(max_length=MAX_EVIDENCE)] = ""
    evidence_url: Annotated[str, StringConstraints(max_length=2_000)] = ""
    reason: Annotated[str, StringConstraints(max_length=MAX_REASON)] = ""
    closed_on: date | None = None
    done_by: Address = ""
    done_text: Annotated[str, StringConstraints(max_length=MAX_NOTE)] = ""
    confirmed_by: Address = ""
    confirmed_on: date | None = None

    @property
    def people(self) -> list[str]:
        """The addresses it names."""
        return [address for address in (self.owner, self.done_by, self.confirmed_by) if address]


def read_action(data: dict[str, Any]) -> ActionLine:
    """What the line says. Raises `Invalid` with the path of each fault."""
    try:
        return ActionLine.model_validate(data)
    except ValidationError as error:
        raise Invalid(faults_of(error)) from error


def action_line(action: ActionItem, slug: str) -> dict[str, Any] | None:
    """The line of an action; None where it says no more than the write-up itself."""
    published_at = action.article.published_at
    is_as_published = published_at is not None and action.promised_on == published_at.date()
    if not action.step and is_as_published:
        return None
    same = ("state", "promised_on", "evidence", "evidence_url", "reason", "closed_on", "done_text", "confirmed_on")
    people = {name: getattr(action, name) for name in ("owner", "done_by", "confirmed_by")}
    line = ActionLine(
        article=slug,
        row=action.row_id,
        **{name: getattr(action, name) for name in same},
        **{name: person.email for name, person in people.items() if person is not None},
    )
    return {"type": "action", **line.model_dump(mode="json", exclude_defaults=True)}
