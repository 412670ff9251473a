"""Pages made before anybody asks for them: of the newest write-ups, in moments without jobs (decision 0014)."""

import time
from collections import deque
from dataclasses import dataclass, field

from flask import Flask

from blog.lib.read_path import ReadPath
from blog.pages.queries import newest_slugs

MOST = 10_000  # write-ups: about half of what the shelf has room for
FIRST = ("/", "/postmortems/")
MOMENT_SECONDS = 0.1  # at a time: as long as a job that comes meanwhile waits
WAIT_SECONDS = 30.0  # after a start, when readers need the machine
LOOK_SECONDS = 60.0  # between two rounds, in which what changed since is made anew
MOST_REFUSED = 20  # in one round: whatever keeps pages from being kept is not mended by trying all of them


@dataclass
class PagesAhead:
    """Goes through the pages, the newest write-up first, and makes what is not on the shelf or not current there."""

    app: Flask
    read_path: ReadPath
    _left: deque[str] = field(default_factory=deque)
    _refused: int = 0
    _round_at: float = field(default_factory=lambda: time.monotonic() + WAIT_SECONDS)

    def spend_moment(self) -> None:
        """Do a little of it. Quick where nothing is due. Raises what the database raises."""
        if not self._left and time.monotonic() >= self._round_at:
            self.begin()
        until = time.monotonic() + MOMENT_SECONDS
        while self._left and time.monotonic() < until:
            self.step()

    def begin(self) -> int:
        """Begin a round. Returns how many pages there are to look at."""
        with self.app.app_context():
            self._left = deque((*FIRST, *(f"/postmortems/{slug}" for slug in newest_slugs(most=MOST))))
        self._refused = 0
        return len(self._left)

    def step(self) -> str:
        """Look at the next page, and make it where it is due. Returns what `ReadPath.make_ahead` says of it."""
        outcome = self.read_path.make_ahead(self._left.popleft())
        self._refused += outcome == "not kept"
        if self._refused >= MOST_REFUSED:
            self._left.clear()
        if not self._left:
            self._round_at = time.monotonic() + LOOK_SECONDS
        return outcome

    @property
    def is_done(self) -> bool:
        return not self._left
