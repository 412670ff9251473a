"""What a site does against programs that post, as somebody with a browser meets it: a wait, and work."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import DESKTOP, Site, served, sign_in
from tests.browser.test_moderating import ARUN, ROSA
from tests.browser.test_reading import FIRST

WARY = {"HINDSIGHT_RATE_LIMITS": "on", "HINDSIGHT_PROOF_OF_WORK": "on", "HINDSIGHT_COMMENT_RATES": "50/minute"}


@pytest.fixture(scope="module")
def wary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with its limits on, that asks browsers for work."""
    with served(tmp_path_factory.mktemp("wary"), seeded=True, **WARY) as made:
        yield made


def test_a_quick_word_is_public_after_the_browser_waited_and_worked(wary: Site, browser: Browser) -> None:
    page = opened(browser, wary, script=True)
    sign_in(page, ARUN)
    page.goto(FIRST)
    for place, words in (("Your reply", "Quick reply"), ("Your comment", "Quick comment")):
        if place == "Your reply":
            page.locator("a[data-reply]").first.click()
        page.get_by_label(place).first.fill(words)
        page.get_by_role("button", name=place.replace("Your", "Post")).first.click()
        said = page.locator("[data-entry]").filter(has=page.locator("article.comment", has_text=words))
        expect(said).to_have_count(1, timeout=30_000)
        assert "Waits for a moderator" not in said.inner_text()
    page.reload()
    expect(page.locator("article.comment").filter(has_text="Quick")).to_have_count(2)
    page.context.close()


def test_without_a_script_it_waits_and_says_why(wary: Site, browser: Browser) -> None:
    page = opened(browser, wary, script=False)
    sign_in(page, ROSA)
    page.goto(FIRST)
    page.get_by_label("Your comment").first.fill("Plain words")
    page.get_by_role("button", name="Post comment").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your comment waits for a moderator")
    waits = page.locator(".comment-waits")
    expect(waits).to_contain_text("it was sent right after the form was opened")
    expect(waits).to_contain_text("your browser did not do the small computation that this site asks for")
    page.context.close()


def opened(browser: Browser, site: Site, *, script: bool) -> Page:
    context = browser.new_context(base_url=site.url, viewport=DESKTOP, java_script_enabled=script)  # type: ignore[arg-type]
    return context.new_page()
