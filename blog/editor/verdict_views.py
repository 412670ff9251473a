"""Verdicts on a revision: it is submitted, taken back, approved, or sent back with a reason."""

from datetime import datetime

from flask import request
from flask.typing import ResponseReturnValue

from blog import policy
from blog.accounts.models import User
from blog.articles.models import Revision, RevisionState
from blog.editor import publishing, reviewing
from blog.editor.check_forms import typed_waivers
from blog.editor.desk_views import editor
from blog.editor.review_views import decide, typed


@editor.post("/revisions/<int:revision_id>/submit")
def submit(revision_id: int) -> ResponseReturnValue:
    def change(user: User, revision: Revision) -> str:
        reviewing.submit(
            actor=user,
            revision=revision,
            article=revision.article,
            note=typed("note"),
            public_note=typed("public_note"),
            waivers=typed_waivers(request.form),
        )
        return "Waiting for a review by somebody who did not write it."

    return decide(revision_id, change, field="submit")


@editor.post("/revisions/<int:revision_id>/recall")
def recall(revision_id: int) -> ResponseReturnValue:
    def change(user: User, revision: Revision) -> str:
        reviewing.recall(actor=user, revision=revision, article=revision.article)
        return "Taken back. It is a draft again, and nobody is asked to review it."

    return decide(revision_id, change)


@editor.post("/revisions/<int:revision_id>/approve")
def approve(revision_id: int) -> ResponseReturnValue:
    def change(user: User, revision: Revision) -> str:
        reviewing.approve(
            actor=user,
            revision=revision,
            document_hash=typed("hash"),
            reason=typed("reason"),
            asked_at=request.form.get("asked_at", type=datetime.fromisoformat),
        )
        if "publish" in request.form and policy.can_publish(user, revision):
            publishing.publish(actor=user, revision=revision, article=revision.article)
            return "Approved and published. Everybody can read it now."
        if revision.state == RevisionState.APPROVED:
            return "Approved. A reviewer can publish it now, or say when."
        return "Your approval counts. It takes more of them before this can be published."

    return decide(revision_id, change, field="approve")


@editor.post("/revisions/<int:revision_id>/request-changes")
def request_changes(revision_id: int) -> ResponseReturnValue:
    def change(user: User, revision: Revision) -> str:
        reviewing.request_changes(actor=user, revision=revision, reason=typed("reason"))
        return "Sent back to its authors with your words."

    return decide(revision_id, change, field="changes")
