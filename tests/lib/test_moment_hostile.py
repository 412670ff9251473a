"""Times that nobody means: refused in words, never an error of the program."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from blog.articles.document import parse_document
from blog.errors import Invalid
from blog.lib.moment import Moment, Precision, zone_named


@pytest.mark.parametrize("zone", [5, 1.5, True, [], ["UTC"], {}, {"a": 1}])
def test_a_zone_that_is_no_text_is_refused_at_its_path(zone: Any) -> None:
    row = {"text": "x", "at": {"at": "2025-01-01", "zone": zone}}
    with pytest.raises(Invalid) as caught:
        parse_document({"title": "T", "body": "B", "timeline": [row]})
    assert [(one.path, one.reason) for one in caught.value.faults] == [("timeline.0.at.zone", "this must be text")]


@pytest.mark.parametrize(
    "name",
    ["Factory", "localtime", "posixrules", "right/Europe/Berlin", "Europe", "Europe/", "../Europe/Berlin", "a\0/b"],
)
def test_a_name_that_is_no_zone_everywhere_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is not known; use a name such as Europe/Berlin"):
        zone_named(name)
    with pytest.raises(ValidationError):
        Moment.model_validate({"at": "2025-01-01T10:00:00Z", "zone": name})
    with pytest.raises(ValidationError):
        Moment.model_validate({"at": datetime(2025, 1, 1, tzinfo=UTC), "zone": name})


@pytest.mark.parametrize("name", [None, "", "UTC", "utc", "GMT", "CET", "Europe/Berlin", "America/Argentina/Salta"])
def test_a_name_of_the_database_is_a_zone(name: str | None) -> None:
    assert datetime(2025, 1, 1, tzinfo=zone_named(name)).utcoffset() is not None


@settings(max_examples=300, deadline=None)
@example("99999999999999999999000000000000000000000000000000m--2025Wh1e9")
@given(st.text(alphabet="0123456789eEmWhTZ+-:./, adpJFnov", max_size=64))
def test_any_text_is_a_time_or_is_refused(text: str) -> None:
    try:
        moment = Moment.model_validate(text)
    except ValidationError:
        return
    assert moment.bounds() is None or moment.at is not None


@pytest.mark.parametrize("precision", [Precision.MINUTE, Precision.DAY])
def test_bounds_at_the_ends_of_the_calendar_do_not_overflow(precision: Precision) -> None:
    for text in ("0001-01-01T00:00+14:00", "9999-12-30T23:59-14:00"):
        moment = Moment.model_construct(at=datetime.fromisoformat(text), precision=precision, zone=None)
        bounds = moment.bounds()
        assert bounds is not None
        assert bounds[0] <= bounds[1]
