"""Answers that a browser may keep: an ETag that names a version, and 304 for whoever has it already."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path

from flask import Response, current_app, make_response, request
from flask.typing import ResponseReturnValue

from blog.lib.renderer import RENDERER_VERSION
from blog.settings import current_settings

PARTS_OF_A_PAGE = ("templates/**/*.html", "static/**/*", "blog/**/*.py")


def answer_of_version(version: str, make: Callable[[], ResponseReturnValue]) -> Response:
    """304 where the client holds this version, else what `make` gives, marked with it. `version` names everything that
    the answer is made from but the program itself.
    """
    tag = tag_of(version)
    return marked(make_response("", 304) if is_held(tag) else make_response(make()), tag)


def tag_of(version: str) -> str:
    """An ETag for this version, as made by this edition of the site."""
    return hashlib.sha256(f"{edition()}\0{version}".encode()).hexdigest()[:20]


def is_held(tag: str, *, modified_at: datetime | None = None) -> bool:
    """Whether the client says that it has the answer of this ETag, or, where it names none, of this time."""
    if request.if_none_match:
        return request.if_none_match.contains_weak(tag)
    since = request.if_modified_since
    return modified_at is not None and since is not None and modified_at.replace(microsecond=0) <= since


def marked(response: Response, tag: str, *, modified_at: datetime | None = None) -> Response:
    """The answer with its ETag, a weak one: the same page is sent under several encodings."""
    if response.status_code in (200, 304):
        response.set_etag(tag, weak=True)
        if modified_at is not None:
            response.last_modified = modified_at
    if response.status_code == 304:
        response.headers.pop("Content-Type", None)
    return response


def edition() -> str:
    """What every page is made from beside the data: the program, its renderer and the settings that pages show."""
    settings = current_settings()
    parts = (program_version(current_app.root_path), RENDERER_VERSION)
    return "\0".join((*parts, settings.site_name, settings.site_url, settings.registration))


@cache
def program_version(root: str) -> str:
    """A hash of all that makes a page: templates, static files and code. The same in every process of a release."""
    tree = hashlib.sha256()
    for pattern in PARTS_OF_A_PAGE:
        for path in sorted(Path(root).glob(pattern)):
            if path.is_file():
                tree.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return tree.hexdigest()
