"""Faults of an input, from what the validator says: each at its path, in words a person can act on."""

import re

from pydantic import ValidationError

from blog.errors import Fault

_PATHED = re.compile(r"([a-z_]+(?:\.\d+\.[a-z_]+)*): (at most .+|there is .+|a claim .+)")


def faults_of(error: ValidationError) -> list[Fault]:
    """Each fault with its path (`timeline.3.at`). A rule of the whole input names paths in its words itself."""
    faults = []
    for item in error.errors(include_url=False, include_context=False, include_input=False):
        path = ".".join(str(step) for step in item["loc"] if not str(step).startswith(("function-", "lax-or-strict")))
        for line in item["msg"].removeprefix("Value error, ").split("\n"):
            pathed = _PATHED.fullmatch(line)
            where, reason = pathed.groups() if pathed else (path, _plain(item["type"], line))
            faults.append(Fault(where, reason, is_too_long=reason.startswith("at most ")))
    return faults


def _plain(kind: str, message: str) -> str:
    """What a person can act on, from what the validator says."""
    if kind in ("too_short", "string_too_short"):
        return "this is required"
    if kind in ("too_long", "string_too_long") and (counts := re.findall(r"\d+", message)):
        what = "entries" if message.startswith("List") else "characters"
        return f"at most {counts[0]} {what}" + (f"; this has {counts[1]}" if len(counts) > 1 else "")
    if kind.startswith("date_"):
        return "write a day such as 2025-12-14"
    return {
        "missing": "this is required",
        "extra_forbidden": "there is no field of this name",
        "string_type": "this must be text",
    }.get(kind, message[:1].lower() + message[1:])
