"""What tests of the editor's pages read out of them."""

from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient

from tests.people import Person
from tests.visitor import signed_in


def as_person(app: Any, person: Person) -> FlaskClient:
    """A browser in which this person is signed in."""
    client = app.test_client()
    signed_in(client, person)
    return client


class _Fields(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.invalid: set[str] = set()
        self._text: str | None = None
        self._select: str | None = None
        self._in_form = False
        self._in_template = False  # what a script puts in later

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self._in_template |= tag == "template"
        if self._in_template:
            return
        if tag == "form":
            self._in_form = "multipart" in values.get("enctype", "")
        if not self._in_form:
            return
        name = values.get("name", "")
        if "aria-invalid" in values:
            self.invalid.add(name)
        if tag == "input":
            self.fields[name] = values.get("value", "")
        elif tag == "textarea":
            self._text, self.fields[name] = name, ""
        elif tag == "select":
            self._select, self.fields[name] = name, ""
        elif tag == "option" and self._select and "selected" in values:
            self.fields[self._select] = values.get("value", "")

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self.fields[self._text] += data

    def handle_endtag(self, tag: str) -> None:
        if self._in_template:
            self._in_template = tag != "template"
            return
        if tag == "textarea" and self._text is not None:
            self.fields[self._text] = self.fields[self._text].removeprefix("\r\n").removeprefix("\n")
            self._text = None
        elif tag == "select":
            self._select = None
        elif tag == "form":
            self._in_form = False


def form_of(response: Any) -> dict[str, str]:
    """Every field of the form that a page shows, with its value, as a browser would send it."""
    parser = _Fields()
    parser.feed(response.text)
    parser.fields.pop("csrf_token", None)
    return parser.fields


def invalid_fields(response: Any) -> set[str]:
    """The names of the fields that the page marks as in need of a change."""
    parser = _Fields()
    parser.feed(response.text)
    return parser.invalid
