"""The grammar of the JSON API: what an operation is, the envelope of its answers, and how a JSON body is read."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlencode

from flask import abort, request
from pydantic import BaseModel, ConfigDict, ValidationError

from blog.errors import Fault, Invalid, PreconditionRequired
from blog.lib.pagination import Page

MAX_DEPTH = 32  # a write-up is 7 deep; deeper is made to hurt
MAX_FAULTS = 50  # enough to act on
PREFIX = "/api/v1"
MODEL_HEADER = "Hindsight-Model"  # which model a program runs, where it differs from what its token says
MAX_MODEL = 120  # characters of its name

Scope = Literal["read", "propose", "comment"]


class Shown(BaseModel):
    """A thing as the API shows it. The classes below it are its documentation, too."""

    model_config = ConfigDict(frozen=True)


class Sent(BaseModel):
    """What a program sends. Unknown fields are refused, so that a mistake is never silently lost."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class ProgramShown(Shown):
    """The program that wrote something, for ever: its name, the model it said it runs (or nothing), the beginning of
    its token, and the person who answers for it.
    """

    name: str
    model: str
    token: str
    owner: str


class PageFacts(Shown):
    """Which page of a list this is; numbers count from 1."""

    number: int
    size: int
    total: int
    last: int


class Links(Shown):
    """Addresses of pages, absolute; absent where there is none."""

    self: str
    next: str | None = None
    previous: str | None = None


class Listing(Shown):
    """The envelope of every list: `items`, which page they are, and where the others stand."""

    items: list[Any]
    page: PageFacts
    links: Links


@dataclass(frozen=True)
class Answer:
    """What an operation answers with. `location` is the address of what was made; `hash` that of the document it shows
    or made, sent as its ETag.
    """

    content: BaseModel | dict[str, Any]
    status: int = 200
    location: str = ""
    hash: str = ""


def answer_again(content: str, status: int, location: str) -> Answer:
    """The answer that was kept for a request sent once more; `content` is its JSON."""
    said: dict[str, Any] = json.loads(content)
    return Answer(said, status, location, said.get("hash", ""))


@dataclass(frozen=True)
class Parameter:
    """A value of the query string, for the description of the API."""

    name: str
    about: str
    is_repeatable: bool = False


PAGE = Parameter("page", "The page of the list, from 1.")


@dataclass(frozen=True)
class Operation:
    """One method of one address. `path` is as Flask writes it, below `/api/v1`.

    `run` is called with `caller` (None for a reader without a token), the parts of the path, and `body` (the JSON, as
    parsed) where `body` says what that is. Without `is_public` a token with the scope is required; with it, a token
    that is brought must have the scope.
    """

    name: str
    method: Literal["GET", "POST"]
    path: str
    run: Callable[..., Answer]
    about: str
    scope: Scope
    shows: type[BaseModel]
    is_public: bool = False
    is_list: bool = False
    needs_match: bool = False  # refused without If-Match: what it changes is there already
    body: type[BaseModel] | None = None
    parameters: tuple[Parameter, ...] = field(default=())


def listing(items: Iterable[BaseModel], page: Page, *, address: str, arguments: Mapping[str, list[str]]) -> Listing:
    """A page of a list. `address` is absolute, `arguments` is the query string as it was asked."""

    def link(number: int) -> str:
        pairs = [(name, value) for name, values in arguments.items() if name != "page" for value in values]
        query = urlencode([*pairs, ("page", str(number))])
        return f"{address}?{query}"

    return Listing(
        items=list(items),
        page=PageFacts(number=page.number, size=page.size, total=page.total, last=page.last),
        links=Links(
            self=link(page.number),
            next=link(page.number + 1) if page.has_next else None,
            previous=link(page.number - 1) if page.has_previous else None,
        ),
    )


def seen_hash() -> str:
    """The hash that If-Match names. Raises `PreconditionRequired` without one; what is no hash matches nothing."""
    named = request.headers.get("If-Match", "").strip()
    if named in ("", "*"):
        raise PreconditionRequired(
            "Send If-Match with the ETag of the newest revision, so that nothing is overwritten."
        )
    # Packed answers carry their ETag with the name of the packing behind a colon.
    return named.removeprefix("W/").strip('"').partition(":")[0]


def read_json() -> Any:
    """The body of the request. Raises `Invalid` for what is no JSON or too deep; 415 where it is not called JSON."""
    if request.mimetype != "application/json":
        abort(415, "Send JSON, with Content-Type: application/json.")
    try:
        data = json.loads(request.get_data().decode("utf-8"), parse_constant=_no_constant)
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:  # also for bytes that are no UTF-8 and for numbers of thousands of digits
        raise Invalid(f"This is not valid JSON: {_in_words(error)}") from None
    if _is_deeper(data, MAX_DEPTH):
        raise _too_deep()
    return data


def checked(model: type[Sent], data: Any) -> Any:
    """The data as this model. Raises `Invalid` with a fault for each field."""
    if not isinstance(data, dict):
        raise Invalid("the body is a JSON object")
    try:
        return model.model_validate(data)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)[:MAX_FAULTS]
        faults = [
            Fault(".".join(str(step) for step in item["loc"]), _plain(item["type"], item["msg"])) for item in found
        ]
        raise Invalid(faults) from None


def _plain(kind: str, message: str) -> str:
    words = {"missing": "this is required", "extra_forbidden": "there is no field of this name"}
    return words.get(kind, message[:1].lower() + message[1:])


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number")


def _too_deep() -> Invalid:
    return Invalid(f"the JSON is nested more than {MAX_DEPTH} levels deep")


def _in_words(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} (line {error.lineno}, column {error.colno})"
    return "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)[:100]


def _is_deeper(data: Any, most: int) -> bool:
    """Whether objects and lists stand within each other more than `most` deep. Without recursion, which has an end."""
    level = [data] if isinstance(data, (dict, list)) else []
    for _ in range(most):
        level = [below for one in level for below in _parts(one) if isinstance(below, (dict, list))]
        if not level:
            return False
    return bool(level)


def _parts(one: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return one.values() if isinstance(one, dict) else one
