"""`python -m bench.crash_desk --kills 200`: kill the site at random moments of save, approve and publish.

Each round is a process of the site, forked from this one, in which an author saves and a reviewer approves and
publishes through the forms, over and over, until it is killed. What was acknowledged must be there, and of what was
not, everything or nothing: each revision with its authors and its event, each verdict with its event, each write-up
with the one revision that is live and the facets of that one.
"""

import argparse
import os
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import threading
from collections import Counter
from contextlib import closing
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from flask import Flask

from app import create_app
from bench.crash_site import PASSWORD, flask
from bench.in_process import found, send, signed_in

LONGEST = 1.0  # seconds until a kill; save, approve and publish take about a tenth of that together
PEOPLE = {"author": "wes@people.example", "reviewer": "rita@people.example"}
MAX_WRITE_UPS = 5  # of one round; each gets revision after revision

# Everything that may never be, as queries whose every row is a mix of a state before and one after.
MIXES = {
    "a revision without its authors": """
        SELECT id FROM revisions WHERE created_by_id IS NOT NULL
        AND id NOT IN (SELECT revision_id FROM revision_authors)""",
    "a revision without its event": """
        SELECT id FROM revisions WHERE created_by_id IS NOT NULL AND id NOT IN (
            SELECT json_extract(data, '$.revision') FROM events
            WHERE kind IN ('article.created', 'article.revised') AND data LIKE '%revision%')""",
    "an event without its revision": """
        SELECT id FROM events WHERE kind IN ('article.created', 'article.revised', 'article.published')
        AND json_extract(data, '$.revision') NOT IN (SELECT id FROM revisions)""",
    "a verdict without its event": """
        SELECT revision_id FROM reviews WHERE revision_id NOT IN (
            SELECT subject_id FROM events WHERE kind = 'revision.approved' AND subject_type = 'revision')""",
    "an approved revision without a verdict": """
        SELECT id FROM revisions WHERE state IN ('approved', 'live') AND created_by_id IS NOT NULL
        AND id NOT IN (SELECT revision_id FROM reviews WHERE verdict = 'approved')""",
    "a verdict on a revision that still waits": """
        SELECT id FROM revisions WHERE state = 'submitted' AND id IN (SELECT revision_id FROM reviews)""",
    "a published write-up without its live revision": """
        SELECT id FROM articles WHERE (state = 'published') != (live_revision_id IS NOT NULL)
        OR (live_revision_id IS NOT NULL AND live_revision_id NOT IN (
            SELECT id FROM revisions WHERE state = 'live'))""",
    "a live revision that no write-up shows": """
        SELECT id FROM revisions WHERE state = 'live' AND id NOT IN (
            SELECT live_revision_id FROM articles WHERE live_revision_id IS NOT NULL)""",
    "a title that is not that of the live revision": """
        SELECT articles.id FROM articles JOIN revisions ON revisions.id = live_revision_id
        WHERE articles.title != revisions.title""",
    "facets that are not those of the live revision": """
        SELECT articles.id FROM articles JOIN revisions ON revisions.id = live_revision_id
        WHERE articles.title LIKE 'Round %' AND NOT EXISTS (
            SELECT 1 FROM article_terms WHERE article_id = articles.id AND facet = 'tag'
            AND slug = json_extract(document, '$.tags[0]'))""",
}


class Writer:
    """An author and a reviewer at their forms; every answer that was a success is told to the one who listens."""

    def __init__(self, app: Flask, told: Connection) -> None:
        self.told = told
        self.author, self.reviewer = (signed_in(app, email) for email in PEOPLE.values())

    def work(self, seed: int) -> None:
        """Save, approve, publish, until the process ends."""
        article, number = 0, 0
        while True:
            number += 1
            mark = f"mark-{seed}-{number}"
            if number % MAX_WRITE_UPS == 1:
                article = 0
            article, revision, digest = self._save(article, mark)
            send(self.reviewer, f"/editor/revisions/{revision}/approve", {"hash": digest})
            self._tell("approved", revision)
            send(self.reviewer, f"/editor/revisions/{revision}/publish", {})
            self._tell("published", revision)

    def _save(self, article: int, mark: str) -> tuple[int, int, str]:
        fields = {"title": f"Round {mark}", "body": f"The text of {mark}.", "tags": mark, "note": mark, "submit": "1"}
        if article:
            page = self.author.get(f"/editor/articles/{article}").text
            fields["based_on_id"] = found(r'name="based_on_id"[^>]*value="(\d+)"', page)
        address = f"/editor/articles/{article}" if article else "/editor/articles"
        revision = int(found(r"/editor/revisions/(\d+)", send(self.author, address, fields)))
        self._tell("saved", revision)
        page = self.reviewer.get(f"/editor/revisions/{revision}").text
        digest = found(r'name="hash"[^>]*value="([0-9a-f]{64})"', page)
        return int(found(r"/editor/articles/(\d+)", page)), revision, digest

    def _tell(self, what: str, revision: int) -> None:
        self.told.send((what, revision))


def _child(folder: Path, seed: int, told: Connection) -> None:
    app = create_app({"data_dir": folder, "rate_limits": False, "link_checks": False, "log_level": "error"})
    writer = Writer(app, told)
    told.send(("ready", 0))
    writer.work(seed)


def kill_once(folder: Path, seed: int) -> tuple[list[tuple[str, int]], bool]:
    """What the process had acknowledged when it was killed, and whether it lived until then."""
    context = get_context("fork")
    hearing, told = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(folder, seed, told))
    process.start()
    told.close()
    heard: list[tuple[str, int]] = []
    try:
        heard.append(hearing.recv())
        pause = threading.Event()
        pause.wait(random.Random(seed).uniform(0, LONGEST))
        was_alive = process.is_alive()
        if process.pid is not None:
            os.kill(process.pid, signal.SIGKILL)
        while True:
            heard.append(hearing.recv())
    except EOFError:
        process.join()
    return heard[1:], bool(heard) and was_alive


def missing(folder: Path, acknowledged: list[tuple[str, int]]) -> list[str]:
    """What was acknowledged and is not there, and what is half there."""
    with closing(sqlite3.connect(folder / "hindsight.sqlite3", timeout=30)) as database:
        wrong = [f"the file: {row[0]}" for row in database.execute("PRAGMA integrity_check") if row[0] != "ok"]
        for what, revision in acknowledged:
            kept = {
                "saved": "SELECT 1 FROM revisions WHERE id = ?",
                "approved": "SELECT 1 FROM reviews WHERE revision_id = ? AND verdict = 'approved'",
                "published": "SELECT 1 FROM revisions WHERE id = ? AND state IN ('live', 'superseded')",
            }[what]
            if database.execute(kept, [revision]).fetchone() is None:
                wrong.append(f"revision {revision} was {what} and is not")
        for name, query in MIXES.items():
            wrong += [f"{name}: {row[0]}" for row in database.execute(query)]
    return wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    acknowledged: Counter[str] = Counter()
    killed, wrong = 0, list[str]()
    folder = Path(tempfile.mkdtemp(prefix="hindsight-desk-"))
    try:
        flask(folder, "db", "upgrade")
        for role, email in PEOPLE.items():
            flask(folder, "users", "create", f"The {role}", email, "--role", role, "--password-stdin", typed=PASSWORD)
        for seed in range(chosen.seed, chosen.seed + chosen.kills):
            heard, was_alive = kill_once(folder, seed)
            killed += was_alive
            acknowledged.update(what for what, _ in heard)
            wrong += missing(folder, heard)
            print(f"\r{killed} killed, {dict(acknowledged)}, {len(wrong)} wrong", end="", file=sys.stderr, flush=True)
        flask(folder, "journal", "verify")
    finally:
        shutil.rmtree(folder)
    print(file=sys.stderr)
    print("| kills | saved | approved | published | lost or mixed |")
    print("|---|---|---|---|---|")
    counts = " | ".join(str(acknowledged[what]) for what in ("saved", "approved", "published"))
    print(f"| {killed} | {counts} | {len(wrong)} |")
    for line in wrong:
        print(line)
    sys.exit(1 if wrong or killed < chosen.kills else 0)


if __name__ == "__main__":
    main()
