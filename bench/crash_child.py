"""A process of the real site that kills itself at a named point: `python -m bench.crash_child POINT COMMAND...`.

COMMAND is `serve PORT`, or a command of the site as `flask` takes it. The site is patched from outside; nothing in it
knows of this. What says that the point is due stands in the environment: CRASH_AFTER counts how often it is passed
before; CRASH_HEARD is a file that exists once the asker has the answer.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask.cli import main as flask
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from app import create_app

_passed = 0


def die() -> None:
    """End this process as the power does, unless the point is to be passed some more times."""
    global _passed  # noqa: PLW0603 - one process, one count
    _passed += 1
    if _passed > int(os.environ.get("CRASH_AFTER", "0")):
        os.kill(os.getpid(), signal.SIGKILL)


def _before(owner: Any, name: str, *, when: Callable[..., bool] = lambda *_: True) -> None:
    plain = getattr(owner, name)

    def patched(*arguments: Any, **named: Any) -> Any:
        if when(*arguments):
            die()
        return plain(*arguments, **named)

    setattr(owner, name, patched)


def _after(owner: Any, name: str, *, when: Callable[..., bool] = lambda *_: True) -> None:
    plain = getattr(owner, name)

    def patched(*arguments: Any, **named: Any) -> Any:
        answer = plain(*arguments, **named)
        if when(*arguments):
            die()
        return answer

    setattr(owner, name, patched)


def _at_statement(words: str, then: Callable[[Any], None]) -> None:
    """Call `then` with the driver's connection when SQLite is given a statement that begins with these words."""

    @event.listens_for(Engine, "connect")
    def listen(connection: Any, _record: Any) -> None:
        connection.set_trace_callback(lambda statement: then(connection) if statement.startswith(words) else None)


def _at_commit_of(words: str) -> None:
    """Before the commit of a transaction in which a statement began with these words."""
    due: set[int] = set()
    _at_statement(words, lambda connection: due.add(id(connection)))

    @event.listens_for(Engine, "commit")
    def kill(connection: Any) -> None:
        if id(connection.connection.dbapi_connection) in due:
            due.clear()
            die()


def before_commit() -> None:
    _at_commit_of("INSERT INTO comments")


def after_commit() -> None:
    """On disk, and nobody knows yet: before anything of the answer is made."""
    written = threading.local()

    _at_statement("INSERT INTO comments", lambda _: setattr(written, "now", True))

    @event.listens_for(Session, "after_commit")
    def kill(_session: Session) -> None:
        if getattr(written, "now", False):
            die()


def before_outbox() -> None:
    """The asker has the answer, and the worker is about to take the job."""
    from blog.journal.worker import Worker

    heard, pause, plain = Path(os.environ["CRASH_HEARD"]), threading.Event(), Worker._claim

    def patched(worker: Worker) -> Any:
        while not heard.exists():
            pause.wait(0.005)
        die()
        return plain(worker)

    Worker._claim = patched  # type: ignore[method-assign, assignment]


def index_first() -> None:
    """The first index is whole, and not yet the one that counts."""
    from blog.search.whoosh_folder import Folder

    _before(Folder, "switch_to")


def index_segment() -> None:
    """The segment is written, the table of contents is not."""
    from whoosh.writing import SegmentWriter

    _before(SegmentWriter, "_commit_toc")


def _is_toc(_storage: Any, _old: str, new: str, *_: Any) -> bool:
    return new.endswith(".toc")


def index_toc_before() -> None:
    from whoosh.filedb.filestore import FileStorage

    _before(FileStorage, "rename_file", when=_is_toc)


def index_toc_after() -> None:
    from whoosh.filedb.filestore import FileStorage

    _after(FileStorage, "rename_file", when=_is_toc)


def outbox_mark() -> None:
    """The index has it, the job is not yet taken from the outbox."""
    _at_commit_of("DELETE FROM jobs")


def migration() -> None:
    """Before a statement of the schema, or of the version it has: which one, CRASH_AFTER says."""

    @event.listens_for(Engine, "before_cursor_execute")
    def kill(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.lstrip().startswith(("CREATE", "INSERT INTO alembic", "UPDATE alembic", "ALTER", "DROP")):
            die()


def importing() -> None:
    """Before a commit of the import: which one, CRASH_AFTER says."""
    event.listen(Engine, "commit", lambda _connection: die())


def backup_copy() -> None:
    """The database is copied, nothing is packed."""
    from blog.backup import creating

    _before(creating, "write_archive")


def backup_rename() -> None:
    """The archive is whole, and has not its name."""
    from blog.backup import creating

    _after(creating, "write_archive")


POINTS: dict[str, Callable[[], None]] = {
    "before commit": before_commit,
    "after commit, before the answer": after_commit,
    "after the answer, before the outbox": before_outbox,
    "index: first ever, before it counts": index_first,
    "index: segment written": index_segment,
    "index: before the TOC is renamed": index_toc_before,
    "index: after the TOC is renamed": index_toc_after,
    "outbox: indexed, not yet marked": outbox_mark,
    "migration": migration,
    "import": importing,
    "backup: copied": backup_copy,
    "backup: packed, not yet named": backup_rename,
}


def main(point: str, command: list[str]) -> None:
    """Arm the point (none for an empty name), then do what the command says."""
    if point:
        POINTS[point]()
    if command[0] != "serve":
        sys.argv = ["flask", "--app", "app", *command]
        flask()
        return
    server = make_server("127.0.0.1", int(command[1]), create_app(), threaded=True)
    server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
