"""What must be right before the site is served: said in one clear line at the start, not at the first request."""

import logging
import multiprocessing
import os
from collections.abc import Callable
from functools import wraps
from typing import Any

import click
from alembic.util.exc import CommandError
from flask import Flask
from sqlalchemy import inspect
from sqlalchemy.exc import SQLAlchemyError

from blog.extensions import alembic, db
from blog.settings import BadSettings, Settings

log = logging.getLogger(__name__)

UPGRADE = "run `flask --app app db upgrade`"
_TOLD = "is_told_plainly"


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
            raise BadSettings(f"The database cannot be used: {_first_line(error)}") from None
        finally:
            db.engine.dispose()  # the server may fork yet
    if problem:
        raise BadSettings(f"The database does not fit: {problem}")


def schema_problem() -> str | None:
    """What is wrong with the schema of the open application's database; None when it is the newest."""
    heads = {one.revision for one in alembic.heads()}
    try:
        current = {one.revision for one in alembic.current()}
    except CommandError:
        return "it was made by a newer version of this program"
    return None if current == heads else f"the schema is not the newest; {UPGRADE}"


def explain_upgrades(app: Flask) -> None:
    """`flask db upgrade` ends with a sentence, not with a traceback, where a newer program made the database."""
    command: click.Command = getattr(app.cli.commands["db"], "commands", {})["upgrade"]
    if not hasattr(command.callback, _TOLD):  # the command is the same for every application of a process
        command.callback = _plainly(command.callback)


def _plainly(run: Callable[..., Any] | None) -> Callable[..., Any]:
    assert run is not None

    @wraps(run)
    def told(*args: Any, **given: Any) -> Any:
        try:
            return run(*args, **given)
        except CommandError:
            raise click.ClickException("The database was made by a newer version of this program.") from None
        except SQLAlchemyError as error:
            raise click.ClickException(f"The database cannot be used: {_first_line(error)}") from None

    setattr(told, _TOLD, True)
    return told


def _first_line(error: SQLAlchemyError) -> str:
    return str(getattr(error, "orig", None) or error).splitlines()[0]
