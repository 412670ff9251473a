"""How to cite a revision: a page to copy from, and files for programs that keep references."""

from collections.abc import Callable

from flask import Response, make_response, render_template

from blog.accounts.access import user_of_request
from blog.accounts.keeping import kept_answer
from blog.articles import queries
from blog.articles.citing import Citation
from blog.articles.queries import ArticlePage
from blog.articles.views import View, bp
from blog.errors import NotFound
from blog.journal.reactions import PEOPLE
from blog.settings import current_settings


@bp.get("/postmortems/<slug>/revisions/<int:number>/cite")
def cite(slug: str, number: int) -> View:
    def make(page: ArticlePage, citation: Citation) -> str:
        return render_template("articles/cite.html", article=page.article, revision=page.revision, citation=citation)

    return _cited(slug, number, make)


@bp.get("/postmortems/<slug>/revisions/<int:number>/cite.bib")
def cite_bibtex(slug: str, number: int) -> View:
    return _cited(slug, number, lambda _, one: _file(one.bibtex, "application/x-bibtex", f"{one.key}.bib"))


@bp.get("/postmortems/<slug>/revisions/<int:number>/cite.json")
def cite_csl(slug: str, number: int) -> View:
    kind = "application/vnd.citationstyles.csl+json"
    return _cited(slug, number, lambda _, one: _file(one.csl_json, kind, f"{one.key}.json"))


def _cited(slug: str, number: int, make: Callable[[ArticlePage, Citation], str | Response]) -> View:
    user = user_of_request()

    def cited() -> str | Response:
        page = queries.revision_page(user, slug, number)
        return make(page, _citation(page))

    return kept_answer((f"article {queries.article_with_history(user, slug).id}", PEOPLE), cited)


def _citation(page: ArticlePage) -> Citation:
    revision, settings = page.revision, current_settings()
    if revision.live_at is None:
        raise NotFound("This revision was never published, so there is nothing to cite that everybody can read.")
    return Citation(
        title=page.document.title,
        authors=tuple(user.name for user in queries.authors_of(revision)) or tuple(page.article.authors),
        site=settings.site_name,
        site_url=settings.site_url.rstrip("/"),
        slug=page.article.slug,
        number=revision.number,
        live_at=revision.live_at,
        language=page.document.language,
    )


def _file(text: str, kind: str, name: str) -> Response:
    response = make_response(text)
    response.content_type = f"{kind}; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
