"""A real Chromium in front of the real server: granian with the demo world, on a free port of this machine."""

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Playwright, sync_playwright

ROOT = Path(__file__).parents[2]
START_SECONDS = 60
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PASSWORD = "a lamp beside nine rivers"
PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 900}
OpenPage = Callable[..., Page]


@dataclass(frozen=True)
class Site:
    """The running site. `environment` is what its commands need."""

    url: str
    environment: dict[str, str]

    def command(self, *arguments: str, stdin: str = "") -> str:
        """Run `flask --app app ...` on the site's data and give what it printed."""
        result = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "app", *arguments],
            cwd=ROOT, env=self.environment, input=stdin, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demo world and three people of ours, served as `make run` serves it."""
    with served(tmp_path_factory.mktemp("site"), seeded=True) as made:
        yield made


@contextmanager
def served(folder: Path, *, seeded: bool, **settings: str) -> Iterator[Site]:
    """A site over a folder of its own, with three people of ours; `settings` are of its environment."""
    port = _free_port()
    environment = {
        **os.environ, "HINDSIGHT_DATA_DIR": str(folder), "HINDSIGHT_SITE_URL": f"http://127.0.0.1:{port}",
        "HINDSIGHT_RATE_LIMITS": "off", "HINDSIGHT_LOG_LEVEL": "warning", **settings,
    }  # fmt: skip
    made = Site(f"http://127.0.0.1:{port}", environment)
    made.command("db", "upgrade")
    if seeded:
        made.command("seed")
    for name, role in (("Arun Author", "author"), ("Rosa Reviewer", "reviewer"), ("Moss Moderator", "moderator")):
        email = name.lower().replace(" ", ".") + "@people.example"
        made.command("users", "create", name, email, "--role", role, "--password-stdin", stdin=PASSWORD)
    server = subprocess.Popen(
        [
            sys.executable, "serve.py", "--interface", "wsgi", "--factory", "--host", "127.0.0.1",
            "--port", str(port), "--workers", "1", "--blocking-threads", "4", "--no-ws", "--log-level", "warning",
            "app:create_app",
        ],
        cwd=ROOT, env=environment,
    )  # fmt: skip
    try:
        _wait_until_ready(made.url, server)
        yield made
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait_until_ready(url: str, server: "subprocess.Popen[bytes]") -> None:
    end, pause = time.monotonic() + START_SECONDS, threading.Event()
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=2):
                return
        except OSError:
            pause.wait(0.1)
    pytest.fail("the server did not start")


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    try:
        launched = playwright.chromium.launch(executable_path=found, args=FLAGS)
    except Exception as error:
        pytest.fail(f"no Chromium: install the package chromium or run `playwright install chromium` ({error})")
    yield launched
    launched.close()


@pytest.fixture
def open_page(browser: Browser, site: Site) -> Iterator[OpenPage]:
    """Open a page of the site: `open_page("/search", width=PHONE, script=False)`. A breach of the page's own content
    policy, a script error or an answer of 500 and above fails the test at its end.
    """
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def open_one(path: str = "/", *, width: dict[str, int] = DESKTOP, script: bool = True, dark: bool = False) -> Page:
        context = browser.new_context(
            base_url=site.url, viewport=width, java_script_enabled=script, color_scheme="dark" if dark else "light"
        )  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(f"script error: {error}"))
        page.on("console", lambda line: troubles.append(line.text) if "Content Security Policy" in line.text else None)
        page.on("response", lambda got: troubles.append(f"{got.status} {got.url}") if got.status >= 500 else None)
        page.goto(path)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert troubles == []


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    """Sign in through the form, as a person does."""
    page.goto("/account/login")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    send(page, page.get_by_role("main").get_by_role("button", name="Sign in"))


def send(page: Page, button: Locator) -> None:
    """Press a button that leads to a page, and wait for that: going elsewhere while it loads would break it off."""
    with page.expect_navigation():
        button.click()


def new_write_up(page: Page) -> None:
    """Open the empty form of a new write-up, whatever an earlier test typed there."""
    page.goto("/editor/new")
    left = page.get_by_role("button", name="Discard it")
    if left.count():
        left.click()
        left.wait_for(state="detached")
