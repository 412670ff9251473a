"""The search engine of this process: chosen by the settings, made at first need, one for each process."""

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask, current_app

from blog.search.engine import SearchEngine
from blog.search.whoosh_engine import WhooshEngine
from blog.settings import Settings

EXTENSION = "hindsight_search"


@dataclass
class ProcessEngine:
    """Gives the engine. One that a server inherited by a fork is left alone: its files belong to the parent."""

    make: Callable[[], SearchEngine]
    doubt_file: Path  # there while a search of any process failed since the worker, of another one, looked at the index
    _made: dict[int, SearchEngine] = field(default_factory=dict)

    def get(self) -> SearchEngine:
        """The engine of this process. Making one opens no file, so two threads at once do no harm and need no lock."""
        engine = self._made.get(os.getpid())
        return engine if engine is not None else self._made.setdefault(os.getpid(), self.make())

    def doubt(self) -> None:
        """Have the worker look at every part of the index within a minute: a search failed."""
        with suppress(OSError):  # a full disk
            self.doubt_file.touch()

    @property
    def is_doubted(self) -> bool:
        return self.doubt_file.exists()

    def trust(self) -> None:
        """The index was looked at, and is whole."""
        self.doubt_file.unlink(missing_ok=True)

    def close(self) -> None:
        """Close the files of this process; the next search opens them again."""
        engine = self._made.pop(os.getpid(), None)
        if engine is not None:
            engine.close()


def init_app(app: Flask) -> None:
    """Tie the engine that the settings name to the application."""
    settings: Settings = app.extensions["hindsight_settings"]
    app.extensions[EXTENSION] = ProcessEngine(
        lambda: WhooshEngine(settings.index_dir), doubt_file=settings.data_dir / "index-doubted"
    )


def current_engines() -> ProcessEngine:
    """Where the running application keeps its engine."""
    engines: ProcessEngine = current_app.extensions[EXTENSION]
    return engines


def current_engine() -> SearchEngine:
    """The engine of the running application."""
    return current_engines().get()
