"""The geometry of the time bar, for every combination of absent, unknown, vague and exact times."""

from itertools import pairwise, product

import pytest

from blog.articles.document import Times
from blog.articles.time_bar import GAP, LETTER, NAMES, NARROWEST, TimeBar, draw, draw_card

EXACT = {
    "started": "2025-12-14 09:00Z",
    "detected": "2025-12-14 09:15Z",
    "mitigated": "2025-12-14 11:00Z",
    "resolved": "2025-12-14 19:00Z",
}
VAGUE = {"started": "2025-12-13", "detected": "2025-12", "mitigated": "2025", "resolved": "2025-12-15"}


def bar_of(**times: str | None) -> TimeBar:
    return draw(Times.model_validate({name: text for name, text in times.items() if text is not None}))


def test_four_exact_times_stand_in_proportion() -> None:
    bar = bar_of(**EXACT)
    assert [mark.x for mark in bar.marks] == pytest.approx([0, 2.5, 20, 100], abs=0.2)
    assert [span.phase for span in bar.spans] == ["unnoticed", "response", "recovery"]
    assert all(span.stops == () for span in bar.spans)
    assert [measure.words for measure in bar.measures] == ["15 min to detect", "2 h to mitigate", "10 h to resolve"]
    assert bar.headline == "10 h to resolve"


@pytest.mark.parametrize("kinds", list(product(["absent", "unknown", "vague", "exact"], repeat=4)))
def test_every_combination_can_be_drawn(kinds: tuple[str, ...]) -> None:
    choices = {"absent": None, "unknown": "unknown"}
    times = {
        name: choices.get(kind, (VAGUE if kind == "vague" else EXACT)[name])
        for name, kind in zip(NAMES, kinds, strict=True)
    }
    bar = bar_of(**times)
    assert bar.is_empty == (not {"vague", "exact"} & set(kinds))
    places = [place for mark in bar.marks for place in (mark.x1, mark.x2, mark.label_x)]
    places += [place for measure in bar.measures for place in (measure.x1, measure.x2, measure.text_x)]
    places += [place for span in bar.spans for place in (span.x, span.x + span.width)]
    assert all(-0.02 <= place <= 100.02 for place in places)
    offsets = [[offset for offset, _ in span.stops] for span in bar.spans]
    assert all(stops == sorted(stops) and all(-0.1 <= offset <= 100.1 for offset in stops) for stops in offsets)
    assert bar.description.endswith(".")


@pytest.mark.parametrize("kinds", list(product([None, "exact"], repeat=4)))
def test_words_never_run_into_each_other_on_a_phone(kinds: tuple[str | None, ...]) -> None:
    close = {"started": "2025-12-14 09:00Z", "detected": "2025-12-14 09:01Z", "mitigated": "2025-12-14 09:02Z"}
    close["resolved"] = "2026-01-14 09:00Z"
    marks = bar_of(**{name: close[name] if kind else None for name, kind in zip(NAMES, kinds, strict=True)}).marks
    spans = sorted((mark.label_x, len(mark.label) * LETTER * 100 / NARROWEST) for mark in marks)
    for (one, width), (other, next_width) in pairwise(spans):
        assert other - one >= (width + next_width) / 2 + GAP * 99 / NARROWEST
    assert all(place - width / 2 >= 0 and place + width / 2 <= 100 for place, width in spans)


def test_vague_times_have_soft_edges() -> None:
    bar = bar_of(started="2025-12-13", resolved="2025-12-15 12:00Z")
    (span,) = bar.spans
    assert span.stops[0] == (0.0, 0.0)
    assert span.stops[-1] == (100.0, 1.0)
    assert bar.marks[0].is_soft
    assert not bar.marks[1].is_soft
    assert bar.measures[0].is_soft


def test_an_unknown_end_fades_out_and_is_said_in_words() -> None:
    bar = bar_of(started="2025-12-14 09:00Z", detected="2025-12-14 10:00Z", resolved="unknown")
    assert bar.marks[-1].label == "end ?"
    assert bar.spans[-1].stops[-1] == (100.0, 0.0)
    assert "resolved unknown" in bar.description
    assert "mitigated not given" in bar.description


def test_an_unknown_start_fades_in_and_the_known_part_is_measured() -> None:
    bar = bar_of(detected="2025-12-14 10:00Z", resolved="2025-12-14 12:00Z")
    assert bar.marks[0].label == "start ?"
    assert bar.spans[0].stops[0] == (0.0, 0.0)
    assert bar.headline == "2 h from detected to resolved"


def test_an_unknown_start_ends_where_a_vague_time_may_begin() -> None:
    start, detected, *_ = bar_of(detected="2025-12-14", resolved="2025-12-20").marks
    assert start.is_open
    assert start.x2 == detected.x1 < detected.x2


def test_a_year_that_is_given_by_its_leap_day_can_be_drawn() -> None:
    leap = Times.model_validate({"started": {"at": "2024-02-29", "precision": "year"}, "resolved": "2025-06-01"})
    assert draw(leap).headline == "between 93 and 459 days to resolve"


def test_all_at_one_instant_is_one_place_without_a_stretch() -> None:
    at = "2025-12-14T10:00:00Z"
    bar = bar_of(started=at, detected=at, resolved=at)
    assert {mark.x for mark in bar.marks} == {50.0}
    assert bar.spans == []
    assert bar.headline == "no time to resolve"


def test_years_apart_and_minutes_apart_share_one_honest_scale() -> None:
    bar = bar_of(started="2021-01-01", detected="2024-02-03 09:00Z", resolved="2024-02-03 09:10Z")
    assert bar.marks[1].x > 99.9
    assert bar.marks[1].label_x < bar.marks[2].label_x


def test_nothing_known_is_an_empty_drawing_that_says_so() -> None:
    assert bar_of().description == "No times are given."
    assert bar_of().facts == []
    unknown = bar_of(started="unknown")
    assert unknown.is_empty
    assert unknown.facts[0].words == "unknown"


def test_only_exact_facts_carry_an_instant_for_the_readers_zone() -> None:
    facts = {fact.name: fact.at for fact in bar_of(started="2025-12", resolved="2025-12-14 19:00Z").facts}
    assert facts["started"] is None
    assert facts["resolved"] is not None


def test_a_disclosure_much_later_does_not_stretch_the_drawing() -> None:
    bar = bar_of(**EXACT, disclosed="2026-02-20")
    assert bar.marks == bar_of(**EXACT).marks
    assert bar.facts[-1].words == "20 Feb 2026"


def test_a_card_is_drawn_from_what_it_stores() -> None:
    stored = Times.model_validate({**EXACT, "started": "2025-12-14"}).model_dump(mode="json", exclude_none=True)
    bar = draw_card({"times": stored})
    assert bar is not None
    assert bar.marks[0].is_soft
    assert draw_card({}) is None
