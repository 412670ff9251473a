"""Sites that hold the wall, built once for a file."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from blog.extensions import db
from tests.visitor import Visitor

MakeSite = Callable[[], Flask]


@pytest.fixture(scope="module")
def make_site(template_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeSite]:
    """An application over an empty site, for a whole file. Rate limits are off."""
    made: list[Flask] = []

    def make() -> Flask:
        folder = tmp_path_factory.mktemp("hostile")
        shutil.copyfile(template_database, folder / "hindsight.sqlite3")
        app = create_app({"data_dir": folder, "worker": "off", "rate_limits": False})
        app.testing = True
        app.test_client_class = Visitor
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            db.engine.dispose()
        app.extensions["hindsight_search"].close()
