"""Acts of moderation for tests, done the way people do them."""

from typing import Any

from flask import Flask

from blog.accounts.models import User
from blog.comments.changes import set_state
from blog.comments.models import Comment, CommentState
from blog.extensions import db
from blog.lib.database import writing
from blog.moderation import act_queries, changes, flag_changes, suspension_changes, undo_changes
from blog.moderation.models import Act, Flag
from tests.people import MOSS, Person, join

ACTS = {
    "hide": changes.hide_comment,
    "restore": changes.restore_comment,
    "approve": changes.approve_comment,
    "keep": changes.keep_comment,
}


def moderate(
    app: Flask, verb: str, comment: Comment | int, *, by: Person = MOSS, reason: str = "", code: str = ""
) -> Act:
    """One act on a comment; its code fits the verb where none is given."""
    actor, number = join(app, by), comment if isinstance(comment, int) else comment.id
    chosen = code or ("other" if reason else "advertising" if verb == "hide" else "fine")
    with app.app_context(), writing(db.session):
        return ACTS[verb](actor=actor, comment=db.session.get_one(Comment, number), reason=reason, code=chosen)


def undo(app: Flask, act: Act, *, by: Person = MOSS) -> None:
    actor = join(app, by)
    with app.app_context(), writing(db.session):
        undo_changes.undo(actor=actor, act=act_queries.act_for(act.id))


def hold(app: Flask, comment: Comment, *, code: str = "flags") -> None:
    """Let it wait for a moderator, as a rule does."""
    with app.app_context(), writing(db.session):
        set_state(comment, CommentState.HELD, after=CommentState.VISIBLE, held_code=code)


def flag(app: Flask, comment: Comment, *, by: Person | User, code: str = "off-topic", words: str = "") -> Flag:
    actor = join(app, by) if isinstance(by, Person) else by
    with app.app_context(), writing(db.session):
        row = db.session.get_one(Comment, comment.id)
        return flag_changes.flag_comment(actor=actor, comment=row, code=code, words=words)


def suspend(app: Flask, person: Person, *, by: Person = MOSS, days: int = 3, **given: Any) -> Act:
    actor, whose = join(app, by), join(app, person)
    reason = {"code": "attack", "reason": "", **given}
    with app.app_context(), writing(db.session):
        row = db.session.get_one(User, whose.id)
        return suspension_changes.suspend(actor=actor, person=row, days=str(days), **reason)
