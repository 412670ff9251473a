"""The zone at the end of a time: read where it means one thing, refused where it would move the time by hours."""

import pytest
from pydantic import ValidationError

from blog.lib.moment import Moment


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2025-12-14 09:30 UTC", "2025-12-14 09:30+00:00"),
        ("2025-12-14 09:30 GMT", "2025-12-14 09:30+00:00"),
        ("2025-12-14 09:30", "2025-12-14 09:30+00:00"),
        ("2025-12-14 09:30 UTC+8", "2025-12-14 09:30+08:00"),
        ("2025-12-14 09:30 GMT-05:00", "2025-12-14 09:30-05:00"),
        ("14 Dec 2025 9:30 +0200", "2025-12-14 09:30+02:00"),
        ("14 Dec 2025 9:30 am", "2025-12-14 09:30+00:00"),
    ],
)
def test_a_clear_zone_is_read(typed: str, meant: str) -> None:
    assert Moment.model_validate(typed).as_text() == meant


@pytest.mark.parametrize("zone", ["PST", "CET", "CST", "IST", "EDT"])
def test_letters_that_mean_several_zones_are_refused_with_what_to_write(zone: str) -> None:
    with pytest.raises(ValidationError, match=f"the time zone {zone} can be read in several ways; write UTC"):
        Moment.model_validate(f"2025-12-14 09:30 {zone}")
