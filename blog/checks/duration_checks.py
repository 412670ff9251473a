"""Durations typed in the prose that differ from those computed from the times of the incidents.

Only sentences that clearly speak of how long an outage lasted, or how long detecting, mitigating or resolving it took,
are compared, and only where the times are known well enough. A duration that fits any incident of the write-up passes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from blog.articles.document import Document, Times
from blog.articles.wording import duration_words
from blog.checks.findings import Check, Finding, Passage
from blog.lib.moment import DurationRange

_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_WORDS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60,
    "ninety": 90, "half": 0.5, "half a": 0.5, "half an": 0.5,
}  # fmt: skip
_NUMBER = r"\d{1,4}(?:[.,]\d{1,2})?"
_WORD = "half an?|" + "|".join(sorted((word for word in _WORDS if " " not in word), key=len, reverse=True))
# Not "second": "a second outage" is the next one.
_UNIT = r"(?:seconds|secs|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?)(?![A-Za-z_])"
_PART = rf"(?:{_NUMBER}[ -]?|\b(?:{_WORD})[ -]){_UNIT}"
DURATION = rf"(?<![\w.,–-])(?:{_PART}(?:(?:,? and |, | )?{_PART}){{0,3}}(?: and a (?P<half>half|quarter))?)"
_ONE_PART = re.compile(rf"(?:(?P<number>{_NUMBER})[ -]?|\b(?P<word>{_WORD})[ -])(?P<unit>{_UNIT})", re.IGNORECASE)
_VAGUE = (
    r"(?:about|around|roughly|approximately|approx\.?|some|circa|ca\.?|nearly|almost|just under|under|less than|up to|"
    r"just over|over|more than|at least|only|a total of|~|≈|>|<)"
)
_D = rf"(?P<vague>(?:{_VAGUE} ?)*)(?P<typed>{DURATION})"
_OUTAGE = r"(?<!full )(?<!partial )(?<!complete )(?:outage|incident|downtime|disruption|interruption|unavailability)"
_SIDE = r"(?! (?:of|after|from|before|into|since|later|ago|per|window|each|every)\b)"
_FOUND = r"(?:detect(?:ed|ing|ion|)|notic(?:ed|ing|e)|discover(?:ed|ing|y|)|spotted)"
_EASED = r"(?:mitigat(?:ed|ing|ion|e)|rolled back|roll back)"
_ENDED = r"(?:resol(?:ved|ving|ution|ve)|restor(?:ed|ing|e)|recover(?:ed|ing|y|)|fix(?:ed|ing|)|repair(?:ed|ing|)?)"

# Each names what is measured. {d} is a duration.
_SHAPES: list[tuple[str, str]] = [
    ("outage", rf"\b{_OUTAGE}(?: \w+){{0,3}}? (?:lasted|ran|went on|continued|persisted)(?: for)? {{d}}{_SIDE}"),
    ("outage", rf"\b{_OUTAGE} (?:duration|length|time|lasted)(?: was|:| of)* ?{{d}}"),
    ("outage", rf"\b(?:duration|downtime|length)(?: of (?:the )?{_OUTAGE})? ?(?:was|is|:|of|\||=|\*)+ ?{{d}}"),
    ("outage", rf"{{d}}(?:-long)? (?:of )?(?:service )?{_OUTAGE}\b"),
    (
        "outage",
        r"\b(?:was|were) (?:completely |fully |entirely )?(?:down|unavailable|unreachable|offline) for {d}" + _SIDE,
    ),
    ("detect", rf"\b(?:{_FOUND} (?:it |this |the \w+ )?(?:only |within|in|after|until|for) ?(?:only )?{{d}}){_SIDE}"),
    ("detect", rf"\btook {{d}} (?:to|until|before) (?:\w+ ){{0,3}}?{_FOUND}\b"),
    ("detect", r"\btime to (?:detect|detection|notice)(?: was|:| of|\*| \|)* ?{d}"),
    ("detect", r"\b(?:went |was |were |stayed |remained )?(?:unnoticed|undetected) for {d}"),
    ("mitigate", rf"\b{_EASED} (?:within|in|after) {{d}}{_SIDE}"),
    ("mitigate", rf"\btook {{d}} to {_EASED}\b"),
    ("mitigate", r"\btime to mitigat(?:e|ion)(?: was|:| of|\*| \|)* ?{d}"),
    ("resolve", rf"\b(?:was|were|fully|completely|been|all) {_ENDED} (?:within|in|after) {{d}}{_SIDE}"),
    ("resolve", rf"\btook {{d}} to (?:fully |completely )?{_ENDED}\b"),
    ("resolve", r"\btime to (?:resolve|resolution|recover|recovery|restore)(?: was|:| of|\*| \|)* ?{d}"),
]
# Sentences about another outage than this one, about a part of it, or about what might be.
_ASIDE = re.compile(
    r"\b(?:would|could|might|may|typical(?:ly)?|usual(?:ly)?|normal(?:ly)?|expect(?:ed|ation)?|target|objective|budget|"
    r"SL[AO]|(?:complete|full|total|partial) \w+ outage|additional|another|further|previous(?:ly)?|earlier|each|every|"
    r"last (?:year|month|week)|for (?:some|most|many|a few|about \d)|(?:support|office|business|working) hours)\b",
    re.IGNORECASE,
)
_TOLD = {
    "outage": "the outage",
    "detect": "the time to detect",
    "mitigate": "the time to mitigate",
    "resolve": "the time to resolve",
}
MAX_SENTENCE = 2_000  # a longer one is no sentence, and the shapes cost what it is long


@dataclass(frozen=True)
class Typed:
    """A duration in words: how long, and by how much it may differ and still be the same."""

    length: timedelta
    slack: timedelta


@cache
def _any() -> re.Pattern[str]:
    return re.compile(DURATION, re.IGNORECASE)


@cache  # at first need: compiling them takes a tenth of what a process needs to start
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    return [(kind, re.compile(shape.replace("{d}", _D), re.IGNORECASE)) for kind, shape in _SHAPES]


def duration_findings(document: Document, passages: list[Passage]) -> list[Finding]:
    """One finding a sentence and kind of duration."""
    computed = _computed(document)
    if not computed:
        return []
    judged = (
        one for one in passages if one.kind == "prose" and not one.path.startswith(("claims", "actions", "timeline"))
    )
    return [finding for passage in judged for finding in _in_passage(passage, computed)]


def typed_duration(words: str, *, is_vague: bool = False) -> Typed | None:
    """What `13 hours`, `1h 30m`, `two days`, `an hour and a half` mean; None for what is no duration.

    The slack is one of the smallest unit that was typed, five minutes for a multiple of five; a sixth for "about".
    """
    whole, smallest, last = 0.0, _UNITS["w"], 0
    for part in _ONE_PART.finditer(words):
        value = _WORDS[part["word"].lower()] if part["word"] else float(part["number"].replace(",", "."))
        last = _UNITS[part["unit"][0].lower()]
        whole += value * last
        smallest = min(smallest, _grain(value, last))
    if not last:
        return None
    if share := {"half": 0.5, "quarter": 0.25}.get(words.lower().rpartition(" and a ")[2]):
        whole, smallest = whole + share * last, int(share * last / 2)
    slack = max(smallest, whole / 6 if is_vague else 0)
    return Typed(timedelta(seconds=whole), timedelta(seconds=slack))


def _grain(value: float, unit: int) -> int:
    if value != int(value):
        return unit // 4
    return 5 * unit if unit <= _UNITS["m"] and value % 5 == 0 else unit


def _computed(document: Document) -> dict[str, list[DurationRange]]:
    """Every duration that a kind may mean, of all incidents; kinds without any are absent."""
    found: dict[str, list[DurationRange]] = {}
    for incident in document.incidents:
        for kind, ranges in _of_times(incident.times).items():
            found.setdefault(kind, []).extend(one for one in ranges if one is not None)
    return {kind: ranges for kind, ranges in found.items() if ranges}


def _of_times(times: Times) -> dict[str, list[DurationRange | None]]:
    ends = [times.time_to_mitigate, times.time_to_resolve]
    return {"outage": ends, "detect": [times.time_to_detect], "mitigate": ends[:1], "resolve": ends}


def _in_passage(passage: Passage, computed: dict[str, list[DurationRange]]) -> Iterator[Finding]:
    for sentence in passage.sentences:
        if not _is_clear(sentence):
            continue
        said: set[str] = set()
        for kind, pattern in _patterns():
            if kind in said or kind not in computed:
                continue
            for match in pattern.finditer(sentence):
                typed = typed_duration(match["typed"], is_vague=bool(match["vague"]))
                if typed is not None and not any(_fits(typed, one) for one in computed[kind]):
                    said.add(kind)
                    yield _finding(passage, sentence, match["typed"], kind, computed[kind])
                    break


def _is_clear(sentence: str) -> bool:
    """Whether the sentence gives one duration and speaks of this incident."""
    if len(sentence) > MAX_SENTENCE or _ASIDE.search(sentence):
        return False
    return sum(1 for _ in _any().finditer(sentence)) == 1


def _finding(passage: Passage, sentence: str, typed: str, kind: str, ranges: list[DurationRange]) -> Finding:
    computed = " or ".join(dict.fromkeys(duration_words(one) for one in ranges[:3]))
    message = f"“{typed}” differs from what the times give for {_TOLD[kind]}: {computed}"
    return Finding(
        Check.DURATION, passage.path, passage.place, message, f"{kind} {sentence} {computed}", excerpt=sentence
    )


def _fits(typed: Typed, computed: DurationRange) -> bool:
    shortest, longest = computed.shortest, computed.longest
    if computed.is_exact:  # the minute that it is wide would let the next hour in
        shortest = longest = (shortest + longest) / 2
    return shortest - typed.slack < typed.length < longest + typed.slack
