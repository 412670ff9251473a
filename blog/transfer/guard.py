"""A guard around the reading of one file or line: what nobody foresaw costs this one, not the rest of an import."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from blog.errors import HindsightError, Invalid

log = logging.getLogger(__name__)


@contextmanager
def guarded(name: str) -> Iterator[None]:
    """Log an unexpected error of reading `name` and raise it as `Invalid`. Errors of a database pass: those end the
    import, since the next line would meet them too.
    """
    try:
        yield
    except (HindsightError, SQLAlchemyError, sqlite3.Error, MemoryError):
        raise
    except Exception as error:
        log.exception("%s could not be read", name)
        raise Invalid(f"could not be read ({type(error).__name__})") from error
