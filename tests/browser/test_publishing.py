"""Write, review, publish: two people in two browsers."""

import re
import uuid

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE, OpenPage, new_write_up, send, sign_in

ARUN, ROSA = "arun.author@people.example", "rosa.reviewer@people.example"


@pytest.mark.parametrize(("width", "script"), [(DESKTOP, True), (DESKTOP, False), (PHONE, True)])
def test_an_author_writes_and_another_person_approves_and_publishes(
    open_page: OpenPage, width: dict[str, int], script: bool
) -> None:
    word = uuid.uuid4().hex[:8]
    author = open_page("/", width=width, script=script)
    sign_in(author, ARUN)
    new_write_up(author)
    author.get_by_label("Title").fill(f"Queue {word} stood still")
    author.get_by_label("Summary").fill("A consumer waited for a lock that nobody held.")
    author.get_by_label(re.compile("^(Body|Text)")).fill("## What happened\n\nThe queue stood still for an hour.")
    author.get_by_label("Tags").fill("queues, locks")
    author.get_by_role("button", name=re.compile("^(Save|Create)")).first.click()
    expect(author).to_have_url(re.compile(r"/editor/articles/\d+"))
    send(author, author.get_by_role("button", name=re.compile("Submit", re.IGNORECASE)).first)

    reviewer = open_page("/", width=width, script=script)
    sign_in(reviewer, ROSA)
    reviewer.goto("/editor/")
    reviewer.get_by_role("link", name=re.compile(word)).first.click()
    expect(reviewer.get_by_text("The queue stood still for an hour.").first).to_be_visible()
    send(reviewer, reviewer.get_by_role("button", name=re.compile("Approve and publish", re.IGNORECASE)))

    reader = open_page(f"/postmortems/queue-{word}-stood-still", width=width, script=script)
    expect(reader.locator("article.postmortem h1")).to_have_text(f"Queue {word} stood still")


def test_an_author_is_offered_no_approval_of_their_own_text(open_page: OpenPage) -> None:
    author = open_page("/")
    sign_in(author, ROSA)
    new_write_up(author)
    author.get_by_label("Title").fill("A reviewer writes too")
    author.get_by_label(re.compile("^(Body|Text)")).fill("Short, and by a reviewer.")
    send(author, author.get_by_role("button", name=re.compile("^(Save|Create)")).first)
    send(author, author.get_by_role("button", name=re.compile("Submit", re.IGNORECASE)).first)
    author.goto("/editor/")
    author.get_by_role("link", name="A reviewer writes too").first.click()
    assert author.get_by_role("button", name=re.compile("Approve", re.IGNORECASE)).count() == 0
