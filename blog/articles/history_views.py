"""The history of a write-up in the open: what changed between any two of its revisions."""

from flask import redirect, render_template, request, url_for

from blog.accounts.access import user_of_request
from blog.articles import queries
from blog.articles.comparing import compare
from blog.articles.document import parse_document_text
from blog.articles.models import Article, Revision
from blog.articles.views import View, bp
from blog.errors import NotFound


@bp.get("/postmortems/<slug>/compare")
def compare_revisions(slug: str) -> View:
    """`?from=1&to=3`; without them, the newest revision with the one before it."""
    user = user_of_request()
    article = queries.article_for(user, slug)
    found = queries.revisions_of(user, article)
    new = _chosen(found, "to") or found[0]
    old = _chosen(found, "from") or next((one for one in found if one.number < new.number), new)
    if not {"from", "to"} <= set(request.args):
        return redirect(_address(article, old, new))
    documents = [parse_document_text(text) for text in queries.documents_of([old, new])]
    return render_template(
        "articles/compare_revisions.html",
        article=article,
        revisions=found,
        old=old,
        new=new,
        comparison=compare(documents[0], documents[1]),
    )


def _address(article: Article, old: Revision, new: Revision) -> str:
    address = url_for("articles.compare_revisions", slug=article.slug)
    return f"{address}?from={old.number}&to={new.number}"


def _chosen(found: list[Revision], name: str) -> Revision | None:
    """The revision that the address names; None where it names none."""
    wanted = request.args.get(name)
    if wanted is None:
        return None
    for one in found:
        if str(one.number) == wanted:
            return one
    raise NotFound(f"There is no revision {wanted[:20]!r} of this write-up that you may read.")
