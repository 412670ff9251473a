"""Timeline rows from the tables and lists that write-ups tell their course in."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from blog.articles.document import MAX_NOTE
from blog.transfer import outline
from blog.transfer.reading import Findings, plain_words, shown
from blog.transfer.times import FoundTime, day_after, leading_time, zone_of

MARKERS = {
    "detection": "detection", "detected": "detection", "trigger": "trigger", "declaration": "declaration",
    "declared": "declaration", "diagnosis": "diagnosis", "mitigation": "mitigation", "mitigated": "mitigation",
    "recovery": "resolution", "resolution": "resolution", "resolved": "resolution", "communication": "communication",
}  # fmt: skip
TIME_OF_MARKER = {
    "detection": "detected",
    "declaration": "declared",
    "mitigation": "mitigated",
    "resolution": "resolved",
}
EVENT_COLUMNS = ("event", "note", "description", "what happened", "action", "details", "update", "entry", "text")
TIME_COLUMNS = ("time", "timestamp", "date", "when", "at")
_LABEL = re.compile(r"[*_\[(]*([A-Za-z]+)[*_\])]*\s*:[*_]*")
_ZONE_LINE = re.compile(r"[*_(]*(?:all\s+)?times?\s+.{0,40}", re.IGNORECASE)


def timeline_rows(
    lines: Sequence[str], zone: str | None, findings: Findings, *, day: date | None = None, only_timed: bool = False
) -> tuple[list[dict[str, Any]], bool]:
    """(rows, whether they hold all of the lines). `only_timed` leaves items without a time where they are."""
    table, others = outline.table_of(lines)
    if table is not None:
        rows, is_whole = _rows_of_table(table, zone, findings, day)
    else:
        items, others = outline.items_of(lines)
        reader = _Reader(zone, findings, day)
        made = [reader.row_of_item(item, only_timed) for item in items]
        rows = [row for row in made if row]
        is_whole = all(made) and not any(item.nested for item in items)
    return rows, is_whole and bool(rows) and not [line for line in others if not _tells_zone(line)]


def _tells_zone(line: str) -> bool:
    return bool(_ZONE_LINE.fullmatch(line.strip())) and zone_of(line)[1]


def _rows_of_table(
    table: outline.Table, zone: str | None, findings: Findings, day: date | None
) -> tuple[list[dict[str, Any]], bool]:
    header = [plain_words(cell)[0].lower().strip() for cell in table.header]
    time_at = next((place for place, name in enumerate(header) if name.startswith(TIME_COLUMNS)), 0)
    said, is_said = zone_of("times in " + " ".join(re.findall(r"[A-Z]{2,4}", table.header[time_at]))[:40])
    reader = _Reader(said if is_said else zone, findings, day)
    rows, is_whole = [], True
    for cells in table.rows:
        if not any(cells) or time_at >= len(cells):
            continue
        rest = [(header[place] if place < len(header) else "", cell) for place, cell in enumerate(cells)]
        words = "; ".join(
            cell if not name or name.startswith(EVENT_COLUMNS) or len(cells) <= 2 else f"{name}: {cell}"
            for place, (name, cell) in enumerate(rest)
            if cell and place != time_at
        )
        row = reader.row(cells[time_at], words)
        is_whole = is_whole and row is not None
        rows += [row] if row else []
    return rows, is_whole


class _Reader:
    """Reads row after row, and lends the day of one row to the next that gives a clock alone."""

    def __init__(self, zone: str | None, findings: Findings, day: date | None) -> None:
        self._zone, self._findings, self._day = zone, findings, day
        self._last_clock: tuple[int, int] | None = None

    def row_of_item(self, item: outline.Item, only_timed: bool) -> dict[str, Any] | None:
        found = leading_time(item.text, zone=self._zone, day=self._day)
        if found is None and only_timed:
            return None
        if found is None:
            return self._row(None, item.text, item.nested)
        return self._row(found, found.rest, item.nested)

    def row(self, when: str, words: str) -> dict[str, Any] | None:
        found = leading_time(when, zone=self._zone, day=self._day)
        if found is None and when:
            self._findings.guess(f"a timeline row keeps its time in words: {shown(when)}")
            words = f"{when}: {words}"
        elif found and found.rest and found.rest.strip("?:-– Hm"):
            words = f"{found.rest}: {words}"  # the end of a stretch of time, or a remark beside the time
        return self._row(found, words, [])

    def _row(self, found: FoundTime | None, words: str, nested: list[str]) -> dict[str, Any] | None:
        text = words.strip()
        if nested:
            items, others = outline.items_of(nested)
            text = " ".join([text, *(f"• {item.text}" for item in items), *(line.strip() for line in others)])
        if not text or len(text) > MAX_NOTE:
            return None
        row: dict[str, Any] = {"text": text}
        if found:
            row["at"] = self._at(found)
            self._findings.guess(f"{shown(words)}: {found.note}") if found.note else None
        label = _LABEL.match(text)
        marker = MARKERS.get(label[1].lower()) if label else None
        if marker:
            row["marker"] = marker
            if found and marker in TIME_OF_MARKER:
                self._findings.set_time(TIME_OF_MARKER[marker], row["at"])
        return row

    def _at(self, found: FoundTime) -> dict[str, Any]:
        """The moment, on the next day where a clock without a date has passed midnight since the row above."""
        moment = found.moment
        at = datetime.fromisoformat(moment["at"])
        clock = (at.hour, at.minute)
        lent = self._day is not None and found.day == self._day and self._last_clock is not None
        if lent and self._last_clock and self._last_clock[0] >= 18 and clock[0] < 12 and clock < self._last_clock:
            day = day_after(found.day) if found.day else None
            if day and moment.get("precision") == "minute":
                moment = {**moment, "at": at.replace(year=day.year, month=day.month, day=day.day).isoformat()}
                found = FoundTime(moment, found.rest, day)
        if found.day:
            self._day, self._last_clock = found.day, clock
        return moment
