"""Posting comments: many members beside Isso, in closed and in open loop, with the rows that were stored counted."""

import random
import sys
from collections.abc import Iterator

from bench import isso
from bench.asking import MARK, Expected, Load, post_form
from bench.closed import CONNECTIONS, fresh_numbers
from bench.machine import flush_ms
from bench.run import Run
from bench.site import FEW, MANY
from bench.table import Need, Row

COUNTED = "SELECT count(*) FROM comments"
TEXT = (
    f"We saw the **same** thing, number {MARK}, in [our report](https://example.org/reports/7): the queue filled up"
    " while *nobody* looked at the lag, and `retry` made it worse.\n\n- first the consumers stopped\n"
    "- then the disk was full\n\n"
    "What did you change in the alert after that, and who is told now?"
)


def load_of(run: Run) -> Load:
    """Each request is the form of a write-up, sent by one of the members with a text of its own."""
    busy = {run.site.slug_with(FEW), run.site.slug_with(MANY)}
    chance = random.Random(11)
    slugs = chance.sample(sorted(set(run.site.slugs) - busy), k=min(isso.THREADS, run.site.articles - len(busy)))
    requests = []
    for number in range(400):
        member = run.members[number % len(run.members)]
        fields = {"csrf_token": member.token, "text": TEXT}
        requests.append(post_form(f"/postmortems/{chance.choice(slugs)}/comments", fields, **member.visitor.headers))
    return Load("posting a comment", tuple(requests), Expected(status=303))


def posting(run: Run) -> Iterator[Row]:
    """Comments a second against Isso's, in turns; then at 60 % of that in open loop; rows stored in both."""
    load, flush = load_of(run), flush_ms(run.site.folder)
    with isso.running(run.base.parent, run.site.folder / "isso") as peer:
        ours, theirs = run.site.count(COUNTED), peer.count()
        found = run.beside(load, peer.load(TEXT, len(run.members)), other_port=peer.port)
        stored, theirs = run.site.count(COUNTED) - ours, peer.count() - theirs
        told = f"{found.figures} (Isso {peer.version}: p99 {found.other_p99:.0f}; a flush of the disk {flush:.1f} ms)"
    yield Row(load.name, told, found.ratio, Need(1.5, 2.5, "times Isso"), found.watched)
    yield Row("- its p99", "ms, closed loop", found.p99, Need(60, unit="ms", at_most=True))
    # A connection that wrk cut at the end of a round may have been stored without its answer being read.
    in_flight = stored - found.answers
    if not 0 <= in_flight <= CONNECTIONS * run.rounds:
        sys.exit(f"{found.answers} comments were accepted, {stored} are stored")
    rate, before = 0.6 * found.rate, run.site.count(COUNTED)
    paced = run.paced(load, rate, first=fresh_numbers())
    told = f"p50 {paced.percentile(0.5):.1f}, p99 {paced.percentile(0.99):.1f} ms, {paced.late:.0%} left late"
    yield Row(f"- open loop, {rate:,.0f}/s", told, paced.percentile(0.99), Need(25, unit="ms (p99)", at_most=True))
    kept = run.site.count(COUNTED) - before
    told = f"{found.answers + paced.answered:,} accepted, {stored + kept:,} stored, {in_flight} of them cut off unread"
    yield Row("- accepted but not stored", told, max(0, found.answers - stored) + abs(paced.answered - kept),
              Need(0, at_most=True))  # fmt: skip
