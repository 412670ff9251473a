"""What a sent comment form tells of programs, the work that a browser does for one, and the page of what waits."""

from dataclasses import dataclass

from flask import Blueprint, jsonify, render_template, request
from werkzeug.wrappers import Response

from blog.accounts.access import signed_in
from blog.accounts.models import User
from blog.comments import hold_changes, hold_queries, reading, spam_checks
from blog.comments.models import Comment
from blog.errors import NotFound
from blog.extensions import client_address
from blog.lib.addresses import network_of
from blog.lib.once import Once
from blog.lib.rate_limits import count, rates
from blog.settings import current_settings

blueprint = Blueprint("comment_holds", __name__)


@dataclass
class SentForm:
    """What the form of this request tells. Use `traps` in the transaction that writes: work is spent there."""

    found: list[str]
    proof: Once | None

    def traps(self) -> list[str]:
        if not current_settings().proof_of_work:
            return self.found
        return [*self.found, *hold_changes.use_proof(self.proof)]


def sent_form(user: User) -> SentForm:
    """Look at the form before anything is written. Raises `TooMany` for too many comments from one address."""
    count(rates(current_settings().comment_address_rates), "comments", network_of(client_address()))
    is_asked = current_settings().proof_of_work
    return SentForm(spam_checks.traps_of(request.form), spam_checks.proof_of(user, request.form) if is_asked else None)


@blueprint.get("/comments/challenge")
def challenge() -> Response:
    """Work for a browser that is about to send a comment; every answer is another one."""
    user = signed_in()
    if not current_settings().proof_of_work:
        raise NotFound("This site asks for no work.")
    return jsonify(spam_checks.new_challenge(user))


def waiting_page(user: User, comment: Comment) -> str:
    """Where the permalink of a comment leads while it waits: for its writer, and for moderators."""
    found = hold_queries.waiting(comment.id)
    return render_template(
        "comments/waiting.html",
        article=found.article,
        comment=found,
        is_own=user.id == found.user_id,
        shown=reading.waiting_html(user, found),
    )
