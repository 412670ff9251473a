"""The hour at which something is published, as it is typed."""

from datetime import UTC, datetime

from blog.errors import Fault, Invalid

MAX_TYPED = 40  # characters; no instant is longer


def instant_of(typed: str) -> datetime:
    """`2026-05-03T09:30`, with or without a zone (`Z`, `+02:00`); without one it is UTC. Raises `Invalid` at path
    `publish_at`.
    """
    typed = typed.strip()
    if not typed:
        raise Invalid([Fault("publish_at", "say on which day and at what time")])
    try:
        if len(typed) > MAX_TYPED or len(typed) < len("2026-05-03T09:30"):  # a day alone would mean midnight
            raise ValueError
        instant = datetime.fromisoformat(typed)
        return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Invalid([Fault("publish_at", "write day and time like 2026-05-03T09:30")]) from error


def as_field(typed: str) -> str:
    """What was typed as a field of a browser takes it, in UTC; as it stands where it is no instant."""
    try:
        return instant_of(typed).strftime("%Y-%m-%dT%H:%M")
    except Invalid:
        return typed
