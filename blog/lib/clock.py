"""The one source of the present time: aware UTC, so that tests can move it in one place."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present instant, aware, in UTC, to the microsecond."""
    return datetime.now(UTC)


def iso(instant: datetime) -> str:
    """An aware instant as ISO 8601 in UTC with a `Z`, to the second: `2025-12-14T09:30:00Z`."""
    return f"{instant.astimezone(UTC).isoformat()[:19]}Z"
