"""Numbers for monitors: only for whoever has the token, and cheap where nobody asks."""

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from app import create_app
from blog.extensions import db
from blog.journal.models import Job
from blog.lib import metrics
from blog.settings import BadSettings
from tests.conftest import MakeApp
from tests.factories.articles import make_published
from tests.visitor import Visitor

TOKEN = "a token that nobody guesses"


@pytest.fixture(scope="module")
def counting(template_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """A site that counts: one for this file, since a process has one set of numbers."""
    folder = tmp_path_factory.mktemp("counting")
    shutil.copyfile(template_database, folder / "hindsight.sqlite3")
    app = create_app({"data_dir": folder, "worker": "off", "rate_limits": False, "metrics_token": TOKEN})
    app.testing, app.test_client_class = True, Visitor
    yield app
    metrics._numbers = None
    with app.app_context():
        db.engine.dispose()
    app.extensions["hindsight_search"].close()


def text_of(app: Flask) -> str:
    answer = app.test_client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    return answer.text


def value(app: Flask, name: str, **labels: str) -> float:
    """The sum of a number over all its labels but those given."""
    found = 0.0
    for line in text_of(app).splitlines():
        match = re.fullmatch(rf"{name}(?:{{(.*)}})? (\S+)", line)
        if match and all(f'{key}="{wanted}"' in (match[1] or "") for key, wanted in labels.items()):
            found += float(match[2])
    return found


def test_without_a_token_there_is_nothing(app: Flask, client: Visitor, tmp_path: Path) -> None:
    for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": f"Bearer {TOKEN}"}):
        assert client.get("/metrics", headers=headers).status_code == 404
    assert not (tmp_path / "data" / metrics.FOLDER).exists()
    with app.app_context():
        assert app.extensions["hindsight_settings"].metrics_token == ""


@pytest.mark.parametrize(
    "given", ["", "Bearer", "Bearer wrong", f"Bearer {TOKEN} ", "Bearer \xe9\xe9", f"Basic {TOKEN}"]
)
def test_another_token_is_told_nothing(counting: Flask, given: str) -> None:
    assert counting.test_client().get("/metrics", headers={"Authorization": given}).status_code == 404


def test_a_token_that_can_be_guessed_stops_the_start(make_app: MakeApp) -> None:
    with pytest.raises(BadSettings, match="METRICS_TOKEN"):
        make_app(metrics_token="secret")


def test_the_answer_is_text_of_prometheus_and_kept_by_nobody(counting: Flask) -> None:
    answer = counting.test_client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r"hindsight_\w+(\{.*\})? [0-9.e+-]+", line) for line in lines)


def test_requests_are_counted_by_what_they_are_not_by_address(counting: Flask) -> None:
    client = counting.test_client()
    labels = {"route": "none", "method": "GET", "status": "404"}
    before = value(counting, "hindsight_requests_total", **labels)
    for number in range(3):
        client.get(f"/nowhere/{number}")
    assert value(counting, "hindsight_requests_total", **labels) == before + 3
    assert "nowhere" not in text_of(counting)
    client.open("/", method="PROPFIND")
    assert value(counting, "hindsight_requests_total", method="other", status="405") == 1
    about = value(counting, "hindsight_request_seconds_count", route="pages.about")
    client.get("/about", headers={"Cache-Control": "no-cache"})
    assert value(counting, "hindsight_request_seconds_count", route="pages.about") >= about
    assert value(counting, "hindsight_requests_in_progress") == 1  # the one that asks


def test_kept_pages_are_counted(counting: Flask) -> None:
    before = {answer: value(counting, "hindsight_kept_pages_total", answer=answer) for answer in metrics.KEPT_ANSWERS}
    make_published(counting, slug="kept")
    client = counting.test_client()
    tag = client.get("/postmortems/kept").headers["ETag"]
    client.get("/postmortems/kept")
    client.get("/postmortems/kept", headers={"If-None-Match": tag})
    for answer in metrics.KEPT_ANSWERS:
        assert value(counting, "hindsight_kept_pages_total", answer=answer) == before[answer] + 1, answer


def test_counting_a_kept_page_is_cheap(counting: Flask) -> None:
    assert counting
    times = 2_000
    best = min(_seconds(times) for _ in range(5))
    assert best / times < 30e-6  # it takes two; ten times as much and more is room for a slow machine


def _seconds(times: int) -> float:
    begun = time.perf_counter()
    for _ in range(times):
        metrics.count_kept_page("hit")
    return time.perf_counter() - begun


def test_what_waits_is_asked_of_the_database(counting: Flask) -> None:
    before = value(counting, "hindsight_jobs_waiting")
    make_published(counting)
    with counting.app_context():
        waiting = db.session.scalar(select(func.count(Job.id)))
    assert value(counting, "hindsight_jobs_waiting") == waiting > before
    assert value(counting, "hindsight_jobs_given_up") == 0
    assert value(counting, "hindsight_disk_free_bytes") > 0
    assert value(counting, "hindsight_process_memory_bytes") > 1_000_000


def test_waiting_for_another_writer_is_counted(counting: Flask) -> None:
    assert counting
    before = value(counting, "hindsight_write_waits_total")
    metrics.note_write_wait(0.0001)
    metrics.note_write_wait(0.25)
    assert value(counting, "hindsight_write_waits_total") == before + 1
    assert value(counting, "hindsight_write_wait_seconds_total") >= 0.25


def test_the_first_process_of_a_start_removes_what_the_last_start_left(tmp_path: Path) -> None:
    folder = tmp_path / metrics.FOLDER
    folder.mkdir()
    (folder / "counter_1.db").write_bytes(b"old")
    count = (
        "import sys; from pathlib import Path; from blog.lib import metrics; metrics.start(Path(sys.argv[1]));"
        "metrics.count_kept_page('hit'); print(sorted(metrics.process_ids()), flush=True); sys.stdin.read()"
    )

    def begin() -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-c", count, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def first_line(process: "subprocess.Popen[str]") -> str:
        assert process.stdout
        return process.stdout.readline().strip()

    with begin() as first:
        assert first_line(first) == f"[{first.pid}]"
        with begin() as second:
            assert first_line(second) == str(sorted([first.pid, second.pid]))
            second.communicate()
        assert (folder / f"counter_{second.pid}.db").exists()  # what it counted stays, as long as the site runs
        first.communicate()
    with begin() as third:
        assert first_line(third) == f"[{third.pid}]"
        third.communicate()


def test_a_process_that_died_has_nothing_in_progress(counting: Flask) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert metrics._numbers is not None
    folder = metrics._numbers.folder
    left = folder / f"gauge_livesum_{ended.pid}.db"
    shutil.copyfile(next(folder.glob("gauge_livesum_*.db")), left)
    assert value(counting, "hindsight_requests_in_progress") == 1
    assert not left.exists()
