"""The head of the journal is told once a day, so that a journal whose end was cut off is found out."""

from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import delete, func, select, text

from blog.extensions import db
from blog.journal import head_changes
from blog.journal.changes import record
from blog.journal.jobs import tell_head
from blog.journal.models import Event
from blog.lib import clock
from blog.lib.database import writing
from blog.settings import current_settings
from tests.people import MIA, join


@pytest.fixture
def told(app: Flask) -> Path:
    """A journal of three events, its head told after the last of them."""
    mia = join(app, MIA)
    with app.app_context():
        with writing(db.session):
            for _ in range(3):
                record("account.signed_in", subject=mia, actor=mia)
        tell_head()
        return current_settings().data_dir / head_changes.FILE


def verify(app: Flask, *options: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["journal", "verify", *options])
    return result.exit_code, result.output


def test_line_40_a_cut_journal_is_found(app: Flask, told: Path) -> None:
    assert verify(app)[0] == 0
    with app.app_context(), writing(db.session):
        newest = db.session.scalar(select(func.max(Event.id)))
        db.session.execute(text("DELETE FROM jobs"))
        db.session.execute(delete(Event).where(Event.id == newest))
    code, said = verify(app)
    assert code == 1
    assert f"event {newest}" in said and "was cut" in said


def test_line_40_a_chain_made_anew_from_its_middle_is_found(app: Flask, told: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept-elsewhere.jsonl"
    kept.write_text(told.read_text())
    with app.app_context(), writing(db.session):
        event = db.session.scalars(select(Event).order_by(Event.id.desc())).first()
        assert event is not None
        event.reason = "put in later"
        event.hash = event.computed_hash()
    told.unlink()  # who can write the database may well be able to write the folder
    assert verify(app)[0] == 0
    code, said = verify(app, "--heads", str(kept))
    assert code == 1 and "not what it was" in said


def test_the_head_is_told_once_a_day(app: Flask, told: Path) -> None:
    with app.app_context():
        tell_head()
        assert len(told.read_text().splitlines()) == 1
        with time_machine.travel(clock.now() + timedelta(hours=25)):
            tell_head()
    heads = list(head_changes.told_heads(told))
    assert [number for number, _, _ in heads] == [heads[0][0]] * 2


@pytest.mark.parametrize("held", [b'{"event": "x"}\n', b"\x9f\x00\xff\n", b"[]\n"])
def test_a_file_that_holds_no_heads_is_refused_in_words(app: Flask, told: Path, held: bytes) -> None:
    told.write_bytes(held)
    code, said = verify(app)
    assert code == 1 and "line 1 of journal-heads.jsonl is no head" in said


def test_the_head_is_printed(app: Flask, told: Path) -> None:
    number, expected, _ = next(head_changes.told_heads(told))
    printed = app.test_cli_runner().invoke(args=["journal", "head"]).output
    assert printed.strip() == f"{number} {expected}"
