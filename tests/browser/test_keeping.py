"""What somebody types survives: kept on the site as they pause, in the browser where the site is not reached."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, new_write_up, send, sign_in

ARUN = "arun.author@people.example"
ROSA = "rosa.reviewer@people.example"
KEEPING = re.compile(r"/editor/working-copies/\d+$")
KEPT = re.compile("Kept at .* not saved as a revision yet")


def begin(page: Page, title: str) -> None:
    """Type a title into the empty form once its scripts run."""
    new_write_up(page)
    expect(page.get_by_role("button", name=re.compile("^(Hide|Show) preview$"))).to_be_visible()
    page.get_by_label("Title", exact=True).press_sequentially(title)


def test_what_is_typed_is_kept_as_the_writer_pauses_and_saved_with_one_key(open_page: OpenPage) -> None:
    page = open_page("/")
    sign_in(page, ARUN)
    begin(page, "Kept without a button")
    expect(page.locator("[data-kept]")).to_have_text(KEPT)
    page.goto("/editor/new")
    expect(page.get_by_label("Title", exact=True)).to_have_value("Kept without a button")
    page.get_by_label("Text", exact=True).fill("Ten honest lines.")
    page.keyboard.press("Control+s")
    expect(page.get_by_text("Saved as revision 1.")).to_be_visible()
    page.goto("/editor/new")
    expect(page.get_by_label("Title", exact=True)).to_have_value("")


def test_what_did_not_reach_the_site_waits_in_the_browser(open_page: OpenPage) -> None:
    page = open_page("/")
    sign_in(page, ARUN)
    begin(page, "")
    page.wait_for_load_state("networkidle")  # the scripts of the page are here, too
    page.context.set_offline(True)
    page.get_by_label("Title", exact=True).press_sequentially("Typed on a train")
    expect(page.locator("[data-kept]")).to_have_text(re.compile("Not kept on the site: the site was not reached"))
    page.close()
    page.context.set_offline(False)
    again = page.context.new_page()
    again.goto("/editor/new")
    expect(again.get_by_label("Title", exact=True)).to_have_value("")
    again.get_by_role("button", name="Put it into the form").click()
    expect(again.get_by_label("Title", exact=True)).to_have_value("Typed on a train")


def test_who_leaves_before_anything_was_kept_is_warned(open_page: OpenPage) -> None:
    page = open_page("/")
    sign_in(page, ARUN)
    page.context.route(KEEPING, lambda route: route.abort())
    begin(page, "Not kept")
    expect(page.locator("[data-kept]")).to_have_text(re.compile("Not kept on the site"))
    warned: list[str] = []
    page.on("dialog", lambda dialog: (warned.append(dialog.type), dialog.accept()))
    page.get_by_role("link", name="Desk").click()
    expect(page).to_have_url(re.compile("/editor/$"))
    assert warned == ["beforeunload"]


def test_two_people_see_that_both_have_it_open(open_page: OpenPage) -> None:
    author, reviewer = open_page("/"), open_page("/")
    for page, email in ((author, ARUN), (reviewer, ROSA)):
        sign_in(page, email)
        page.goto("/editor/articles/1")
    expect(reviewer.get_by_text("Arun Author has this open")).to_be_visible()
    reviewer.goto("/editor/")
    author.reload()
    expect(author.get_by_text("Rosa Reviewer has this open")).to_have_count(0)


def test_what_was_typed_is_discarded_and_brought_back_without_a_script(open_page: OpenPage) -> None:
    page = open_page("/", script=False)
    sign_in(page, ROSA)
    new_write_up(page)
    page.goto("/editor/new?outline=near-miss")
    page.get_by_label("Title", exact=True).fill("Almost")
    send(page, page.get_by_role("button", name="Preview"))
    page.goto("/editor/new")
    expect(page.get_by_label("Title", exact=True)).to_have_value("Almost")
    page.get_by_role("button", name="Discard it").click()
    expect(page.get_by_label("Title", exact=True)).to_have_value("")
    page.get_by_role("button", name="Bring it back").click()
    expect(page.get_by_label("Title", exact=True)).to_have_value("Almost")
