"""axe-core on every kind of page, at both widths and in both schemes: nothing serious, nothing critical."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import DESKTOP, PHONE, OpenPage, sign_in
from tests.browser.test_reading import FIRST

OPEN = ["/", "/postmortems/", FIRST, FIRST + "/revisions", FIRST + "/compare?from=1&to=1",
        FIRST + "/as-of/2020-01-01", FIRST + "/revisions/1/cite", "/tags/", "/search?q=agent", "/search?q=zzzz",
        "/account/login", "/account/register", "/api/", "/nothing-here", "/moderation/log",
        FIRST + "?order=newest", FIRST + "?order=useful", "/account/reset", "/account/reset/new?token=x",
        "/account/verify/address?token=x", "/unsubscribe?to=x"]  # fmt: skip


def grave(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found if one["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("path", OPEN)
def test_a_page_everybody_sees_has_no_serious_fault(open_page: OpenPage, path: str) -> None:
    for width, dark in ((PHONE, False), (DESKTOP, True)):
        assert grave(open_page(path, width=width, dark=dark)) == []


def test_the_pages_of_people_who_work_here_have_no_serious_fault(open_page: OpenPage) -> None:
    for email, paths in (
        (
            "arun.author@people.example",
            [
                "/account/settings",
                "/account/tokens",
                "/editor/",
                "/editor/new",
                "/editor/new/text",
                "/editor/images",
                FIRST,
                FIRST + "/comments/new",
                "/account/follows",
                "/account/notices",
                "/follow?of=article&id=1",
                "/follow?of=search&q=agent",
            ],
        ),
        (
            "moss.moderator@people.example",
            [
                "/moderation/",
                "/moderation/?queue=held",
                "/moderation/acts",
                "/moderation/people/1",
                "/account/comments",
            ],
        ),
    ):
        page = open_page("/", width=PHONE)
        sign_in(page, email)
        for path in paths:
            page.goto(path)
            assert grave(page) == [], path
