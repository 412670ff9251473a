"""What the editor's form asks for: every cell of the structured lists, with its label, its kind and its help.

The names are those of the document, so that a fault at `incidents.0.times.detected` belongs to the field
`incidents-0-times-detected`.
"""

from dataclasses import dataclass
from typing import Literal

from blog.articles import document as parts
from blog.articles.vocabulary import (
    ActionKind,
    Autonomy,
    Choice,
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

# line and text are words; lines is one name a line; source and claim point at a row of those lists
Kind = Literal["line", "text", "lines", "moment", "date", "choice", "yes-no", "source", "claim"]
TIME_HELP = (
    "A time is written as 2025-12-14 09:30 UTC, about 2025-12-14 09:00 UTC, 2025-12-14, 2025-12, 2025 or unknown."
)
DAY_HELP = "Such as 2025-12-14."
SOURCE_HELP = "A source or a claim is named by its short id, such as s1 or c1; the field offers those there are."


@dataclass(frozen=True)
class Cell:
    """One field of a row. `default` is what a new row holds; a choice without one begins with an empty option."""

    name: str
    label: str
    kind: Kind = "line"
    help: str = ""
    choices: type[Choice] | None = None
    default: str = ""
    is_wide: bool = False  # takes a line of its own

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """(value, words) of each choice."""
        return [(one.value, one.label) for one in self.choices or ()]


@dataclass(frozen=True)
class Block:
    """Fields that stand together in a row, such as the six times of an incident."""

    name: str
    title: str
    cells: tuple[Cell, ...]
    help: str = ""


@dataclass(frozen=True)
class RowList:
    """A list of rows. `one` is what its button adds; `prefix` begins the ids of its rows, empty where it has none."""

    name: str
    title: str
    one: str
    cells: tuple[Cell, ...]
    help: str = ""
    prefix: str = ""
    blocks: tuple[Block, ...] = ()
    lists: "tuple[RowList, ...]" = ()
    keeps_blank: bool = False  # a row of which nothing is filled in still says something
    most: int = parts.MAX_ROWS

    @property
    def noun(self) -> str:
        """What one row is called on the form: `Entry`, `Permission`."""
        return self.one.partition(" ")[2].capitalize()


def _most(part: type[parts.Part], name: str) -> int:
    """How many rows the document takes in this list."""
    return next(int(one.max_length) for one in part.model_fields[name].metadata if hasattr(one, "max_length"))


TIMES = Block(
    "times",
    "Times",
    tuple(
        Cell(name, name.capitalize(), "moment")
        for name in ("started", "detected", "declared", "mitigated", "resolved", "disclosed")
    ),
    help=f"{TIME_HELP} Leave out what nobody wrote down. How long it took is computed from these.",
)
AI = Block(
    "ai",
    "The AI system, if one acted",
    (
        Cell("system", "System"),
        Cell("vendor", "Vendor"),
        Cell("autonomy", "Autonomy", "choice", choices=Autonomy, default=Autonomy.UNCLEAR),
        Cell("task", "What it was asked to do", "text"),
    ),
)
ORGANISATIONS = RowList(
    "organisations",
    "Organisations",
    "an organisation",
    (
        Cell("name", "Name"),
        Cell("role", "Role", "choice", choices=OrganisationRole, default=OrganisationRole.OPERATOR),
    ),
    most=_most(parts.Incident, "organisations"),
)
SERVICES = RowList(
    "services",
    "Services",
    "a service",
    (Cell("name", "Name"), Cell("role", "Role", "choice", choices=ServiceRole, default=ServiceRole.AFFECTED)),
    most=_most(parts.Incident, "services"),
)
FACTORS = RowList(
    "factors",
    "Contributing factors",
    "a factor",
    (Cell("name", "Factor"), Cell("text", "How it contributed", "text")),
    prefix=parts.FactorRow.prefix,
    most=_most(parts.Incident, "factors"),
)
PERMISSIONS = RowList(
    "permissions",
    "Permissions",
    "a permission",
    (
        Cell("holder", "Holder", help="Who or what held it."),
        Cell("resource", "On what"),
        Cell("granted", "Granted"),
        Cell("needed", "Needed"),
        Cell("gate", "The gate that should have held", "choice", choices=Gate, default=Gate.UNKNOWN),
    ),
    prefix=parts.PermissionRow.prefix,
    most=_most(parts.Incident, "permissions"),
)
INCIDENTS = RowList(
    "incidents",
    "Incidents",
    "an incident",
    (
        Cell("name", "Name", help="Only needed where there are several incidents.", is_wide=True),
        Cell("kind", "Kind", "choice", choices=IncidentKind, default=IncidentKind.INCIDENT),
        Cell("severity", "Severity", "choice", choices=Severity),
        Cell("reversibility", "Could it be undone?", "choice", choices=Reversibility),
        Cell("severity_basis", "What the severity rests on", is_wide=True),
        Cell("impact", "Impact", "text"),
        Cell("regions", "Regions", "lines", help="One a line."),
    ),
    help="When it began and ended, who and what was hit, and why. Most write-ups have one.",
    prefix=parts.Incident.prefix,
    blocks=(TIMES, AI),
    lists=(ORGANISATIONS, SERVICES, FACTORS, PERMISSIONS),
    keeps_blank=True,
    most=_most(parts.Document, "incidents"),
)
TIMELINE = RowList(
    "timeline",
    "Timeline",
    "an entry",
    (
        Cell("at", "When", "moment"),
        Cell("marker", "Marks the", "choice", choices=Marker),
        Cell("source", "Source", "source"),
        Cell("text", "What happened", "text"),
    ),
    help=f"One entry a moment; only the text is required. {TIME_HELP} {SOURCE_HELP}",
    prefix=parts.TimelineRow.prefix,
    most=_most(parts.Document, "timeline"),
)
CLAIMS = RowList(
    "claims",
    "Claims",
    "a claim",
    (
        Cell("claimant", "Who says it"),
        Cell("role", "Their role", "choice", choices=ClaimantRole),
        Cell("stance", "They", "choice", choices=Stance, default=Stance.ASSERTS),
        Cell("toward", "Toward which claim", "claim"),
        Cell("about", "About", help="Such as cause, duration, remedy."),
        Cell("source", "Source", "source"),
        Cell("said_on", "Said on", "date", help=DAY_HELP),
        Cell("text", "The claim, in your words", "text"),
        Cell("quote", "Their words", "text"),
    ),
    help="Where accounts differ: who says what, and who disputes it. Text, claimant and role are required. "
    + SOURCE_HELP,
    prefix=parts.Claim.prefix,
    most=_most(parts.Document, "claims"),
)
SOURCES = RowList(
    "sources",
    "Sources",
    "a source",
    (
        Cell("title", "Title", is_wide=True),
        Cell("url", "Address", is_wide=True),
        Cell("publisher", "Publisher"),
        Cell("archive_url", "Archived copy"),
        Cell("primary", "Primary source", "yes-no", help="From somebody who took part."),
        Cell("accessed_on", "Accessed on", "date", help=DAY_HELP),
    ),
    help="What the write-up rests on. A source has a title or an address.",
    prefix=parts.Source.prefix,
    most=_most(parts.Document, "sources"),
)
ACTIONS = RowList(
    "actions",
    "Actions",
    "an action",
    (
        Cell("kind", "Kind", "choice", choices=ActionKind),
        Cell("owner_role", "Owner", help="A role or a team, not a person."),
        Cell("promised_by", "Promised by"),
        Cell("due_on", "Due on", "date", help=DAY_HELP),
        Cell("text", "What was promised", "text"),
    ),
    help="What somebody promised to do about it. Only the text is required.",
    prefix=parts.Action.prefix,
    most=_most(parts.Document, "actions"),
)
RELATIONS = RowList(
    "relations",
    "Related write-ups",
    "a relation",
    (
        Cell("kind", "This one is", "choice", choices=RelationKind),
        Cell("target", "To the write-up", help="The last part of its address, such as dns-outage-2024."),
        Cell("note", "Note"),
    ),
    help="Other write-ups of the same event, or of one like it.",
    prefix=parts.Relation.prefix,
    most=_most(parts.Document, "relations"),
)
LISTS = (INCIDENTS, TIMELINE, CLAIMS, SOURCES, ACTIONS, RELATIONS)
