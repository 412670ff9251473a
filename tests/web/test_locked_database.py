"""Another process holds the database's write lock: short waits succeed, long ones give the text back."""

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from blog.settings import Settings
from tests.factories.articles import make_published
from tests.people import MIA
from tests.visitor import Visitor, signed_in

SHORT_SECONDS = 3.0  # less than the five seconds a request waits


@pytest.fixture
def other(app: Flask) -> Iterator[sqlite3.Connection]:
    settings: Settings = app.extensions["hindsight_settings"]
    path = Path(settings.data_dir) / "hindsight.sqlite3"
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    yield connection
    connection.close()


def test_a_comment_waits_for_another_writer(app: Flask, client: Visitor, other: sqlite3.Connection) -> None:
    article = make_published(app)
    signed_in(client, MIA)
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(SHORT_SECONDS, other.execute, ["COMMIT"])
    release.start()
    answer = client.post(f"/postmortems/{article.slug}/comments", data={"text": "Said while another wrote."})
    release.join()
    assert answer.status_code == 303
    assert "Said while another wrote." in client.get(f"/postmortems/{article.slug}").text


def test_a_lock_that_stays_gives_the_text_back_and_reading_goes_on(
    app: Flask, client: Visitor, other: sqlite3.Connection
) -> None:
    article = make_published(app)
    signed_in(client, MIA)
    other.execute("BEGIN IMMEDIATE")
    answer = client.post(f"/postmortems/{article.slug}/comments", data={"text": "Not lost, only late."})
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "Not lost, only late." in answer.text
    assert client.get(f"/postmortems/{article.slug}").status_code == 200
    other.execute("COMMIT")
    again = client.post(f"/postmortems/{article.slug}/comments", data={"text": "Not lost, only late."})
    assert again.status_code == 303
