"""The log of events: one line for what a request changed, once it is on disk."""

import logging

import pytest
from flask import Flask
from sqlalchemy import text

from blog.extensions import db
from blog.journal.changes import record
from blog.lib.database import writing
from tests.people import MIA, join


def test_an_event_of_a_request_is_logged_when_it_is_on_disk(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    mia = join(app, MIA)
    with caplog.at_level(logging.INFO, "hindsight.events"), app.test_request_context("/"):
        with writing(db.session):
            record("account.renamed", subject=mia, actor=mia, reason="her own words")
            assert caplog.records == []
        (line,) = caplog.records
    assert (line.event, line.actor_id, line.subject) == ("account.renamed", mia.id, f"user:{mia.id}")  # type: ignore[attr-defined]
    assert "her own words" not in str(vars(line))


def test_what_was_rolled_back_is_not_logged(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    mia = join(app, MIA)
    with caplog.at_level(logging.INFO, "hindsight.events"), app.test_request_context("/"):
        with pytest.raises(ZeroDivisionError), writing(db.session):
            record("account.renamed", subject=mia)
            raise ZeroDivisionError
        with writing(db.session):
            db.session.execute(text("SELECT 1"))
    assert caplog.records == []
