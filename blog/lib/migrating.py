"""Migrations: the extension behind `flask db`. Imported where commands are run, never by a process that only serves."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click
from alembic.util.exc import CommandError
from flask import Flask
from flask_alembic import Alembic
from sqlalchemy.exc import SQLAlchemyError

from blog.lib.database import Base
from blog.lib.start_checks import first_line

alembic = Alembic(metadatas=Base.metadata, run_mkdir=False)
_TOLD = "is_told_plainly"


def init_app(app: Flask) -> None:
    """Give the application `flask db`."""
    alembic.init_app(app)
    _explain_upgrades(app)


def _explain_upgrades(app: Flask) -> None:
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
            raise click.ClickException(f"The database cannot be used: {first_line(error)}") from None

    setattr(told, _TOLD, True)
    return told
