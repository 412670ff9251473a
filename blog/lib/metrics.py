"""What monitors count, in the words of Prometheus: numbers of all processes of a site, in files of the data folder.

Off until `start` is called; then every function here costs one comparison. prometheus-client keeps the numbers of each
process in a file, so that whichever process is asked can add them up (its multiprocess mode). One process has one set
of numbers, however many applications it makes.
"""

import fcntl
import os
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

FOLDER = "metrics"
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
WAITED_SECONDS = 0.005  # a write that begins faster than this found nobody before it
METHODS = {"GET", "HEAD", "POST", "OPTIONS"}
KEPT_ANSWERS = ("hit", "not_modified", "miss")

_numbers: "_Numbers | None" = None
_starting = threading.Lock()


class _Numbers:
    """Every number there is. Imports prometheus-client, which decides at import where its numbers live."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = _alone_or_beside(folder)
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

        own = CollectorRegistry()  # scrapes read the files of all processes instead
        counted = ("route", "method", "status")
        self.requests = Counter("hindsight_requests", "Requests that Flask answered", counted, registry=own)
        self.seconds = Histogram(
            "hindsight_request_seconds", "Time that they took", ("route",), registry=own, buckets=SECONDS
        )
        self.in_progress = Gauge(
            "hindsight_requests_in_progress", "Requests inside Flask now", registry=own, multiprocess_mode="livesum"
        )
        kept = Counter("hindsight_kept_pages", "Reads, by how kept pages answered", ("answer",), registry=own)
        self.kept = {answer: kept.labels(answer) for answer in KEPT_ANSWERS}
        self.turned_away = Counter("hindsight_turned_away", "Requests refused because too many waited", registry=own)
        self.render_starts = Counter("hindsight_render_starts", "Starts of a render process", registry=own)
        self.write_waits = Counter("hindsight_write_waits", "Writes that waited for another writer", registry=own)
        self.write_wait_seconds = Counter("hindsight_write_wait_seconds", "Time that they waited", registry=own)


def _alone_or_beside(folder: Path) -> int:
    """Hold the folder's lock together with the other processes of the site. The first one to come removes what those of
    an earlier start have left: their numbers would be added for ever. Returns the descriptor that holds the lock.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for left in folder.glob("*.db"):
            left.unlink()
    except BlockingIOError:
        pass
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor


def start(data_dir: Path) -> None:
    """Count from now on. Safe to repeat."""
    global _numbers  # noqa: PLW0603  # the functions below are called from everywhere, also outside of any application
    with _starting:
        if _numbers is None:
            _numbers = _Numbers(data_dir.resolve() / FOLDER)


def is_on() -> bool:
    return _numbers is not None


def count_kept_page(answer: str) -> None:
    """One read of a page that may be kept: `hit`, `not_modified`, or `miss` (Flask was asked). Takes about 2 µs."""
    if _numbers is not None:
        _numbers.kept[answer].inc()


def count_turned_away() -> None:
    """One request that was refused before Flask because too many waited."""
    if _numbers is not None:
        _numbers.turned_away.inc()


def count_render_start() -> None:
    if _numbers is not None:
        _numbers.render_starts.inc()


def note_write_wait(seconds: float) -> None:
    """How long a write waited to begin."""
    if _numbers is not None and seconds > WAITED_SECONDS:
        _numbers.write_waits.inc()
        _numbers.write_wait_seconds.inc(seconds)


def request_began() -> None:
    if _numbers is not None:
        _numbers.in_progress.inc()


def request_ended() -> None:
    if _numbers is not None:
        _numbers.in_progress.dec()


def count_request(*, route: str, method: str, status: int, seconds: float | None) -> None:
    """`route` is an endpoint's name, never an address: addresses are without number."""
    if _numbers is not None:
        _numbers.requests.labels(route, method if method in METHODS else "other", str(status)).inc()
        if seconds is not None:
            _numbers.seconds.labels(route).observe(seconds)


def exposition(collectors: Iterable[Any]) -> bytes:
    """The numbers of all processes, and those that `collectors` find out now, as text (version 0.0.4 of the format).

    Raises RuntimeError before `start`.
    """
    if _numbers is None:
        raise RuntimeError("nothing is counted")
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

    folder = str(_numbers.folder)
    for pid in process_ids() - living_process_ids():
        mark_process_dead(pid, folder)  # type: ignore[no-untyped-call]  # what it had in progress is no longer
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=folder)  # type: ignore[no-untyped-call]
    for collector in collectors:
        registry.register(collector)
    return generate_latest(registry)


def process_ids() -> set[int]:
    """Every process that counted something since the site was started, dead ones too."""
    if _numbers is None:
        return set()
    found = (path.stem.rpartition("_")[2] for path in _numbers.folder.glob("*_*.db"))
    return {int(pid) for pid in found if pid.isdigit()}


def living_process_ids() -> set[int]:
    return {pid for pid in process_ids() if Path(f"/proc/{pid}").exists()}
