"""What a reader asks beside the page of a discussion: what is new on it, and what about it is their own."""

from flask import Response, flash, jsonify, redirect, render_template, request

from blog.accounts.access import signed_in
from blog.accounts.keeping import kept_answer
from blog.articles.queries import article_for
from blog.comments import mark_queries, reading, thread_queries, visit_changes, visit_queries
from blog.comments.views import View, blueprint
from blog.extensions import db
from blog.lib.database import writing
from blog.lib.pagination import page_number

MOST_TOLD = 50  # of what came while a page was open; who left it open for days hears of these


@blueprint.get("/postmortems/<slug>/comments/mine")
def mine(slug: str) -> Response:
    """For the script of the page, which is the same for many: which comments are new to this person, and which they
    marked. Without a script the page of new comments and that of each mark say it.
    """
    user = signed_in()
    article = article_for(user, slug)
    read_until = visit_queries.read_until(user, article)
    count, first = (0, None) if read_until is None else visit_queries.count_new(user, article, read_until)
    answer = jsonify(
        user=user.id,
        read_until=None if read_until is None else read_until.number,
        let_through=[] if read_until is None else visit_queries.let_through(article, read_until),
        new=count,
        first_new=first,
        marked=mark_queries.marked_on(user, article),
    )
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@blueprint.get("/postmortems/<slug>/comments/new")
def new(slug: str) -> View:
    """What others said since this person's last visit, as a list, oldest first."""
    user = signed_in()
    article = article_for(user, slug)
    read_until = visit_queries.read_until(user, article)
    found = None
    if read_until is not None:
        wanted = visit_queries.is_new(user, article, read_until)
        found = thread_queries.flat_page(wanted, page_number(request.args.get("page")))
    return render_template(
        "comments/new.html",
        article=article,
        found=found,
        newest=visit_queries.newest_on(article),
        shown=reading.shower(user, article, found.entries if found else []),
    )


@blueprint.post("/postmortems/<slug>/comments/read")
def note_read(slug: str) -> View:
    """`comment` is the newest one that was on the list."""
    comment_id = request.form.get("comment", 0, type=int)
    with writing(db.session):
        user = signed_in()
        article = article_for(user, slug)
        visit_changes.note_thread_visit(actor=user, article=article, read_id=comment_id, is_all=True)
    flash("Noted. What comes from now on will be marked for you. Only you learn of it.", "ok")
    return redirect(f"/postmortems/{article.slug}#comments", code=303)


@blueprint.get("/postmortems/<slug>/comments/newest")
def newest(slug: str) -> Response:
    """The newest comments, for pages that are open somewhere: asked again and again, so it is kept like a page."""
    article = article_for(None, slug)

    def make() -> Response:
        newest = thread_queries.newest_visible(article.id, most=MOST_TOLD)
        return jsonify(comments=[{"id": number, "user": user_id} for number, user_id in newest])

    return kept_answer((f"article {article.id}", f"thread {article.id}"), make, is_public=True)
