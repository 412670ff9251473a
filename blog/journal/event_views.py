"""The journal as a page: for everybody without the people in it, for admins whole; filtered, and exported."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from blog import policy
from blog.accounts import access
from blog.accounts.queries import names_of
from blog.articles.listing import published_titles
from blog.errors import Fault, Invalid, NotAllowed, NotFound
from blog.journal import event_queries, wording
from blog.journal.event_queries import EventFilter
from blog.journal.models import Event
from blog.journal.views import blueprint
from blog.lib.clock import iso
from blog.lib.csv_rows import csv_text
from blog.lib.row_numbers import row_number

SHOWN = 100
EXPORTED = 10_000  # events of one file; the next begins where `before` says
SUBJECTS = ("article", "revision", "comment", "action_item", "user", "session", "api_token", "job")
FIELDS = ("id", "at", "kind", "actor", "subject_type", "subject_id", "reason", "previous_hash", "hash")


@blueprint.get("/journal/")
def journal() -> ResponseReturnValue:
    return _page(is_whole=False)


@blueprint.get("/account/journal")
def whole_journal() -> ResponseReturnValue:
    _require_admin()
    return _page(is_whole=True)


@blueprint.get("/journal/export.<form>")
def export(form: str) -> ResponseReturnValue:
    return _file(form, is_whole=False)


@blueprint.get("/account/journal/export.<form>")
def export_whole(form: str) -> ResponseReturnValue:
    _require_admin()
    return _file(form, is_whole=True)


def _require_admin() -> None:
    if not policy.can_administer(access.signed_in()):
        raise NotAllowed("Only admins read the whole journal; everybody reads it without the people at /journal/.")


def _page(*, is_whole: bool) -> ResponseReturnValue:
    typed = {name: request.args.get(name, "") for name in ("about", "subject", "by", "since", "until")}
    faults: list[Fault] = []
    try:
        events, older = event_queries.events_page(_wanted(request.args.to_dict(), is_whole=is_whole), size=SHOWN)
    except Invalid as error:
        events, older, faults = [], None, list(error.faults)
    page = render_template(
        "journal/events.html",
        entries=_entries(events, is_whole=is_whole),
        older=older,
        typed=typed,
        faults=faults,
        groups=wording.GROUPS,
        is_whole=is_whole,
    )
    return page, 400 if faults else 200


def _file(form: str, *, is_whole: bool) -> ResponseReturnValue:
    if form not in _WRITERS:
        raise NotFound("The journal is exported as .csv or .jsonl.")
    events, older = event_queries.events_page(_wanted(request.args.to_dict(), is_whole=is_whole), size=EXPORTED)
    content_type, written = _WRITERS[form]
    response = Response(written([_row(event, is_whole=is_whole) for event in events]), content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="journal.{form}"'
    if older:
        response.headers["X-Next-Before"] = str(older)
    return response


def _wanted(typed: dict[str, str], *, is_whole: bool) -> EventFilter:
    """Raises `Invalid` with the field of each mistake."""
    kinds = event_queries.kinds_used() if is_whole else wording.PUBLIC
    faults: list[Fault] = []

    def read(name: str, reader: Callable[[str], Any]) -> Any:
        if not typed.get(name, "").strip():
            return None
        try:
            return reader(typed[name].strip())
        except ValueError as error:
            faults.append(Fault(name, str(error)))
            return None

    read("about", _group)
    wanted = {
        "subject": read("subject", _subject),
        "since_on": read("since", _day),
        "until_on": read("until", _day),
        "before": read("before", _number),
        "actor_id": read("by", _number) if is_whole else None,
    }
    if faults:
        raise Invalid(faults)
    return EventFilter(kinds=wording.kinds_of(typed.get("about", ""), kinds), **wanted)


def _group(text: str) -> str:
    if text not in wording.GROUPS:
        raise ValueError(f"choose one of {', '.join(wording.GROUPS)}")
    return text


def _number(text: str) -> int:
    number = row_number(text)
    if number is None:
        raise ValueError("write a whole number")
    return number


def _subject(text: str) -> tuple[str, int]:
    kind, _, number = text.rpartition(" ")
    kind = next((name for name, words in wording.SUBJECTS.items() if words == kind), kind)
    if kind not in SUBJECTS:
        raise ValueError("write what it is about and its number, such as “write-up 7” or “comment 12”")
    return kind, _number(number)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("write a day as 2026-05-03") from None


def _row(event: Event, *, is_whole: bool) -> dict[str, Any]:
    """An event as it is exported; for everybody without who did it, and without reasons that may name people."""
    row = {name: getattr(event, name) for name in FIELDS if name not in {"actor", "at", "reason"}}
    row["at"], row["actor"] = iso(event.at), _doer(event)
    row["reason"] = event.reason if is_whole or event.kind in wording.PUBLIC_REASONS else ""
    if is_whole:
        row |= {"actor": event.actor_id, "data": event.data, "request_id": event.request_id}
    return {name: row[name] for name in (*FIELDS, "data", "request_id") if name in row}


def _doer(event: Event) -> str:
    return "the site or its operator" if event.actor_id is None else "a person"


def _entries(events: list[Event], *, is_whole: bool) -> list[dict[str, Any]]:
    """What the page draws of each: the row as it is exported, in words."""
    people = names_of({event.actor_id for event in events if event.actor_id}) if is_whole else {}
    write_ups = published_titles({event.subject_id for event in events if event.subject_type == "article"})
    return [
        {
            **_row(event, is_whole=is_whole),
            "at": event.at,
            "who": people.get(event.actor_id or 0) or _doer(event),
            "words": wording.event_words(event.kind),
            "subject": wording.subject_words(event),
            "write_up": write_ups.get(event.subject_id) if event.subject_type == "article" else None,
        }
        for event in events
    ]


def _as_csv(rows: list[dict[str, Any]]) -> str:
    names = list(rows[0]) if rows else list(FIELDS)
    written = [[json.dumps(one) if isinstance(one, dict) else one for one in row.values()] for row in rows]
    return csv_text([names, *written])


def _as_lines(rows: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


_WRITERS = {"csv": ("text/csv; charset=utf-8", _as_csv), "jsonl": ("application/jsonl; charset=utf-8", _as_lines)}
