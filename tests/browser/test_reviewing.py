"""A whole review by keys alone: two people, two browsers, no mouse."""

import re
import uuid

from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, new_write_up, sign_in

ARUN, ROSA = "arun.author@people.example", "rosa.reviewer@people.example"
MOST_STOPS = 80  # of the Tab key until something is reached: more would be no way for anybody


def tab_to(page: Page, test: str) -> None:
    """Press Tab until the element with the focus passes `test`, a JavaScript expression of `e`."""
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if page.evaluate(f"(() => {{ const e = document.activeElement; return Boolean({test}); }})()"):
            return
    raise AssertionError(f"{MOST_STOPS} stops of the Tab key do not reach {test}")


def press(page: Page, words: str) -> None:
    tab_to(page, f"e.matches('a, button') && e.textContent.trim() === '{words}'")
    page.keyboard.press("Enter")


def test_a_review_goes_from_remark_to_publishing_by_keys_alone(open_page: OpenPage) -> None:
    word = uuid.uuid4().hex[:8]
    author = open_page("/")
    sign_in(author, ARUN)
    new_write_up(author)
    author.goto("/editor/new/text")
    body = "The queue stood still.\n\nIt took an hour.\n\nWe added an alarm."
    author.locator("textarea[name=text]").fill(f"---\ntitle: Queue {word}\n---\n\n{body}\n")
    author.get_by_role("button", name=re.compile("^(Save|Create)")).first.click()
    expect(author).to_have_url(re.compile(r"/editor/articles/\d+"))
    author.goto("/editor/")
    draft = author.get_by_role("listitem").filter(has_text=f"Queue {word}")
    draft.get_by_role("link", name=re.compile("readers")).click()
    expect(author).to_have_url(re.compile(r"/editor/revisions/\d+"))
    tab_to(author, "e.name === 'note'")
    author.keyboard.type("Is the hour right?")
    press(author, "Submit for review")
    expect(author.get_by_text("Waiting for a review")).to_be_visible()

    reviewer = open_page("/")
    sign_in(reviewer, ROSA)
    reviewer.goto("/editor/queue")
    expect(reviewer.get_by_text("Is the hour right?").first).to_be_visible()
    tab_to(reviewer, f"e.textContent === 'Queue {word}'")
    reviewer.keyboard.press("Enter")
    expect(reviewer).to_have_url(re.compile(r"/editor/revisions/\d+$"))
    expect(reviewer.get_by_text("j and k go to the next line and back")).to_be_visible()
    tab_to(reviewer, "e.matches('a.line-number') && e.tabIndex === 0")  # the lines are one stop
    for key in ("j", "j", "j", "k"):
        reviewer.keyboard.press(key)
    expect(reviewer.get_by_label("Remark on line 2 of Body")).to_be_focused()
    reviewer.keyboard.press("ArrowDown")
    reviewer.keyboard.press("Enter")
    expect(reviewer.locator("[data-remark-form] textarea")).to_be_focused()
    reviewer.keyboard.type("An hour and ten minutes.")
    press(reviewer, "Remark")
    expect(reviewer.locator("[data-remark]")).to_contain_text("An hour and ten minutes.")
    expect(reviewer.get_by_label("Remark on line 3 of Body")).to_be_focused()

    author.reload()
    expect(author.locator("[data-remark]")).to_contain_text("An hour and ten minutes.")
    tab_to(author, "e.closest('[data-remark]') && e.textContent.trim() === 'Settle'")
    author.keyboard.press("Enter")
    expect(author.get_by_text("Settled by Arun")).to_be_visible()

    reviewer.reload()
    press(reviewer, "Approve and publish")
    expect(reviewer).to_have_url(re.compile(f"/postmortems/queue-{word}$"))


def test_a_refused_save_puts_the_focus_on_what_stands_in_the_way(open_page: OpenPage) -> None:
    page = open_page("/")
    sign_in(page, ARUN)
    new_write_up(page)
    tab_to(page, "e.name === 'body'")
    page.keyboard.insert_text("A text without a title")
    press(page, "Save draft")
    expect(page.get_by_role("alert")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Title", exact=True)).to_be_focused()
