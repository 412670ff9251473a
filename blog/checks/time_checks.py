"""Times that certainly stand in the wrong order: of an incident, of the timeline, and between the two."""

from collections.abc import Iterator

from blog.articles.document import Document, TimelineRow, Times
from blog.articles.vocabulary import Marker
from blog.articles.wording import moment_words
from blog.checks.findings import Check, Finding
from blog.lib.moment import Moment, is_before

# The time of an incident that a marker names. A trigger may come before the start, and mitigations may be many.
NAMED = {
    Marker.DETECTION: "detected",
    Marker.DECLARATION: "declared",
    Marker.MITIGATION: "mitigated",
    Marker.RESOLUTION: "resolved",
}


def time_findings(document: Document) -> list[Finding]:
    """Every pair of times that cannot be as it stands; vague times only where no reading of them would do."""
    return [*_of_incidents(document), *_along_timeline(document.timeline), *_between(document)]


def _of_incidents(document: Document) -> Iterator[Finding]:
    for fault in document.order_faults():
        _, number, _, name = fault.path.split(".")
        incident = document.incidents[int(number)]
        said = f"{fault.reason} {incident.times.model_dump_json(exclude_defaults=True)}"
        yield Finding(Check.TIMES, fault.path, f"incidents.{incident.id}.times.{name}", fault.reason, said)


def _along_timeline(rows: list[TimelineRow]) -> Iterator[Finding]:
    above: TimelineRow | None = None
    for number, row in enumerate(rows):
        if row.at is None or not row.at.is_known:
            continue
        if above is not None and is_before(row.at, above.at):
            yield _at_row(row, number, f"this lies before the entry above it ({moment_words(above.at)})", above.at)
        above = row


def _between(document: Document) -> Iterator[Finding]:
    """With one incident it is clear whose times the markers name; with more of them it is not."""
    if len(document.incidents) != 1:
        return
    times = document.incidents[0].times
    for number, row in enumerate(document.timeline):
        if row.marker in NAMED and is_before(row.at, times.started):
            yield _at_row(
                row, number, f"this lies before the incident started ({moment_words(times.started)})", times.started
            )
        elif row.marker is not None and (named := _named(row, document.timeline, times)) is not None:
            told = f"the incident was {NAMED[row.marker]} at another time ({moment_words(named)})"
            yield _at_row(row, number, told, named)


def _named(row: TimelineRow, rows: list[TimelineRow], times: Times) -> Moment | None:
    """The incident's time of this marker, where no other row has the marker and the two cannot be the same moment."""
    if row.marker not in NAMED or row.marker is Marker.MITIGATION or sum(one.marker == row.marker for one in rows) > 1:
        return None
    named: Moment | None = getattr(times, NAMED[row.marker])
    return named if is_before(row.at, named) or is_before(named, row.at) else None


def _at_row(row: TimelineRow, number: int, message: str, other: Moment | None) -> Finding:
    said = f"{row.text} {moment_words(row.at)} {moment_words(other)}"
    return Finding(Check.TIMES, f"timeline.{number}.at", f"timeline.{row.id}.at", message, said)
