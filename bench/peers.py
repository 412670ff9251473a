"""Other programs beside the site, when asked for: `--peer NAME=ADDRESS` measures one page of what runs there."""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from bench.asking import Expected, Load, get
from bench.reading import article_load
from bench.run import Run
from bench.table import Row


@dataclass(frozen=True)
class Peer:
    """A page that another program serves on this machine: WordPress, Wagtail, a file behind nginx."""

    name: str
    port: int
    path: str
    host: str

    @classmethod
    def read(cls, text: str) -> Self:
        """From `NAME=http://127.0.0.1:8080/path`. Raises `ArgumentTypeError` for anything not on this machine."""
        name, _, address = text.partition("=")
        parts = urlsplit(address)
        if parts.scheme != "http" or parts.hostname not in ("127.0.0.1", "localhost") or not name:
            raise argparse.ArgumentTypeError("a peer is given as NAME=http://127.0.0.1:PORT/PATH")
        path = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
        return cls(name, parts.port or 80, path, parts.netloc)

    def measure(self, run: Run) -> Iterator[Row]:
        """The article page in turns with this page: how many times as many answers a second the site gives."""
        theirs = Load(self.name, (get(self.path, Host=self.host),), Expected(least=1_000))
        found = run.beside(article_load(run), theirs, other_port=self.port)
        told = f"{found.figures}; p99 of {self.name} {found.other_p99:.1f} ms"
        yield Row(f"article, 50 comments, beside {self.name}", told, found.ratio, None, found.watched)
