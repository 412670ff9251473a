"""`flask pictures export FOLDER` and `pictures import FOLDER --by EMAIL`: pictures beside an export of write-ups."""

import json
import shutil
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from blog.accounts.models import User
from blog.accounts.queries import person_by_email
from blog.errors import Busy, Invalid, NoRoom, NotAllowed, NotFound
from blog.extensions import db
from blog.lib import images, upload_folder
from blog.lib.database import end_reading, writing
from blog.media import changes, queries
from blog.media.wording import names_in
from blog.settings import current_settings
from blog.transfer.queries import articles_to_export

picture_commands = AppGroup("pictures", help="The pictures of write-ups, beside an export of these.")
LIST = "pictures.jsonl"  # one line a picture: its name and its words
FOLDER = click.Path(file_okay=False, path_type=Path)


@picture_commands.command("export")
@click.argument("folder", type=FOLDER)
def export_pictures(folder: Path) -> None:
    """Copy the pictures of published write-ups to a new or empty folder, with their words."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise click.ClickException(f"{folder} is not empty; name a new folder")
    names = sorted({name for row in articles_to_export() for name in names_in(row[3])})
    data_dir, lines, missing = current_settings().data_dir, [], 0
    for upload in queries.shown_uploads(names):
        try:
            shutil.copyfile(upload_folder.path_of(data_dir, upload.name), folder / upload.name)
        except FileNotFoundError:
            missing += 1
            continue
        lines.append(json.dumps({"name": upload.name, "alt": upload.alt}, ensure_ascii=False))
    (folder / LIST).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    click.echo(f"{len(lines)} picture(s) written to {folder}.")
    if missing:
        raise click.ClickException(f"the files of {missing} picture(s) are missing")


@picture_commands.command("import")
@click.argument("folder", type=click.Path(file_okay=False, exists=True, path_type=Path))
@click.option("--by", "email", required=True, help="The person they will belong to: an author, reviewer or admin.")
def import_pictures(folder: Path, email: str) -> None:
    """Bring pictures in under the names they had, so that texts find them; each is checked like any other."""
    try:
        actor, lines = person_by_email(email), (folder / LIST).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{folder / LIST} cannot be read: {error}") from None
    if actor is None:
        raise click.ClickException(f"nobody has the address {email}")
    made = known = refused = 0
    for number, line in enumerate(lines, 1):
        try:
            is_new = _bring_in(folder, line, actor)
            made, known = made + is_new, known + (not is_new)
        except (Invalid, NotAllowed, NoRoom, Busy) as error:
            refused += 1
            click.echo(f"{LIST}:{number}: {error.message}", err=True)
    click.echo(f"{made} picture(s) brought in, {known} known before, {refused} refused.")
    if refused:
        raise SystemExit(1)


def _bring_in(folder: Path, line: str, actor: User) -> bool:
    """Whether the picture of this line is new here. Raises what a refused upload raises."""
    settings = current_settings()
    name, alt = _read(line)
    try:
        target = upload_folder.path_of(settings.data_dir, name)
        content = (folder / name).read_bytes() if not (folder / name).is_symlink() else b""
    except (ValueError, OSError):
        raise Invalid("this is no picture of an export, or its file is not there") from None
    try:
        queries.upload_named(name)
        return False
    except NotFound:
        end_reading(db.session)
    picture = images.remade(content, most_bytes=settings.max_image_bytes)
    if f".{picture.kind}" != target.suffix:
        raise Invalid(f"{name} is in truth a {picture.kind}")
    upload_folder.keep(settings.data_dir, picture.content, picture.kind, name=name)
    try:
        with writing(db.session):
            changes.add_upload(actor=db.session.get_one(User, actor.id), picture=picture, name=name, alt=alt)
    except BaseException:
        upload_folder.discard(settings.data_dir, name)
        raise
    return True


def _read(line: str) -> tuple[str, str]:
    try:
        data: Any = json.loads(line)
        return str(data["name"]), str(data["alt"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Invalid("this is no line of an export") from None
