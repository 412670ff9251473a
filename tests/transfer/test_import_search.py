"""What an import brought is found at once; an index that cannot be had never stops an import."""

from collections.abc import Sequence

import pytest
from flask import Flask

from app import HANDLERS
from blog.errors import Busy
from blog.journal.models import Job
from blog.journal.worker import Handler
from tests.transfer.reading import FILES
from tests.transfer.site import articles_in, rows_of, run_import


@pytest.fixture
def searching(app: Flask) -> Flask:
    app.extensions["hindsight_worker"].handlers = dict(HANDLERS)
    return app


def test_an_imported_write_up_and_comment_are_found_when_the_command_ends(searching: Flask) -> None:
    result = run_import(searching, FILES)
    assert result.exit_code == 0, result.output
    assert rows_of(searching, Job) == []
    client = searching.test_client()
    assert "/postmortems/harbour-cranes-stopped-for-a-tide" in client.get("/search?q=cranes").text
    assert "/postmortems/glaze-cracked" in client.get("/search?q=shelf").text  # a word of a comment alone


def test_an_index_that_cannot_be_had_is_told_and_the_import_stands(searching: Flask) -> None:
    def locked(jobs: Sequence[Job]) -> None:
        raise Busy

    handlers = {kind: Handler(locked, batch=50) for kind in HANDLERS}
    searching.extensions["hindsight_worker"].handlers = handlers
    result = run_import(searching, FILES / "front")
    assert result.exit_code == 0
    assert "Search cannot be brought up to date now" in result.output
    assert len(articles_in(searching)) == 3
    assert searching.test_client().get("/postmortems/harbour-cranes-stopped-for-a-tide").status_code == 200
