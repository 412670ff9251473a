"""Reading in a real browser: the first write-up, found and read, on a phone and on a desk."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE, OpenPage

FIRST = "/postmortems/amazon-kiro-cost-explorer-outage"
NEWEST = f"{FIRST}?order=newest"  # what was just said is on the first page, however much other tests said before


@pytest.mark.parametrize("width", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_a_reader_finds_the_first_write_up_by_searching(
    open_page: OpenPage, width: dict[str, int], script: bool
) -> None:
    page = open_page("/", width=width, script=script)
    box = page.get_by_role("searchbox").first
    box.fill("agent deleted environment")
    box.press("Enter")
    hit = page.locator("li.search-hit").filter(has=page.locator(f'a[href*="{FIRST}"]')).first
    expect(hit).to_be_visible()
    expect(hit.locator("mark").first).to_be_visible()
    hit.get_by_role("link").first.click()
    expect(page).to_have_url(re.compile(re.escape(FIRST)))
    expect(page.locator("article.postmortem h1")).to_be_visible()


def test_the_first_write_up_shows_both_accounts_the_permissions_and_the_promises(open_page: OpenPage) -> None:
    page = open_page(FIRST)
    article = page.locator("article.postmortem")
    for word in ("Financial Times", "Amazon", "disputes", "Granted", "Needed", "Promised"):
        expect(article.get_by_text(re.compile(word, re.IGNORECASE)).first).to_be_attached()
    expect(article.locator("svg").first).to_be_visible()


def test_no_page_is_wider_than_a_phone(open_page: OpenPage) -> None:
    for path in ("/", "/postmortems/", FIRST, "/search?q=agent", "/account/register", "/tags/", "/nothing-here"):
        page = open_page(path, width=PHONE)
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 0, f"{path} is {overflow} px too wide"


def test_the_scheme_switch_is_remembered(open_page: OpenPage) -> None:
    page = open_page("/")
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name=re.compile("dark or light", re.IGNORECASE)).click()
    after = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.reload()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == after != before
