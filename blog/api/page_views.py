"""The page about the JSON API for people, made from the same operations as its description."""

from flask import Blueprint, Response, render_template

from blog.accounts.keeping import kept_answer
from blog.api.views import OPERATIONS
from blog.api.wording import deeds, shapes
from blog.lib import openapi
from blog.lib.json_api import PREFIX
from blog.settings import current_settings

blueprint = Blueprint("api_pages", __name__)


@blueprint.get("/api/")
def index() -> Response:
    return kept_answer((), _page)


def _page() -> str:
    settings = current_settings()
    described = openapi.describe(OPERATIONS, site_name=settings.site_name, site_url=settings.site_url)
    return render_template(
        "api/index.html",
        deeds=list(deeds(described)),
        shapes=list(shapes(described)),
        prefix=PREFIX,
        rates=settings.token_rates,
    )
