"""Times as people type them in write-ups: a day and a clock at the front of a line, with parts that are not known."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from blog.transfer.reading import moment_or_none

# Abbreviations that mean one thing in practice. A bare CET or PT follows summer time, as people who write it do.
ZONES = {
    "UTC": None, "GMT": None, "Z": None, "BST": "Europe/London", "CET": "CET", "CEST": "CET", "EET": "EET",
    "EEST": "EET", "ET": "America/New_York", "EST": "America/New_York", "EDT": "America/New_York",
    "CT": "America/Chicago", "CDT": "America/Chicago", "PT": "America/Los_Angeles", "PST": "America/Los_Angeles",
    "PDT": "America/Los_Angeles", "MST": "America/Denver", "MDT": "America/Denver", "JST": "Asia/Tokyo",
    "AEST": "Australia/Sydney", "AEDT": "Australia/Sydney",
}  # fmt: skip
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DAY = re.compile(
    rf"""(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+)?(?:on\s+(?:the\s+)?)?(?:
    (?P<year>\d{{4}})[-/](?P<month>\d{{1,2}}|\?\?)[-/](?P<day>\d{{1,2}}|\?\?)
    | (?P<day2>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month2>{_MONTH}),?\s+(?P<year2>\d{{4}})
    | (?P<month3>{_MONTH})\s+(?P<day3>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year3>\d{{4}})
    )(?!\d)""",
    re.IGNORECASE | re.VERBOSE,
)
_ZONE_NAMES = "|".join(sorted(ZONES, key=len, reverse=True))
_CLOCK = re.compile(
    rf"""(?P<about>~|ca?\.\s*|about\s+|around\s+|approx\w*\.?\s+)?
    (?:(?P<hour>\d{{1,2}})(?:(?P<mark>[:.])(?P<minute>\d{{2}})(?:[:.](?P<second>\d{{2}})(?:\.\d+)?)?)
       |(?P<military>[0-2]\d[0-5]\d)|(?P<open>HH:mm|\?\?:\?\?))(?!\d|:\d)
    (?:\s*(?P<half>[ap]\.?m\.?)(?![a-z]))?
    (?:\s*\(?(?P<zone>(?:{_ZONE_NAMES})(?![A-Za-z]|\s?[+-]\d)|(?:(?:UTC|GMT)\s?[+-]|\+|(?<=:\d\d:\d\d)-)\d{{1,2}}:?\d{{0,2}}(?![\d?]))\)?)?""",
    re.VERBOSE | re.IGNORECASE,
)
_OPENING = re.compile(r"[\s*_`\[(]*")
_BETWEEN = re.compile(r"(?:T|\s+at\s+|,?\s+|\s*[-–—@]\s*)", re.IGNORECASE)
_UNTIL = re.compile(r"\s*(?:-|–|—|to|until)\s*(?:\d{1,2}:(?:\d{2}|\?\?)|\?\?:\?\?)")
_CLOSING = re.compile(r"[\s*_`\])]*(?:[-–—:|,.;]+(?=\s|\*|$))?[\s*_]*")
_ALL_TIMES = re.compile(
    rf"\b(?:all\s+)?times?\s+(?:are\s+|is\s+|shown\s+)*(?:in\s+)?\(?({_ZONE_NAMES})\b", re.IGNORECASE
)


@dataclass(frozen=True)
class FoundTime:
    """A time at the front of a line. `moment` is plain data, `rest` the line behind it, `note` what was guessed."""

    moment: dict[str, Any]
    rest: str
    day: date | None
    note: str = ""
    has_zone: bool = False


def zone_of(text: str) -> tuple[str | None, bool]:
    """(IANA name, whether the text says one) where it tells the zone of all its times; None for UTC."""
    found = _ALL_TIMES.search(text)
    return (ZONES[found[1].upper()], True) if found else (None, False)


def leading_time(line: str, *, zone: str | None = None, day: date | None = None) -> FoundTime | None:
    """The time that a line begins with; None where there is none or it cannot be.

    `zone` is that of the write-up; `day` lends its date to a line that begins with a clock alone.
    """
    start = _OPENING.match(line)
    begin = start.end() if start else 0
    given = _DAY.match(line, begin)
    position, known = begin, _day_parts(given) if given else None
    if given:
        between = _BETWEEN.match(line, given.end())
        position = between.end() if between else given.end()
    elif day is not None:
        known = (day.year, day.month, day.day)
    clock = _CLOCK.match(line, position)
    if known is None or (clock is None and given is None):
        return None
    if clock is None or (given and not between):
        return _found(known, None, line[given.end() :] if given else "", zone)
    if given is None and (clock["military"] or clock["open"] or not clock["mark"]):
        return None  # four digits alone are a number, not a time
    end = clock.end()
    until = _UNTIL.match(line, end)
    rest = line[end:] if not until else line[begin:]  # a stretch of time keeps its end in the words
    return _found(known, clock, rest, zone)


def _day_parts(match: re.Match[str]) -> tuple[int, int | None, int | None]:
    year = int(match["year"] or match["year2"] or match["year3"])
    named = match["month2"] or match["month3"]
    month = str(_MONTHS.index(named[:3].lower()) + 1) if named else match["month"]
    day = match["day"] or match["day2"] or match["day3"]
    return year, int(month) if month != "??" else None, int(day) if day != "??" else None


def _found(
    known: tuple[int, int | None, int | None], clock: re.Match[str] | None, rest: str, zone: str | None
) -> FoundTime | None:
    year, month, day_number = known
    note, place, text = "", zone, f"{year:04d}" if month is None else f"{year:04d}-{month:02d}"
    whole = month is not None and day_number is not None
    if whole:
        text += f"-{day_number:02d}"
    offset, has_zone = "", False
    if clock and whole and not clock["open"]:
        hour, minute, note = _hour_and_minute(clock)
        text += f" {hour:02d}:{minute:02d}" + (f":{clock['second']}" if clock["second"] else "")
        if clock["zone"]:
            place, offset, has_zone = *_place_of(clock["zone"]), True
    moment = moment_or_none(text + offset, zone=place)
    if moment is None:
        return None
    closing = _CLOSING.match(rest)
    rest = rest[closing.end() :] if closing else rest
    return FoundTime(moment, rest.strip(), date(year, month, day_number) if whole else None, note, has_zone)  # type: ignore[arg-type]


def _hour_and_minute(clock: re.Match[str]) -> tuple[int, int, str]:
    note = ""
    if clock["military"]:
        hour, minute = int(clock["military"][:2]), int(clock["military"][2:])
        note = f"read {clock['military']} as {hour:02d}:{minute:02d}"
    else:
        hour, minute = int(clock["hour"]), int(clock["minute"])
        if clock["mark"] == ".":
            note = f"read {clock['hour']}.{clock['minute']} as {hour:02d}:{minute:02d}"
    half = (clock["half"] or "").lower()[:1]
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    return hour, minute, note


def _place_of(zone: str) -> tuple[str | None, str]:
    """(IANA name, offset to write behind the clock) of what was typed."""
    name = zone.upper()
    if name in ZONES:
        return ZONES[name], "+00:00" if ZONES[name] is None else ""
    digits = name.removeprefix("UTC").removeprefix("GMT").strip()
    sign, numbers = digits[0], digits[1:].replace(":", "")
    hours, minutes = (numbers[:-2], numbers[-2:]) if len(numbers) > 2 else (numbers, "0")
    return None, f"{sign}{int(hours):02d}:{int(minutes):02d}"


def day_after(day: date) -> date:
    return day + timedelta(days=1)
