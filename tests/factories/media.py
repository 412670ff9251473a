"""Pictures for tests: files as people send them, and uploads that went through the real changes."""

from io import BytesIO
from typing import Any

from flask import Flask
from PIL import Image

from blog.extensions import db
from blog.lib import upload_folder
from blog.lib.database import writing
from blog.lib.images import Picture
from blog.media import changes
from blog.media.models import Upload
from tests.people import ARUN, Person, join


def file_of(kind: str = "PNG", *, size: tuple[int, int] = (40, 30), mode: str = "RGB", **how: Any) -> bytes:
    """A picture with a white left half and a black right half."""
    picture = Image.new("L", size)
    picture.paste(255, (0, 0, size[0] // 2, size[1]))
    file = BytesIO()
    (picture if mode == "L" else picture.convert("RGB").convert(mode)).save(file, kind, **how)
    return file.getvalue()


def sent(content: bytes, *, alt: str = "Error rate climbs", name: str = "shot.png") -> dict[str, Any]:
    """What the form of a picture sends."""
    return {"alt": alt, "image": (BytesIO(content), name)}


def make_upload(app: Flask, *, user: Person = ARUN, alt: str = "Error rate climbs") -> Upload:
    """A picture that somebody uploaded; its file is in the data folder. It was made here, not by the image process."""
    actor, picture = join(app, user), Picture("png", 40, 30, file_of())
    name = upload_folder.keep(app.extensions["hindsight_settings"].data_dir, picture.content, picture.kind)
    with app.app_context(), writing(db.session):
        return changes.add_upload(actor=actor, picture=picture, name=name, alt=alt)
