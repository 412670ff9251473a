"""Values in words: durations ("2 h 15 min", "between 11 and 14 h"), moments by their precision, instants for lists, and
what any field of a document holds.
"""

from datetime import UTC, date, datetime, timedelta

from blog.articles.vocabulary import Choice
from blog.lib.moment import DurationRange, Moment, Precision

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
YEAR = timedelta(days=365.2425)  # the mean Gregorian year; durations this long are told to a tenth of one
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
AGO_DAYS = 30  # beyond it the date says more than the count
NOT_GIVEN = "not given"  # nobody wrote it down, which differs from a time that nobody knows


def length_words(length: timedelta) -> str:
    """One exact length with at most two units: `45 s`, `2 h 15 min`, `3 days 4 h`, `75 days`, `2.5 years`."""
    if length < 2 * MINUTE:
        seconds = round(length.total_seconds())
        return f"{seconds} s" if seconds % 60 else f"{seconds // 60} min"
    minutes = round(length / MINUTE)
    if minutes < 2 * 24 * 60:
        hours, rest = divmod(minutes, 60)
        return " ".join(part for part in (f"{hours} h" if hours else "", f"{rest} min" if rest else "") if part)
    days, hours = divmod(round(length / HOUR), 24)
    if days < 14:
        return f"{days} days" + (f" {hours} h" if hours else "")
    return _in_unit(length, _unit_of(length))


def duration_words(duration: DurationRange) -> str:
    """A duration as precise as it is known: `2 h 15 min`, `about 13 h`, `between 11 and 14 h`, `0 to 31 days`."""
    shortest, longest = duration.shortest, duration.longest
    if duration.is_exact:
        if shortest == 0 * DAY and longest <= MINUTE:
            return "under a minute" if longest else "no time"
        return length_words((shortest + longest) / 2 if longest > 2 * MINUTE else longest)
    unit = _unit_of(longest)
    high = _in_unit(longest, unit)
    if shortest < MINUTE:
        return f"0 to {high}"
    low = _in_unit(shortest, unit if shortest >= _SIZES[unit] else _unit_of(shortest))
    if low == high:
        return f"about {high}"
    number, _, name = low.partition(" ")
    return f"between {number if high.partition(' ')[2].startswith(name) else low} and {high}"  # day, days


def moment_words(moment: Moment | None) -> str:
    """A moment as far as it is known: `14 Dec 2025, 09:30 UTC`, `about 09:00 UTC on 14 Dec 2025`, `December 2025`."""
    if moment is None:
        return NOT_GIVEN
    if moment.at is None:
        return "unknown"
    at, utc = moment.at, moment.at.astimezone(UTC)
    return {
        Precision.YEAR: f"{at.year}",
        Precision.MONTH: f"{at:%B} {at.year}",
        Precision.DAY: day_words(at) + _zone_words(moment),
        Precision.HOUR: f"about {utc:%H:%M} UTC on {day_words(utc)}",
        Precision.EXACT: f"{day_words(utc)}, {utc:%H:%M:%S} UTC",
    }.get(
        moment.precision if utc.second or moment.precision is not Precision.EXACT else Precision.MINUTE, utc_words(utc)
    )


def day_words(day: date) -> str:
    """`14 Dec 2025`, in the zone the value carries."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def utc_words(instant: datetime) -> str:
    """`14 Dec 2025, 09:30 UTC`."""
    utc = instant.astimezone(UTC)
    return f"{day_words(utc)}, {utc.hour:02}:{utc.minute:02} UTC"


def utc_exact(instant: datetime) -> str:
    """`2025-12-14 09:30:05 UTC`: what stands in the title of a time."""
    return f"{instant.astimezone(UTC).isoformat(' ')[:19]} UTC"


def ago_words(instant: datetime, *, now: datetime) -> str:
    """`today`, `yesterday`, `12 days ago`, then the date. Whole UTC days only, so that a kept page holds for a day."""
    days = (now.astimezone(UTC).date() - instant.astimezone(UTC).date()).days
    if not 0 <= days <= AGO_DAYS:
        return day_words(instant.astimezone(UTC))
    return {0: "today", 1: "yesterday"}.get(days, f"{days} days ago")


def value_words(value: object) -> str:
    """What a field of a document holds, as people read it: lists a line each, `Amazon (operator)`, empty for none."""
    if isinstance(value, str):
        return value.label if isinstance(value, Choice) else value
    if isinstance(value, list):
        return "\n".join(value_words(one) for one in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return day_words(value)
    if value is None or isinstance(value, Moment):
        return moment_words(value) if value else ""
    role = getattr(value, "role", None)  # an organisation or a service
    return f"{getattr(value, 'name', '')}" + (f" ({value_words(role).lower()})" if role else "")


_SIZES = {"min": MINUTE, "h": HOUR, "days": DAY, "years": YEAR}


def _unit_of(length: timedelta) -> str:
    if length < 2 * HOUR:
        return "min"
    if length < 2 * DAY:
        return "h"
    return "days" if length < 2 * YEAR else "years"


def _in_unit(length: timedelta, unit: str) -> str:
    if unit == "years":
        return f"{length / YEAR:.1f} years".replace(".0 ", " ")
    number = round(length / _SIZES[unit])
    return "1 day" if (unit, number) == ("days", 1) else f"{number} {unit}"


def _zone_words(moment: Moment) -> str:
    """Where a whole day lies, when not in UTC: without it the day could be taken for another."""
    assert moment.at is not None
    offset = moment.at.utcoffset()
    if not offset:
        return ""
    return f" ({moment.zone or moment.at.tzname()})"
