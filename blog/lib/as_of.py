"""A day or an instant that an address names: `2026-05-03`, `2026-05-03T09:30Z`, `2026-05-03T09:30:05+02:00`."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_NAMED = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]([0-9]{2}:[0-9]{2}(:[0-9]{2})?)(Z|[+-][0-9]{2}:[0-9]{2})?)?", re.IGNORECASE
)


@dataclass(frozen=True)
class Span:
    """What was named, in UTC; `end` is exclusive. How things were then is how they were at its end."""

    start: datetime
    end: datetime
    is_day: bool


def span_named(text: str) -> Span:
    """A day is the UTC day, a time without an offset is read as UTC. Raises ValueError for anything else."""
    match = _NAMED.fullmatch(text)
    if match is None:
        raise ValueError("no day and no time")
    day, time, seconds, offset = match.groups()
    width = timedelta(days=1) if time is None else timedelta(seconds=1) if seconds else timedelta(minutes=1)
    zone = "+00:00" if offset in (None, "Z", "z") else offset
    try:
        start = datetime.fromisoformat(f"{day}T{time or '00:00'}{zone}").astimezone(UTC)
        return Span(start, start + width, is_day=time is None)
    except OverflowError as error:
        raise ValueError("outside of the calendar") from error
