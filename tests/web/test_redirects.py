"""Where a redirect after sign-in may lead: to a path of this site, nowhere else."""

from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.lib.web import local_path
from tests.people import MIA, join
from tests.visitor import Visitor

ELSEWHERE = [
    None,
    "",
    "https://evil.example/",
    "http:evil.example",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " /account/settings",
    "javascript:alert(1)",
    "data:text/html,x",
    "account/settings",
    "/a\\..\\..\\evil.example",
    "/x\r\nSet-Cookie: a=b",
    "/" + "a" * 2_000,
    "/\x00",
]
OURS = ["/", "/account/settings", "/postmortems/a?page=2", "/search?q=a%20b#x", "/a//b", "/%2f%2fevil.example", "/ü"]


@pytest.mark.parametrize("target", ELSEWHERE)
def test_targets_elsewhere_are_replaced(target: str | None) -> None:
    assert local_path(target, default="/home") == "/home"


@pytest.mark.parametrize("target", OURS)
def test_paths_of_ours_are_kept(target: str) -> None:
    assert local_path(target, default="/home") == target


@given(st.text(st.sampled_from("/\\.:@?#%\t\n ehtpsvil"), max_size=12))
@settings(max_examples=200, deadline=None)
def test_whatever_is_asked_for_stays_on_the_site(target: str) -> None:
    kept = local_path(target, default="/")
    browser_reads = kept.replace("\\", "/").translate({9: None, 10: None, 13: None})
    assert urlsplit(urljoin("http://ours.example/account/login", browser_reads)).netloc == "ours.example"


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example/", "/\\evil.example"])
def test_signing_in_never_leads_away(app: Flask, client: Visitor, target: str) -> None:
    join(app, MIA)
    answer = client.post(
        "/account/login", query_string={"next": target}, data={"email": MIA.email, "password": MIA.password}
    )
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/"


def test_signing_in_leads_back_to_the_page_that_asked(app: Flask, client: Visitor) -> None:
    join(app, MIA)
    asked = client.get("/account/settings?x=1")
    assert asked.status_code == 303
    answer = client.post(asked.headers["Location"], data={"email": MIA.email, "password": MIA.password})
    assert answer.headers["Location"] == "/account/settings?x=1"
