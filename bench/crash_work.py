"""What is done in the rounds of a kill: the child that dies, the restart, and the look at what is left."""

import http.client
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from bisect import bisect_left
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from types import TracebackType

from bench import crash_child
from bench.crash_site import ROOT, Person, Site, environment_of

FOUND_SECONDS = 60.0  # the promise is 5; longer waits are counted as lost, so that the run goes on


@dataclass
class Result:
    """What one point came to. `found` holds seconds from the start after the kill until search finds the comment."""

    point: str
    rounds: int = 0
    killed: int = 0
    acknowledged: int = 0
    lost: int = 0
    twice: int = 0
    not_found: int = 0
    damaged: int = 0
    found: list[float] = field(default_factory=list)


class Forked:
    """A process of the site, forked from this one, which holds its modules but no site: so it starts in a moment."""

    def __init__(self, point: str, words: list[str], environment: dict[str, str], silent: Path) -> None:
        def begin() -> None:
            os.environ.update(environment)
            with silent.open("w") as file:
                os.dup2(file.fileno(), 1)
                os.dup2(file.fileno(), 2)
            crash_child.main(point, words)

        self._process = get_context("fork").Process(target=begin)
        self._process.start()

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int | None:
        """The exit status, negative for a signal; None when it still runs."""
        self._process.join(timeout)
        return self._process.exitcode

    def kill(self) -> None:
        self._process.kill()


class Child(Site):
    """The site in one process that dies at `point`; with an empty one it lives until the end of the block."""

    child: Forked

    def __init__(self, folder: Path, point: str) -> None:
        super().__init__(folder)
        self.point = point
        self.heard = folder / "heard"

    def __enter__(self) -> "Child":
        self.heard.unlink(missing_ok=True)
        worker = "thread" if self.point else "process"  # the point is in this process, whoever comes by it
        settings = environment_of(self.folder, SITE_URL=f"http://127.0.0.1:{self.port}", WORKER=worker)
        environment = {**settings, "CRASH_HEARD": str(self.heard)}
        self.child = Forked(self.point, ["serve", str(self.port)], environment, self.folder / "output")
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self.child.kill()
        self.child.wait()

    def is_running(self) -> bool:
        return self.child.poll() is None

    def was_killed(self, seconds: float = 60.0) -> bool:
        """Wait for the child to kill itself."""
        return self.child.wait(seconds) == -signal.SIGKILL


def crash_command(folder: Path, point: str, *words: str, after: int = 0) -> int | None:
    """Run a command of the site that dies at the point; its exit status."""
    child = Forked(point, list(words), {**environment_of(folder), "CRASH_AFTER": str(after)}, folder / "output")
    try:
        return child.wait(300)
    finally:
        child.kill()


def command(folder: Path, *words: str) -> None:
    """Run a command of the site to its end. Raises when it fails."""
    status = crash_command(folder, "", *words)
    if status != 0:
        raise AssertionError(f"{words} ended with {status}: {(folder / 'output').read_text()[-2000:]}")


def is_sound(folder: Path) -> bool:
    """SQLite's own judgement of the file and of its foreign keys."""
    connection = sqlite3.connect(folder / "hindsight.sqlite3")
    try:
        sound = connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return sound and not connection.execute("PRAGMA foreign_key_check").fetchall()
    finally:
        connection.close()


def count(folder: Path, table: str, where: str = "1", *values: object) -> int:
    connection = sqlite3.connect(folder / "hindsight.sqlite3")
    try:
        return int(connection.execute(f"SELECT count(*) FROM {table} WHERE {where}", values).fetchone()[0])
    finally:
        connection.close()


def one_of(folder: Path) -> tuple[str, str]:
    """Slug and title of a published write-up."""
    connection = sqlite3.connect(folder / "hindsight.sqlite3")
    try:
        found: tuple[str, str] = connection.execute(
            "SELECT slug, title FROM articles WHERE state = 'published' ORDER BY id LIMIT 1"
        ).fetchone()
        return found
    finally:
        connection.close()


class Posting:
    """Rounds of a comment that is posted around a kill."""

    def __init__(self, folder: Path, result: Result) -> None:
        self.folder, self.result = folder, result
        self.slug, title = one_of(folder)
        self.said: list[str] = []
        with Child(folder, "") as site:
            site.wait_until_ready()
            self.person = Person(site)
            self._until_found(site, title.split()[0])

    def round(self, number: int) -> None:
        result, word = self.result, f"zq{number:04d}x{os.urandom(4).hex()}"
        fields = {"text": f"Said in round {number}: {word}", "once": word}
        if result.point.startswith("index: first"):
            shutil.rmtree(self.folder / "index", ignore_errors=True)
        with Child(self.folder, result.point) as site:
            status = self._post(site, fields)
            site.heard.touch()
            result.killed += site.was_killed()
        result.acknowledged += status == 303
        if status == 303 and not self._stored(word):
            result.lost += 1
        begun = time.perf_counter()
        with Child(self.folder, "") as site:
            site.wait_until_ready()
            if self._post(site, fields) != 303:
                result.lost += 1
            result.found.append(self._until_found(site, word, since=begun))
        result.not_found += result.found[-1] > FOUND_SECONDS
        result.twice += self._stored(word) != 1
        result.damaged += not is_sound(self.folder)
        result.rounds += 1
        self.said.append(word)

    def finish(self) -> None:
        """Everything said in all rounds is there, once."""
        self.result.lost += sum(self._stored(word) == 0 for word in self.said)

    def _stored(self, word: str) -> int:
        return count(self.folder, "comments", "text LIKE ?", f"%{word}%")

    def _post(self, site: Site, fields: dict[str, str]) -> int:
        """The status of the answer; 0 where there was none."""
        self.person.site = site
        try:
            site.wait_until_ready()
            return self.person.ask("POST", f"/postmortems/{self.slug}/comments", fields)[0]
        except (OSError, AssertionError, http.client.HTTPException):
            return 0

    def _until_found(self, site: Site, word: str, *, since: float | None = None) -> float:
        begun, pause = since if since is not None else time.perf_counter(), threading.Event()
        while time.perf_counter() - begun <= FOUND_SECONDS:
            if b'class="search-hit"' in site.get(f"/search?q={word}")[2]:
                return time.perf_counter() - begun
            pause.wait(0.1)
        return FOUND_SECONDS + 1


class Commands:
    """Rounds of a command that is killed and then run again to its end."""

    def __init__(self, folder: Path, result: Result) -> None:
        self.folder, self.result = folder, result

    def finish(self) -> None:
        """Nothing more to look at than each round did."""

    def _keep(self) -> None:
        """Every round begins with the database as it is now."""
        connection = sqlite3.connect(self.folder / "hindsight.sqlite3")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        shutil.copyfile(self.folder / "hindsight.sqlite3", self.folder / "kept.sqlite3")

    def _begin_again(self) -> None:
        for ending in ("", "-wal", "-shm"):
            (self.folder / f"hindsight.sqlite3{ending}").unlink(missing_ok=True)
        shutil.copyfile(self.folder / "kept.sqlite3", self.folder / "hindsight.sqlite3")

    def _places(self, *words: str) -> int:
        """How many times the command passes the point; leaves what it makes when it comes to its end."""

        def is_passed(number: int) -> bool:
            self._begin_again()
            return crash_command(self.folder, self.result.point, *words, after=number) != -signal.SIGKILL

        most = 1
        while not is_passed(most):
            most *= 2
        places = bisect_left(range(most), True, key=is_passed)
        assert is_passed(places)
        return places


class Migrating(Commands):
    """From the first schema, with data in it, to the newest: killed before each statement in turn."""

    def __init__(self, folder: Path, result: Result) -> None:
        super().__init__(folder, result)
        command(folder, "db", "downgrade", str(len(list((ROOT / "migrations" / "versions").glob("*.py"))) - 1))
        self._keep()
        self.facts = self._facts()
        self.places = self._places("db", "upgrade")
        self.schema = self._schema()

    def round(self, number: int) -> None:
        result = self.result
        self._begin_again()
        result.killed += (
            crash_command(self.folder, result.point, "db", "upgrade", after=number % self.places) == -signal.SIGKILL
        )
        result.damaged += not is_sound(self.folder)
        command(self.folder, "db", "upgrade")
        result.lost += self._facts() != self.facts
        result.damaged += not is_sound(self.folder) or self._schema() != self.schema
        result.rounds += 1

    def _facts(self) -> list[int]:
        return [count(self.folder, table) for table in ("users", "articles", "revisions", "comments", "events", "jobs")]

    def _schema(self) -> list[tuple[str, ...]]:
        connection = sqlite3.connect(self.folder / "hindsight.sqlite3")
        try:
            return connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY type, name").fetchall()
        finally:
            connection.close()


class Importing(Commands):
    """A bundle whose import is killed at each of its commits in turn, and then repeated."""

    def __init__(self, folder: Path, result: Result) -> None:
        super().__init__(folder, result)
        self.bundle = folder / "bundle.jsonl"
        subprocess.run(
            [sys.executable, "bench/generate.py", "--articles", "30", "--comments", "60", "--out", str(self.bundle)],
            cwd=ROOT, check=True, capture_output=True, timeout=120,
        )  # fmt: skip
        self._keep()
        self.places = self._places("import", str(self.bundle))
        self.whole = self._facts()

    def round(self, number: int) -> None:
        result = self.result
        self._begin_again()
        status = crash_command(self.folder, result.point, "import", str(self.bundle), after=number % self.places)
        result.killed += status == -signal.SIGKILL
        result.damaged += not is_sound(self.folder)
        command(self.folder, "import", str(self.bundle))
        result.lost += self._facts() < self.whole
        result.twice += self._facts() > self.whole
        result.damaged += not is_sound(self.folder)
        result.rounds += 1

    def _facts(self) -> list[int]:
        return [count(self.folder, table) for table in ("users", "articles", "revisions", "comments")]


class BackingUp(Commands):
    """A backup that is killed leaves nothing that could be taken for one, and the next one is whole."""

    def round(self, number: int) -> None:
        result, target = self.result, self.folder / "backups" / f"{number}.tar.gz"
        status = crash_command(self.folder, result.point, "backup", "create", "--to", str(target))
        result.killed += status == -signal.SIGKILL
        result.lost += target.exists()
        command(self.folder, "backup", "create", "--to", str(target))
        command(self.folder, "backup", "verify", str(target))
        result.damaged += not is_sound(self.folder)
        result.rounds += 1
        target.unlink()
