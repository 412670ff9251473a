"""Moderating by keys alone, and by buttons without a script: flagged comments, from the flag to the appeal."""

import re
import uuid

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import DESKTOP, PHONE, OpenPage, send, sign_in
from tests.browser.test_reading import NEWEST

ARUN, ROSA, MOSS = "arun.author@people.example", "rosa.reviewer@people.example", "moss.moderator@people.example"
BOTH = pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])


def post(page: Page, *texts: str) -> None:
    """As Arun."""
    sign_in(page, ARUN)
    for text in texts:
        page.goto(NEWEST)
        page.get_by_label("Your comment").first.fill(text)
        page.get_by_role("button", name="Post comment").click()
        expect(page.locator("article.comment").filter(has_text=text)).to_have_count(1)


def flag(page: Page, *texts: str) -> None:
    """As Rosa, on the page of its own."""
    sign_in(page, ROSA)
    for text in texts:
        page.goto(NEWEST)
        number = page.locator("article.comment").filter(has_text=text).get_attribute("id")
        page.goto(f"/comments/{str(number).removeprefix('comment-')}/flag")
        page.get_by_label("Reason").select_option("off-topic")
        send(page, page.get_by_role("button", name="Flag this comment"))
        expect(page.locator(".message-ok")).to_contain_text("A moderator will look at it")


def entry_of(page: Page, text: str) -> Locator:
    return page.locator(".moderation-entry").filter(has_text=text)


def go_to(page: Page, entry: Locator) -> None:
    """With j, as often as it takes."""
    for _ in range(60):
        page.keyboard.press("j")
        if entry.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError("j does not lead to the entry")


def test_the_queue_is_worked_through_by_keys(open_page: OpenPage) -> None:
    left, hidden = (f"Words {uuid.uuid4().hex[:10]}" for _ in range(2))
    post(open_page("/"), left, hidden)
    flag(open_page("/"), left, hidden)
    desk = open_page("/", width=DESKTOP)
    sign_in(desk, MOSS)
    desk.goto("/moderation/?queue=flagged")
    desk.wait_for_load_state("networkidle")
    go_to(desk, entry_of(desk, left))
    desk.keyboard.press("a")
    expect(entry_of(desk, left).get_by_role("button", name="Leave it")).to_have_count(0)
    expect(entry_of(desk, left)).to_be_focused()
    expect(desk.get_by_role("status").filter(has_text="Press u to undo")).to_have_count(1)
    go_to(desk, entry_of(desk, hidden))
    desk.keyboard.press("h")
    expect(entry_of(desk, hidden).get_by_label("Reason")).to_be_focused()
    desk.keyboard.type("Adv")  # as one chooses from a list by its first letters; no key of ours acts meanwhile
    desk.keyboard.press("Tab")
    desk.keyboard.type("A hull, a jack, an axe.")
    desk.keyboard.press("Enter")
    expect(entry_of(desk, hidden)).to_have_class(re.compile("state-hidden"))
    expect(entry_of(desk, hidden)).to_contain_text("Advertising or spam: A hull, a jack, an axe.")
    expect(entry_of(desk, hidden)).to_be_focused()
    desk.keyboard.press("u")
    expect(entry_of(desk, hidden)).to_have_class(re.compile("state-visible"))
    desk.keyboard.press("x")
    expect(entry_of(desk, hidden).get_by_role("checkbox")).to_be_checked()
    desk.keyboard.press("?")
    expect(desk.get_by_text("next, previous comment")).to_be_visible()
    desk.keyboard.press("?")
    expect(desk.get_by_text("next, previous comment")).to_be_hidden()


@BOTH
def test_many_are_hidden_at_once_and_one_writer_appeals(open_page: OpenPage, script: bool) -> None:
    texts = [f"Words {uuid.uuid4().hex[:10]}" for _ in range(2)]
    writer = open_page("/", script=script)
    post(writer, *texts)
    flag(open_page("/", script=script), *texts)
    desk = open_page("/", width=PHONE, script=script)
    sign_in(desk, MOSS)
    desk.goto("/moderation/?queue=flagged")
    for text in texts:
        entry_of(desk, text).get_by_role("checkbox").check()
    desk.get_by_text("Act on many", exact=True).click()
    desk.get_by_label("Do").select_option("hide")
    desk.locator("#many-code").select_option("repeated")
    send(desk, desk.get_by_role("button", name="Act on what is ticked"))
    expect(desk.locator(".message-ok")).to_contain_text("2 comments hidden.")
    writer.goto("/account/comments")
    own = writer.locator(".own-comment").filter(has_text=texts[0])
    expect(own).to_contain_text("Says the same again.")
    own.locator("summary").click()
    own.get_by_label("Why it should be taken back").fill("It does not.")
    send(writer, own.get_by_role("button", name="Send the appeal"))
    expect(writer.locator(".own-comment").filter(has_text=texts[0])).to_contain_text("You appealed.")
    desk.goto("/moderation/?queue=appeals")
    expect(entry_of(desk, texts[0])).to_contain_text("another moderator judges this")
