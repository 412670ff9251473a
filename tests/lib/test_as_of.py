"""Days and times that an address names."""

from datetime import UTC, datetime

import pytest

from blog.lib.as_of import span_named


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("2026-05-03", datetime(2026, 5, 4, tzinfo=UTC)),
        ("2026-05-03T09:30Z", datetime(2026, 5, 3, 9, 31, tzinfo=UTC)),
        ("2026-05-03 09:30", datetime(2026, 5, 3, 9, 31, tzinfo=UTC)),
        ("2026-05-03T09:30:05+02:00", datetime(2026, 5, 3, 7, 30, 6, tzinfo=UTC)),
    ],
)
def test_what_is_named_ends_with_its_last_unit(text: str, end: datetime) -> None:
    assert span_named(text).end == end


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "2026-02-30", "2026-5-3", "20260503", "2026-05-03T25:00", "9999-12-31", "0000-01-01",
     "٢٠٢٦-٠٥-٠٣", "0001-01-01T00:00+14:00", "2026-05-03T09:30+99:00", "2026-05-03T"],
)  # fmt: skip
def test_everything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        span_named(text)
