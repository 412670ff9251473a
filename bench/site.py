"""The data under measurement: made and imported once, kept, and copied for each run so that runs start alike."""

import contextlib
import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.serving import ADDRESS, ROOT
from blog.lib.renderer import RENDERER_VERSION

EMAIL, PASSWORD = "bench@people.example", "a lamp beside nine rivers"
STALE_SECONDS = 6 * 3600  # no run takes as long
STAMP = "renderer"  # a file that names the code which made the stored HTML and the index
FEW, MANY = 50, 1000  # comments of the two write-ups that the article cases read


@dataclass(frozen=True)
class Site:
    """A copy of the data that one run may write to."""

    folder: Path
    articles: int
    environment: dict[str, str]

    @property
    def database(self) -> Path:
        return self.folder / "data" / "hindsight.sqlite3"

    def rows(self, statement: str, *given: object) -> list[tuple[object, ...]]:
        """What the database holds now, read past the program."""
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=10)) as connection:
            return connection.execute(statement, given).fetchall()

    def count(self, statement: str, *given: object) -> int:
        return int(str(self.rows(statement, *given)[0][0]))

    @property
    def slugs(self) -> list[str]:
        return [str(row[0]) for row in self.rows("SELECT slug FROM articles WHERE published_at IS NOT NULL")]

    def slug_with(self, comments: int) -> str:
        """The write-up that was made with exactly so many comments."""
        number = self.articles // 2 + (comments == MANY)
        return f"write-up-{number}"

    def flask(self, *arguments: str, typed: str | None = None) -> str:
        """Run a command of the site on this copy."""
        return _run(["-m", "flask", "--app", "app", *arguments], {**self.environment, **ADDRESS}, typed)


def imported(keep: Path, articles: int, comments: int) -> Path:
    """The folder of the imported data; the first call makes it, which takes minutes. Safe to call from two runs."""
    folder = keep / f"site-{articles}-{comments}"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "data").exists():
            print(f"importing {articles} write-ups and {comments} comments, once", file=sys.stderr)
            _import(folder, articles, comments)
        _bring_up_to_date(folder / "data")
    return folder


def _import(folder: Path, articles: int, comments: int) -> None:
    bundle, part = folder / "bundle.jsonl", folder / "data.part"
    shutil.rmtree(part, ignore_errors=True)
    sizes = ["--articles", str(articles), "--comments", str(comments), "--threads", str(FEW), str(MANY)]
    _run([str(ROOT / "bench" / "generate.py"), *sizes, "--out", str(bundle)], {**os.environ})
    environment = _environment(part)
    _run(["-m", "flask", "--app", "app", "db", "upgrade"], environment)
    _run(["-m", "flask", "--app", "app", "import", str(bundle)], environment)
    (part / STAMP).write_text(f"{RENDERER_VERSION}\n{_indexing()}")
    part.rename(folder / "data")
    bundle.unlink()


def _bring_up_to_date(data: Path) -> None:
    """Make anew what the program of today would: a site that is in use has had time for it."""
    environment, stamp = _environment(data), data / STAMP
    renderer, _, indexing = stamp.read_text().partition("\n")
    due = []
    if renderer != RENDERER_VERSION:
        due += [("articles", "rebuild"), ("comments", "rebuild")]
    if indexing != _indexing() or due:
        due += [("search", "rebuild")]
    if due:
        print("the program changed since the import; making HTML or the index anew, once", file=sys.stderr)
    for command in [("db", "upgrade"), *due] if due else []:
        _run(["-m", "flask", "--app", "app", *command], environment)
    stamp.write_text(f"{RENDERER_VERSION}\n{_indexing()}")


def _indexing() -> str:
    """A hash of the code that decides what stands in the index."""
    code = b"".join(path.read_bytes() for path in sorted((ROOT / "blog" / "search").glob("*.py")))
    return hashlib.sha256(code).hexdigest()[:12]


@contextlib.contextmanager
def copy_of(base: Path, articles: int) -> Iterator[Site]:
    """A copy for one run, brought up to the program of today and removed after it."""
    for left in base.glob("run-*"):  # of a run that was killed
        if time.time() - left.stat().st_mtime > STALE_SECONDS:
            shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=base))
    try:
        subprocess.run(["cp", "-a", "--reflink=auto", str(base / "data"), str(folder / "data")], check=True)
        site = Site(folder, articles, _environment(folder / "data"))
        site.flask("db", "upgrade")
        with_password(site)
        yield site
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def with_password(site: Site) -> None:
    """Give every imported person the one password: its hash is made once, by the site's own command."""
    site.flask("users", "create", "Bench", EMAIL, "--role", "member", "--password-stdin", typed=PASSWORD)
    with contextlib.closing(sqlite3.connect(site.database, timeout=10)) as connection, connection:
        made = connection.execute("SELECT password_hash FROM users WHERE email = ?", (EMAIL,)).fetchone()
        connection.execute("UPDATE users SET password_hash = ?", made)


def _environment(data: Path) -> dict[str, str]:
    """As an operator would set it, but for limits and the log of each request. Nothing else of HINDSIGHT_ is kept."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("HINDSIGHT_")}
    own = {"DATA_DIR": str(data), "RATE_LIMITS": "off", "LINK_CHECKS": "off", "LOG_LEVEL": "warning"}
    return {**clean, **{f"HINDSIGHT_{name}": value for name, value in own.items()}}


def _run(arguments: Sequence[str], environment: dict[str, str], typed: str | None = None) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        input=typed,
        text=True,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout
