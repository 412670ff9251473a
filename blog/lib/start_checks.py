"""What must be right before the site is served: said in one clear line at the start, not at the first request."""

import logging
import multiprocessing
import os
import re
from functools import cache
from pathlib import Path

from flask import Flask, current_app
from sqlalchemy import inspect, text
from sqlalchemy.exc import SQLAlchemyError

from blog.extensions import db
from blog.settings import BadSettings, Settings

log = logging.getLogger(__name__)

UPGRADE = "run `flask --app app db upgrade`"
_LINE = re.compile(r'^(revision|down_revision): .* = "(\w+)"$', re.MULTILINE)


def require_fit(app: Flask, settings: Settings) -> None:
    """Raises `BadSettings` where the site cannot be served: the data cannot be written, or the schema is not the one of
    this program. Outside a server's child process an empty database may be about to get its tables, and is only told.
    """
    database = settings.data_dir / "hindsight.sqlite3"
    if not settings.database_url and database.exists() and not os.access(database, os.W_OK):
        raise BadSettings(f"HINDSIGHT_DATA_DIR: {database} cannot be written")
    with app.app_context():
        try:
            has_tables = bool(inspect(db.engine).get_table_names())
            if has_tables or multiprocessing.parent_process() is not None:
                problem = schema_problem()
            else:
                problem = None
                log.error("the database is empty, so no page can be shown; %s", UPGRADE)
        except SQLAlchemyError as error:
            raise BadSettings(f"The database cannot be used: {first_line(error)}") from None
        finally:
            db.engine.dispose()  # the server may fork yet
    if problem:
        raise BadSettings(f"The database does not fit: {problem}")


def schema_problem() -> str | None:
    """What is wrong with the schema of the open application's database; None when it is the newest.

    Read from the migrations' own lines: Alembic would cost a tenth of the memory of every web process.
    """
    follows = _migrations(Path(current_app.root_path) / "migrations" / "versions")
    current = _revision_of_database()
    if current is not None and current not in follows:
        return "it was made by a newer version of this program"
    newest = set(follows) - set(follows.values())
    return None if {current} == newest else f"the schema is not the newest; {UPGRADE}"


def _revision_of_database() -> str | None:
    if not inspect(db.engine).has_table("alembic_version"):
        return None
    revision: str | None = db.session.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


@cache
def _migrations(folder: Path) -> dict[str, str | None]:
    """{revision: the one it follows} of every migration."""
    found = (_LINE.findall(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.py")))
    return {lines["revision"]: lines.get("down_revision") for lines in map(dict, found)}


def first_line(error: SQLAlchemyError) -> str:
    return str(getattr(error, "orig", None) or error).splitlines()[0]
