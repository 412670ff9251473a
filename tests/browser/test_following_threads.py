"""What scripts add to reading a discussion: folding, marks in place, what is new, and an offer of what came since."""

import json
import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import DESKTOP, PHONE, OpenPage, send, sign_in
from tests.browser.test_reading import FIRST, NEWEST
from tests.browser.test_replying import ARUN, MOSS, entry_of, post, words

ROSA = "rosa.reviewer@people.example"
MINUTE_MS = 60_000


def discussion(open_page: OpenPage) -> tuple[Page, str, str]:
    """A page with a comment by Arun and an answer to it: (his page, its words, the words of the answer)."""
    page, asked, answered = open_page("/", width=DESKTOP), words(), words()
    sign_in(page, ARUN)
    page.goto(NEWEST)
    post(page, asked)
    entry_of(page, asked).get_by_role("link", name="Reply").click()
    form = page.locator("form.comment-form").filter(has=page.get_by_label("Your reply"))
    form.get_by_label("Your reply").fill(answered)
    form.get_by_role("button", name="Post reply").click()
    expect(entry_of(page, answered)).to_be_visible()
    return page, asked, answered


def test_a_folded_thread_stays_folded_until_a_link_leads_into_it(open_page: OpenPage) -> None:
    page, asked, answered = discussion(open_page)
    permalink = str(entry_of(page, answered).locator("a[rel=bookmark]").get_attribute("href"))
    entry_of(page, asked).get_by_role("button", name="Fold this comment and 1 reply").click()
    expect(entry_of(page, answered)).to_be_hidden()
    page.goto(NEWEST)
    expect(entry_of(page, asked).get_by_role("button", name="Show this comment and 1 reply")).to_be_visible()
    expect(entry_of(page, answered)).to_be_hidden()
    page.goto(permalink)
    expect(entry_of(page, answered)).to_be_visible()


def test_a_mark_appears_in_its_place_and_is_taken_back(open_page: OpenPage) -> None:
    _, asked, _ = discussion(open_page)
    page = open_page("/", width=PHONE)
    sign_in(page, MOSS)
    page.goto(NEWEST)
    button = entry_of(page, asked).get_by_role("button", name=re.compile("Useful comment"))
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(button).to_contain_text("1")
    page.goto(NEWEST)
    expect(button).to_have_attribute("aria-pressed", "true")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    expect(button).not_to_contain_text("1")


def test_without_a_script_a_mark_is_made_and_taken_back_by_pages(open_page: OpenPage) -> None:
    _, asked, _ = discussion(open_page)
    page = open_page("/", width=PHONE, script=False)
    sign_in(page, MOSS)
    page.goto(NEWEST)
    button = entry_of(page, asked).get_by_role("button", name=re.compile("Useful comment"))
    send(page, button)
    expect(page.get_by_text("Marked as useful.")).to_be_visible()
    send(page, button)
    send(page, page.get_by_role("button", name="Take my mark back"))
    expect(page.get_by_text("Your mark is taken back.")).to_be_visible()


def test_what_came_while_reading_is_offered_and_moves_nothing(open_page: OpenPage) -> None:
    writer, asked, _ = discussion(open_page)
    reader, later = open_page("/", width=PHONE), words()
    reader.clock.install()
    reader.goto(NEWEST)
    entry_of(reader, asked).scroll_into_view_if_needed()
    expect(reader.locator(".fold").first).to_be_visible()
    post(writer, later)
    before = reader.evaluate("scrollY")
    with reader.expect_response(re.compile("/comments/newest$")):
        reader.clock.fast_forward(MINUTE_MS)
    offer = reader.get_by_role("button", name="1 new comment")
    expect(offer).to_be_visible()
    assert reader.evaluate("scrollY") == before
    assert entry_of(reader, later).count() == 0
    offer.click()
    expect(entry_of(reader, later)).to_be_in_viewport()
    expect(entry_of(reader, later).locator(".new-mark")).to_have_text("new")
    expect(offer).to_be_hidden()


@pytest.mark.parametrize("width", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_what_is_new_since_the_last_visit_is_marked(open_page: OpenPage, width: dict[str, int]) -> None:
    _, asked, answered = discussion(open_page)
    page = open_page("/", width=width)
    sign_in(page, ROSA)
    page.goto(NEWEST)
    number = int(str(entry_of(page, answered).get_attribute("data-entry")))

    def last_week(route: Route) -> None:
        told = {"user": 0, "read_until": number - 1, "let_through": [], "new": 1, "first_new": number, "marked": []}
        route.fulfill(status=200, content_type="application/json", body=json.dumps(told))

    page.route("**/comments/mine", last_week)
    page.goto(NEWEST)
    expect(entry_of(page, answered).locator(".new-mark")).to_have_text("new")
    expect(entry_of(page, asked).locator(".new-mark")).to_have_count(0)
    expect(page.get_by_role("link", name="1 new since your last visit")).to_have_attribute("href", f"#comment-{number}")


def test_an_order_is_chosen_by_a_link(open_page: OpenPage) -> None:
    _, asked, _ = discussion(open_page)
    page = open_page(FIRST, width=PHONE, script=False)
    send(page, page.get_by_role("link", name="Newest"))
    expect(page.locator(".thread-entry").first).to_contain_text(asked)
    expect(page.locator(".thread-orders [aria-current]")).to_have_text("Newest")
