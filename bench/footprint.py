"""What a visit and the site itself weigh: bytes on the wire, memory of the workers, the time to start."""

import random
import re
import statistics
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from bench import closed
from bench.asking import Expected, Load, get
from bench.machine import Watch, memory_mb
from bench.run import Run, served, told, yard
from bench.table import Need, Row

KB = 1000
STARTS = 3
_LINK = re.compile(r"<(?:script|img|iframe|source|link|video|audio|object|embed)\b[^>]*>", re.IGNORECASE)
_ADDRESS = re.compile(r"\b(?:src|href|data|srcset)=\"([^\"]+)\"")
_IS_LOADED = re.compile(r"rel=\"(?:stylesheet|preload|modulepreload)\"")
_IMPORTED = re.compile(r"(?:@import\s+(?:url\()?|\bfrom\s*|\bimport\s*\(?)[\"']([^\"']+)[\"']")


def wire(run: Run) -> Iterator[Row]:
    """The article page as a browser without a cache loads it, with all that its styles and scripts import."""
    answer = run.visitor().get(run.article)
    size = len(answer.body) / KB
    coding = answer.headers.get("content-encoding", "not compressed")
    yield Row("article page, HTML", f"{coding}, {len(answer.text):,} characters", size, Need(17, 15, "KB", True))
    files, hosts = loaded(run, answer.text)
    weights = ", ".join(f"{path.rpartition('/')[2]} {weight / KB:.1f}" for path, weight in files.items())
    yield Row("- its CSS and JS", weights, sum(files.values()) / KB, Need(15, 8, "KB", True))
    yield Row("- requests for them", "", float(len(files)), Need(3, at_most=True))
    yield Row("- other hosts", ", ".join(sorted(hosts)), float(len(hosts)), Need(0, at_most=True))


def loaded(run: Run, page: str) -> tuple[dict[str, int], set[str]]:
    """({path: bytes of its body on the wire} of styles and scripts, names of other hosts that the page loads from)."""
    waiting, files, hosts = [], {}, set()
    for tag in _LINK.findall(page):
        is_link = tag.lower().startswith("<link")
        for address in _ADDRESS.findall(tag):
            if is_link and not _IS_LOADED.search(tag):
                continue
            if urlsplit(address).netloc:
                hosts.add(urlsplit(address).netloc)
            elif is_link or tag.lower().startswith("<script"):
                waiting.append(address)
    for path in waiting:
        if path in files:
            continue
        answer = run.visitor().get(path)
        files[path] = len(answer.body)
        waiting += [urljoin(path, one) for one in _IMPORTED.findall(answer.text) if one.startswith((".", "/"))]
    return files, hosts


def memory(run: Run) -> Iterator[Row]:
    """Resident memory of the larger worker after the cases before this one, and whether it grows under more load."""
    return _memory(run, "memory of a worker, no search yet", Need(110, 90, "MB", True))


def memory_after_search(run: Run) -> Iterator[Row]:
    """The same when searches were answered, so that the index is open."""
    for _ in range(20):
        run.visitor().get("/search?q=outage+certificate")
    return _memory(run, "memory of a worker, searcher open", Need(200, unit="MB", at_most=True))


def _memory(run: Run, name: str, need: Need) -> Iterator[Row]:
    _visit_all_over(run)
    before = _largest(run)
    workers = [memory_mb(pid) for pid in run.server.workers]
    rest = sum(memory_mb(pid)[1] for pid in run.server.others)
    figures = " and ".join(f"{rss:.0f} ({pss:.0f} without what they share)" for rss, pss in workers)
    yield Row(name, f"{figures} MB; other processes {rest:.0f} MB", before, need)
    _visit_all_over(run)
    after = _largest(run)
    yield Row("- after as much load again", f"{before:.0f}, then {after:.0f} MB", after / before,
              Need(1.05, unit="times", at_most=True))  # fmt: skip


def _largest(run: Run) -> float:
    return max(memory_mb(pid)[0] for pid in run.server.workers)


def _visit_all_over(run: Run) -> None:
    """Load on many different pages, so that whatever keeps pages is full."""
    slugs = run.site.slugs
    random.Random(2).shuffle(slugs)
    paths = [f"/postmortems/{slug}" for slug in slugs] + [
        f"/postmortems/?page={number}" for number in range(1, min(60, len(slugs) // 20))
    ]
    load = Load("pages all over the site", tuple(map(get, paths)), Expected(holds=("</html>",)))
    closed.measure(run.server.port, load, seconds=2 * run.seconds)


def start(run: Run) -> Iterator[Row]:
    """From the command to the first home page."""
    times, bare = [], []
    with Watch() as watch:
        for _ in range(STARTS):
            with served(run.site) as site:
                times.append(site.started_in)
            with yard(run.site.environment) as yardstick:
                bare.append(yardstick.started_in)
    figures = f"median of {STARTS}; the bare Flask app {statistics.median(bare):.2f} s"
    yield Row("start to first answer", figures, statistics.median(times), Need(1, 0.6, "s", True), told(watch))
