"""People at the forms of a site in this process, without a server between."""

import re
from collections.abc import Mapping

from flask import Flask
from flask.testing import FlaskClient

from bench.crash_site import PASSWORD


def signed_in(app: Flask, email: str) -> FlaskClient:
    client = app.test_client()
    send(client, "/account/login", {"email": email, "password": PASSWORD})
    return client


def send(client: FlaskClient, address: str, fields: Mapping[str, str]) -> str:
    """Send a form with its token; where it led. Raises `AssertionError` for anything but a success."""
    page = client.get("/account/login" if "login" in address else "/account/settings").text
    token = found(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    answer = client.post(address, data={**fields, "csrf_token": token}, content_type="multipart/form-data")
    if answer.status_code != 303:
        raise AssertionError(f"{address} answered {answer.status_code}: {answer.text[:3_000]}")
    return str(answer.headers["Location"])


def found(pattern: str, text: str) -> str:
    """The first group of the pattern. Raises `AssertionError` where the text does not have it."""
    match = re.search(pattern, text)
    if match is None:
        raise AssertionError(f"{pattern} is not in {text[:2_000]}")
    return match[1]
