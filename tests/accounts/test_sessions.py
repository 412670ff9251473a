"""What a session is good for, and when it ends."""

import pytest
from flask import Flask

from blog.accounts import access
from tests.people import MIA
from tests.visitor import Visitor, signed_in


@pytest.fixture
def client(app: Flask) -> Visitor:
    @app.get("/who")
    def who() -> str:
        user = access.user_of_request()
        return user.name if user else "nobody"

    client = app.test_client()
    assert isinstance(client, Visitor)
    return client


def name_seen(client: Visitor) -> str:
    return str(client.get("/who").text)


def test_a_reader_without_a_cookie_is_nobody(client: Visitor) -> None:
    assert name_seen(client) == "nobody"


def test_a_session_belongs_to_its_person(client: Visitor) -> None:
    signed_in(client, MIA)
    assert name_seen(client) == "Mia"
