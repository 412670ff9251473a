"""The wall: hostile inputs of our own, each with an id and a class.

Those written by hand stand in `wall.jsonl`, one a line; those that small tables make are made here. Their scripts call
`canary(n)`, which must never run, and their addresses lead to `foreign.example`, which nothing may ever ask.
"""

import json
from pathlib import Path
from typing import NamedTuple

PRODUCT = "47569433"  # what `7919*6007` in a template would be worked out to

INVISIBLE = ["\t", "\n", "\r", "\x01", "\x0b", "\x1f", "\x7f", "\xa0", "\xad", "\u061c", "\u180e", "\u200b", "\u200d",
    "\u202e", "\u2060", "\u2066", "\u3164", "\ufe0f", "\ufeff", "\U000e0041"]  # fmt: skip
PLACES = ["{x}javascript:canary(1)", "java{x}script:canary(1)", "javascript{x}:canary(1)", "javascript:{x}canary(1)"]
HOLDERS = ["[x]({a})", "[x](<{a}>)", "<{a}>", "![x]({a})", "<a href='{a}'>x</a>", "[x]: {a}\n\n[x]",
    '<button formaction="{a}">x</button>']  # fmt: skip
EVENTS = ["onclick", "onauxclick", "onbeforetoggle", "onanimationend", "ontransitionrun", "onscrollend",
    "onsecuritypolicyviolation", "onwheel", "oncontentvisibilityautostatechange", "ONFOCUSIN"]  # fmt: skip
ALLOWED_TAGS = ["a", "p", "li", "code", "td", "h2", "img", "sup", "div", "span", "pre", "blockquote"]
# One below, at and above the columns and limits: name, title, tag, slug, note, summary, terms, search, rows, comment.
LIMITS = [40, 64, 100, 120, 128, 200, 254, 320, 500, 2_000, 4_000, 10_000]


class Hostile(NamedTuple):
    """One input. `id` is its class and number, such as `quotes-07`."""

    id: str
    kind: str
    text: str


def _schemes() -> list[str]:
    """Every invisible character, at every place of a scheme, in every way to write an address: each pair once."""
    places = [place.format(x=blank) for blank in INVISIBLE for place in PLACES]
    return [HOLDERS[number % len(HOLDERS)].format(a=address) for number, address in enumerate(places)]


def _attributes() -> list[str]:
    pairs = [(tag, event) for number, tag in enumerate(ALLOWED_TAGS) for event in EVENTS[number % 5 :: 5]]
    return [f"<{tag} {event}=canary(12) class=k>x</{tag}>" for tag, event in pairs]


def _lengths() -> list[str]:
    """Markup that a column's end would cut in two, were anything ever cut."""
    ends = ['<b title="', "&lt;", "[x](javascript:", "\U0001f600", "é", "`"]
    return [
        ("a" * (limit + off - len(end)) + end)
        for number, limit in enumerate(LIMITS)
        for off, end in zip((0, 1, 2), (ends * 3)[number : number + 3], strict=True)
    ]


def _written() -> list[Hostile]:
    lines = Path(__file__).with_name("wall.jsonl").read_text("utf-8").splitlines()
    return [Hostile(**json.loads(line)) for line in lines]


_TABLES = {"schemes": _schemes(), "attributes": _attributes(), "lengths": _lengths()}
WALL = _written() + [
    Hostile(f"{kind}-{number:03}", kind, text) for kind, texts in _TABLES.items() for number, text in enumerate(texts)
]
