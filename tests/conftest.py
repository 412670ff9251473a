"""What every test stands on: an application with data of its own, a browser, cheap hashes, and no network."""

import os
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from hypothesis import settings
from sqlalchemy import text

from app import create_app
from blog.extensions import db
from blog.lib import passwords
from blog.lib.migrating import alembic
from tests.mail_server import Post, mail_server
from tests.visitor import Visitor
from tests.world import World, build

# CI judges a change by the same examples each time; elsewhere property tests look for new ones.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")

LOOPBACK = ("127.", "::1", "localhost")
MakeApp = Callable[..., Flask]


@pytest.fixture(scope="session", autouse=True)
def no_network() -> Iterator[None]:
    """Only this machine can be reached: a test that asks the world fails."""
    patch = pytest.MonkeyPatch()
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> Any:
        if self.family != socket.AF_UNIX and not str(address[0]).startswith(LOOPBACK):
            raise AssertionError(f"a test tried to reach {address[0]}")
        return connect(self, address)

    patch.setattr(socket.socket, "connect", guarded)
    patch.setenv("HINDSIGHT_LINK_CHECKS", "off")  # also of programs that tests start
    yield
    patch.undo()


@pytest.fixture(scope="session", autouse=True)
def cheap_hashes() -> Iterator[None]:
    """Real argon2id, with the least work it allows."""
    patch = pytest.MonkeyPatch()
    patch.setattr(passwords, "hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    yield
    patch.undo()


@pytest.fixture(scope="session")
def template_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with every table and no row, made once by the migrations and copied for each test."""
    folder = tmp_path_factory.mktemp("template")
    app = create_app({"data_dir": folder, "worker": "off"})
    with app.app_context():
        alembic.upgrade()
        with db.engine.connect() as connection:
            connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        db.engine.dispose()
    return folder / "hindsight.sqlite3"


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory, cheap_hashes: None) -> World:
    """A site with one of everything; each use starts from a copy (see `tests.world`)."""
    return build(tmp_path_factory.mktemp("world"))


@pytest.fixture
def make_app(template_database: Path, tmp_path: Path) -> Iterator[MakeApp]:
    """Make an application over an empty site: `make_app(registration="closed")`. Rate limits are off unless asked for.

    A second one of the same test shares the data of the first, like a second process. The application context is not
    open: read rows inside `with app.app_context():`.
    """
    made: list[Flask] = []
    folder = tmp_path / "data"
    folder.mkdir()
    shutil.copyfile(template_database, folder / "hindsight.sqlite3")

    def make(**settings: Any) -> Flask:
        app = create_app({"data_dir": folder, "worker": "off", "rate_limits": False, **settings})
        app.testing = True
        app.test_client_class = Visitor
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            db.engine.dispose()
        app.extensions["hindsight_search"].close()


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app()


@pytest.fixture
def limited_app(make_app: MakeApp) -> Flask:
    """The same with rate limits on, as a site runs."""
    return make_app(rate_limits=True)


@pytest.fixture
def post() -> Iterator[Post]:
    """A mail server on this machine."""
    with mail_server() as running:
        yield running


@pytest.fixture
def mailing_app(make_app: MakeApp, post: Post) -> Flask:
    """A site that sends its mail there."""
    return make_app(mail_url=post.address)


@pytest.fixture
def client(app: Flask) -> Visitor:
    client = app.test_client()
    assert isinstance(client, Visitor)
    return client
