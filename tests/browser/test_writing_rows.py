"""Rows of the editor's form: added in place with a script, and by a page of their own without one."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage, new_write_up, sign_in

ARUN = "arun.author@people.example"


@pytest.mark.parametrize("script", [True, False])
def test_a_row_is_added_and_everything_typed_stays(open_page: OpenPage, script: bool) -> None:
    page = open_page("/", script=script)
    sign_in(page, ARUN)
    new_write_up(page)
    page.get_by_label("Title", exact=True).fill("A title that stays")
    page.locator("summary", has_text="Timeline").click()
    page.get_by_role("button", name="Add an entry").click()
    page.get_by_label("What happened").fill("It began")
    page.get_by_role("button", name="Add an entry").click()
    expect(page.get_by_label("What happened")).to_have_count(2)
    expect(page.get_by_label("What happened").first).to_have_value("It began")
    expect(page.get_by_label("Title", exact=True)).to_have_value("A title that stays")
    if script:
        expect(page).to_have_url(re.compile("/editor/new$"))
        expect(page.get_by_label("When").nth(1)).to_be_focused()
    page.get_by_role("button", name="Remove").first.click()
    expect(page.get_by_label("What happened")).to_have_count(1)


def test_the_preview_follows_what_is_typed(open_page: OpenPage) -> None:
    page = open_page("/")
    sign_in(page, ARUN)
    new_write_up(page)
    page.get_by_label("Title", exact=True).fill("Seen while typing")
    page.get_by_label("Text", exact=True).fill("A **bold** word")
    preview = page.get_by_role("complementary", name="Preview")
    expect(preview.locator("strong")).to_have_text("bold")
    expect(preview.get_by_role("heading", name="Seen while typing")).to_be_visible()
