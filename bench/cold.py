"""A random write-up with cold caches: pages that were never rendered, and workers that were just started."""

import random
import statistics
from collections.abc import Iterator

from bench import closed
from bench.asking import Expected, Load, get
from bench.machine import Watch
from bench.run import Run, served, told
from bench.serving import free_port
from bench.table import Need, Row


def cold(run: Run) -> Iterator[Row]:
    """Each write-up asked for once: by a site that never showed any; then by one that was started anew."""
    port = free_port()  # the same one again, since kept pages belong to an address
    paths = [get(f"/postmortems/{slug}") for slug in sorted(run.site.slugs)]
    chance = random.Random(4)
    chosen = chance.sample(paths, k=min(len(paths), int(2500 * run.seconds)))  # fewer in a quick run
    found = {"never rendered before": _once(run, port, chosen, rounds=1)}
    found["workers just started"] = _once(run, port, chosen, rounds=run.rounds)
    for name, (rate, ratio, p50, p99, cpu, watched) in found.items():
        figures = f"{rate:,.0f}/s, {len(chosen):,} once each; p50 {p50:.1f}, p99 {p99:.1f} ms; CPU {cpu:.2f} ms"
        yield Row(f"random article, {name}", figures, ratio, Need(0.45, 0.7, "of bytes"), watched)


def _once(run: Run, port: int, paths: list[bytes], *, rounds: int) -> tuple[float, float, float, float, float, str]:
    """(answers a second, their ratio to bytes, p50, p99 and processor time of an answer in ms, what the machine did):
    medians of the rounds, each with workers that were just started.
    """
    got = []
    with Watch() as watch:
        for number in range(rounds):
            random.Random(number).shuffle(paths)
            load = Load("random article", tuple(paths), Expected(holds=('class="postmortem"', "</html>"), least=10_000))
            with served(run.site, port=port, probe="/healthz") as server:
                theirs = closed.measure(run.yard.port, run.yardsticks["bytes"], seconds=run.seconds / 2)
                before = server.cpu_seconds()
                ours = closed.measure(port, load, seconds=600, once=True)
                cpu = (server.cpu_seconds() - before) * 1000 / ours.answers
            got.append((ours.rate, ours.rate / theirs.rate, ours.p50, ours.p99, cpu))
    rate, ratio, p50, p99, cpu = (statistics.median(values) for values in zip(*got, strict=True))
    return rate, ratio, p50, p99, cpu, told(watch)
