"""How pages of moderation say why something waits, and how somebody stands."""

from collections.abc import Iterable
from typing import Protocol

from blog.comments.wording import code_words, why_held
from blog.moderation.vocabulary import CODE_WORDS, Code


class Counted(Protocol):
    @property
    def visible(self) -> int: ...
    @property
    def held(self) -> int: ...
    @property
    def hidden(self) -> int: ...
    @property
    def withdrawn(self) -> int: ...
    @property
    def suspended(self) -> int: ...


def held_words(code: str) -> str:
    """Why a comment waits, from its `held_code`, for moderators."""
    return ", ".join(CODE_WORDS[Code(one)] if one in set(Code) else code_words(one) for one in code.split())


def waits_words(code: str) -> str:
    """The same for its writer, after "It waits because"."""
    return ", and because ".join(why_held(code))


def record_words(record: Counted) -> str:
    """`12 comments, 1 hidden, suspended once`: what a writer did here, in numbers."""
    said = [f"{record.visible} visible comment{'' if record.visible == 1 else 's'}"]
    said += _counts((("waiting", record.held), ("hidden", record.hidden), ("withdrawn", record.withdrawn)))
    if record.suspended:
        said.append("suspended once" if record.suspended == 1 else f"suspended {record.suspended} times")
    return ", ".join(said)


def _counts(numbers: Iterable[tuple[str, int]]) -> list[str]:
    return [f"{number} {words}" for words, number in numbers if number]
