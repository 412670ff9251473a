"""Forms taken apart in one piece: no field gains or loses a character wherever it stands in the body."""

from io import BytesIO

import pytest
from werkzeug.exceptions import RequestEntityTooLarge

from blog.lib.intake import HeldRequest
from blog.lib.whole_forms import WholeFormParser

BOUNDARY = "----WebKitFormBoundary7MA4YWxkTrZu0gW"
CHUNK = 64 * 1024  # what Werkzeug would read at once
OPTIONS = {"boundary": BOUNDARY}


def body_of(fields: list[tuple[str, str]]) -> bytes:
    """As browsers send it."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields
    ]
    return ("".join(parts) + f"--{BOUNDARY}--\r\n").encode()


def parsed(body: bytes, **limits: int) -> list[tuple[str, str]]:
    parser = WholeFormParser(silent=False, **limits)
    return list(parser.parse(BytesIO(body), "multipart/form-data", len(body), OPTIONS)[1].items(multi=True))


def test_every_field_is_what_was_sent_wherever_chunks_would_end() -> None:
    rest = [("first", ""), ("second", ""), ("third", "text\r\n"), ("fourth", "\r\n--"), ("last", "end")]
    start = CHUNK - len(body_of([("long", ""), *rest]))
    for length in range(start, CHUNK + 2):
        fields = [("long", "x" * length), *rest]
        assert parsed(body_of(fields)) == fields


def test_a_field_above_its_limit_is_refused() -> None:
    assert parsed(body_of([("a", "x" * 10)]), max_form_memory_size=10) == [("a", "x" * 10)]
    with pytest.raises(RequestEntityTooLarge):
        parsed(body_of([("a", "x" * 11)]), max_form_memory_size=10)


def test_more_parts_than_allowed_are_refused() -> None:
    fields = [(f"f{number}", "") for number in range(3)]
    assert parsed(body_of(fields), max_form_parts=3) == fields
    with pytest.raises(RequestEntityTooLarge):
        parsed(body_of(fields), max_form_parts=2)


@pytest.mark.parametrize("body", [b"", b"nothing of the kind", f"--{BOUNDARY}\r\nno header".encode()])
def test_what_is_no_form_holds_no_fields(body: bytes) -> None:
    environ = {
        "REQUEST_METHOD": "POST", "wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": f"multipart/form-data; boundary={BOUNDARY}",
    }  # fmt: skip
    assert not HeldRequest(environ).form
