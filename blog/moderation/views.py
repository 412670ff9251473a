"""The pages of moderation: the queues, one comment, the acts on comments, and the log that everybody can read."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from blog import policy
from blog.accounts.access import signed_in
from blog.accounts.models import User
from blog.comments.models import Comment
from blog.comments.queries import comment_for
from blog.comments.reading import KIND_WORDS
from blog.comments.wording import rules_in
from blog.errors import Busy, Conflict, HindsightError, Invalid, NotAllowed, NotFound
from blog.extensions import db
from blog.lib.database import writing
from blog.lib.row_numbers import MAX_ROW_NUMBER, row_number
from blog.moderation import act_queries, appeal_queries, changes, entry_queries, log_queries, queries, vocabulary
from blog.moderation.forms import Typed, chosen
from blog.moderation.queries import Queue
from blog.moderation.vocabulary import Verb
from blog.moderation.wording import held_words, record_words, waits_words

blueprint = Blueprint("moderation", __name__)

View = str | Response
COMMENT = f"<int(min=1, max={MAX_ROW_NUMBER}):comment_id>"
ACTS: dict[str, Callable[..., Any]] = {
    Verb.APPROVE: changes.approve_comment,
    Verb.HIDE: changes.hide_comment,
    Verb.KEEP: changes.keep_comment,
    Verb.RESTORE: changes.restore_comment,
}
DONE = {Verb.APPROVE: "approved", Verb.HIDE: "hidden", Verb.KEEP: "left as they are", Verb.RESTORE: "restored"}


@blueprint.context_processor
def words() -> dict[str, Any]:
    return {
        "vocabulary": vocabulary,
        "held_words": held_words,
        "waits_words": waits_words,
        "rules_in": rules_in,
        "kind_words": KIND_WORDS,
        "record_words": record_words,
    }


@blueprint.get("/moderation/")
def queue() -> View:
    return _queue_page(signed_in())


@blueprint.post("/moderation/act")
def act_on_many() -> View:
    """One act on every comment that was ticked. What somebody else changed meanwhile is left and counted."""
    user, typed = signed_in(), Typed.of(request.form)
    if not policy.can_moderate(user):
        raise NotAllowed("Moderators look after comments; you are not one.")
    try:
        numbers, change = chosen(request.form, "comment", what="comments"), _change_named(typed.verb)
        done = left = 0
        with writing(db.session):
            for number in numbers:
                try:
                    change(actor=user, comment=_as_seen(user, number), **_reason())
                    done += 1
                except (Conflict, NotAllowed, NotFound):
                    left += 1
    except (Invalid, Busy) as refusal:
        return make_response(_queue_page(user, typed=Typed.of(request.form, refusal=refusal)), refusal.status)
    _tell(f"{done} comment{'' if done == 1 else 's'} {DONE[Verb(typed.verb)]}.", left)
    return redirect(back_to_queue(), code=303)


@blueprint.get("/moderation/log")
def log() -> View:
    entries, older = log_queries.public_log(before=queries.cursor(request.args.get("before")))
    return render_template("moderation/log.html", entries=entries, older=older)


@blueprint.get(f"/moderation/comments/{COMMENT}")
def comment(comment_id: int) -> View:
    return _page(signed_in(), comment_id)


@blueprint.post(f"/moderation/comments/{COMMENT}/<any(approve, hide, keep, restore):verb>")
def act(comment_id: int, verb: str) -> View:
    user = signed_in()
    try:
        with writing(db.session):
            ACTS[verb](actor=user, comment=_as_seen(user, comment_id), **_reason())
    except (Invalid, Conflict, Busy) as refusal:
        typed = Typed.of(request.form, number=comment_id, refusal=refusal)
        again = entry_html if wants_part() else _page
        return make_response(again(user, comment_id, typed=typed), refusal.status)
    if wants_part():
        return entry_html(user, comment_id)
    if "queue" in request.form:
        flash("Done. It stands under “Done”, where you can undo it.", "ok")
        return redirect(back_to_queue(), code=303)
    return redirect(url_for("moderation.comment", comment_id=comment_id), code=303)


def wants_part() -> bool:
    """Whether a script asks for the one entry that changed; a browser without it gets whole pages."""
    return request.headers.get("X-Requested-With") == "fetch"


def entry_html(user: User, comment_id: int, *, typed: Typed | None = None) -> str:
    """One comment of a list, drawn anew."""
    seen = act_queries.newest_event()
    entry = entry_queries.queue_entry(user, comment_id)
    queue = request.form.get("queue", "")
    return render_template("moderation/_entry.html", entry=entry, typed=typed or Typed(), queue=queue, seen=seen)


def refused(refusal: HindsightError) -> str:
    """Why, on one line."""
    if isinstance(refusal, Invalid) and refusal.faults:
        return " ".join(fault.reason for fault in refusal.faults)
    return refusal.message


def _change_named(verb: str) -> Callable[..., Any]:
    if verb not in ACTS:
        raise Invalid("Choose what to do with them.")
    return ACTS[verb]


def _as_seen(user: User, comment_id: int) -> Comment:
    """The comment, as the page showed it. Raises `Conflict` where it says something else by now."""
    found = comment_for(user, comment_id)
    changes.require_as_seen(found, row_number(request.form.get("seen", "")))
    return found


def _reason() -> dict[str, str]:
    """The reason of a form. One without a choice of codes says it in words."""
    code = {"code": request.form["code"]} if request.form.get("code") else {}
    return {"reason": request.form.get("reason", ""), **code}


def _queue_page(user: User, *, typed: Typed | None = None) -> str:
    seen, sizes = act_queries.newest_event(), queries.queue_sizes(user)
    name = request.form.get("queue") or request.args.get("queue") or _first(sizes)
    wanted, state = queries.queue_named(name), request.args.get("state", "")
    given: dict[str, Any] = {"sizes": sizes, "queue": name, "typed": typed or Typed(), "state": state, "seen": seen}
    after = queries.cursor(request.args.get("after"), "after")
    if wanted == Queue.APPEALS:
        appeals, more = appeal_queries.open_appeals(user, after=after)
        return render_template("moderation/queue.html", **given, appeals=appeals, entries=[], next=more)
    before = queries.cursor(request.args.get("before"))
    found = (
        queries.all_comments(user, state=state, before=before)
        if wanted is None
        else queries.waiting(user, wanted, after=after)
    )
    return render_template("moderation/queue.html", **given, entries=found.entries, next=found.next)


def _first(sizes: dict[Queue, int]) -> str:
    """The queue that the bare address shows: the first in which something waits."""
    if {"state", "before"} & set(request.args):
        return "all"
    return next((queue for queue in Queue if sizes[queue]), "all")


def _page(user: User, comment_id: int, *, typed: Typed | None = None) -> str:
    seen, entry = act_queries.newest_event(), entry_queries.queue_entry(user, comment_id)
    history, _ = log_queries.public_log(comment_id=comment_id)
    return render_template(
        "moderation/comment.html",
        entry=entry,
        history=history,
        typed=typed or Typed(),
        sizes=queries.queue_sizes(user),
        seen=seen,
    )


def _tell(done: str, left: int) -> None:
    flash(done + " They stand under “Done”, where you can undo them, one by one or together.", "ok")
    if left:
        was = "1 comment was" if left == 1 else f"{left} comments were"
        flash(f"{was} left: somebody else acted first, or it is your own, or this cannot be done with it.", "warning")


def back_to_queue() -> str:
    """The queue that the form stood in."""
    return url_for("moderation.queue", queue=queries.queue_named(request.form.get("queue") or "all") or "all")
