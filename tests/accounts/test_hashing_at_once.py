"""Many sign in at once: a few passwords are hashed at a time, a few wait, and everybody else is served meanwhile."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from argon2 import PasswordHasher
from flask import Flask

from blog.lib import passwords
from blog.lib.passwords import HASHES_AT_ONCE, MAX_WAITING
from tests.factories.articles import make_published
from tests.people import MIA, PASSWORD, join
from tests.visitor import signed_in

LONG_SECONDS = 60.0
KIB_A_HASH = 64 * 1024


class HeldHasher:
    """A hasher whose work takes as long as the test says."""

    def __init__(self, real: PasswordHasher) -> None:
        self._real, self.go_on = real, threading.Event()
        self.at_once, self.most_at_once = 0, 0

    def hash(self, password: str) -> str:
        return self._real.hash(password)

    def check_needs_rehash(self, stored: str) -> bool:
        return self._real.check_needs_rehash(stored)

    def verify(self, stored: str, password: str) -> bool:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            assert self.go_on.wait(LONG_SECONDS)
            return self._real.verify(stored, password)
        finally:
            self.at_once -= 1


@pytest.fixture
def held(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[HeldHasher]:
    join(app, MIA)
    made = HeldHasher(passwords.hasher)
    monkeypatch.setattr(passwords, "hasher", made)
    yield made
    made.go_on.set()


def sign_in(app: Flask) -> tuple[int, str | None]:
    answer = app.test_client().post("/account/login", data={"email": MIA.email, "password": PASSWORD})
    return answer.status_code, answer.headers.get("Retry-After")


def wait_for(is_so: Callable[[], bool]) -> None:
    end, pause = time.monotonic() + LONG_SECONDS, threading.Event()
    while not is_so():
        assert time.monotonic() < end
        pause.wait(0.002)


def test_others_are_served_while_as_many_as_may_wait_for_their_hash(
    app: Flask, held: HeldHasher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "WAIT_SECONDS", LONG_SECONDS)
    article = make_published(app)
    member = app.test_client()
    signed_in(member, MIA)
    answers: list[tuple[int, str | None]] = []
    threads = [
        threading.Thread(target=lambda: answers.append(sign_in(app))) for _ in range(HASHES_AT_ONCE + MAX_WAITING)
    ]
    for thread in threads:
        thread.start()
    wait_for(lambda: passwords._places._value == 0 and held.at_once == HASHES_AT_ONCE)

    assert member.get(f"/postmortems/{article.slug}").status_code == 200
    said = member.post(f"/postmortems/{article.slug}/comments", data={"text": "Said while many sign in."})
    assert said.status_code == 303
    status, retry_after = sign_in(app)
    assert status == 503 and int(retry_after or 0) > 0, "one more than may wait is told so at once"
    assert answers == []

    held.go_on.set()
    for thread in threads:
        thread.join(LONG_SECONDS)
    assert [status for status, _ in answers] == [303] * len(threads)
    assert held.most_at_once == HASHES_AT_ONCE


def test_who_waited_long_for_a_hash_is_told_to_come_back(
    app: Flask, held: HeldHasher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "WAIT_SECONDS", 0.01)
    threads = [threading.Thread(target=sign_in, args=(app,)) for _ in range(HASHES_AT_ONCE)]
    for thread in threads:
        thread.start()
    wait_for(lambda: held.at_once == HASHES_AT_ONCE)
    status, retry_after = sign_in(app)
    assert status == 503 and int(retry_after or 0) > 0
    held.go_on.set()
    for thread in threads:
        thread.join(LONG_SECONDS)
    assert sign_in(app)[0] == 303, "the place in line was given back"


def test_the_memory_of_all_hashes_at_once_is_bounded() -> None:
    assert PasswordHasher().memory_cost == KIB_A_HASH and HASHES_AT_ONCE * KIB_A_HASH <= 256 * 1024
