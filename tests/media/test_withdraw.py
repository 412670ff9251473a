"""Withdrawing a picture and showing it again: by who put it there, or an admin, with a reason that is kept."""

import pytest
from flask import Flask
from sqlalchemy import select

from blog.extensions import db
from blog.journal.models import Event
from blog.media.models import Upload
from tests.factories.media import make_upload
from tests.people import ADA, ARUN, ROSA, Person
from tests.visitor import Visitor, signed_in

WHY = {"reason": "A key can be read on it"}


@pytest.fixture
def upload(app: Flask) -> Upload:
    return make_upload(app, user=ARUN)


def visitor(app: Flask, person: Person) -> Visitor:
    client = app.test_client()
    assert isinstance(client, Visitor)
    signed_in(client, person)
    return client


def post(app: Flask, person: Person, upload: Upload, act: str, **fields: str) -> int:
    return int(visitor(app, person).post(f"/editor/images/{upload.id}/{act}", data=fields).status_code)


@pytest.mark.parametrize("person", [ARUN, ADA])
def test_a_withdrawn_picture_is_gone_for_everybody(app: Flask, upload: Upload, person: Person) -> None:
    assert post(app, person, upload, "withdraw", **WHY) == 303
    assert app.test_client().get(upload.address).status_code == 410
    page = visitor(app, person).get("/editor/images").text
    assert "A key can be read on it" in page and upload.address not in page
    with app.app_context():
        event = db.session.scalars(select(Event).where(Event.kind == "image.withdrawn")).one()
        assert (event.reason, event.subject_id) == (WHY["reason"], upload.id)


def test_it_can_be_shown_again(app: Flask, upload: Upload) -> None:
    post(app, ARUN, upload, "withdraw", **WHY)
    assert post(app, ARUN, upload, "restore") == 303
    assert app.test_client().get(upload.address).status_code == 200
    assert post(app, ARUN, upload, "restore") == 409


def test_who_put_it_there_does_not_undo_what_an_admin_did(app: Flask, upload: Upload) -> None:
    post(app, ADA, upload, "withdraw", **WHY)
    assert post(app, ARUN, upload, "restore") == 403
    assert app.test_client().get(upload.address).status_code == 410
    assert post(app, ADA, upload, "restore") == 303


def test_nobody_else_withdraws_it(app: Flask, upload: Upload) -> None:
    assert post(app, ROSA, upload, "withdraw", **WHY) == 404
    assert app.test_client().get(upload.address).status_code == 200


def test_a_reason_is_needed(app: Flask, upload: Upload) -> None:
    assert post(app, ARUN, upload, "withdraw", reason="  ") == 400
    assert post(app, ARUN, upload, "withdraw", reason="x" * 501) == 422
    assert post(app, ARUN, upload, "withdraw", reason="x" * 500) == 303
    assert post(app, ARUN, upload, "withdraw", **WHY) == 409
