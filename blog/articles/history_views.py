"""The history of a write-up in the open: its revisions, what changed between any two, how it was at a time."""

from flask import make_response, redirect, render_template, request, url_for

from blog import policy
from blog.accounts.access import user_of_request
from blog.accounts.keeping import kept_answer
from blog.accounts.label_queries import labels_of
from blog.accounts.models import User
from blog.articles import history_queries, queries
from blog.articles.comparing import compare
from blog.articles.document import parse_document_text
from blog.articles.history_queries import Publication
from blog.articles.models import Article, ArticleState, Revision
from blog.articles.queries import ArticlePage
from blog.articles.reading import Reading
from blog.articles.views import View, bp
from blog.articles.wording import day_words, utc_words
from blog.comments.standing_queries import credits_on
from blog.errors import NotFound
from blog.journal.reactions import PEOPLE, WRITE_UPS
from blog.lib import clock
from blog.lib.as_of import Span, span_named

NAME_A_DAY = "Name a day, such as 2026-05-03, or a time, such as 2026-05-03T09:30Z."


@bp.get("/postmortems/<slug>/revisions")
def revisions(slug: str) -> View:
    user = user_of_request()
    article = queries.article_with_history(user, slug)
    found = queries.revisions_of(user, article)
    return render_template(
        "articles/revisions.html",
        article=article,
        revisions=found,
        labels=labels_of("revision", [one.id for one in found]),
        published={one.number: one for one in history_queries.publications_of(article)},
        credits=credits_on(article),
        today=clock.now().date(),
    )


@bp.get("/postmortems/<slug>/revisions/<int:number>")
def revision(slug: str, number: int) -> View:
    """One revision as it was. What was live is kept: only names, and where its write-up stands now, can change."""
    user = user_of_request()
    article = queries.article_with_history(user, slug)

    def make() -> str:
        return _revision_page(user, queries.revision_page(user, slug, number))

    if all(one.number != number for one in history_queries.publications_of(article)):
        return make()
    return kept_answer((f"article {article.id}", PEOPLE, WRITE_UPS), make)


@bp.get("/postmortems/<slug>/compare")
def compare_revisions(slug: str) -> View:
    """`?from=1&to=3`; where one is left out, the newest revision and the one before it."""
    user = user_of_request()
    article = queries.article_with_history(user, slug)
    if policy.can_write(user):  # they see revisions that are not public; no version moves when these come and go
        return _compared(user, article)
    return kept_answer((f"article {article.id}", PEOPLE), lambda: _compared(user, article))


def _compared(user: User | None, article: Article) -> View:
    found = queries.revisions_of(user, article)
    new = _chosen(found, "to") or found[0]
    old = _chosen(found, "from") or next((one for one in found if one.number < new.number), new)
    query = f"from={old.number}&to={new.number}"
    if request.query_string.decode("latin-1") != query:  # one address for one comparison: it is worth keeping
        return redirect(f"{url_for('articles.compare_revisions', slug=article.slug)}?{query}")
    documents = [parse_document_text(text) for text in history_queries.documents_of([old, new])]
    return render_template(
        "articles/compare_revisions.html",
        article=article,
        revisions=found,
        old=old,
        new=new,
        comparison=compare(documents[0], documents[1]),
    )


@bp.get("/postmortems/<slug>/as-of/")
def find_as_of(slug: str) -> View:
    """Where the form of a day leads: `?on=2026-05-03`."""
    when = request.args.get("on", "").strip()
    if not when:
        return redirect(url_for("articles.revisions", slug=slug))
    return redirect(url_for("articles.as_of", slug=slug, when=when[:64]))


@bp.get("/postmortems/<slug>/as-of/<when>")
def as_of(slug: str, when: str) -> View:
    """What readers saw at the end of a UTC day, or at a time. Not kept: there are more such addresses than room."""
    user = user_of_request()
    article = queries.article_with_history(user, slug)
    published = history_queries.publications_of(article)
    try:
        span = span_named(when)
    except ValueError:
        return _nothing_then(
            article, published, "Name a day, such as 2026-05-03, or a time, such as 2026-05-03T09:30Z."
        )
    words = day_words(span.start) if span.is_day else utc_words(span.start)
    if span.start > clock.now():
        return _nothing_then(article, published, f"{words} has not come yet.")
    then = next((one for one in published if one.at < span.end), None)
    if then is None:
        first = f"It was first published {utc_words(published[-1].at)}" if published else "It was never published"
        return _nothing_then(article, published, f"{first}, so there was nothing to read on {words}.")
    page = queries.revision_page(user, slug, then.number)
    return _revision_page(user, page, then=(then, _then_words(span, words)))


def _then_words(span: Span, words: str) -> str:
    if not span.is_day:
        return f"at {words}"
    return f"on {words}, as far as that day has gone" if span.end > clock.now() else f"at the end of {words} (UTC)"


def _nothing_then(article: Article, published: list[Publication], reason: str) -> View:
    page = render_template(
        "articles/nothing_then.html", article=article, published=published, reason=reason, today=clock.now().date()
    )
    return make_response(page, 404)


def _revision_page(user: User | None, page: ArticlePage, *, then: tuple[Publication, str] | None = None) -> str:
    article, shown = page.article, page.revision
    published = history_queries.publications_of(article)
    return render_template(
        "articles/revision.html",
        reading=Reading(page),
        comments=None,
        is_live=article.state == ArticleState.PUBLISHED and shown.id == article.live_revision_id,
        can_edit=policy.can_edit(user, article),
        can_restore=policy.can_edit(user, article),
        published=published,
        own=next((one for one in published if one.number == shown.number), None),
        later=next((one for one in reversed(published) if one.number > shown.number), None),
        then=then,
    )


def _chosen(found: list[Revision], name: str) -> Revision | None:
    """The revision that the address names; None where it names none."""
    wanted = request.args.get(name)
    if wanted is None:
        return None
    for one in found:
        if str(one.number) == wanted:
            return one
    raise NotFound(f"There is no revision {wanted[:20]!r} of this write-up that you may read.")
