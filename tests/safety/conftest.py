"""A site over a copy of the world, for the tests that walk through all of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from blog.extensions import db
from tests.world import World


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the data of `site` lies."""
    return tmp_path


@pytest.fixture
def site(world: World, folder: Path) -> Iterator[Flask]:
    """An application over a copy of the world, without rate limits."""
    app = world.app(folder)
    yield app
    close(app)


def close(app: Flask) -> None:
    app.extensions["hindsight_search"].close()
    with app.app_context():
        db.engine.dispose()
