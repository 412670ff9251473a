"""The pages of no feature: home, about, and what browsers and search engines ask every site for."""

import logging
from collections.abc import Iterator
from datetime import datetime

from flask import Blueprint, Flask, Response, abort, current_app, render_template, request
from flask.typing import ResponseReturnValue

from blog.accounts.access import user_of_request
from blog.accounts.keeping import kept_answer
from blog.articles import listing
from blog.errors import NotFound
from blog.extensions import csrf
from blog.journal.reactions import COUNTS, WRITE_UPS
from blog.pages import queries, site_map
from blog.settings import current_settings

log = logging.getLogger(__name__)
blueprint = Blueprint("pages", __name__)
blueprint.record_once(lambda state: state.app.extensions.setdefault("hindsight_checks", {}))

LATEST = 10  # of the front page: two screens of a phone
DAY_SECONDS = 86_400
CLOSED = ("/account/", "/editor/", "/moderation/", "/search", "/api/", "/comments/")  # nothing there is worth an entry
MAX_REPORT = 8 * 1024  # bytes; a real one has about 600
REPORT_FACTS = ("document-uri", "violated-directive", "blocked-uri", "source-file", "line-number")
MAX_FACT = 300  # characters of each that are logged


@blueprint.get("/")
def home() -> ResponseReturnValue:
    def make() -> str:
        return render_template("pages/home.html", articles=listing.latest(user_of_request(), limit=LATEST))

    return kept_answer((WRITE_UPS, COUNTS), make, is_daily=True)


@blueprint.get("/about")
def about() -> str:
    return render_template("pages/about.html")


@blueprint.post("/csp-report")
@csrf.exempt  # type: ignore[untyped-decorator]  # the browser itself sends it, without any form; it changes nothing but the log
def csp_report() -> ResponseReturnValue:
    """A browser refused something on a page of ours: one line for whoever reads the log."""
    if (request.content_length or 0) > MAX_REPORT:
        abort(413)
    body = request.get_json(force=True, silent=True)
    report = body.get("csp-report") if isinstance(body, dict) else None
    if isinstance(report, dict):
        facts = {name.replace("-", "_"): str(report.get(name, ""))[:MAX_FACT] for name in REPORT_FACTS}
        log.warning("content policy breached", extra=facts)
    return "", 204


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    greatest, site_url = queries.greatest_article_id(), current_settings().site_url
    if not site_map.is_one_map_enough(greatest):
        return _xml(site_map.index_of_maps(site_url, site_map.parts_for(greatest)))
    fixed = ((path, None) for path in site_map.FIXED_PAGES)
    return _xml(site_map.url_set(site_url, (page for pages in (fixed, _write_ups(0, greatest)) for page in pages)))


@blueprint.get("/sitemap-<int:number>.xml")
def sitemap_part(number: int) -> Response:
    """Map 0 holds the fixed pages, map 1 the write-ups 1 to 50,000, and so on."""
    greatest, site_url = queries.greatest_article_id(), current_settings().site_url
    if site_map.is_one_map_enough(greatest) or number > site_map.parts_for(greatest):
        raise NotFound("The site has no such map.")
    if number == 0:
        return _xml(site_map.url_set(site_url, ((path, None) for path in site_map.FIXED_PAGES)))
    last = number * site_map.MAX_ADDRESSES
    return _xml(site_map.url_set(site_url, _write_ups(last - site_map.MAX_ADDRESSES, last)))


@blueprint.get("/robots.txt")
def robots() -> Response:
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in CLOSED), ""]
    lines += [f"Sitemap: {current_settings().site_url}/sitemap.xml", ""]
    response = Response("\n".join(lines), content_type="text/plain; charset=utf-8")
    response.headers["Cache-Control"] = f"public, max-age={DAY_SECONDS}"
    return response


@blueprint.get("/favicon.ico")
def favicon() -> Response:
    """For whoever asks without reading the page first."""
    response: Response = current_app.extensions["hindsight_static"].answer("img/favicon.ico")
    response.headers["Cache-Control"] = f"public, max-age={DAY_SECONDS}"
    response.make_conditional(request)
    return response


def _write_ups(after_id: int, up_to_id: int) -> Iterator[tuple[str, datetime | None]]:
    return _in_chunks(current_app._get_current_object(), after_id, up_to_id)  # type: ignore[attr-defined]


def _in_chunks(app: Flask, after_id: int, up_to_id: int) -> Iterator[tuple[str, datetime | None]]:
    """The answer is written after the view has ended, and may be given up half-way: each chunk opens a context of its
    own and closes it before anything is sent.
    """
    while True:
        with app.app_context():
            rows = queries.addresses(after_id=after_id, up_to_id=up_to_id)
        for number, slug, changed_at in rows:
            yield f"/postmortems/{slug}", changed_at
            after_id = number
        if not rows:
            return


def _xml(pieces: Iterator[str]) -> Response:
    response = Response(pieces, content_type="application/xml; charset=utf-8")
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response
