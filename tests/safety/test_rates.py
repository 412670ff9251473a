"""How often somebody may ask: each rate at its limit and one above, with the clock standing still, and each a setting.

The sums that start from one person or account (comments, sign-in, registration) are also tested beside their features.
"""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import insert

from blog.accounts import throttle
from blog.accounts.models import Attempt
from blog.errors import TooMany
from blog.extensions import db
from blog.feeds.queries import MAX_ENTRIES
from blog.lib import clock, intake, rate_limits
from blog.lib.database import writing
from blog.search.engine import MAX_DEPTH
from blog.search.language import MAX_CHARACTERS, MAX_TERMS, parse
from blog.search.queries import PAGE_SIZE
from blog.settings import BadSettings, Settings, load_settings
from tests.api.callers import a_program
from tests.conftest import MakeApp
from tests.factories.articles import make_published
from tests.people import ADA, ARUN, CAST, MIA, NOOR, PASSWORD
from tests.visitor import Visitor, signed_in

MINUTE = 1_000_020.0  # a minute, and a window of ten seconds, begin here
NOON = datetime(2026, 1, 10, 12, 0, tzinfo=UTC)


class Clock:
    """What `time.time` says, for windows that are counted by the clock."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = MINUTE
        monkeypatch.setattr(time, "time", lambda: self.now)


@pytest.fixture
def ticking(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    """A clock that stands until it is moved; what earlier tests counted under it is forgotten."""
    from blog.extensions import limiter

    clock = Clock(monkeypatch)
    yield clock
    limiter.reset()


def statuses(client: Any, path: str, number: int, *, address: str) -> list[int]:
    return [client.get(path, environ_base={"REMOTE_ADDR": address}).status_code for _ in range(number)]


def test_two_hundred_requests_a_minute_and_no_more(limited_app: Flask, ticking: Clock) -> None:
    client = limited_app.test_client()
    for _ in range(4):
        assert set(statuses(client, "/robots.txt", 50, address="198.51.100.1")) == {200}
        ticking.now += 10
    assert statuses(client, "/robots.txt", 1, address="198.51.100.1") == [429]
    assert statuses(client, "/robots.txt", 1, address="198.51.100.2") == [200]
    ticking.now = MINUTE + 60
    assert statuses(client, "/robots.txt", 1, address="198.51.100.1") == [200]


def test_pages_that_are_kept_are_counted_like_others(limited_app: Flask, ticking: Clock) -> None:
    make_published(limited_app, slug="kept")
    client = limited_app.test_client()
    got = statuses(client, "/postmortems/kept", 51, address="198.51.100.3")
    assert got == [200] * 50 + [429]


def test_five_thousand_requests_a_day_with_one_token(limited_app: Flask, ticking: Clock) -> None:
    rates = rate_limits.rates(Settings().token_rates)
    with limited_app.app_context():
        for number in range(5_000):
            if number % 60 == 0:
                ticking.now += 60
            rate_limits.count(rates, "token", "4711")
        ticking.now += 60
        with pytest.raises(TooMany, match="5000 per 1 day"):
            rate_limits.count(rates, "token", "4711")
        rate_limits.count(rates, "token", "4712")


@pytest.mark.parametrize(("before", "status"), [(999, 400), (1_000, 429)])
def test_a_thousand_failures_over_all_accounts(limited_app: Flask, before: int, status: int) -> None:
    with time_machine.travel(NOON, tick=False):
        with limited_app.app_context(), writing(db.session):
            row = {"kind": throttle.SIGN_IN, "key": "", "at": clock.now() - timedelta(minutes=4)}
            db.session.execute(insert(Attempt), [row] * before)
        client = limited_app.test_client()
        answer = client.post("/account/login", data={"email": MIA.email, "password": PASSWORD[:-1]})
        assert answer.status_code == status


RATES: dict[str, tuple[str, int]] = {  # setting -> a stricter value, how many get through
    "request_rates": ("3/minute", 3),
    "search_rates": ("2/minute", 2),
    "token_rates": ("4/hour", 4),
    "comment_rates": ("1/hour", 1),
    "comment_address_rates": ("1/hour", 1),
    "preview_rates": ("2/minute", 2),
    "mark_rates": ("2/minute", 2),
    "upload_rates": ("2/minute", 2),
    "sign_in_rate": ("3/5 minute", 3),
    "sign_in_rate_of_all": ("2/5 minute", 2),
    "registration_rate": ("1/day", 1),
    "reset_rate": ("2/day", 2),
    "verification_rate": ("1/6 hour", 1),
}


def attempt(app: Flask, setting: str, number: int) -> int:
    """Do once more what the setting counts; the status."""
    client = app.test_client()
    assert isinstance(client, Visitor)
    if setting == "request_rates":
        return int(client.get("/robots.txt").status_code)
    if setting == "search_rates":
        return int(client.get("/search?q=x").status_code)
    if setting == "token_rates":
        secret: str = app.extensions["test_secret"]
        return int(client.get("/api/v1/articles", headers={"Authorization": f"Bearer {secret}"}).status_code)
    if setting.startswith("sign_in"):
        typed = {"email": "same@people.example" if setting == "sign_in_rate" else f"p{number}@people.example"}
        address = {"REMOTE_ADDR": f"192.0.2.{number}"}
        return int(client.post("/account/login", data={**typed, "password": "x"}, environ_base=address).status_code)
    if setting == "registration_rate":
        fields = {"name": f"New {number}", "email": f"n{number}@people.example", "password": PASSWORD}
        return int(client.post("/account/register", data=fields).status_code)
    person, path = {
        "comment_rates": (MIA, "/postmortems/live/comments"),
        "comment_address_rates": (CAST[number], "/postmortems/live/comments"),
        "preview_rates": (MIA, "/comments/preview"),
        "mark_rates": (MIA, "/comments/useful"),
        "upload_rates": (ARUN, "/editor/images"),
        "reset_rate": (MIA, "/account/reset"),
        "verification_rate": (MIA, "/account/verify"),
    }[setting]
    signed_in(client, person)
    return int(client.post(path, data={"text": f"Words no. {number}", "email": MIA.email}).status_code)


@pytest.mark.parametrize("setting", RATES)
def test_every_rate_is_a_setting(make_app: MakeApp, ticking: Clock, setting: str) -> None:
    value, most = RATES[setting]
    app = make_app(rate_limits=True, mail_url="smtp://127.0.0.1", **{setting: value})
    make_published(app, slug="live")
    app.extensions["test_secret"] = a_program(app, ADA, "read").secret
    with time_machine.travel(NOON, tick=False):
        got = [attempt(app, setting, number) for number in range(most + 1)]
    assert 429 not in got[:-1]
    assert got[-1] == 429
    assert not {status for status in got[:-1] if status >= 500}


def test_every_rate_has_a_test() -> None:
    assert {name for name in Settings.model_fields if "_rate" in name and name != "rate_limits"} == set(RATES)


@pytest.mark.parametrize("value", ["often", "0/minute", "5/fortnight", "", "-1/day"])
def test_a_rate_that_is_none_stops_the_start(value: str) -> None:
    for setting in RATES:
        with pytest.raises(BadSettings, match=setting.upper()):
            load_settings({setting: value})
    with pytest.raises(BadSettings, match="one rate"):
        load_settings({"registration_rate": "5/day; 9/month"})


def test_programs_and_forms_share_the_rates_of_a_person(limited_app: Flask) -> None:
    make_published(limited_app, slug="live")
    program = a_program(limited_app, NOOR, "comment")
    client = limited_app.test_client()
    signed_in(client, NOOR)
    with time_machine.travel(datetime.now(UTC), tick=False):
        for number in range(2):
            assert program.post("/articles/live/comments", {"text": f"No. {number}"}).status_code == 201
        assert program.post("/articles/live/comments", {"text": "One more."}).status_code == 429
        assert client.post("/postmortems/live/comments", data={"text": "And one by hand."}).status_code == 429


def test_an_address_has_four_kibibytes(app: Flask) -> None:
    path = "/postmortems/"
    rest = intake.MAX_ADDRESS - len(path) - 2
    assert app.test_client().get(f"{path}?x={'a' * rest}").status_code == 200
    assert app.test_client().get(f"{path}?x={'a' * (rest + 1)}").status_code == 414


def test_headers_have_a_size_and_a_number(app: Flask) -> None:
    client = app.test_client()
    own = {"HTTP_HOST": "localhost", "HTTP_USER_AGENT": client.environ_base["HTTP_USER_AGENT"]}
    left = intake.MAX_HEADERS - sum(len(name) + len(value) for name, value in own.items()) - len("HTTP_X_A")
    assert client.get("/about", headers={"X-A": "a" * left}).status_code == 200
    assert client.get("/about", headers={"X-A": "a" * (left + 1)}).status_code == 431
    many = {f"X-{number}": "a" for number in range(intake.MAX_HEADER_LINES - len(own))}
    assert client.get("/about", headers=many).status_code == 200
    assert client.get("/about", headers={**many, "X-More": "a"}).status_code == 431


@pytest.mark.parametrize("path", ["/search", "/api/v1/search"])
def test_a_search_has_two_hundred_characters(app: Flask, path: str) -> None:
    client = app.test_client()
    longest = "ab " * (MAX_CHARACTERS // 3) + "xy"
    assert client.get(path, query_string={"q": longest[:MAX_CHARACTERS]}).status_code in (200, 503)
    assert client.get(path, query_string={"q": longest[:MAX_CHARACTERS] + "x"}).status_code == 400


def test_a_search_has_twelve_words_and_a_thousand_results() -> None:
    twelve = " ".join(f"word{number}" for number in range(MAX_TERMS))
    assert not parse(twelve).notes
    assert f"at most {MAX_TERMS} words" in parse(f"{twelve} more").notes[0]
    assert (MAX_CHARACTERS, MAX_TERMS, MAX_DEPTH, MAX_ENTRIES) == (200, 12, 1_000, 50)
    assert PAGE_SIZE <= 50


@pytest.mark.parametrize("size", [1024 * 1024, 2 * 1024 * 1024])
def test_the_size_of_a_request_is_a_setting(make_app: MakeApp, size: int) -> None:
    client = make_app(max_request_bytes=size).test_client()
    kind = "application/json"
    assert client.post("/api/v1/articles", data=b" " * size, content_type=kind).status_code == 401
    assert client.post("/api/v1/articles", data=b" " * (size + 1), content_type=kind).status_code == 413
