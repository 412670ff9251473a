"""A seeded bundle of any size for load tests: write-ups, people and threads with words spread as in real text.

    python bench/generate.py --articles 10000 --comments 20000 --threads 50 1000 --out bench/out/site.jsonl

The same numbers and seed give the same bytes. Everything is invented; words are drawn by Zipf's law.
"""

import argparse
import json
import random
from bisect import bisect
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any


def _words(text: str) -> list[str]:
    return text.split()


COMMON = _words(
    """
    the of and to in a was that for on we is with by it as at be this from were not an are which had after or
    all when service traffic requests team database cluster deploy change error alert customers region node
    latency queue cache restart failed rollback configuration network outage incident monitoring capacity
    storage load replica certificate pipeline version agent permission environment backup timeout disk memory
    connection limit version upgrade health check instance zone lookup resolver balancer token schema index lock
    retry client server
    """
)
ONSETS = _words("b br c ch cl d dr f fl g gr h j k l m n p pl pr qu r s sh sl st t th tr v w")
VOWELS = ["a", "e", "i", "o", "u", "ai", "ea", "io", "ou"]
ENDS = ["", "n", "r", "s", "t", "l", "m", "nd", "st", "ng", "ck", "rm"]
SUBJECTS = _words(
    """
    Checkout Search Billing Login Mail Storage Build Payment Ingest Report Profile Catalogue Backup Gateway
    """
)
TROUBLES = (
    "went down after a certificate ran out", "slowed when a cache emptied", "lost messages during a failover",
    "answered with errors after a deploy", "stood still behind a full disk", "was deleted by an agent with wide rights",
    "ran out of connections", "looped through a resolver", "stopped when a lock was never given back",
    "served old pages after a partition",
)  # fmt: skip
TAGS = _words("dns database deploy certificates capacity network cache queue storage ai-agent permissions monitoring")
KINDS = ["incident"] * 7 + ["near-miss"] * 2 + ["hazard"]
SEVERITIES = ["SEV1", "SEV2", "SEV2", "SEV3", "SEV3", "SEV3", "SEV4", "SEV5"]
FIRST, STEP = datetime(2016, 1, 4, 8, 0, tzinfo=UTC), timedelta(hours=8, minutes=37)


class Words:
    """A vocabulary drawn by Zipf's law: the word of rank r comes 1/r as often as the first."""

    def __init__(self, rng: random.Random, size: int) -> None:
        made = dict.fromkeys(COMMON)
        while len(made) < size:
            parts = [rng.choice(ONSETS) + rng.choice(VOWELS) + rng.choice(ENDS) for _ in range(rng.randint(2, 3))]
            made["".join(parts)] = None
        self.words = list(made)
        self._sums = list(accumulate(1 / (rank + 2) for rank in range(size)))
        self._rng = rng

    def some(self, count: int) -> list[str]:
        total, draw = self._sums[-1], self._rng.random
        return [self.words[bisect(self._sums, draw() * total)] for _ in range(count)]

    def sentence(self, count: int) -> str:
        words = self.some(count)
        return f"{words[0].capitalize()} {' '.join(words[1:])}."

    def text(self, count: int) -> str:
        """About `count` words in sentences."""
        sentences = []
        while count > 0:
            length = min(count, self._rng.randint(7, 22))
            sentences.append(self.sentence(max(length, 2)))
            count -= length
        return " ".join(sentences)


def body(words: Words, rng: random.Random, count: int) -> str:
    """Markdown of about `count` words: sections, a list, a block of code, a link."""
    parts = [words.text(count // 8)]
    for heading in ("What happened", "Why it happened", "What we learned"):
        parts += [f"## {heading}", words.text(count // 8), words.text(count // 8)]
    items = "\n".join(f"- {words.sentence(9)}" for _ in range(4))
    code = f"```\nkubectl get pods --namespace {words.some(1)[0]}\nerror: {' '.join(words.some(4))}\n```"
    link = f"See [the status page](https://status.example.org/{rng.randint(1, 9999)}) and *{words.some(1)[0]}* notes."
    return "\n\n".join([*parts[:4], items, *parts[4:], code, link])


def document(
    *, number: int, at: datetime, words: Words, rng: random.Random, size: int, names: dict[str, list[str]]
) -> Any:
    started = at - timedelta(days=rng.randint(2, 20), minutes=rng.randint(0, 600))
    times, moment = {}, started
    for name in ("started", "detected", "declared", "mitigated", "resolved"):
        times[name] = f"{moment:%Y-%m-%d %H:%M}+00:00"
        moment += timedelta(minutes=rng.randint(1, 180))
    service, organisation = rng.choice(names["services"]), rng.choice(names["organisations"])
    rows = sorted(rng.sample(range(0, 400), k=4))
    return {
        "title": f"{rng.choice(SUBJECTS)} {rng.choice(TROUBLES)} ({started:%d %B %Y}, {number})",
        "summary": words.text(30),
        "body": body(words, rng, size),
        "tags": rng.sample(TAGS, k=rng.randint(1, 4)),
        "incidents": [
            {
                "kind": rng.choice(KINDS),
                "severity": rng.choice(SEVERITIES),
                "organisations": [{"name": organisation}],
                "services": [{"name": service}],
                "times": times,
                "impact": words.text(18),
            }
        ],
        "timeline": [
            {"at": f"{started + timedelta(minutes=row):%Y-%m-%d %H:%M}+00:00", "text": words.sentence(10)}
            for row in rows
        ],
        "actions": [{"text": words.sentence(9), "kind": rng.choice(["prevent", "detect", "process"])}],
        "sources": [{"url": f"https://example.org/reports/{number}", "title": words.sentence(5)}],
    }


def shares(articles: int, comments: int, threads: Sequence[int] = ()) -> list[int]:
    """How many comments each write-up has: exactly `threads` for those in the middle, the rest evenly spread."""
    middle, ordinary = articles // 2, articles - len(threads)
    rest = max(comments - sum(threads), 0)
    even = [rest * (number + 1) // ordinary - rest * number // ordinary for number in range(ordinary)]
    return [*even[:middle], *threads, *even[middle:]]


def lines(articles: int, comments: int, size: int, seed: int, threads: Sequence[int] = ()) -> Iterator[dict[str, Any]]:
    """Every object of the bundle: people first, then each write-up with its thread."""
    rng = random.Random(seed)
    words = Words(rng, 30_000)
    people = max(min(articles // 20, 500), 5)
    names = {
        "services": [f"{rng.choice(SUBJECTS).lower()}-{words.some(1)[0]}" for _ in range(200)],
        "organisations": [f"{words.some(1)[0].capitalize()} {rng.choice(['Ltd', 'Group', 'Labs'])}" for _ in range(80)],
    }
    for number in range(people):
        role = "author" if number % 5 == 0 else "member"
        yield {"type": "user", "name": f"Person {number}", "email": f"person{number}@people.example", "role": role}
    given = 0
    for number, due in enumerate(shares(articles, comments, threads)):
        at = FIRST + number * STEP * min(1.0, 11_000 / max(articles, 1))
        slug = f"write-up-{number}"
        author = f"person{rng.randrange(0, people, 5)}@people.example"
        whole = document(number=number, at=at, words=words, rng=rng, size=size, names=names)
        yield {
            "type": "article",
            "slug": slug,
            "published_at": f"{at:%Y-%m-%dT%H:%M:%SZ}",
            "authors": [author],
            "document": whole,
        }
        yield from thread(slug=slug, first=given, count=due, at=at, people=people, words=words, rng=rng)
        given += due


def thread(
    *, slug: str, first: int, count: int, at: datetime, people: int, words: Words, rng: random.Random
) -> Iterator[dict[str, Any]]:
    for number in range(first, first + count):
        at += timedelta(minutes=rng.randint(5, 900))
        line = {"type": "comment", "article": slug, "id": f"c{number}"}
        if number > first and rng.random() < 0.5:
            line["parent"] = f"c{rng.randrange(first, number)}"
        user = f"person{rng.randrange(people)}@people.example"
        yield {**line, "user": user, "created_at": f"{at:%Y-%m-%dT%H:%M:%SZ}", "text": words.text(rng.randint(8, 60))}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--comments", type=int, default=20_000)
    parser.add_argument("--words", type=int, default=1_000, help="in the body of each write-up")
    parser.add_argument("--threads", type=int, nargs="*", default=[], help="comments of single write-ups")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    given.out.parent.mkdir(parents=True, exist_ok=True)
    with given.out.open("w", encoding="utf-8") as file:
        for line in lines(given.articles, given.comments, given.words, given.seed, given.threads):
            file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
