"""Overload: so many at once, so many waiting, 503 for the rest; slow bodies hold no place. By events, not by time."""

import json
import logging
import threading
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import pytest
from flask import Flask

from blog.lib.admission import FOR_WRITES, RETRY_SECONDS, Admission, Line
from blog.lib.web import CSP
from tests.visitor import Visitor

LONG = 60.0  # seconds: longer than any test, which fails before
Answer = tuple[str, dict[str, str], bytes]


class Inside:
    """An application whose requests stay inside until they are let go; it notes the order they came in."""

    def __init__(self) -> None:
        self.came: list[str] = []
        self.arrived = threading.Semaphore(0)
        self.go = threading.Semaphore(0)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        self.came.append(environ["PATH_INFO"])
        self.arrived.release()
        assert self.go.acquire(timeout=LONG)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"done"]


class Crowd:
    """Requests, each in a thread of its own."""

    def __init__(self, admission: Admission) -> None:
        self.admission = admission
        self.threads: list[threading.Thread] = []
        self.answers: dict[str, Answer] = {}

    def send(self, path: str, method: str = "GET") -> None:
        def ask() -> None:
            self.answers[path] = ask_for(self.admission, path, method)

        thread = threading.Thread(target=ask)
        self.threads.append(thread)
        thread.start()

    def wait(self) -> None:
        for thread in self.threads:
            thread.join(LONG)
            assert not thread.is_alive()


def ask_for(admission: Admission, path: str, method: str = "GET", **more: Any) -> Answer:
    started: list[tuple[str, dict[str, str]]] = []
    environ = {"PATH_INFO": path, "REQUEST_METHOD": method, **more}
    body = b"".join(admission(environ, lambda status, headers, _=None: started.append((status, dict(headers)))))  # type: ignore[arg-type]
    return (*started[0], body)


def until_waiting(admission: Admission, number: int) -> None:
    pause = threading.Event()
    for _ in range(6_000):
        if admission.gate.waiting == number:
            return
        pause.wait(0.01)
    raise AssertionError(f"{admission.gate.waiting} wait, not {number}")


@pytest.fixture
def inside() -> Iterator[Inside]:
    made = Inside()
    yield made
    made.go.release(100)


def make(inside: Inside, **limits: Any) -> Admission:
    """Two may wait to read and two to write, for long, unless told otherwise."""
    most, seconds = limits.pop("waiting", 2), limits.pop("wait_seconds", LONG)
    lines = {"reads": Line(most, seconds), "writes": Line(most, seconds)}
    return Admission(inside, **{"at_once": 1, "bodies": 1, "max_body": 100, **lines, **limits})


def test_one_more_than_may_wait_is_answered_503_at_once(inside: Inside) -> None:
    admission = make(inside, at_once=2, waiting=3)
    crowd = Crowd(admission)
    for number in range(2):
        crowd.send(f"/in/{number}")
        assert inside.arrived.acquire(timeout=LONG)
    for number in range(3):
        crowd.send(f"/waits/{number}")
    until_waiting(admission, 3)
    status, headers, body = ask_for(admission, "/too-many")
    assert status.startswith("503")
    assert headers["Retry-After"] == str(RETRY_SECONDS)
    assert headers["Content-Security-Policy"] == CSP
    assert b"try again" in body
    assert admission.turned_away == 1
    inside.go.release(5)
    crowd.wait()
    assert [answer[0] for answer in crowd.answers.values()] == ["200 OK"] * 5
    assert "/too-many" not in inside.came


def test_programs_get_a_problem_document(inside: Inside) -> None:
    admission = make(inside, at_once=0, waiting=0)
    status, headers, body = ask_for(admission, "/api/v1/articles")
    assert headers["Content-Type"] == "application/problem+json"
    assert json.loads(body)["status"] == int(status[:3]) == 503


def test_reads_go_in_before_writes_that_came_first(inside: Inside) -> None:
    admission = make(inside, waiting=3)
    crowd = Crowd(admission)
    crowd.send("/first")
    assert inside.arrived.acquire(timeout=LONG)
    for number, (path, method) in enumerate((("/write", "POST"), ("/read/1", "GET"), ("/read/2", "GET")), start=1):
        crowd.send(path, method)
        until_waiting(admission, number)
    for _ in range(4):
        inside.go.release()
    crowd.wait()
    assert inside.came == ["/first", "/read/1", "/read/2", "/write"]


def test_writes_wait_in_a_line_of_their_own(inside: Inside) -> None:
    admission = make(inside, reads=Line(1, LONG), writes=Line(2, LONG))
    crowd = Crowd(admission)
    crowd.send("/first")
    assert inside.arrived.acquire(timeout=LONG)
    for number, (path, method) in enumerate((("/write/1", "POST"), ("/read/1", "GET"), ("/write/2", "POST")), start=1):
        crowd.send(path, method)
        until_waiting(admission, number)
    assert ask_for(admission, "/read/2")[0].startswith("503")
    assert ask_for(admission, "/write/3", "POST")[0].startswith("503")
    inside.go.release(4)
    crowd.wait()
    assert inside.came == ["/first", "/read/1", "/write/1", "/write/2"]


def test_who_waited_too_long_is_turned_away_and_the_place_is_not_lost(inside: Inside) -> None:
    admission = make(inside, wait_seconds=0.01)
    crowd = Crowd(admission)
    crowd.send("/first")
    assert inside.arrived.acquire(timeout=LONG)
    assert ask_for(admission, "/late")[0].startswith("503")
    assert admission.gate.waiting == 0
    inside.go.release(2)
    crowd.wait()
    assert ask_for(admission, "/after")[0] == "200 OK"


def test_a_request_that_fails_gives_its_place_back() -> None:
    def broken(_environ: Any, _start: Any) -> list[bytes]:
        raise ValueError("not caught by Flask")

    admission = Admission(broken, max_body=1, at_once=1, reads=Line(0, 0))
    for _ in range(3):
        with pytest.raises(ValueError, match="not caught"):
            ask_for(admission, "/")


def test_health_is_answered_while_nobody_else_is(inside: Inside) -> None:
    admission = make(inside, at_once=0, waiting=0)
    inside.go.release()
    assert ask_for(admission, "/healthz")[0] == "200 OK"


class Trickle:
    """A body that arrives when it is let go."""

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.reading, self.arrives = threading.Event(), threading.Event()

    def read(self, size: int) -> bytes:
        self.reading.set()
        assert self.arrives.wait(LONG)
        return self.text[:size]


def test_a_slow_body_holds_no_place_and_only_so_many_are_read_at_once(inside: Inside) -> None:
    admission = make(inside, at_once=1, bodies=1)
    slow = Trickle(b"text=slow")
    answers: list[Answer] = []
    facts = {"CONTENT_LENGTH": "9", "wsgi.input": slow}
    thread = threading.Thread(target=lambda: answers.append(ask_for(admission, "/slow", "POST", **facts)))
    thread.start()
    assert slow.reading.wait(LONG)
    inside.go.release()
    assert ask_for(admission, "/neighbour")[0] == "200 OK"
    second = {"CONTENT_LENGTH": "1", "wsgi.input": BytesIO(b"x")}
    assert ask_for(admission, "/second", "POST", **second)[0].startswith("503")
    slow.arrives.set()
    inside.go.release()
    thread.join(LONG)
    assert answers[0][0] == "200 OK"
    assert inside.came == ["/neighbour", "/slow"]


def test_a_body_that_was_cut_off_is_never_taken_for_the_whole(inside: Inside) -> None:
    admission = make(inside)
    status, _, body = ask_for(admission, "/", "POST", **{"CONTENT_LENGTH": "9", "wsgi.input": BytesIO(b"text=sl")})
    assert status.startswith("400")
    assert b"nothing was done" in body
    assert inside.came == []


def test_what_is_too_large_is_left_unread_for_the_site_to_refuse(inside: Inside) -> None:
    admission = make(inside, max_body=10)
    stream = BytesIO(b"x" * 11)
    inside.go.release()
    ask_for(admission, "/", "POST", **{"CONTENT_LENGTH": "11", "wsgi.input": stream})
    assert stream.tell() == 0


def test_the_site_stands_behind_the_gate(app: Flask, client: Visitor) -> None:
    gate = app.extensions["hindsight_admission"].gate
    for _ in range(gate._free):
        assert gate.enter(is_read=False)
    gate._reads.most = 0
    answer = client.get("/postmortems/")
    assert answer.status_code == 503
    assert client.get("/healthz").status_code == 200
    for _ in range(FOR_WRITES + 1):
        gate.leave()
    assert client.get("/postmortems/").status_code == 200


def test_the_last_places_are_for_writes(inside: Inside) -> None:
    admission = make(inside, at_once=6, waiting=6)
    crowd = Crowd(admission)
    for number in range(6):
        crowd.send(f"/read/{number}")
    until_waiting(admission, FOR_WRITES)
    for number in range(FOR_WRITES):
        crowd.send(f"/write/{number}", "POST")
    for _ in range(6):
        assert inside.arrived.acquire(timeout=LONG)
    assert sum(path.startswith("/write") for path in inside.came) == FOR_WRITES
    inside.go.release(8)
    crowd.wait()
    assert {answer[0] for answer in crowd.answers.values()} == {"200 OK"}


def test_who_asks_too_often_is_told_before_the_gate(inside: Inside) -> None:
    admission = make(inside, at_once=0, waiting=0, wait_of=lambda environ: 7 if environ["PATH_INFO"] == "/" else 0)
    status, headers, body = ask_for(admission, "/")
    assert status.startswith("429")
    assert headers["Retry-After"] == "7"
    assert headers["Content-Security-Policy"] == CSP
    assert b"too often" in body
    assert ask_for(admission, "/else")[0].startswith("503")


def test_who_is_turned_away_leaves_a_line_in_the_log(inside: Inside, caplog: pytest.LogCaptureFixture) -> None:
    admission = make(inside, at_once=0, waiting=0, wait_of=lambda environ: 7 if environ["PATH_INFO"] == "/" else 0)
    with caplog.at_level(logging.INFO, "hindsight.requests"):
        answers = [ask_for(admission, path) for path in ("/", "/else")]
    assert [(record.path, record.status, record.request_id) for record in caplog.records] == [  # type: ignore[attr-defined]
        ("/", 429, answers[0][1]["X-Request-Id"]),
        ("/else", 503, answers[1][1]["X-Request-Id"]),
    ]


def test_one_network_sends_no_more_bodies_at_once_than_its_share() -> None:
    admission = Admission(lambda *_: [], max_body=100, bodies=32)
    assert [admission._begin_body("2001:db8::/64") for _ in range(3)] == [True, True, False]
    assert admission._begin_body("203.0.113.9")
    admission._end_body("2001:db8::/64")
    assert admission._begin_body("2001:db8::/64")


def test_a_larger_body_counts_as_often_as_it_is_larger() -> None:
    def end(_: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        start_response("200 OK", [])
        return []

    admission = Admission(end, max_body=100, bodies=44, larger={"/pictures": 300})
    for path, size, is_taken in (
        ("/pictures", 300, True), ("/pictures", 301, False), ("/else", 100, True), ("/else", 101, False)
    ):  # fmt: skip
        body = BytesIO(b"x" * size)
        ask_for(admission, path, "POST", **{"wsgi.input": body, "CONTENT_LENGTH": str(size), "REMOTE_ADDR": "::1"})
        assert (body.tell() == size) == is_taken, (path, size)  # what is too large is left for Flask to refuse
    sizes = {"/pictures": {"300": 3, "101": 2, "100": 1, "301": 1, "": 3}, "/else": {"100": 1, "300": 1, "": 1}}
    for path, expected in sizes.items():
        for length, places in expected.items():
            assert admission._places_for({"PATH_INFO": path, "CONTENT_LENGTH": length}) == places, (path, length)
    assert admission._begin_body("192.0.2.0/24", 3)
    assert not admission._begin_body("192.0.2.0/24", 2)
    assert admission._begin_body("198.51.100.0/24", 3)
    admission._end_body("192.0.2.0/24", 3)
    assert admission._begin_body("192.0.2.0/24", 2)
