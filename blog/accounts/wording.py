"""Words for things of accounts that are stored as codes."""

import re
from datetime import datetime

from blog.accounts.models import Program

_BROWSERS = (  # in this order: each names the ones before it, too
    ("Edge", r"\bEdgA?/"), ("Opera", r"\bOPR/"), ("Firefox", r"\b(?:Firefox|FxiOS)/"),
    ("Chrome", r"(?:Chrome|CriOS|Chromium)/"), ("Safari", r"\bSafari/"), ("curl", r"^curl/"),
)  # fmt: skip
_SYSTEMS = (
    ("Android", r"Android"), ("iPhone", r"iPhone"), ("iPad", r"iPad"), ("Windows", r"Windows"),
    ("macOS", r"Mac OS X|Macintosh"), ("ChromeOS", r"\bCrOS\b"), ("Linux", r"Linux|X11"),
)  # fmt: skip


def browser_words(user_agent: str) -> str:
    """`Firefox on Linux`, as well as it can be told from what the browser says of itself."""
    browser = next((name for name, pattern in _BROWSERS if re.search(pattern, user_agent)), "")
    system = next((name for name, pattern in _SYSTEMS if re.search(pattern, user_agent)), "")
    if browser and system:
        return f"{browser} on {system}"
    return browser or system or "A browser that does not say which"


def program_words(program: Program) -> str:
    """`the program “night bot” (model m-1, token hs_abc)`: what stands on all that it writes."""
    model = f"model {program.model}, " if program.model else ""
    return f"the program “{program.name}” ({model}token {program.prefix})"


def suspended_words(until: datetime | None, reason: str = "") -> str:
    """What somebody who is suspended is told wherever they would take part."""
    when = f" until {until.day} {until:%B %Y, %H:%M} UTC" if until is not None else ""
    said = f" {reason.rstrip('.')}." if reason else ""
    return f"You are suspended{when}: you can read, and not post, flag or mark.{said} /account/comments says more."
