"""The write-up: one document, the format that the editor, import, export, API, revisions and reviews all share.

Only title and body are required. Every list row has a stable short id, kept through edits, so that comments, claims and
differences can point at it. Unknown is a value and differs from none. Durations are computed (`Times`), never typed.
"""

import hashlib
import json
import logging
from datetime import date
from typing import Annotated, Any, ClassVar, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from blog.articles.vocabulary import (
    ActionKind,
    Autonomy,
    ClaimantRole,
    Gate,
    IncidentKind,
    Marker,
    OrganisationRole,
    RelationKind,
    Reversibility,
    ServiceRole,
    Severity,
    Stance,
)
from blog.errors import Fault, Invalid, NotFound
from blog.lib.moment import DurationRange, Moment, duration_between, is_before
from blog.lib.row_ids import numbered_rows
from blog.lib.text import clean_line, clean_text
from blog.lib.validation_faults import faults_of

MAX_TITLE, MAX_SUMMARY, MAX_BODY = 200, 2_000, 200_000
MAX_TAGS, MAX_TAG = 10, 40
MAX_NAME = 120  # names of services, organisations, vendors, claimants
MAX_NOTE = 4_000  # one row's text
MAX_ROWS = 500  # of one list; the largest real timelines seen hold a little over 200
MAX_PARTS = 50  # factors, permissions, regions, organisations of one incident
MAX_INCIDENTS, MAX_RELATIONS = 20, 100
MAX_TEXT = 400_000  # characters of all that is rendered: what the renderer makes in a few seconds at the worst
MAX_FAULTS = 50  # enough to act on; more is noise

logger = logging.getLogger(__name__)

Line = Annotated[str, AfterValidator(clean_line)]
Text = Annotated[str, AfterValidator(clean_text)]
Name = Annotated[Line, StringConstraints(min_length=1, max_length=MAX_NAME)]
Note = Annotated[Text, StringConstraints(max_length=MAX_NOTE)]
RowId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,31}$")]


def _web_address(value: str) -> str:
    if value and not value.lower().startswith(("http://", "https://")):
        raise ValueError("an address starts with https:// or http://")
    if any(character.isspace() for character in value):
        raise ValueError("an address holds no blanks")
    return value


Address = Annotated[Line, StringConstraints(max_length=2_000), AfterValidator(_web_address)]


class Part(BaseModel):
    """A piece of a document: unknown fields are refused, so that a typing mistake is never silently lost."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Row(Part):
    """A row of a list; `id` is filled in where absent, from `prefix` and the next free number."""

    prefix: ClassVar[str]
    id: RowId | None = None


def _named(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


class OrganisationRow(Part):
    name: Name
    role: OrganisationRole = OrganisationRole.OPERATOR


class ServiceRow(Part):
    name: Name
    role: ServiceRole = ServiceRole.AFFECTED


class FactorRow(Row):
    prefix = "f"
    name: Name
    text: Note = ""


class PermissionRow(Row):
    prefix = "p"
    holder: Name
    granted: Note = ""
    needed: Note = ""
    resource: Note = ""
    gate: Gate = Gate.UNKNOWN


class AiRow(Part):
    system: Name
    vendor: Annotated[Line, StringConstraints(max_length=MAX_NAME)] = ""
    task: Note = ""
    autonomy: Autonomy = Autonomy.UNCLEAR


class Times(Part):
    """The six times of an incident, in the order they can happen; each absent, unknown, or a moment."""

    started: Moment | None = None
    detected: Moment | None = None
    declared: Moment | None = None
    mitigated: Moment | None = None
    resolved: Moment | None = None
    disclosed: Moment | None = None

    @property
    def time_to_detect(self) -> DurationRange | None:
        """From started to detected (the D of MTTD)."""
        return duration_between(self.started, self.detected)

    @property
    def time_to_mitigate(self) -> DurationRange | None:
        """From started to mitigated: how long people felt it."""
        return duration_between(self.started, self.mitigated)

    @property
    def time_to_resolve(self) -> DurationRange | None:
        """From started to resolved (the R of MTTR, measured from the start)."""
        return duration_between(self.started, self.resolved)

    def order_faults(self) -> list[Fault]:
        """Pairs that certainly stand in the wrong order, each at the path of the later name (`detected`). Somebody may
        declare an incident after it was mitigated, and disclose it before it was detected.
        """
        return [
            Fault(later, f"this lies before {earlier}, which cannot be")
            for later, before in _AFTER.items()
            for earlier in before
            if is_before(getattr(self, later), getattr(self, earlier))
        ]


_AFTER = {
    "detected": ("started",),
    "declared": ("started", "detected"),
    "mitigated": ("started", "detected"),
    "resolved": ("started", "detected", "mitigated"),
    "disclosed": ("started",),
}


class Incident(Row):
    prefix = "i"
    name: Annotated[Line, StringConstraints(max_length=MAX_TITLE)] = ""
    kind: IncidentKind = IncidentKind.INCIDENT
    severity: Severity | None = None
    severity_basis: Note = ""
    organisations: Annotated[
        list[Annotated[OrganisationRow, BeforeValidator(_named)]], Field(max_length=MAX_PARTS)
    ] = []
    services: Annotated[list[Annotated[ServiceRow, BeforeValidator(_named)]], Field(max_length=100)] = []
    regions: Annotated[list[Name], Field(max_length=MAX_PARTS)] = []
    times: Times = Times()
    impact: Note = ""
    reversibility: Reversibility | None = None
    factors: Annotated[list[Annotated[FactorRow, BeforeValidator(_named)]], Field(max_length=MAX_PARTS)] = []
    ai: AiRow | None = None
    permissions: Annotated[list[PermissionRow], Field(max_length=MAX_PARTS)] = []


class TimelineRow(Row):
    prefix = "t"
    at: Moment | None = None
    marker: Marker | None = None
    text: Annotated[Note, StringConstraints(min_length=1)]
    source: RowId | None = None


class Claim(Row):
    """What somebody says: `about` names its subject (cause, duration, remedy ...), `toward` the claim it answers."""

    prefix = "c"
    text: Annotated[Note, StringConstraints(min_length=1)]
    about: Annotated[Line, StringConstraints(max_length=MAX_NAME)] = ""
    claimant: Name
    role: ClaimantRole
    stance: Stance = Stance.ASSERTS
    toward: RowId | None = None
    quote: Note = ""
    source: RowId | None = None
    said_on: date | None = None


class Source(Row):
    prefix = "s"
    url: Address = ""
    archive_url: Address = ""
    title: Annotated[Line, StringConstraints(max_length=500)] = ""
    publisher: Annotated[Line, StringConstraints(max_length=MAX_NAME)] = ""
    primary: bool | None = None
    accessed_on: date | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.url or self.title):
            raise ValueError("a source has an address or a title")
        return self


class Action(Row):
    prefix = "a"
    text: Annotated[Note, StringConstraints(min_length=1)]
    kind: ActionKind | None = None
    owner_role: Annotated[Line, StringConstraints(max_length=MAX_NAME)] = ""
    promised_by: Annotated[Line, StringConstraints(max_length=MAX_NAME)] = ""
    due_on: date | None = None


class Relation(Row):
    """A tie to another write-up: `target` is its slug, optionally with `#` and the id of an incident row."""

    prefix = "r"
    kind: RelationKind
    target: Annotated[Line, StringConstraints(min_length=1, max_length=200)]
    note: Note = ""


Rows = Field(max_length=MAX_ROWS)


class Document(Part):
    """A whole write-up. Immutable: an edit makes a new one (`Document.model_validate` of the changed data)."""

    title: Annotated[Line, StringConstraints(min_length=1, max_length=MAX_TITLE)]
    summary: Annotated[Text, StringConstraints(max_length=MAX_SUMMARY)] = ""
    body: Annotated[Text, StringConstraints(min_length=1, max_length=MAX_BODY)]
    tags: Annotated[
        list[Annotated[Line, StringConstraints(min_length=1, max_length=MAX_TAG)]], Field(max_length=MAX_TAGS)
    ] = []
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] = "en"
    incidents: Annotated[list[Incident], Field(max_length=MAX_INCIDENTS)] = []
    timeline: Annotated[list[TimelineRow], Rows] = []
    claims: Annotated[list[Claim], Rows] = []
    sources: Annotated[list[Source], Rows] = []
    actions: Annotated[list[Action], Rows] = []
    relations: Annotated[list[Relation], Field(max_length=MAX_RELATIONS)] = []

    @model_validator(mode="before")
    @classmethod
    def _number_rows(cls, data: Any) -> Any:
        return _with_row_ids(data) if isinstance(data, dict) else data

    @model_validator(mode="after")
    def _points_at_rows_that_exist(self) -> Self:
        sources = {row.id for row in self.sources}
        claims = {row.id for row in self.claims}
        faults = [
            *(f"{name}.{place}.source: there is no source {row.source!r}"
              for name in ("timeline", "claims") for place, row in enumerate(getattr(self, name))
              if row.source and row.source not in sources),
            *(f"claims.{place}.toward: there is no claim {row.toward!r}"
              for place, row in enumerate(self.claims) if row.toward and row.toward not in claims),
            *(f"claims.{place}.toward: a claim cannot take a stance on itself"
              for place, row in enumerate(self.claims) if row.toward and row.toward == row.id),
        ]  # fmt: skip
        if faults:
            raise ValueError("\n".join(faults))
        return self

    def canonical(self) -> str:
        """Canonical JSON: sorted keys, no blanks, what is empty left out. Equal documents give equal text."""
        data = self.model_dump(mode="json", exclude_defaults=True)
        return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @property
    def hash(self) -> str:
        """SHA-256 of the canonical text, in hex: what a review approves."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()

    def order_faults(self) -> list[Fault]:
        """Times that certainly stand in the wrong order, with full paths (`incidents.0.times.detected`)."""
        return [
            Fault(f"incidents.{place}.times.{fault.path}", fault.reason)
            for place, incident in enumerate(self.incidents)
            for fault in incident.times.order_faults()
        ]


_LISTS: dict[str, tuple[type[Row], int]] = {
    "incidents": (Incident, MAX_INCIDENTS),
    "timeline": (TimelineRow, MAX_ROWS),
    "claims": (Claim, MAX_ROWS),
    "sources": (Source, MAX_ROWS),
    "actions": (Action, MAX_ROWS),
    "relations": (Relation, MAX_RELATIONS),
}
_NESTED: dict[str, tuple[type[Row], int]] = {
    "factors": (FactorRow, MAX_PARTS),
    "permissions": (PermissionRow, MAX_PARTS),
}


def _with_row_ids(data: dict[str, Any]) -> dict[str, Any]:
    numbered = {**data}
    for name, (row_type, most) in _LISTS.items():
        if isinstance(data.get(name), list):
            numbered[name] = numbered_rows(data[name], row_type.prefix, most=most, path=name)
    if isinstance(numbered.get("incidents"), list):
        numbered["incidents"] = [
            _with_nested_ids(row, f"incidents.{place}") if isinstance(row, dict) else row
            for place, row in enumerate(numbered["incidents"])
        ]
    return numbered


def _with_nested_ids(incident: dict[str, Any], path: str) -> dict[str, Any]:
    numbered = {**incident}
    for name, (row_type, most) in _NESTED.items():
        if isinstance(incident.get(name), list):
            rows = [_named(row) if name == "factors" else row for row in incident[name]]
            numbered[name] = numbered_rows(rows, row_type.prefix, most=most, path=f"{path}.{name}")
    return numbered


def parse_document(data: Any) -> Document:
    """A document from plain data (JSON, YAML, a form). Raises `Invalid` with path and reason of each fault."""
    if not isinstance(data, dict):
        raise Invalid("a document is a mapping with at least a title and a body")
    try:
        document = Document.model_validate(data)
    except ValidationError as error:
        raise Invalid(faults_of(error)[:MAX_FAULTS]) from error
    except RecursionError as error:
        raise Invalid("the document is nested too deeply") from error
    if fault := _text_fault(document):
        raise Invalid([fault])
    return document


def _text_fault(document: Document) -> Fault | None:
    """Where most of the text is, if all of it together is more than one write-up may hold."""
    lengths = {
        "body": len(document.body),
        "timeline": sum(len(row.text) for row in document.timeline),
        "claims": sum(len(row.text) for row in document.claims),
        "actions": sum(len(row.text) for row in document.actions),
        "incidents": sum(
            len(one.impact) + sum(len(factor.text) for factor in one.factors) for one in document.incidents
        ),
    }
    total = sum(lengths.values())
    if total <= MAX_TEXT:
        return None
    reason = f"all texts of a write-up together hold at most {MAX_TEXT} characters; these hold {total}"
    return Fault(max(lengths, key=lambda name: lengths[name]), reason, is_too_long=True)


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the document, as served and documented."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Document.model_json_schema()}


class Unreadable(NotFound):
    """What is stored is no document: written around the program, or by a newer one. Nothing else is harmed by it."""

    title = "This write-up cannot be shown"


def parse_document_text(text: str) -> Document:
    """The document of a stored canonical text (`Revision.document`). Raises `Unreadable`."""
    try:
        return Document.model_validate_json(text)
    except ValidationError as error:
        logger.error("A stored document is not one: %s", "; ".join(map(str, faults_of(error)[:3])))
        raise Unreadable(
            "What is stored of this write-up cannot be read. The operator finds the reason in the log."
        ) from error
