"""One browser of the site under measurement: keeps its cookies, fills in forms, signs in."""

import re
import socket
import sys
from collections.abc import Mapping
from html import unescape

from bench.asking import Answer, ask, exchange, get, post_form
from bench.site import PASSWORD

_FIELD = re.compile(r"<input[^>]*name=\"csrf_token\"[^>]*>")


class Visitor:
    """Asks on connections of its own, or on one that it is given."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}

    @property
    def headers(self) -> dict[str, str]:
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())} if self.cookies else {}

    def get(self, path: str, line: socket.socket | None = None) -> Answer:
        return self._keep(self._ask(get(path, **self.headers), line))

    def post(self, path: str, fields: Mapping[str, str], line: socket.socket | None = None) -> Answer:
        return self._keep(self._ask(post_form(path, fields, **self.headers), line))

    def token(self, path: str) -> str:
        """The CSRF token in the forms of a page."""
        text = self.get(path).text
        found = _FIELD.search(text)
        value = re.search(r'value="([^"]+)"', found[0]) if found else None
        if value is None:
            sys.exit(f"{path} has no form with a CSRF token:\n{text[:2000]}")
        return unescape(value[1])

    def sign_in(self, email: str) -> None:
        fields = {"csrf_token": self.token("/account/login"), "email": email, "password": PASSWORD}
        answer = self.post("/account/login", fields)
        if answer.status not in (302, 303):
            sys.exit(f"{email} could not sign in: {answer.status}\n{answer.text[:2000]}")

    def comment(self, slug: str, text: str, token: str) -> Answer:
        """Post a comment as the form does. Ends the bench when it is refused."""
        answer = self.post(f"/postmortems/{slug}/comments", {"csrf_token": token, "text": text})
        if answer.status not in (201, 302, 303):
            sys.exit(f"a comment was refused: {answer.status}\n{answer.text[:2000]}")
        return answer

    def _ask(self, request: bytes, line: socket.socket | None) -> Answer:
        return exchange(line, request) if line is not None else ask(self.port, request)

    def _keep(self, answer: Answer) -> Answer:
        for cookie in answer.cookies:
            name, _, value = cookie.partition("=")
            self.cookies[name] = value.split(";")[0]
        return answer
