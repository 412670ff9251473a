"""Imports of these tests leave the index alone, which would cost a second each; `test_import_search` does not."""

import pytest
from flask import Flask

from tests.conftest import MakeApp


@pytest.fixture
def make_app(make_app: MakeApp) -> MakeApp:
    def make(**settings: object) -> Flask:
        app = make_app(**settings)
        app.extensions["hindsight_worker"].handlers = {}
        return app

    return make
