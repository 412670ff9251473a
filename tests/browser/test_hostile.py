"""The wall in a real Chromium: without the content policy, so that the sanitizer stands alone, and with it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.browser.conftest import Site, served, sign_in
from tests.hostile.test_pages import PACKED, TEXTS, bundle
from tests.hostile.world import Supply

# The scripts of the wall call this; it tells on itself.
CANARY = "window.canary = (...what) => { window.sang = (window.sang || []).concat(what) }; window.alert = window.canary"
PATHS = [
    "/", "/postmortems/", "/tags/", "/services/", "/organisations/", "/search?q=canary", "/search?q=script",
    "/feed.atom",
    "/search?q=%22%3E%3Cscript%3Ecanary(1)%3C/script%3E", "/postmortems/packed-0/revisions", "/moderation/log",
    "/%3Cscript%3Ecanary(1)%3C%2Fscript%3E",
]  # fmt: skip


@dataclass
class Seen:
    """What the browser tells of while it shows the wall."""

    site: str
    found: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        page.on("dialog", lambda one: (self.found.append(f"dialog: {one.message}"), one.dismiss()))
        page.on("pageerror", lambda one: self.found.append(f"error: {one}"))
        page.on("console", lambda one: self._console(one.text))
        page.on("popup", lambda one: self.found.append(f"popup: {one.url}"))
        page.on("download", lambda one: self.found.append(f"download: {one.url}"))

    def guard(self, route: Route) -> None:
        if not route.request.url.startswith(self.site):
            self.found.append(f"asked for {route.request.url}")
            route.abort()
        else:
            route.continue_()

    def _console(self, line: str) -> None:
        if "Content Security Policy" in line or "Content-Security-Policy" in line:
            self.found.append(line)


@pytest.fixture(scope="module")
def walled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, list[str]]]:
    """A running site that holds the wall and nothing else, and the paths of its write-ups."""
    lines, world = bundle(Supply(TEXTS))
    folder = tmp_path_factory.mktemp("wall")
    path: Path = folder / "wall.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    with served(folder / "data", seeded=False) as site:
        site.command("import", str(path))
        yield (
            site,
            [f"/postmortems/packed-{n}" for n in range(PACKED)] + [f"/postmortems/{slug}" for slug in world.slugs],
        )


@pytest.fixture(params=[True, False], ids=["without the policy", "with the policy"])
def watched(
    browser: Browser, walled: tuple[Site, list[str]], request: pytest.FixtureRequest
) -> Iterator[tuple[Page, Seen]]:
    site, _ = walled
    context = browser.new_context(base_url=site.url, bypass_csp=request.param, accept_downloads=False)
    context.add_init_script(CANARY)
    seen = Seen(site.url)
    context.route("**/*", seen.guard)
    page = context.new_page()
    seen.watch(page)
    yield page, seen
    context.close()


def test_no_page_of_the_wall_runs_a_script_or_asks_for_anything_foreign(
    watched: tuple[Page, Seen], walled: tuple[Site, list[str]]
) -> None:
    page, seen = watched
    site, paths = walled
    for path in [*paths, *PATHS]:
        page.goto(path)
        assert page.url.removeprefix(site.url) == path, "a page moved on by itself"
        assert page.evaluate("window.sang || []") == [], path
        assert seen.found == [], path
        page.keyboard.press("Tab")  # what waits for focus
    assert (page.evaluate("window.sang || []"), seen.found) == ([], [])


def test_the_desks_of_moderators_hold_the_wall_too(watched: tuple[Page, Seen]) -> None:
    page, seen = watched
    sign_in(page, "moss.moderator@people.example")
    for path in ("/moderation/", "/postmortems/thread-1", "/account/settings"):
        page.goto(path)
        assert (page.evaluate("window.sang || []"), seen.found) == ([], []), path


def test_the_canary_sings_where_a_script_does_run(watched: tuple[Page, Seen], request: pytest.FixtureRequest) -> None:
    """The two tests above could not fail otherwise."""
    page, seen = watched
    page.goto("/")
    markup = """document.body.insertAdjacentHTML("beforeend", "<img src='/none' onerror='canary(1)'>")"""
    if "without" in request.node.name:
        page.evaluate(markup)
        page.wait_for_function("window.sang")
        assert seen.found == []
    else:
        with page.expect_console_message():
            page.evaluate(markup)
        assert seen.found != [] and page.evaluate("window.sang || []") == []
