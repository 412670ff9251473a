"""A random write-up with cold caches: pages that nobody asked for before, and workers that were just started."""

import random
import statistics
import time
from collections.abc import Iterator

from bench import closed
from bench.asking import Expected, Load, get
from bench.machine import Watch
from bench.run import Run, served, told
from bench.table import Need, Row

VISITS = 500  # to pages that are made for them: each takes milliseconds


def cold(run: Run) -> Iterator[Row]:
    """Each write-up asked for once, on a site whose pages were made ahead, as its worker does when nothing else is
    due; then once more from workers that were just started. Pages made at the visit have no bar.
    """
    slugs = sorted(run.site.slugs)
    chosen = random.Random(4).sample(slugs, k=min(len(slugs), int(2500 * run.seconds)))  # fewer in a quick run
    begun = time.perf_counter()
    run.site.flask("pages", "make")
    ahead = f", all {len(slugs):,} made ahead in {time.perf_counter() - begun:.0f} s"
    paths = [get(f"/postmortems/{slug}") for slug in chosen]
    for name, rounds, more in (("never asked for before", 1, ahead), ("workers just started", run.rounds, "")):
        figures, ratio, watched = _once(run, paths, rounds=rounds)
        yield Row(f"random article, {name}", figures + more, ratio, Need(0.45, 0.7, "of bytes"), watched)
    # Pages under another name of the site are on no shelf.
    visits = [get(f"/postmortems/{slug}", Host="localhost") for slug in chosen[:VISITS]]
    figures, ratio, watched = _once(run, visits, rounds=1)
    yield Row("- made at the visit", figures, ratio, machine=watched)


def _once(run: Run, paths: list[bytes], *, rounds: int) -> tuple[str, float, str]:
    """(figures, answers a second as a ratio to bytes, what the machine did): medians of the rounds, each with workers
    that were just started.
    """
    got = []
    with Watch() as watch:
        for number in range(rounds):
            random.Random(number).shuffle(paths)
            load = Load("random article", tuple(paths), Expected(holds=('class="postmortem"', "</html>"), least=10_000))
            with served(run.site, probe="/healthz") as server:
                theirs = closed.measure(run.yard.port, run.yardsticks["bytes"], seconds=run.seconds / 2)
                before = server.cpu_seconds()
                ours = closed.measure(server.port, load, seconds=600, once=True)
                cpu = (server.cpu_seconds() - before) * 1000 / ours.answers
            got.append((ours.rate, ours.rate / theirs.rate, ours.p50, ours.p99, cpu))
    rate, ratio, p50, p99, cpu = (statistics.median(values) for values in zip(*got, strict=True))
    figures = f"{rate:,.0f}/s, {len(paths):,} once each; p50 {p50:.1f}, p99 {p99:.1f} ms; CPU {cpu:.2f} ms"
    return figures, ratio, told(watch)
