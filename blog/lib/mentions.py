"""Mentions: how people are named in a text, as `@rita-reviewer`. A handle is a name with hyphens for its blanks."""

import re

MAX_MENTIONS = 10  # different people in one text; the rest stays text, so that nobody calls a whole site
HANDLE = r"\w(?:[\w.'’-]{0,62}\w)?"
MENTION = rf"(?<![\w@./+-])@({HANDLE})"
_MENTION = re.compile(MENTION)
_WHOLE = re.compile(HANDLE)
_END = re.compile(r"[.'’-]+\w*\Z")


def handle_of(name: str) -> str:
    """What mentions a person of this name; empty where the name holds what no handle does."""
    handle = name.replace(" ", "-")
    return handle if _WHOLE.fullmatch(handle) else ""


def handles_in(text: str) -> list[str]:
    """The handles of a text as typed, each once, the first ones only. What stands in code is among them."""
    return list(dict.fromkeys(found[1].casefold() for found in _MENTION.finditer(text)))[:MAX_MENTIONS]


def readings_of(handle: str) -> list[str]:
    """What a handle may mean, the longest first: `rita's` is Rita's, unless somebody is called that."""
    readings = [handle]
    while (shorter := _END.sub("", readings[-1])) and shorter != readings[-1]:
        readings.append(shorter)
    return readings


def names_behind(handle: str) -> list[str]:
    """The names it may stand for: a hyphen of it is one, or a blank. As typed first; of many all are alike."""
    places = [place for place, letter in enumerate(handle) if letter == "-"]
    if len(places) > 3:
        return [handle, handle.replace("-", " ")]
    names = [handle]
    for place in places:
        names += [f"{name[:place]} {name[place + 1 :]}" for name in names]
    return names
