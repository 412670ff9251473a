"""The time bar: one horizontal drawing of started -> detected -> mitigated -> resolved, as pure geometry.

All places are per cent of the width, so that one drawing fits a phone and a wide page without scaling its letters;
labels are set apart for the narrowest width (`NARROWEST`). Vague times become soft edges, unknown ones words.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from typing import Any

from blog.articles.document import Times
from blog.articles.wording import NOT_GIVEN, duration_words, moment_words
from blog.lib.moment import DurationRange, Moment, duration_between

NAMES = ("started", "detected", "mitigated", "resolved")  # drawn; declared and disclosed stand in the list of times
NARROWEST, WIDE = 288, 700  # pixels: a phone of 360 less its margins; a page of 48rem and more
LETTER = 7.2  # pixels of the widest usual sans serif at the size of the labels
GAP = 8  # pixels between labels
OPEN = 14.0  # per cent kept for a beginning or an end that is not known
PHASES = {("started", "detected"): "unnoticed", ("detected", ""): "response", ("mitigated", ""): "recovery"}


@dataclass(frozen=True)
class Mark:
    """A time on the bar: `x1` to `x2` is what it may mean, `x` the middle. Its word stands over `label_x` on a phone,
    over `wide_x` where there is room.
    """

    name: str
    x1: float
    x2: float
    label_x: float = 0.0
    wide_x: float = 0.0
    is_open: bool = False  # the place of a beginning or end that is not known

    @property
    def x(self) -> float:
        return round((self.x1 + self.x2) / 2, 2)

    @property
    def is_soft(self) -> bool:
        return self.x2 - self.x1 > 0.8  # less is a line in any case

    @property
    def label(self) -> str:
        return {"started": "start ?", "resolved": "end ?"}[self.name] if self.is_open else self.name


@dataclass(frozen=True)
class Span:
    """A stretch of the bar. `stops` are (offset, opacity) in per cent and 0..1; empty where both edges are hard."""

    phase: str
    x: float
    width: float
    stops: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Measure:
    """A computed duration under the bar, from `x1` to `x2`, its words beginning at `text_x`."""

    words: str
    x1: float
    x2: float
    text_x: float
    is_soft: bool


@dataclass(frozen=True)
class Fact:
    """One line of the list of times. `at` only where the instant is known to the minute."""

    name: str
    words: str
    at: datetime | None = None


@dataclass(frozen=True)
class TimeBar:
    marks: list[Mark]
    spans: list[Span]
    measures: list[Measure]
    facts: list[Fact]
    headline: str  # the one thing a list entry says

    @property
    def is_empty(self) -> bool:
        return not self.marks

    @property
    def description(self) -> str:
        """The drawing for people who do not see it."""
        told = [f"{fact.name} {fact.words}" for fact in self.facts] or ["no times are given"]
        words = "; ".join([*told, *(measure.words for measure in self.measures)])
        return words[:1].upper() + words[1:] + "."


def draw(times: Times) -> TimeBar:
    """The drawing of these times, whatever is absent, unknown or vague in them, including all of it."""
    marks = _label(_marks(times))
    known = [mark for mark in marks if not mark.is_open]
    measures = _measures(times, {mark.name: mark for mark in known})
    return TimeBar(marks, _spans(marks), measures, _facts(times), _headline(times, measures))


def draw_card(card: Mapping[str, Any]) -> TimeBar | None:
    """The drawing for a list entry from its `Article.card`; None where the card holds no times."""
    times = card.get("times")
    return _draw_stored(json.dumps(times)) if times else None


@lru_cache(maxsize=512)  # lists show the same entries again and again; a drawing is a few kB
def _draw_stored(times: str) -> TimeBar | None:
    bar = draw(Times.model_validate_json(times))
    return None if bar.is_empty else bar


def _marks(times: Times) -> list[Mark]:
    bounds = {name: found for name in NAMES if (found := _bounds(getattr(times, name)))}
    if not bounds:
        return []
    first, last = min(low for low, _ in bounds.values()), max(high for _, high in bounds.values())
    left, right = (0.0 if "started" in bounds else OPEN), (100.0 if "resolved" in bounds else 100 - OPEN)
    length = last - first

    def place(at: datetime) -> float:
        if not length:
            return {(True, False): 0.0, (False, True): 100.0}.get(("started" in bounds, "resolved" in bounds), 50.0)
        share: float = (at - first) / length
        return round(left + (right - left) * share, 2)

    marks = [Mark(name, place(low), place(high)) for name, (low, high) in bounds.items()]
    if "started" not in bounds:
        marks.insert(0, Mark("started", 0.0, min(mark.x1 for mark in marks), is_open=True))
    if "resolved" not in bounds:
        marks.append(Mark("resolved", max(mark.x2 for mark in marks), 100.0, is_open=True))
    return marks


def _bounds(moment: Moment | None) -> tuple[datetime, datetime] | None:
    """What a moment may mean; one to the minute is drawn as the instant at which the minute begins."""
    found = moment.bounds() if moment else None
    return found if found is None or (moment and moment.is_vague) else (found[0], found[0])


def _label(marks: list[Mark]) -> list[Mark]:
    """Give every mark a place for its word, on narrow and on wide screens."""
    places = zip(marks, _places(marks, NARROWEST), _places(marks, WIDE), strict=True)
    return [replace(mark, label_x=narrow, wide_x=wide) for mark, narrow, wide in places]


def _places(marks: Sequence[Mark], pixels: int) -> list[float]:
    """The middle of each word when the drawing is so wide: near its mark, beside its neighbours, inside the drawing."""
    order = sorted(range(len(marks)), key=lambda index: (marks[index].x, index))
    widths = [(len(marks[index].label) * LETTER + GAP) * 100 / pixels for index in order]
    places: list[float] = []
    edge = 0.0
    for index, width in zip(order, widths, strict=True):
        places.append(max(marks[index].x, edge + width / 2))
        edge = places[-1] + width / 2
    edge = 100.0
    for place in reversed(range(len(places))):
        places[place] = min(places[place], edge - widths[place] / 2)
        edge = places[place] - widths[place] / 2
    found = dict(zip(order, places, strict=True))
    return [round(found[index], 2) for index in range(len(marks))]


def _spans(marks: Sequence[Mark]) -> list[Span]:
    spans = []
    for one, other in pairwise(marks):
        if one.is_open or other.is_open:
            spans.append(_open_span(one, other))
        elif other.x >= one.x and other.x2 > one.x1:
            spans.append(Span(_phase(one, other), one.x1, round(other.x2 - one.x1, 2), _stops(one, other)))
    return [span for span in spans if span.width > 0]


def _open_span(one: Mark, other: Mark) -> Span:
    """A stretch towards a beginning or an end that is not known: it fades there, and is soft where a vague time is."""
    start, end = one.x1, other.x2
    if one.is_open:
        places = [(start, 0.0), (other.x1, 1.0), (end, 0.0 if other.is_soft else 1.0)]
    else:
        places = [(start, 0.0 if one.is_soft else 1.0), (one.x2, 1.0), (end, 0.0)]
    width = end - start
    stops = tuple((round((place - start) * 100 / width, 2), opacity) for place, opacity in places) if width else ()
    return Span("open", start, round(width, 2), stops)


def _phase(one: Mark, other: Mark) -> str:
    return PHASES.get((one.name, other.name)) or PHASES.get((one.name, "")) or "whole"


def _stops(one: Mark, other: Mark) -> tuple[tuple[float, float], ...]:
    """From nothing at the earliest start to full at the latest, and back over the end's range; hard edges need none."""
    if not (one.is_soft or other.is_soft):
        return ()
    start, width = one.x1, other.x2 - one.x1
    middle = (max(one.x, start) + other.x) / 2
    rise, fall = min(one.x2, middle), max(other.x1, middle)
    places = [(start, 0.0 if one.is_soft else 1.0), (rise, 1.0), (fall, 1.0), (other.x2, 0.0 if other.is_soft else 1.0)]
    return tuple((round((place - start) * 100 / width, 2), opacity) for place, opacity in places)


def _measures(times: Times, marks: Mapping[str, Mark]) -> list[Measure]:
    found = [
        (duration, "started", name, f"to {verb}")
        for duration, name, verb in (
            (times.time_to_detect, "detected", "detect"),
            (times.time_to_mitigate, "mitigated", "mitigate"),
            (times.time_to_resolve, "resolved", "resolve"),
        )
        if duration
    ]
    names = list(marks)
    if not found and len(names) > 1:  # without a start: at least how long it is known to have lasted
        between = duration_between(getattr(times, names[0]), getattr(times, names[-1]))
        found = [(between, names[0], names[-1], f"from {names[0]} to {names[-1]}")] if between else []
    measures = [_measure(duration, marks[one], marks[other], words) for duration, one, other, words in found]
    edge = min((measure.text_x for measure in measures), default=0.0)  # one left edge reads better than three
    return [replace(measure, text_x=edge) for measure in measures]


def _measure(duration: DurationRange, one: Mark, other: Mark, purpose: str) -> Measure:
    words = f"{duration_words(duration)} {purpose}"
    text_x = max(0.0, min(one.x, 100 - len(words) * LETTER * 100 / NARROWEST))
    return Measure(words, one.x, max(one.x, other.x), round(text_x, 2), one.is_soft or other.is_soft)


def _facts(times: Times) -> list[Fact]:
    """The four drawn times always, once any is given; the other two where somebody wrote them down."""
    if all(getattr(times, name) is None for name in Times.model_fields):
        return []
    return [
        Fact(name, moment_words(moment), _instant(moment))
        for name in Times.model_fields
        if (moment := getattr(times, name)) is not None or name in NAMES
    ]


def _instant(moment: Moment | None) -> datetime | None:
    return moment.at if moment is not None and moment.at is not None and not moment.is_vague else None


def _headline(times: Times, measures: Sequence[Measure]) -> str:
    if measures:
        return measures[-1].words
    for name in NAMES:
        words = moment_words(getattr(times, name))
        if words not in (NOT_GIVEN, "unknown"):
            return f"{name} {words}"
    return ""
