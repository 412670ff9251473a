"""The search engine of this process: chosen by the settings, made at first need, one for each process."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field

from flask import Flask, current_app

from blog.search.engine import SearchEngine
from blog.search.whoosh_engine import WhooshEngine
from blog.settings import Settings

EXTENSION = "hindsight_search"


@dataclass
class ProcessEngine:
    """Gives the engine. One that a server inherited by a fork is left alone: its files belong to the parent."""

    make: Callable[[], SearchEngine]
    is_doubted: bool = False  # a search failed since the index was last looked at
    _made: dict[int, SearchEngine] = field(default_factory=dict)

    def get(self) -> SearchEngine:
        """The engine of this process. Making one opens no file, so two threads at once do no harm and need no lock."""
        engine = self._made.get(os.getpid())
        return engine if engine is not None else self._made.setdefault(os.getpid(), self.make())

    def close(self) -> None:
        """Close the files of this process; the next search opens them again."""
        engine = self._made.pop(os.getpid(), None)
        if engine is not None:
            engine.close()


def init_app(app: Flask) -> None:
    """Tie the engine that the settings name to the application."""
    settings: Settings = app.extensions["hindsight_settings"]
    app.extensions[EXTENSION] = ProcessEngine(lambda: WhooshEngine(settings.index_dir))


def current_engines() -> ProcessEngine:
    """Where the running application keeps its engine."""
    engines: ProcessEngine = current_app.extensions[EXTENSION]
    return engines


def current_engine() -> SearchEngine:
    """The engine of the running application."""
    return current_engines().get()
