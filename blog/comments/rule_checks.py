"""Whether a rule concerns a comment: pure functions of what is said, by whom, and what was said before."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

from blog.accounts.names import key_of_name
from blog.comments.rule_models import RuleKind
from blog.lib.text import INVISIBLE, plain_text

SHINGLE = 5  # letters
SKETCH = 64  # of the hashes of all shingles, the smallest are kept
LEAST_TEXT = 30  # letters; shorter ones resemble each other by chance, and "same here" is no spam
MOST_TEXT = 10_000  # bytes of letters that are looked at: a comment of rare letters has four times as many
ALIKE = 0.6  # of the shingles of two texts, how many are in both

_BLANKS = re.compile(r"\s+")
_UNSEEN = re.compile(f"(?!\\s)[{INVISIBLE}]")
_NO_LETTER = re.compile(r"[\W_]+")

Sketch = frozenset[int]
NOTHING: Sketch = frozenset()


@dataclass(frozen=True)
class Rule:
    """A rule as it is asked at each comment; the same fields as `CommentRule`, 0 for no amount."""

    id: int
    kind: RuleKind
    amount: int
    words: str
    person_id: int | None


@dataclass(frozen=True)
class Facts:
    """What rules ask of a comment. The two functions are called only where a rule needs them: `stands(n)` says whether
    its writer has n comments that stand, `before()` gives the sketches of what was said in the last day.
    """

    user_id: int
    text: str
    html: str
    links: int
    stands: Callable[[int], bool]
    before: Callable[[], Iterable[Sketch]]


def concerns(rule: Rule, facts: Facts) -> bool:
    """Whether the rule would hold this comment."""
    match rule.kind:
        case RuleKind.FIRST:
            return not facts.stands(rule.amount)
        case RuleKind.LINKS:
            return facts.links > rule.amount
        case RuleKind.WORDS:
            return has_words(folded_text(facts.text, facts.html), rule.words)
        case RuleKind.PERSON:
            return facts.user_id == rule.person_id
        case RuleKind.SIMILAR:
            own = sketch_of(facts.html)
            return own != NOTHING and sum(alike(own, other) for other in facts.before()) >= rule.amount


def lines_of(words: str) -> list[str]:
    """The words and phrases of a rule, one a line, each once."""
    return list(dict.fromkeys(line for typed in words.splitlines() if (line := _BLANKS.sub(" ", typed).strip())))


@lru_cache(64)
def _pattern_of(words: str) -> re.Pattern[str]:
    parts = sorted({fold(line) for line in lines_of(words)} - {""}, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, parts)) or '(?!)'})(?!\w)")


@lru_cache(8)
def folded_text(text: str, html: str) -> str:
    """What is written and, below it, what readers see, both folded: marks of Markdown inside a word hide it in the one,
    an address behind a link is only in the other.
    """
    return f"{fold(text)}\n{fold(plain_text(html))}"


def fold(text: str) -> str:
    """Text in which capitals, look-alike letters of other scripts, and what cannot be seen make no difference."""
    return key_of_name(_BLANKS.sub(" ", _UNSEEN.sub("", text)))


def has_words(folded: str, words: str) -> bool:
    """Whether one of these words or phrases stands in a folded text, as a whole."""
    return _pattern_of(words).search(folded) is not None


def sketch_of(html: str) -> Sketch:
    """A few numbers that two texts share in the measure in which they share pieces; none for a short text.

    The smallest hashes of all pieces: A. Broder, "On the resemblance and containment of documents", 1997.
    """
    letters = _NO_LETTER.sub("", plain_text(html).casefold()).encode()[:MOST_TEXT]
    if len(letters) < LEAST_TEXT:
        return NOTHING
    pieces = {crc32(letters[start : start + SHINGLE]) for start in range(len(letters) - SHINGLE + 1)}
    return frozenset(sorted(pieces)[:SKETCH])


def alike(one: Sketch, other: Sketch) -> bool:
    """Whether two texts are mostly the same, by their sketches."""
    both = one & other
    if not both or len(both) < ALIKE * max(len(one), len(other)):  # most pairs, at a tenth of the cost
        return False
    together = sorted(one | other)[:SKETCH]
    return len(both.intersection(together)) >= ALIKE * len(together)
