"""A moment: an instant that may be vague, and the range of durations between two of them.

A postmortem often knows only "mid December" or "about nine". A `Moment` keeps the instant as it was given, with its
offset, and how precise it is; what follows from it (bounds, durations, order) is computed, never typed.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from enum import StrEnum
from typing import Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_serializer, model_validator

EARLIEST_YEAR = 1945  # no computer before it to have an incident
LATEST_YEAR = 2200


class Precision(StrEnum):
    """How much of the instant is known, coarsest last but `unknown`."""

    EXACT = "exact"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    UNKNOWN = "unknown"


_WIDTH = {
    Precision.EXACT: timedelta(0),
    Precision.MINUTE: timedelta(minutes=1),
    Precision.HOUR: timedelta(hours=1),
    Precision.DAY: timedelta(days=1),
}
_YEAR = re.compile(r"\d{4}")
_MONTH = re.compile(r"(\d{4})-(\d{1,2})")
_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_HAS_SECONDS = re.compile(r"\d{1,2}:\d{2}:\d{2}")
_NAMED_OFFSET = re.compile(r"\b(?:UTC|GMT)\s?(?=[+-]\d)", re.IGNORECASE)  # UTC+8 is +08:00; its parser reads -08:00
_HAS_MINUTES = re.compile(r"\d{1,2}:\d{2}")
_NO_ZONES = frozenset(("Factory", "localtime", "posixrules"))
# What the parser of free text raises for text that is no time. ArithmeticError is also Decimal's, for huge exponents.
_UNREADABLE = (ValueError, ArithmeticError, TypeError, LookupError, AttributeError, RecursionError)


class Moment(BaseModel):
    """An instant and its precision. As text: `2025-12` (month), `2025-12-14` (day), `2025-12-14 09:30+08:00` (minute),
    `2025-12-14T09:30:05Z` (exact), `unknown`. Absent and unknown differ: absent means nobody wrote it down.

    `at` is the start of the stretch that the precision spans (2025-12 is 1 December 00:00 in the zone given), or None
    when unknown. `zone` is the IANA name when one was given; without any zone the time is read as UTC.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    at: datetime | None = None
    precision: Precision = Precision.EXACT
    zone: str | None = Field(default=None, max_length=64)

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        if isinstance(value, datetime):
            return {"at": value}
        if isinstance(value, date):
            value = value.isoformat()
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)  # YAML reads a bare 2025 as a number
        if isinstance(value, str):
            return parse_moment(value)
        if isinstance(value, dict) and isinstance(value.get("at"), str) and isinstance(value.get("zone"), str | None):
            parsed = parse_moment(value["at"], zone=value.get("zone"))
            return {**value, "at": parsed["at"], "precision": value.get("precision") or parsed["precision"]}
        return value

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.at is None:
            if self.precision is not Precision.UNKNOWN:
                raise ValueError("give a time, or write unknown")
            return self
        if self.precision is Precision.UNKNOWN:
            raise ValueError("a time that is given cannot be of unknown precision")
        if not EARLIEST_YEAR <= self.at.year <= LATEST_YEAR:
            raise ValueError(f"the year must be from {EARLIEST_YEAR} to {LATEST_YEAR}")
        zone = zone_named(self.zone)  # refuses a name that nobody knows, also beside an offset
        if self.at.tzinfo is None:
            object.__setattr__(self, "at", self.at.replace(tzinfo=zone))
        return self

    @field_serializer("at")
    def _at_text(self, at: datetime | None) -> str | None:
        return at.isoformat() if at else None

    @property
    def is_known(self) -> bool:
        return self.at is not None

    @property
    def is_vague(self) -> bool:
        """Whether the moment spans more than a minute, so that pictures draw it with soft edges."""
        return self.precision not in (Precision.EXACT, Precision.MINUTE)

    def bounds(self) -> tuple[datetime, datetime] | None:
        """Earliest and latest instant this moment may mean, both aware UTC, the latest exclusive; None when unknown."""
        if self.at is None:
            return None
        start = self.at
        if self.precision is Precision.MONTH:
            end = start + timedelta(days=monthrange(start.year, start.month)[1])
        elif self.precision is Precision.YEAR:
            is_leap_day = (start.month, start.day) == (2, 29)
            end = start.replace(year=start.year + 1, day=28 if is_leap_day else start.day)
        else:
            end = start + _WIDTH[self.precision]
        return _in_utc(start), _in_utc(end)

    def as_text(self) -> str:
        """The moment as people write it; `parse_moment` reads it back to the same value."""
        if self.at is None:
            return "unknown"
        match self.precision:
            case Precision.YEAR if self._is_plain:
                return f"{self.at.year:04d}"
            case Precision.MONTH if self._is_plain:
                return f"{self.at:%Y-%m}"
            case Precision.DAY if self._is_plain:
                return f"{self.at:%Y-%m-%d}"
            case Precision.MINUTE:
                return self.at.isoformat(sep=" ", timespec="minutes")
            case _:
                return self.at.isoformat(sep=" ")

    @property
    def _is_plain(self) -> bool:
        return self.at is not None and self.at.utcoffset() == timedelta(0) and self.zone is None


@dataclass(frozen=True)
class DurationRange:
    """The shortest and longest time between two moments; equal where both are exact. Never negative at the long end."""

    shortest: timedelta
    longest: timedelta

    @property
    def is_exact(self) -> bool:
        return self.longest - self.shortest <= timedelta(minutes=2)


def duration_between(start: Moment | None, end: Moment | None) -> DurationRange | None:
    """How long from `start` to `end`, as a range; None where either is absent or unknown, or the order impossible."""
    first, last = (start.bounds() if start else None), (end.bounds() if end else None)
    if first is None or last is None or is_before(end, start):
        return None
    shortest = max(last[0] - first[1], timedelta(0))
    return DurationRange(shortest, max(last[1] - first[0], timedelta(0)))


def is_before(one: Moment | None, other: Moment | None) -> bool:
    """Whether `one` is certainly before `other`: its latest instant lies before the other's earliest."""
    first, last = (one.bounds() if one else None), (other.bounds() if other else None)
    return first is not None and last is not None and first[1] < last[0]


def _in_utc(at: datetime) -> datetime:
    """The instant in UTC; at the ends of the calendar, where an offset would leave it, the end itself."""
    try:
        return at.astimezone(UTC)
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC) if at.year == 1 else datetime.max.replace(tzinfo=UTC)


def zone_named(name: str | None) -> tzinfo:
    """The zone of an IANA name; UTC where none is given. Raises ValueError for a name nobody knows, and for entries of
    the database that are no zone everywhere: what `localtime` means depends on the machine.
    """
    if not name or name.upper() in {"UTC", "Z", "GMT"}:
        return UTC
    try:
        if name in _NO_ZONES or name.startswith(("posix/", "right/")):
            raise ValueError("not a zone")
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"the time zone {name[:64]!r} is not known; use a name such as Europe/Berlin") from error


def parse_moment(text: str, *, zone: str | None = None) -> dict[str, Any]:
    """`{at, precision, zone}` from what a person typed. Raises ValueError with a reason the person can act on."""
    text = text.strip()
    if text.lower() in {"unknown", "not known"}:
        return {"at": None, "precision": Precision.UNKNOWN, "zone": zone}
    if len(text) > 64:
        raise ValueError("a time is at most 64 characters")
    place = zone_named(zone)
    try:
        if _YEAR.fullmatch(text):
            return {"at": datetime(int(text), 1, 1, tzinfo=place), "precision": Precision.YEAR, "zone": zone}
        if match := _MONTH.fullmatch(text):
            month = datetime(int(match[1]), int(match[2]), 1, tzinfo=place)
            return {"at": month, "precision": Precision.MONTH, "zone": zone}
        if match := _DAY.fullmatch(text):
            day = datetime(int(match[1]), int(match[2]), int(match[3]), tzinfo=place)
            return {"at": day, "precision": Precision.DAY, "zone": zone}
        at = _parse_instant(text)
    except UnclearZone:
        raise
    except _UNREADABLE as error:
        raise ValueError(
            f"{text!r} is not a time; write 2025-12-14 09:30 UTC, 2025-12-14, 2025-12, 2025 or unknown"
        ) from error
    if at.tzinfo is None:
        at = at.replace(tzinfo=place)
    return {"at": at, "precision": _precision_of(text), "zone": zone}


def _parse_instant(text: str) -> datetime:
    text = _NAMED_OFFSET.sub("", text)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        from dateutil import parser  # here: most times are ISO 8601, or come from the database

        day = parser.parse(text, default=datetime(1, 1, 1), tzinfos=_zone_of)  # noqa: DTZ001  # the year 1 marks "no date was typed"
        if day.year == 1:
            raise ValueError("no date") from None
        return day


class UnclearZone(ValueError):
    """A time came with a zone that could be read in more than one way, so nothing is assumed."""


def _zone_of(name: str | None, offset_seconds: int | None) -> tzinfo | None:
    """The zone at the end of a time: UTC or a plain offset. Letters such as CST mean different offsets to
    different people; taking them for UTC, as the parser does with what it does not know, moves a time by hours.
    """
    if name is None:
        return None if offset_seconds is None else timezone(timedelta(seconds=offset_seconds))
    if name.upper() in {"UTC", "GMT", "Z"} and not offset_seconds:
        return UTC
    raise UnclearZone(f"the time zone {name[:20]} can be read in several ways; write UTC or an offset such as +01:00")


def _precision_of(text: str) -> Precision:
    if _HAS_SECONDS.search(text):
        return Precision.EXACT
    return Precision.MINUTE if _HAS_MINUTES.search(text) else Precision.DAY
