"""The kills of `python -m bench.crash_desk`, few (a whole run has two hundred), and what it would find."""

import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from bench.crash_desk import MIXES, missing
from blog.extensions import db
from blog.lib.database import writing
from blog.settings import Settings
from tests.factories.articles import make_approved, make_published

# A write around the program that leaves the half of a change behind, and the mix that it is found as.
HALVES = {
    "DELETE FROM revision_authors": "a revision without its authors",
    "UPDATE events SET data = '{}' WHERE kind = 'article.created'": "a revision without its event",
    "UPDATE events SET data = '{\"revision\": 99}' WHERE kind = 'article.published'": "an event without its revision",
    "UPDATE events SET kind = 'other' WHERE kind = 'revision.approved'": "a verdict without its event",
    "DELETE FROM reviews": "an approved revision without a verdict",
    "UPDATE revisions SET state = 'submitted' WHERE state = 'approved'": "a verdict on a revision that still waits",
    "UPDATE articles SET state = 'draft'": "a published write-up without its live revision",
    "UPDATE revisions SET state = 'live' WHERE state = 'approved'": "a live revision that no write-up shows",
    "UPDATE articles SET title = 'Another'": "a title that is not that of the live revision",
    "DELETE FROM article_terms": "facets that are not those of the live revision",
}


@pytest.mark.timeout(600)  # seconds on two cores; a busy machine may take its time
def test_a_kill_at_any_moment_leaves_the_state_before_or_the_one_after() -> None:
    """In a process of its own, since it forks: one that had threads would hand down their locks."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.crash_desk", "--kills", "3"],
        capture_output=True, text=True, timeout=500, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    kills, *_, wrong = [cell.strip() for cell in done.stdout.splitlines()[2].split("|")[1:-1]]
    assert (kills, wrong) == ("3", "0")


def test_each_mix_is_tried() -> None:
    assert set(HALVES.values()) == set(MIXES)


@pytest.mark.parametrize(("statement", "mix"), HALVES.items(), ids=list(HALVES.values()))
def test_half_a_change_would_be_found(app: Flask, statement: str, mix: str) -> None:
    make_published(app, title="Round one", tags=["one"])
    make_approved(app)
    settings: Settings = app.extensions["hindsight_settings"]
    folder: Path = settings.data_dir
    assert missing(folder, [("saved", 1), ("approved", 1), ("published", 1)]) == []
    with app.app_context(), writing(db.session):
        db.session.execute(text(statement.replace(":", "\\:")))
    assert any(found.startswith(mix) for found in missing(folder, []))


def test_what_was_acknowledged_and_is_not_there_would_be_found(app: Flask) -> None:
    make_approved(app)
    settings: Settings = app.extensions["hindsight_settings"]
    assert missing(settings.data_dir, [("published", 1), ("saved", 2)]) == [
        "revision 1 was published and is not",
        "revision 2 was saved and is not",
    ]
