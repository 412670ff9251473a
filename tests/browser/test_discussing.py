"""Register, comment, and find the comment again: with and without script."""

import re
import uuid

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PASSWORD, PHONE, OpenPage, send
from tests.browser.test_reading import FIRST, NEWEST


@pytest.mark.parametrize(("width", "script"), [(PHONE, True), (DESKTOP, True), (DESKTOP, False), (PHONE, False)])
def test_a_reader_registers_comments_and_finds_the_comment(
    open_page: OpenPage, width: dict[str, int], script: bool
) -> None:
    word = "zq" + uuid.uuid4().hex[:10]
    page = open_page("/account/register", width=width, script=script)
    page.get_by_label("Name").fill(f"Tester {word}")
    page.get_by_label("E-mail").fill(f"{word}@people.example")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    send(page, page.get_by_role("main").get_by_role("button", name="Register"))
    page.goto(NEWEST)
    page.locator("textarea[name=text]").first.fill(f"We saw **{word}** too. {{{{ 7*7 }}}} <b>plain</b>")
    page.get_by_role("button", name=re.compile("^(Post|Comment|Send)")).first.click()
    comment = page.locator("article.comment").filter(has_text=word)
    expect(comment.locator(".comment-text strong")).to_have_text(word)
    expect(comment.locator(".comment-text")).to_contain_text("{{ 7*7 }} <b>plain</b>")
    expect(comment.locator(".comment-user")).to_contain_text(f"Tester {word}")
    expect(comment.locator("time.comment-datetime")).to_have_attribute("datetime", re.compile(r"Z$"))
    found = open_page("/", width=width, script=script)
    for _ in range(20):  # a comment is found within two seconds
        found.goto(f"/search?q={word}")
        if found.locator("li.search-hit").count():
            break
        found.wait_for_timeout(100)
    expect(found.locator("li.search-hit")).to_have_count(1)


def test_a_reader_who_is_not_signed_in_is_asked_to_and_comes_back(open_page: OpenPage) -> None:
    page = open_page(FIRST)
    assert page.locator("textarea[name=text]").count() == 0
    page.locator("#comments, .thread").first.get_by_role("link", name=re.compile("Sign in")).first.click()
    expect(page).to_have_url(re.compile(r"/account/login\?next="))
