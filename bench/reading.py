"""Cases of reading: one write-up, repeat visits, lists, pages of people who are signed in."""

import re
import statistics
import time
from collections.abc import Iterator, Sequence

from bench.asking import Expected, Load, ask, get
from bench.run import Run
from bench.site import MANY
from bench.table import Need, Row
from bench.visitor import Visitor

TURNS = 30  # of pages that are made each time

_EMAILS_OF_AUTHORS = (
    "SELECT u.email FROM revision_authors r JOIN users u ON u.id = r.user_id JOIN articles a"
    " ON a.live_revision_id = r.revision_id WHERE a.slug = ?"
)


def article_load(run: Run, name: str = "article, 50 comments", **headers: str) -> Load:
    """The write-up with 50 comments; the first and the last of them must be in the answer."""
    ids = run.site.rows(
        "SELECT min(c.id), max(c.id) FROM comments c JOIN articles a ON a.id = c.article_id WHERE a.slug = ?",
        run.article.rpartition("/")[2],
    )[0]
    holds = (*(f'id="comment-{one}"' for one in ids), 'class="postmortem"', "</html>")
    return Load(name, (get(run.article, **headers),), Expected(holds=holds, least=30_000))


def article50(run: Run) -> Iterator[Row]:
    """Not signed in, as browsers ask (compressed) and as plain clients ask; then in open loop at 60 % of that."""
    load = article_load(run)
    found = run.beside(load)
    yield Row(load.name, found.figures, found.ratio, Need(0.7, 0.95, "of bytes"), found.watched)
    yield Row("- its p99", f"{found.p99:.1f} against {found.other_p99:.1f} ms", found.p99_ratio,
              Need(3, unit="times bytes", at_most=True))  # fmt: skip
    plain = run.beside(article_load(run, "- the same, uncompressed", Accept_Encoding="identity"))
    yield Row("- the same, uncompressed", plain.figures, plain.ratio, Need(0.7, 0.95, "of bytes"), plain.watched)
    rate = 0.6 * min(found.rate, found.other_rate)  # both get the same, and both could do more
    ours = run.paced(load, rate)
    theirs = run.paced(run.yardsticks["bytes"], rate, port=run.yard.port)
    p50, p99 = ours.percentile(0.5), ours.percentile(0.99)
    told = f"p50 {p50:.2f}, p99 {p99:.2f} ms; bytes {theirs.percentile(0.5):.2f}, {theirs.percentile(0.99):.2f} ms"
    yield Row(f"- open loop, {rate:,.0f}/s", told, p99 / theirs.percentile(0.99),
              Need(3, unit="times bytes (p99)", at_most=True))  # fmt: skip


def repeat(run: Run) -> Iterator[Row]:
    """A visit by a browser that kept the page."""
    for name, path in (("article", run.article), ("home", "/"), ("feed", "/feed.atom")):
        need = Need(0.85, 0.95, "of hello")
        case, tag = f"repeat visit, {name} (304)", run.visitor().get(path).headers.get("etag", "")
        load = Load(case, (get(path, If_None_Match=tag),), Expected(status=304))
        if not tag or ask(run.server.port, load.requests[0]).status != 304:
            yield Row(case, "answered whole each time", 0.0, need)
            continue
        found = run.beside(load, "hello")
        yield Row(case, found.figures, found.ratio, need, found.watched)


def article1000(run: Run) -> Iterator[Row]:
    """Kept pages of both, both made anew (the first visit after a comment), and the order that is never kept."""
    path = f"/postmortems/{run.site.slug_with(MANY)}"
    few = article_load(run)
    many = Load("article, 1,000 comments", (get(path),), Expected(holds=('class="comment"', "</html>"), least=30_000))
    found = run.beside(many, few)
    need = Need(1.3, unit="times the time of 50", at_most=True)
    yield Row(many.name, found.figures, 1 / found.ratio, need, found.watched)
    fresh = {one: _made_anew(run, one) for one in (run.article, path)}
    told = f"p50 {fresh[path]:.1f} against {fresh[run.article]:.1f} ms, one connection"
    yield Row("- first visit after a comment", told, fresh[path] / fresh[run.article], need)
    member = run.members[1].visitor
    for name, visitor in (("- most useful first", run.visitor()), ("- most useful first, signed in", member)):
        times = _in_turns(visitor, [f"{one}?order=useful" for one in (path, run.article)])
        told = f"p50 {times[0]:.1f} against {times[1]:.1f} ms, made each time, one connection after another"
        yield Row(name, told, times[0] / times[1], Need(1.5, unit="times the time of 50", at_most=True))


def _in_turns(visitor: Visitor, paths: Sequence[str]) -> list[float]:
    """Median milliseconds of each of these pages, asked for in turns."""
    times: list[list[float]] = [[] for _ in paths]
    for _ in range(TURNS):
        for place, path in enumerate(paths):
            begun = time.perf_counter()
            visitor.get(path)
            times[place].append((time.perf_counter() - begun) * 1000)
    return [statistics.median(one) for one in times]


def _made_anew(run: Run, path: str) -> float:
    """Median milliseconds of the first GET after each of some comments. They are withdrawn from no page afterwards, so
    this case comes after those that count on 50.
    """
    slug, member = path.rpartition("/")[2], run.members[0]
    times = []
    for number in range(12):
        member.visitor.comment(slug, f"Made anew, number {number}.", member.token)
        begun = time.perf_counter()
        run.visitor().get(path)
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times)


def lists(run: Run) -> Iterator[Row]:
    """Home, the list with its facets, one facet chosen, and a page deep in the list."""
    need = Need(0.5, 0.7, "of bytes")
    whole = Expected(holds=("</html>", "/postmortems/write-up-"), least=5_000)
    facet = re.search(r'href="(/postmortems/\?[^"#]*severity=[^"&#]+)"', run.visitor().get("/postmortems/").text)
    deep = min(400, -(-run.site.articles // 20))
    cases = [("home", "/"), ("list with facets", "/postmortems/")]
    cases += [("list, one facet chosen", facet[1])] if facet else []
    rates = {}
    for name, path in [*cases, (f"list, page {deep}", f"/postmortems/?page={deep}")]:
        found = run.beside(Load(name, (get(path),), whole))
        rates[name] = found.rate
        yield Row(name, found.figures, found.ratio, need, found.watched)
    told = f"{rates[f'list, page {deep}']:,.0f}/s against {rates['home']:,.0f}/s"
    yield Row(
        f"- page {deep} against home", told, rates[f"list, page {deep}"] / rates["home"], Need(0.9, unit="of home")
    )


def signed_in(run: Run) -> Iterator[Row]:
    """Members with a comment of their own on the page, in turns; then an author of the write-up."""
    need = Need(0.35, 0.6, "of bytes")
    base = article_load(run).expected
    forms = Expected(holds=(*base.holds, 'name="csrf_token"', "/withdraw"), least=base.least)
    members = tuple(get(run.article, **one.visitor.headers) for one in run.members)
    found = run.beside(Load("article, signed in", members, forms))
    yield Row(f"article, signed in ({len(members)} members)", found.figures, found.ratio, need, found.watched)
    email = str(run.site.rows(_EMAILS_OF_AUTHORS, run.article.rpartition("/")[2])[0][0])
    editor = run.signed_in(email)
    links = Expected(holds=(*base.holds, 'name="csrf_token"', "/editor/"), least=base.least)
    found = run.beside(Load("article, its author", (get(run.article, **editor.visitor.headers),), links))
    yield Row("article, signed in, its author", found.figures, found.ratio, need, found.watched)
