"""POST /csp-report: what a browser refused is logged, and nothing else happens."""

import logging

import pytest

from tests.visitor import Visitor

REPORT = {
    "csp-report": {
        "document-uri": "http://localhost/postmortems/x",
        "violated-directive": "script-src",
        "blocked-uri": "inline\nforged line",
        "original-policy": "secret words",
    }
}


def test_a_report_is_logged_without_a_token_of_a_form(client: Visitor, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        answer = client.post("/csp-report", json=REPORT, with_token=False)
    assert answer.status_code == 204
    record = next(one for one in caplog.records if one.message == "content policy breached")
    assert record.violated_directive == "script-src"  # type: ignore[attr-defined]
    assert "secret words" not in str(vars(record))


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"not json", b'{"csp-report": []}', b'{"csp-report": "x"}', b"\xff\xfe", b"null", b"3"]
)
def test_any_body_is_taken_quietly(client: Visitor, body: bytes) -> None:
    assert client.post("/csp-report", data=body, content_type="application/csp-report").status_code in (204, 400)


def test_a_large_report_is_refused(client: Visitor) -> None:
    assert client.post("/csp-report", data=b"x" * 8_193, content_type="application/csp-report").status_code == 413


def test_every_page_names_the_address(client: Visitor) -> None:
    assert "report-uri /csp-report" in client.get("/about").headers["Content-Security-Policy"]
