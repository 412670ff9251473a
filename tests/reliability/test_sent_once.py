"""A request that comes twice is done once: programs send a key, the comment form has one of its own."""

import re
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from blog.articles.models import Article
from blog.comments.models import Comment
from blog.extensions import db
from blog.journal import jobs
from blog.journal.models import Event, Job, KeptAnswer
from blog.lib import clock
from tests.api.callers import DOCUMENT, Program, a_program
from tests.conftest import MakeApp
from tests.factories.articles import make_published
from tests.people import ADA, MIA
from tests.visitor import Visitor, signed_in

PATH = "/articles/disk-full/comments"
FORM = "/postmortems/disk-full/comments"
KEY = {"Idempotency-Key": "b6b1c2d0-night-1"}


@pytest.fixture
def program(app: Flask) -> Program:
    make_published(app, slug="disk-full")
    return a_program(app, ADA, "read", "comment", "propose")


def send(program: Program, path: str, json: Any, **headers: str) -> Any:
    return program.app.test_client().post(
        f"/api/v1{path}", json=json, headers={**program.headers, **headers}, with_token=False
    )


def count(app: Flask, model: Any) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_the_same_key_twice_is_one_comment_and_one_answer(program: Program) -> None:
    first = send(program, PATH, {"text": "Seen here, too."}, **KEY)
    events = count(program.app, Event)
    second = send(program, PATH, {"text": "Seen here, too."}, **KEY)
    assert first.status_code == second.status_code == 201
    assert first.json == second.json and first.headers["Location"] == second.headers["Location"]
    assert count(program.app, Comment) == 1
    assert count(program.app, Event) == events


def test_the_same_key_twice_is_one_proposal(program: Program) -> None:
    answers = [send(program, "/articles", DOCUMENT, **KEY) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json == answers[1].json
    assert count(program.app, Article) == 2  # beside the one that was there


@pytest.mark.parametrize(("path", "body"), [(PATH, {"text": "Seen here, too."}), ("/articles", DOCUMENT)])
def test_the_same_key_with_another_body_is_refused(program: Program, path: str, body: dict[str, Any]) -> None:
    assert send(program, path, body, **KEY).status_code == 201
    before = count(program.app, Event)
    other = {**body, "text" if "text" in body else "title": "Something else entirely"}
    answer = send(program, path, other, **KEY)
    assert answer.status_code == 409
    assert answer.content_type == "application/problem+json"
    assert "new key" in answer.json["detail"]
    assert count(program.app, Event) == before


def in_parallel(number: int, ask: Callable[[], Any]) -> list[Any]:
    """The answers to the same request from so many threads; one that is told to wait asks again, as a program would."""
    start, answers = threading.Barrier(number), []

    def run() -> None:
        start.wait(60)
        for _ in range(50):
            answer = ask()
            if answer.status_code != 503:
                answers.append(answer)
                return

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return answers


def test_twenty_at_once_with_one_key_are_one_comment(program: Program) -> None:
    answers = in_parallel(20, lambda: send(program, PATH, {"text": "Twenty of us."}, **KEY))
    assert [answer.status_code for answer in answers] == [201] * 20
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert count(program.app, Comment) == 1
    assert count(program.app, KeptAnswer) == 1


def test_a_request_whose_answer_was_lost_is_answered_when_it_is_sent_again(program: Program) -> None:
    """The connection is cut after the commit and before the answer: the first caller never hears of it."""

    def lose(_response: Any) -> Any:
        program.app.after_request_funcs[None].remove(lose)
        raise ConnectionResetError

    program.app.after_request_funcs.setdefault(None, []).append(lose)
    with pytest.raises(ConnectionResetError):
        send(program, PATH, {"text": "Heard by nobody."}, **KEY)
    assert count(program.app, Comment) == 1
    again = send(program, PATH, {"text": "Heard by nobody."}, **KEY)
    assert again.status_code == 201
    assert again.json["text"] == "Heard by nobody."
    assert count(program.app, Comment) == 1


def test_a_key_holds_after_a_restart(program: Program, make_app: MakeApp) -> None:
    first = send(program, PATH, {"text": "Before the restart."}, **KEY)
    restarted = Program(make_app(), program.secret, program.token_id, program.owner)
    second = send(restarted, PATH, {"text": "Before the restart."}, **KEY)
    assert second.status_code == 201 and second.json == first.json
    assert count(program.app, Comment) == 1


def test_a_request_that_was_refused_keeps_no_answer(program: Program) -> None:
    assert send(program, PATH, {"text": ""}, **KEY).status_code == 400
    assert count(program.app, KeptAnswer) == 0
    assert send(program, PATH, {"text": "Now with words."}, **KEY).status_code == 201


def test_a_key_belongs_to_one_token_and_one_address(program: Program) -> None:
    make_published(program.app, slug="disk-full-again")
    other = a_program(program.app, MIA, "comment")
    bodies = [send(program, PATH, {"text": "Mine."}, **KEY), send(other, PATH, {"text": "Not hers."}, **KEY)]
    bodies.append(send(program, "/articles/disk-full-again/comments", {"text": "Elsewhere."}, **KEY))
    assert [answer.status_code for answer in bodies] == [201] * 3
    assert count(program.app, Comment) == 3


@pytest.mark.parametrize("key", ["", "x" * 256, "caf\xe9"])
def test_what_is_no_key_is_refused(program: Program, key: str) -> None:
    answer = send(program, PATH, {"text": "Hello."}, **{"Idempotency-Key": key})
    assert answer.status_code == 400
    assert answer.json["faults"][0]["path"] == "Idempotency-Key"


def test_kept_answers_are_forgotten_after_a_day(program: Program) -> None:
    app = program.app
    assert send(program, PATH, {"text": "Yesterday's words."}, **KEY).status_code == 201
    with app.app_context():
        jobs.forget_answers()
    assert count(app, KeptAnswer) == 1
    with time_machine.travel(clock.now() + timedelta(hours=25), tick=False):
        late = send(program, PATH, {"text": "Other words, a day later."}, **KEY)
        assert late.status_code == 201
        assert count(app, KeptAnswer) == 1
    with time_machine.travel(clock.now() + timedelta(hours=51), tick=False), app.app_context():
        jobs.forget_answers()
    assert count(app, KeptAnswer) == 0


def once_of(page: str) -> str:
    found = re.search(r'name="once" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_a_form_sent_twice_is_one_comment(app: Flask, client: Visitor) -> None:
    make_published(app, slug="disk-full")
    signed_in(client, MIA)
    typed = {"text": "Clicked twice.", "once": once_of(client.get("/postmortems/disk-full").text)}
    first, second = (client.post(FORM, data=typed) for _ in range(2))
    assert first.status_code == second.status_code == 303
    assert first.location == second.location
    jobs_left = count(app, Job)
    by_script = client.post(FORM, data=typed, headers={"X-Requested-With": "fetch"})
    assert by_script.status_code == 201 and by_script.headers["Location"] == first.location
    assert count(app, Comment) == 1
    assert count(app, Job) == jobs_left


def test_a_double_click_is_one_comment(app: Flask) -> None:
    make_published(app, slug="disk-full")
    clients = [app.test_client() for _ in range(4)]
    for client in clients:
        assert isinstance(client, Visitor)
        signed_in(client, MIA)
    free = list(clients)
    own = threading.local()

    def ask() -> Any:
        if not hasattr(own, "client"):
            own.client = free.pop()
        return own.client.post(FORM, data={"text": "Click, click.", "once": "k" * 22})

    answers = in_parallel(4, ask)
    assert {(answer.status_code, answer.location) for answer in answers} == {(303, "/comments/1")}
    assert count(app, Comment) == 1


def test_other_words_in_the_same_form_are_another_comment(app: Flask, client: Visitor) -> None:
    make_published(app, slug="disk-full")
    signed_in(client, MIA)
    for text in ("The first.", "Gone back, and the second."):
        assert client.post(FORM, data={"text": text, "once": "k" * 22}).status_code == 303
    assert count(app, Comment) == 2


def test_a_form_that_is_shown_again_keeps_its_key(app: Flask, client: Visitor) -> None:
    make_published(app, slug="disk-full")
    signed_in(client, MIA)
    answer = client.post(FORM, data={"text": " ", "once": "k" * 22})
    assert answer.status_code == 400
    assert once_of(answer.text) == "k" * 22


def test_the_description_tells_programs_of_the_key(client: Visitor) -> None:
    described = client.get("/api/v1/openapi.json").json
    assert described is not None
    posts = [methods["post"] for methods in described["paths"].values() if "post" in methods]
    assert posts
    for operation in posts:
        assert "Idempotency-Key" in [one["name"] for one in operation["parameters"] if one["in"] == "header"]
