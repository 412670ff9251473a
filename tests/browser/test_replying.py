"""What scripts add to a discussion: replies in their place, preview, kept drafts, moderation without a new page."""

import re
import uuid

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import DESKTOP, PHONE, OpenPage, sign_in
from tests.browser.test_reading import FIRST, NEWEST

ARUN, MOSS = "arun.author@people.example", "moss.moderator@people.example"
BOTH = pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])


def words() -> str:
    """A word that no other test says."""
    return "zq" + uuid.uuid4().hex[:10]


def entry_of(page: Page, text: str) -> Locator:
    return page.locator(".thread-entry").filter(has_text=text)


def post(page: Page, text: str) -> None:
    page.locator("#comments > form textarea").fill(text)
    page.locator("#comments > form").get_by_role("button", name="Post comment").click()
    expect(entry_of(page, text)).to_be_visible()


@BOTH
def test_a_reply_stands_right_below_what_it_answers(open_page: OpenPage, script: bool) -> None:
    page, asked, answered = open_page("/", width=PHONE, script=script), words(), words()
    sign_in(page, ARUN)
    page.goto(NEWEST)
    post(page, asked)
    entry_of(page, asked).get_by_role("link", name="Reply").click()
    if script:
        expect(page).to_have_url(re.compile(re.escape(FIRST)))
        expect(page.locator(".thread-reply textarea")).to_be_focused()
    form = page.locator("form.comment-form").filter(has=page.get_by_label("Your reply"))
    form.get_by_label("Your reply").fill(answered)
    form.get_by_role("button", name="Post reply").click()
    expect(entry_of(page, asked).locator("xpath=following-sibling::li[1]")).to_contain_text(answered)
    expect(entry_of(page, answered)).to_have_class(re.compile("depth-2"))
    expect(page).to_have_url(re.compile(r"#comment-\d+$"))


@BOTH
def test_a_preview_shows_the_text_as_it_will_stand(open_page: OpenPage, script: bool) -> None:
    page = open_page("/", width=DESKTOP, script=script)
    sign_in(page, ARUN)
    page.goto(NEWEST)
    page.locator("#comments textarea").fill("so *slanted*")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator(".comment-preview em")).to_have_text("slanted")
    expect(page.locator("form.comment-form textarea")).to_have_value("so *slanted*")


def test_a_second_click_says_it_once(open_page: OpenPage) -> None:
    page, text = open_page("/"), words()
    sign_in(page, ARUN)
    page.goto(NEWEST)
    page.locator("#comments > form textarea").fill(text)
    page.locator("#comments > form").get_by_role("button", name="Post comment").dblclick()
    expect(entry_of(page, text)).to_have_count(1)
    page.reload()
    expect(entry_of(page, text)).to_have_count(1)


@BOTH
def test_a_refused_comment_stays_in_its_form(open_page: OpenPage, script: bool) -> None:
    page, text = open_page("/", script=script), "long " * 2_001
    sign_in(page, ARUN)
    page.goto(NEWEST)
    page.locator("#comments textarea").fill(text)
    page.get_by_role("button", name="Post comment").click()
    expect(page.locator(".field-error")).to_contain_text("Shorten it to 10,000")
    expect(page.locator("form.comment-form textarea")).to_have_value(text)


def test_a_draft_survives_a_closed_page_until_it_is_posted(open_page: OpenPage) -> None:
    page, text = open_page("/"), words()
    sign_in(page, ARUN)
    page.goto(NEWEST)
    box = page.locator("#comments > form textarea")
    expect(page.locator("#comments")).to_have_attribute("data-behaviour", re.compile("reply"))
    page.wait_for_load_state("networkidle")
    box.press_sequentially(text)
    page.goto("/about")
    page.goto(NEWEST)
    expect(box).to_have_value(text)
    page.locator("#comments > form").get_by_role("button", name="Post comment").click()
    expect(entry_of(page, text)).to_be_visible()
    page.reload()
    page.wait_for_load_state("networkidle")
    expect(box).to_have_value("")


def test_a_draft_keeps_what_it_is_and_the_next_comment_is_none(open_page: OpenPage) -> None:
    page, text = open_page("/"), words()
    sign_in(page, ARUN)
    page.goto(NEWEST)
    page.wait_for_load_state("networkidle")
    form = page.locator("#comments > form")
    kind, source = form.locator("select[name=kind]"), form.locator("input[name=source]")
    form.locator("textarea").press_sequentially(text)
    kind.select_option("evidence")
    source.press_sequentially("Page 7")
    page.goto("/about")
    page.goto(NEWEST)
    expect(form.locator("textarea")).to_have_value(text)
    expect(kind).to_have_value("evidence")
    expect(source).to_have_value("Page 7")
    form.get_by_role("button", name="Post comment").click()
    expect(entry_of(page, text)).to_contain_text("Source: Page 7")
    expect(kind).to_have_value("comment")
    expect(source).to_have_value("")


@pytest.mark.parametrize("width", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_place_opens_under_its_words_by_keyboard_and_counts(open_page: OpenPage, width: dict[str, int]) -> None:
    page, text, answer = open_page("/", width=width), words(), words()
    sign_in(page, ARUN)
    page.goto(NEWEST)
    page.wait_for_load_state("networkidle")
    address = page.url
    place = page.locator("a[data-talk].talk-empty:visible").first
    mark = page.locator(f"a[data-talk][href='{place.get_attribute('href')}']")
    mark.press("Enter")
    box = page.locator(".place-box")
    expect(box.locator("textarea")).to_be_focused()
    expect(mark).to_have_attribute("aria-expanded", "true")
    assert page.url == address
    box.locator("textarea").press_sequentially(text)
    box.get_by_role("button", name="Post comment").press("Enter")
    expect(box.locator(".thread-entry").filter(has_text=text)).to_be_focused()
    expect(mark).to_have_text("1")
    expect(mark).to_have_accessible_name("1 comment here")
    box.get_by_role("link", name="Reply").press("Enter")
    box.get_by_label("Your reply").press_sequentially(answer)
    box.get_by_role("button", name="Post reply").press("Enter")
    expect(mark).to_have_accessible_name("2 comments here")
    box.locator(".thread-entry").filter(has_text=answer).press("Escape")
    expect(box).to_have_count(0)
    expect(mark).to_be_focused()
    page.reload()
    expect(mark).to_have_text("2")
    assert page.evaluate("document.documentElement.scrollWidth") <= width["width"]


def test_a_place_among_the_facts_opens_beside_its_fact(open_page: OpenPage) -> None:
    page = open_page("/")
    sign_in(page, ARUN)
    page.goto(NEWEST)
    page.wait_for_load_state("networkidle")
    fact = page.locator("dd").filter(has=page.locator("a[data-talk][href$='.impact']")).first
    fact.locator("a[data-talk]").press("Enter")
    expect(fact.locator(".place-box textarea")).to_be_focused()


@BOTH
def test_a_moderator_hides_a_comment_and_brings_it_back(open_page: OpenPage, script: bool) -> None:
    page, text = open_page("/", script=script), words()
    sign_in(page, ARUN)
    page.goto(NEWEST)
    post(page, text)
    desk = open_page("/", width=PHONE, script=script)
    sign_in(desk, MOSS)
    for verb, seen in (("Hide", 0), ("Restore", 1)):
        desk.goto("/moderation/?queue=all")
        entry = desk.locator(".moderation-entry").filter(has_text=text)
        entry.locator("summary").click()
        entry.get_by_label("Reason").select_option("other")
        entry.get_by_label("In words").fill("Said by a test.")
        entry.get_by_role("button", name=f"{verb} comment").click()
        state = "state-hidden" if verb == "Hide" else "state-visible"
        expect(desk.locator(".moderation-entry").filter(has_text=text)).to_have_class(re.compile(state))
        assert desk.url.endswith("/moderation/?queue=all")
        page.reload()
        expect(entry_of(page, text)).to_have_count(seen)
