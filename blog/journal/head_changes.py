"""The head of the journal, told once a day to a file and to the log: what a shortened journal is found out by.

A chain of hashes shows a row that was changed or taken out of its middle; only a hash that was kept elsewhere shows
that its end was cut off. Copy the file, or the log, to where nobody who can write the database can write.
"""

import json
import logging
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from blog.journal import event_queries
from blog.journal.models import Event
from blog.lib import clock
from blog.lib.clock import iso
from blog.lib.disk import flush

log = logging.getLogger(__name__)

FILE = "journal-heads.jsonl"  # in the data folder: `{"at": "2026-05-03T00:00:04Z", "event": 12, "hash": "..."}`
EVERY = timedelta(days=1)


def tell_head(folder: Path) -> bool:
    """Add the newest event's number and hash to the file, unless that was done within a day. Whether it was."""
    path = folder / FILE
    if path.exists() and clock.now().timestamp() - path.stat().st_mtime < EVERY.total_seconds():
        return False
    newest = event_queries.newest()
    if newest is None:
        return False
    is_new = not path.exists()
    head = {"at": iso(clock.now()), "event": newest.id, "hash": newest.hash}
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(head) + "\n")
        file.flush()
        os.fsync(file.fileno())
    if is_new:
        flush(folder)
    log.info("journal head", extra=head)
    return True


def told_heads(path: Path) -> Iterator[tuple[int, str, str]]:
    """(event number, hash, when) of every head in a file. Raises ValueError for a line that is none."""
    for place, line in enumerate(path.read_bytes().splitlines(), 1):
        try:
            head = json.loads(line)
            yield int(head["event"]), str(head["hash"]), str(head["at"])
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"line {place} of {path.name} is no head of a journal") from error


def lost_heads(path: Path) -> Iterator[tuple[int, str]]:
    """(event number, what is wrong) for every head that the journal no longer holds as it was told."""
    for number, expected, at in told_heads(path):
        event: Event | None = event_queries.event(number)
        if event is None:
            yield number, f"it was there on {at} and is missing: the journal was cut"
        elif event.hash != expected:
            yield number, f"it is not what it was on {at}"
