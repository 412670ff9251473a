"""One run: the site and the yardsticks side by side, and the measurements that cases are made of."""

import statistics
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bench import closed, paced
from bench.asking import Expected, Load, get
from bench.machine import Watch
from bench.serving import SITE, YARDSTICKS, Served
from bench.site import FEW, Site
from bench.visitor import Visitor

MEMBERS = 16  # signed in at once


@dataclass(frozen=True)
class Beside:
    """A case and its yardstick, measured in turns. Ratios are medians of the rounds' own ratios; times are ms."""

    rate: float
    other_rate: float
    ratio: float
    p50: float
    p99: float
    other_p99: float
    p99_ratio: float
    answers: int
    cpu: float  # processor time of all the site's processes for one answer, which noise of the machine leaves alone
    other_cpu: float
    watched: str

    @property
    def figures(self) -> str:
        rates = f"{self.rate:,.0f}/s against {self.other_rate:,.0f}/s; p50 {self.p50:.1f}, p99 {self.p99:.1f} ms"
        return f"{rates}; CPU {self.cpu:.2f} ms" + (f" against {self.other_cpu:.2f}" if self.other_cpu else "")


@dataclass(frozen=True)
class Member:
    """Somebody who is signed in: the cookie of their browser and the token of their forms."""

    email: str
    visitor: Visitor
    token: str


@dataclass
class Run:
    """What cases share. `rounds` of `seconds` each; the yardstick takes half as long as the case, just after it."""

    site: Site
    base: Path  # where what is made once is kept
    server: Served
    yard: Served
    seconds: float
    rounds: int

    @cached_property
    def yardsticks(self) -> dict[str, Load]:
        return {
            "bytes": Load("bytes", (get("/bytes"),), Expected(holds=("ready",), least=30 * 1024)),
            "hello": Load("hello", (get("/hello"),), Expected(holds=("hello",))),
        }

    def beside(self, load: Load, other: str | Load = "bytes", *, other_port: int = 0) -> Beside:
        """Measure a case in turns with a yardstick, or with another load on the site or elsewhere."""
        against = self.yardsticks[other] if isinstance(other, str) else other
        against_port = other_port or (self.yard.port if isinstance(other, str) else self.server.port)
        pairs, clock = [], [0.0, 0.0]
        servers = {served.port: served for served in (self.server, self.yard)}
        with Watch() as watch:
            for _ in range(self.rounds):
                pair = []
                for place, (where, what) in enumerate(((self.server.port, load), (against_port, against))):
                    begun = servers[where].cpu_seconds() if where in servers else 0.0
                    pair.append(closed.measure(where, what, seconds=self.seconds / (1 + place)))
                    clock[place] += servers[where].cpu_seconds() - begun if where in servers else 0.0
                pairs.append(pair)
        return Beside(
            rate=statistics.median(ours.rate for ours, _ in pairs),
            other_rate=statistics.median(theirs.rate for _, theirs in pairs),
            ratio=statistics.median(ours.rate / theirs.rate for ours, theirs in pairs),
            p50=statistics.median(ours.p50 for ours, _ in pairs),
            p99=statistics.median(ours.p99 for ours, _ in pairs),
            other_p99=statistics.median(theirs.p99 for _, theirs in pairs),
            p99_ratio=statistics.median(ours.p99 / theirs.p99 for ours, theirs in pairs),
            answers=sum(ours.answers for ours, _ in pairs),
            cpu=clock[0] * 1000 / sum(ours.answers for ours, _ in pairs),
            other_cpu=clock[1] * 1000 / sum(theirs.answers for _, theirs in pairs),
            watched=told(watch),
        )

    def paced(self, load: Load, rate: float, *, port: int = 0, first: int = 0) -> paced.Paced:
        """The same load in open loop."""
        return paced.measure(port or self.server.port, load, rate=rate, seconds=self.seconds, first=first)

    @cached_property
    def article(self) -> str:
        """The address of the write-up with 50 comments."""
        return f"/postmortems/{self.site.slug_with(FEW)}"

    @cached_property
    def members(self) -> list[Member]:
        """People who wrote comments below that write-up, signed in by the form; its author is not among them."""
        found = self.site.rows(
            "SELECT DISTINCT u.email FROM comments c JOIN users u ON u.id = c.user_id"
            " JOIN articles a ON a.id = c.article_id WHERE a.slug = ? AND u.role = 'member' ORDER BY u.id LIMIT ?",
            self.site.slug_with(FEW),
            MEMBERS,
        )
        return [self.signed_in(str(row[0])) for row in found]

    def visitor(self) -> Visitor:
        """A browser that was never here."""
        return Visitor(self.server.port)

    def signed_in(self, email: str) -> Member:
        visitor = self.visitor()
        visitor.sign_in(email)
        return Member(email, visitor, visitor.token(self.article))


def told(watch: Watch) -> str:
    return f"{watch.others:.0%}/{watch.steal:.0%}/{watch.load:.1f}"


def yard(environment: dict[str, str]) -> Served:
    return Served(factory=YARDSTICKS, environment=environment, probe="/hello")


def served(site: Site, *, port: int = 0, probe: str = "/") -> Served:
    return Served(factory=SITE, environment=site.environment, probe=probe, port=port)


@contextmanager
def started(site: Site, base: Path, *, seconds: float, rounds: int) -> Iterator[Run]:
    """Start both servers, and end them."""
    with ExitStack() as stack:
        yardsticks = stack.enter_context(yard(site.environment))
        server = stack.enter_context(served(site))
        yield Run(site, base, server, yardsticks, seconds, rounds)
