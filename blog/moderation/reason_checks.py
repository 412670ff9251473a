"""Whether a reason may stand where everybody reads it: one of the codes, words that say enough and name nobody."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from blog.errors import Fault, Invalid
from blog.lib.text import clean_line, clean_text
from blog.moderation.vocabulary import AGAINST, CODE_WORDS, Code, told

MAX_REASON = 500  # characters; a reason is a sentence
_ADDRESS = re.compile(r"\S@[\w-]+\.\w")


@dataclass(frozen=True)
class Reason:
    code: Code
    words: str

    @property
    def told(self) -> str:
        return told(self.code, self.words)


def checked_reason(code: str, words: str, *, among: Iterable[Code], names: Iterable[str] = ()) -> Reason:
    """Raises `Invalid` at path `code` or `reason`. `names` may not stand in it: it is read by everybody, and the log of
    moderation is about comments, not people.
    """
    allowed = list(among)
    if code not in allowed:
        known = ", ".join(CODE_WORDS[one].lower() for one in allowed)
        raise Invalid([Fault("code", f"Choose a reason that fits what you do: {known}.")])
    said = checked_words(words)
    if not said and code == Code.OTHER:
        raise Invalid([Fault("reason", "Say why, in a sentence that everybody may read.")])
    if _ADDRESS.search(said) or any(_stands_in(name, said) for name in names):
        raise Invalid([Fault("reason", "Everybody reads the reason: leave out names and mail addresses.")])
    return Reason(Code(code), said)


def checked_words(words: str, *, most: int = MAX_REASON) -> str:
    """One line, as it is kept. Raises `Invalid` at path `reason`."""
    try:
        said = clean_line(words)
    except ValueError as error:
        raise Invalid([Fault("reason", str(error))]) from None
    if len(said) > most:
        why = f"Keep the reason to {most} characters; this one has {len(said)}."
        raise Invalid([Fault("reason", why, is_too_long=True)])
    return said


def _stands_in(name: str, said: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name.casefold())}(?!\w)", said.casefold()) is not None


def checked_flag(code: str, words: str) -> Reason:
    """As `checked_reason`, for what only moderators read: it may name whom it must."""
    if code not in AGAINST:
        raise Invalid([Fault("code", "Choose what is wrong with it from the list.")])
    said = checked_words(words)
    if not said and code == Code.OTHER:
        raise Invalid([Fault("reason", "Say what is wrong with it: nothing else in the list does.")])
    return Reason(Code(code), said)


def checked_paragraph(text: str, *, path: str, most: int) -> str:
    """A text of several lines, that must be there. Raises `Invalid` at `path`."""
    try:
        said = clean_text(text).strip()
    except ValueError as error:
        raise Invalid([Fault(path, str(error))]) from None
    if len(said) > most:
        why = f"Keep it to {most:,} characters; this has {len(said):,}."
        raise Invalid([Fault(path, why, is_too_long=True)])
    if not clean_line(said):
        raise Invalid([Fault(path, "Write something first.")])
    return said
