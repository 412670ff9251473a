"""`flask users export | erase | erased`: for people who cannot sign in, and after a backup came back."""

import stat
import zipfile
from pathlib import Path
from typing import Any

from flask import Flask

from blog.accounts.models import User
from blog.extensions import db
from tests.factories.articles import make_published
from tests.factories.comments import make_comment
from tests.people import ADA, MIA, NOOR, join


def run(app: Flask, *args: str, **more: Any) -> Any:
    return app.test_cli_runner().invoke(args=["users", *args], **more)


def test_an_operator_takes_out_what_is_known_of_a_person(app: Flask, tmp_path: Path) -> None:
    make_comment(app, make_published(app), user=MIA, text="Said by Mia.")
    path = tmp_path / "mia.zip"
    assert run(app, "export", MIA.email, str(path)).exit_code == 0
    with zipfile.ZipFile(path) as archive:
        assert b"Said by Mia." in archive.read("comments.md")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again = run(app, "export", MIA.email, str(path))
    assert again.exit_code == 1 and "cannot be written" in again.output


def test_an_operator_erases_by_address_or_number_and_is_asked(app: Flask) -> None:
    mia, noor = join(app, MIA), join(app, NOOR)
    asked = run(app, "erase", MIA.email, input="n\n")
    assert asked.exit_code == 1 and "cannot be undone" in asked.output
    assert run(app, "erased").output == ""
    assert run(app, "erase", MIA.email, input="y\n").exit_code == 0
    assert run(app, "erase", str(noor.id), "--yes").exit_code == 0
    assert run(app, "erased").output == f"{mia.id}\n{noor.id}\n"
    with app.app_context():
        assert db.session.get_one(User, mia.id).email == ""


def test_what_cannot_be_is_said_plainly(app: Flask) -> None:
    ada = join(app, ADA)
    assert "There is no account nobody@" in run(app, "erase", "nobody@people.example", "--yes").output
    assert "last admin" in run(app, "erase", str(ada.id), "--yes").output
    assert run(app, "export", "77", "/nowhere/x.zip").exit_code == 1
