"""The description of the JSON API (OpenAPI 3.1), made from its operations and their models."""

import re
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from blog.lib.json_api import MAX_MODEL, MODEL_HEADER, PREFIX, Links, Listing, Operation, PageFacts, Parameter, Shown
from blog.lib.once import HEADER, MAX_KEY
from blog.lib.row_numbers import MAX_ROW_NUMBER

_PART = re.compile(r"<(?:([a-z]+)(?:\([^)]*\))?:)?([a-z_]+)>")
_PRINTABLE = "^[ -~]*$"  # ASCII
_SLUG = {"type": "string", "maxLength": 120, "pattern": "^[a-z0-9]+(?:-[a-z0-9]+)*$"}
_NUMBER = {"type": "integer", "minimum": 0, "maximum": MAX_ROW_NUMBER}
_REF = "#/components/schemas/{model}"


class FaultShown(Shown):
    """One thing wrong with an input; `path` names the field (`timeline.3.at`), empty for the whole."""

    path: str
    reason: str
    fingerprint: str | None = None  # of a finding of the checks: what a waiver names


class Problem(Shown):
    """Every refusal (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    request_id: str
    faults: list[FaultShown] | None = None


def describe(operations: Sequence[Operation], *, site_name: str, site_url: str) -> dict[str, Any]:
    """The whole document as plain data."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(_PART.sub(r"{\2}", operation.path), {})[operation.method.lower()] = _describe(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": f"{site_name} JSON API", "version": "1", "description": _ABOUT},
        "servers": [{"url": site_url + PREFIX}],
        "paths": paths,
        "components": {
            "schemas": _schemas(operations),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


_ABOUT = (
    "Reading what is published needs no token. A token belongs to a person, expires, and carries the scopes read, "
    "propose and comment; nothing gives it more. Cookies are not looked at. Lists come in an envelope of items, page "
    "and links; refusals are application/problem+json."
)


def _schemas(operations: Sequence[Operation]) -> dict[str, Any]:
    models: list[type[BaseModel]] = [Problem, PageFacts, Links, *(operation.shows for operation in operations)]
    models += [operation.body for operation in operations if operation.body]
    _, made = models_json_schema([(model, "validation") for model in dict.fromkeys(models)], ref_template=_REF)
    definitions: dict[str, Any] = made["$defs"]
    return dict(sorted(definitions.items()))


def _describe(operation: Operation) -> dict[str, Any]:
    parts = [
        {"name": name, "in": "path", "required": True, "schema": _NUMBER if kind == "int" else _SLUG}
        for kind, name in _PART.findall(operation.path)
    ]
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.about,
        "description": f"Scope: {operation.scope}." + (" Open to everybody." if operation.is_public else ""),
        "parameters": parts + [_parameter(one) for one in operation.parameters] + _headers(operation),
        "security": [{}, {"token": []}] if operation.is_public else [{"token": []}],
        "responses": {
            "201" if operation.method == "POST" else "200": {
                "description": operation.about,
                "headers": _answered_headers(operation),
                "content": {"application/json": {"schema": _shown(operation)}},
            },
            "default": {
                "description": "Refused; the problem says why.",
                "content": {"application/problem+json": {"schema": _ref(Problem)}},
            },
        },
    }
    if operation.body:
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": _ref(operation.body)}}}
    return described


def _headers(operation: Operation) -> list[dict[str, Any]]:
    """What a program says in headers of a request that writes."""
    if operation.method != "POST":
        return []
    found = [
        _header(
            HEADER,
            "Makes the request safe to repeat: for a day the same key and body are answered as the first time.",
            {"type": "string", "minLength": 1, "maxLength": MAX_KEY, "pattern": _PRINTABLE},
        ),
        _header(
            MODEL_HEADER,
            "The model that the program runs, where it differs from what its token says; stands on what it writes.",
            {"type": "string", "maxLength": MAX_MODEL, "pattern": _PRINTABLE},
        ),
    ]
    if operation.needs_match:
        about = "The ETag (the hash) of the newest revision, so that no work is overwritten: 412 if it is another."
        found.append(_header("If-Match", about, {"type": "string"}) | {"required": True})
    return found


def _answered_headers(operation: Operation) -> dict[str, Any]:
    """What stands in the headers of an answer: the hash of a document shown whole, and where what was made is."""
    found = {}
    if "hash" in operation.shows.model_fields and not operation.is_list:
        found["ETag"] = {"description": "The hash of the document, for If-Match.", "schema": {"type": "string"}}
    if operation.method == "POST":
        found["Location"] = {"description": "The address of what was made.", "schema": {"type": "string"}}
    return {name: {"required": True, **one} for name, one in found.items()}


def _header(name: str, about: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "header", "description": about, "schema": schema}


def _shown(operation: Operation) -> dict[str, Any]:
    if not operation.is_list:
        return _ref(operation.shows)
    return {
        "type": "object",
        "required": list(Listing.model_fields),
        "properties": {
            "items": {"type": "array", "items": _ref(operation.shows)},
            "page": _ref(PageFacts),
            "links": _ref(Links),
        },
    }


def _parameter(one: Parameter) -> dict[str, Any]:
    kind: dict[str, Any] = {"type": "string"}
    if one.name == "page":
        kind = {"type": "integer", "minimum": 1}
    schema = {"type": "array", "items": kind} if one.is_repeatable else kind
    return {"name": one.name, "in": "query", "description": one.about, "schema": schema}


def _ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": _REF.format(model=model.__name__)}
