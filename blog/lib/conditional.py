"""Answers that a browser may keep: an ETag that names a version, and 304 for whoever has it already."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path

from flask import Response, current_app, make_response, request
from flask.typing import ResponseReturnValue

from blog.settings import current_settings

PARTS_OF_A_PAGE = ("templates/**/*.html", "static/**/*", "blog/**/*.py")


def answer_of_version(
    version: str, make: Callable[[], ResponseReturnValue], *, modified_at: datetime | None = None
) -> Response:
    """304 where the client holds this version, else what `make` gives, marked with it.

    `version` names everything that the answer is made from but the program itself, which is added here. The mark is
    weak: the same page is sent under several encodings.
    """
    tag = _tag(version)
    is_held = request.if_none_match.contains_weak(tag)
    if not request.if_none_match and modified_at is not None and request.if_modified_since is not None:
        is_held = modified_at.replace(microsecond=0) <= request.if_modified_since
    response = make_response("", 304) if is_held else make_response(make())
    if response.status_code in (200, 304):
        response.set_etag(tag, weak=True)
        if modified_at is not None:
            response.last_modified = modified_at
    if is_held:
        response.headers.pop("Content-Type", None)
    return response


def _tag(version: str) -> str:
    settings = current_settings()
    parts = (program_version(current_app.root_path), settings.site_name, settings.site_url, settings.registration)
    return hashlib.sha256("\0".join((*parts, request.path, version)).encode()).hexdigest()[:20]


@cache
def program_version(root: str) -> str:
    """A hash of all that makes a page: templates, static files and code. The same in every process of a release."""
    tree = hashlib.sha256()
    for pattern in PARTS_OF_A_PAGE:
        for path in sorted(Path(root).glob(pattern)):
            if path.is_file():
                tree.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return tree.hexdigest()
