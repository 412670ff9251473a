"""Pictures in the editor: pasted or dropped and described by keyboard alone, or by their own page without a script."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, OpenPage, new_write_up, sign_in
from tests.factories.media import file_of

ARUN = "arun.author@people.example"
GIVE = """([kind, pictures]) => Promise.all(Array.from({length: pictures}, () => new Promise((made) => {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 40;
    canvas.toBlob(made, "image/png");
}))).then((blobs) => {
    const transfer = new DataTransfer();
    for (const blob of blobs) transfer.items.add(new File([blob], "shot.png", { type: "image/png" }));
    const how = { bubbles: true, cancelable: true, clipboardData: transfer, dataTransfer: transfer };
    const event = kind === "paste" ? new ClipboardEvent(kind, how) : new DragEvent(kind, how);
    document.getElementById("f-body").dispatchEvent(event);
})"""


def begun(page: Page) -> Page:
    """The editor with two paragraphs, and the cursor at the end of the first."""
    sign_in(page, ARUN)
    new_write_up(page)
    page.locator("[data-aided]").first.wait_for()
    page.get_by_label("Text", exact=True).fill("First.\n\nLast.")
    page.evaluate("document.getElementById('f-body').setSelectionRange(6, 6)")
    return page


def text_of(page: Page) -> list[str]:
    """The paragraphs, with addresses cut to where they lead."""
    return [
        part.partition("](/media/")[0] for part in page.get_by_label("Text", exact=True).input_value().split("\n\n")
    ]


@pytest.mark.parametrize("kind", ["paste", "drop"])
def test_pictures_are_described_by_keyboard_and_stand_at_the_cursor(open_page: OpenPage, kind: str) -> None:
    page = begun(open_page("/"))
    page.evaluate(GIVE, [kind, 2])
    dialog = page.get_by_role("dialog", name="Add a picture")
    for number in (1, 2):
        expect(dialog.get_by_label("What it shows")).to_be_focused()
        expect(dialog.get_by_role("img", name="The picture")).to_be_visible()
        page.keyboard.type(f"Chart {number}")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.get_by_label("Text", exact=True)).to_have_value(re.compile(f"Chart {number}"))
    expect(dialog).to_have_count(0)
    expect(page.get_by_label("Text", exact=True)).to_be_focused()
    assert text_of(page) == ["First.", "![Chart 1", "![Chart 2", "Last."]
    expect(page.get_by_role("complementary", name="Preview").get_by_role("img", name="Chart 1")).to_be_visible()
    page.keyboard.press("Control+z")
    assert text_of(page) == ["First.", "![Chart 1", "Last."]


def test_what_is_refused_is_said_in_the_dialog_and_the_text_stays(open_page: OpenPage, tmp_path: Path) -> None:
    page = begun(open_page("/", width=PHONE))
    page.get_by_role("link", name="Add a picture").click()
    dialog = page.get_by_role("dialog", name="Add a picture")
    drawing = tmp_path / "drawing.png"
    drawing.write_text("<svg onload='alert(1)'/>")
    dialog.get_by_label("Picture", exact=True).set_input_files(drawing)
    dialog.get_by_label("What it shows").fill("A drawing")
    dialog.get_by_role("button", name="Put it into the text").click()
    expect(dialog.get_by_text("SVG and HTML can hold programs")).to_be_visible()
    expect(dialog.get_by_label("What it shows")).to_have_value("A drawing")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.get_by_label("Text", exact=True)).to_have_value("First.\n\nLast.")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_without_a_script_the_page_of_pictures_gives_the_line(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page("/", script=False)
    sign_in(page, ARUN)
    new_write_up(page)
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Add a picture (in a new tab)").click()
    tab = opened.value
    picture = tmp_path / "shot.png"
    picture.write_bytes(file_of())
    tab.get_by_label("Picture", exact=True).set_input_files(picture)
    tab.get_by_label("What it shows").fill("Half white, half black")
    tab.get_by_role("button", name="Add the picture").click()
    line = tab.get_by_label("Its line for the text").first.input_value()
    assert line.startswith("![Half white, half black](/media/")
    address = line[line.index("/media/") : -1]
    shown = tab.goto(address)
    assert shown is not None and shown.status == 200
    expect(tab.locator("img")).to_have_js_property("naturalWidth", 40)
