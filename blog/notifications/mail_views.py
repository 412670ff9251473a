"""The page of mail, for admins: what failed or is late, and the addresses that nothing is sent to."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from blog.accounts.access import signed_in
from blog.errors import Conflict
from blog.extensions import db
from blog.lib.database import writing
from blog.lib.mail import MailServer
from blog.notifications import message_changes, message_queries
from blog.notifications.views import blueprint
from blog.notifications.wording import MESSAGES, STATES
from blog.settings import current_settings


@blueprint.get("/account/mail")
def mail() -> ResponseReturnValue:
    return _page()


@blueprint.post("/account/mail/<int:message_id>/try-again")
def try_again(message_id: int) -> ResponseReturnValue:
    actor = signed_in()
    try:
        with writing(db.session):
            message_changes.try_again(actor=actor, message_id=message_id)
    except Conflict as refusal:
        return _page(refusal)
    flash("It is sent again within a minute.", "ok")
    return redirect(url_for("notifications.mail"), code=303)


def _page(problem: Conflict | None = None) -> ResponseReturnValue:
    found, settings = message_queries.mail_page(signed_in()), current_settings()
    page = render_template(
        "notifications/mail.html",
        found=found,
        server=MailServer.read(settings.mail_url).shown if settings.mail_url else "",
        sender=settings.sender,
        kinds=MESSAGES,
        states=STATES,
        problem=problem,
    )
    return page, problem.status if problem else 200
