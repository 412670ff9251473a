"""The reader's query syntax: one parser and one tree for every engine, and nothing typed is an error."""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import UTC, datetime

MAX_CHARACTERS = 200  # longer than any question people typed; a pasted log line is no query
MAX_TERMS = 12
MAX_PHRASES = 3  # each one reads word positions
MAX_PREFIXES = 2  # each one stands for up to 64 words
MIN_PREFIX = 3  # letters; fewer match most of the vocabulary

FIELDS = ("service", "severity", "status", "tag", "organisation", "author", "year", "kind", "after", "before")

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»″", '"') | {"\x00": " "})
_TOKEN = re.compile(
    r"""(?P<minus>-)?(?:(?P<field>[a-z]+):)?(?:"(?P<quoted>[^"]*)(?P<closed>"?)|(?P<bare>[^\s"]+))|(?P<rest>\S)""",
    re.IGNORECASE,
)
_EDGES = re.compile(r"^[\W_]+|[\W_]+$")
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?", re.ASCII)


class QueryTooLong(ValueError):
    """More than MAX_CHARACTERS were typed; the request is at fault (400)."""


@dataclass(frozen=True, slots=True)
class Word:
    text: str


@dataclass(frozen=True, slots=True)
class Phrase:
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Prefix:
    text: str


Leaf = Word | Phrase | Prefix


@dataclass(frozen=True, slots=True)
class FieldIs:
    """A condition on a fact. The value is folded: lower case, and a hyphen for each blank unless it is a name."""

    field: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What the reader asked for.

    Every group of `groups` must match by at least one of its leaves; none of `excluded` may. Conditions in `wanted`
    on one field are alternatives, those on different fields must all hold. `after` (from this second on) and
    `before` (up to, without it) are UTC seconds. `notes` tell the reader what was ignored or cut.
    """

    text: str = ""
    groups: tuple[tuple[Leaf, ...], ...] = ()
    excluded: tuple[Leaf, ...] = ()
    wanted: tuple[FieldIs, ...] = ()
    unwanted: tuple[FieldIs, ...] = ()
    after: int | None = None
    before: int | None = None
    notes: tuple[str, ...] = ()

    @property
    def has_conditions(self) -> bool:
        return bool(self.wanted or self.unwanted or self.after is not None or self.before is not None)

    @property
    def is_lost(self) -> bool:
        """Tell whether something was typed and nothing of it can be searched; such a query finds nothing."""
        return bool(self.text) and not (self.groups or self.excluded or self.has_conditions)

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        return tuple(leaf for group in self.groups for leaf in group)


@dataclass(slots=True)
class _Parse:
    groups: list[list[Leaf]] = field(default_factory=list)
    excluded: list[Leaf] = field(default_factory=list)
    wanted: list[FieldIs] = field(default_factory=list)
    unwanted: list[FieldIs] = field(default_factory=list)
    times: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    joins: bool = False  # an OR was read and waits for its right side
    negates: bool = False  # a NOT was read
    groups_end: bool = True  # the last thing read was not a leaf, so OR has no left side

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)


def parse(text: str) -> Query:
    """Read a query as typed. Raises QueryTooLong, and nothing else for any string."""
    if len(text) > MAX_CHARACTERS:
        raise QueryTooLong(f"A search takes at most {MAX_CHARACTERS} characters; this one has {len(text)}.")
    text = " ".join(unicodedata.normalize("NFC", text).translate(_QUOTES).split())
    state = _Parse()
    for token in _TOKEN.finditer(text):
        _read(state, token)
    if state.joins:
        state.note("OR needs a word on both sides; it was ignored.")
    return Query(
        text=text,
        groups=tuple(map(tuple, state.groups)),
        excluded=tuple(state.excluded),
        wanted=tuple(state.wanted),
        unwanted=tuple(state.unwanted),
        after=state.times.get("after"),
        before=state.times.get("before"),
        notes=tuple(state.notes),
    )


def _read(state: _Parse, token: re.Match[str]) -> None:
    quoted, bare = token["quoted"], token["bare"]
    if quoted is None and _read_operator(state, token[0]):
        return
    negative = bool(token["minus"]) or state.negates
    state.negates = False
    if quoted is not None and not token["closed"]:
        state.note("A closing quotation mark was missing; all that follows the opening one was read as one phrase.")
    name = (token["field"] or "").lower()
    if name in FIELDS:
        _read_condition(state, name, quoted if quoted is not None else bare or "", negative=negative)
    elif quoted is not None:
        if name:
            _add_word(state, name, negative=negative)
        _add_phrase(state, quoted, negative=negative)
    else:
        written = token[0].removeprefix("-")
        if re.match(rf"(?:{'|'.join(FIELDS)}):$", written, re.IGNORECASE):
            state.note(f"“{written}” needs a value right after the colon; it was ignored.")
        else:
            _add_word(state, written, negative=negative)


def _read_operator(state: _Parse, written: str) -> bool:
    if written in ("OR", "|", "||"):
        if state.groups_end:
            state.note("OR needs a word on both sides; it was ignored.")
        else:
            state.joins = True
    elif written == "NOT":
        state.negates = True
    elif written not in ("AND", "&", "&&"):  # all words are wanted anyway
        return False
    return True


def _read_condition(state: _Parse, name: str, value: str, *, negative: bool) -> None:
    state.joins, state.groups_end = False, True
    if name in ("after", "before"):
        moment = None if negative else _moment(value)
        if moment is None:
            state.note(f"“{name}:{value}” is not a day such as {name}:2024-05-31; it was ignored.")
        else:
            state.times[name] = moment
        return
    folded = fold_value(name, value)
    if not folded or (name == "year" and not re.fullmatch(r"\d{4}", folded, re.ASCII)):
        state.note(f"“{name}:{value}” has no value that can be searched; it was ignored.")
        return
    (state.unwanted if negative else state.wanted).append(FieldIs(name, folded))


def fold_value(name: str, value: str) -> str:
    """Bring a condition's value to the form that slugs and names are compared in."""
    value = " ".join(value.casefold().split())
    if name == "author":
        return value.strip(",;")
    return re.sub(r"[\s_]+", "-", value.strip("\"'.,;()")).strip("-")


def _moment(value: str) -> int | None:
    match = _DATE.fullmatch(value.strip())
    if match is None:
        return None
    year, month, day = match.groups(default="1")
    try:
        return int(datetime(int(year), int(month), int(day), tzinfo=UTC).timestamp())
    except (ValueError, OverflowError):
        return None


def _add_phrase(state: _Parse, text: str, *, negative: bool) -> None:
    words = tuple(word for word in (_EDGES.sub("", part) for part in text.split()) if word)
    if len(words) == 1:
        _add_word(state, words[0], negative=negative)
    elif words:
        phrases = sum(isinstance(leaf, Phrase) for leaf in _leaves(state))
        if phrases >= MAX_PHRASES:
            state.note(f"At most {MAX_PHRASES} phrases are searched; the words of the others were searched singly.")
            for word in words:
                _add_word(state, word, negative=negative)
        else:
            _add_leaf(state, Phrase(words[:MAX_TERMS]), negative=negative)


def _add_word(state: _Parse, written: str, *, negative: bool) -> None:
    word = _EDGES.sub("", written)
    if not word:
        state.note(f"“{written}” has no letters or digits; it was ignored.")
        return
    starred = written.endswith("*")
    if "*" in written.removesuffix("*"):
        state.note("A * is read at the end of a word only.")
        word = _EDGES.sub("", written.replace("*", " ")).split()[0]
        starred = False
    if starred and len(word) < MIN_PREFIX:
        state.note(f"“{word}*” needs at least {MIN_PREFIX} letters before the *; it was searched as a word.")
    elif starred and sum(isinstance(leaf, Prefix) for leaf in _leaves(state)) >= MAX_PREFIXES:
        state.note(f"At most {MAX_PREFIXES} words may end in *; the others were searched as they stand.")
    elif starred:
        _add_leaf(state, Prefix(word), negative=negative)
        return
    _add_leaf(state, Word(word), negative=negative)


def _leaves(state: _Parse) -> list[Leaf]:
    return [leaf for group in state.groups for leaf in group] + state.excluded


def _add_leaf(state: _Parse, leaf: Leaf, *, negative: bool) -> None:
    joins, state.joins = state.joins, False
    used = sum(len(other.words) if isinstance(other, Phrase) else 1 for other in _leaves(state))
    if used + (len(leaf.words) if isinstance(leaf, Phrase) else 1) > MAX_TERMS:
        state.note(f"A search takes at most {MAX_TERMS} words; the rest was ignored.")
        return
    if negative:
        state.excluded.append(leaf)
        state.groups_end = True
    elif joins:
        state.groups[-1].append(leaf)
    else:
        state.groups.append([leaf])
        state.groups_end = False
