"""A message as it is handed to the mail server: whatever people are called and write, it has our headers alone."""

from base64 import b64encode
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.lib.mail import Letter, compose

AT = datetime(2026, 3, 2, tzinfo=UTC)
HEADERS = ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "List-Id", "MIME-Version", "Content-Type"]
HIDDEN = f"=?utf-8?b?{b64encode(b'x' + bytes((13, 10)) + b'Bcc: a@b.example' + bytes((13, 10)) * 2).decode()}?="
QUOTED = "=?utf-8?q?x=0D=0ABcc:_a=40b.example?="


def headers_of(text: str, *, to: str = "noor@people.example") -> list[str]:
    letter = Letter(to, text, "words", "<p>words</p>", "<1@site.example>", marks=(("List-Id", text),))
    message = compose(letter, sender="site@site.example", name=text, at=AT)
    head = message.as_bytes().decode("utf-8", "replace").split("\r\n\r\n")[0]
    return [line.partition(":")[0] for line in head.split("\r\n") if not line.startswith((" ", "\t"))]


@pytest.mark.parametrize("text", [HIDDEN, QUOTED, f"Noor, on “{HIDDEN}”", f"a {QUOTED} b", f"{HIDDEN} {QUOTED}"])
def test_an_encoded_word_that_holds_line_ends_stays_text(text: str) -> None:
    assert headers_of(text) == HEADERS


PIECES = st.lists(
    st.sampled_from(["=?", "?=", "utf-8", "?b?", "?q?", "DQo=", "=0D=0A", "\r\n", "Bcc: x", " ", "“", "é"])
)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(), PIECES.map("".join)))
def test_no_text_makes_a_header(text: str) -> None:
    assert headers_of(text) == HEADERS


@pytest.mark.parametrize("to", [f"{HIDDEN}@b.example", f"{QUOTED}@b.example", "a b@b.example", "a\r\nb@b.example"])
def test_an_address_that_would_be_decoded_gets_no_mail(to: str) -> None:
    with pytest.raises(ValueError, match="no address"):
        headers_of("Words", to=to)
