"""Action items as the live revisions state them: a projection, made anew whenever a revision goes live."""

from sqlalchemy import delete, insert

from blog.articles.document import parse_document_text
from blog.articles.queries import live_revision_of
from blog.extensions import db
from blog.followups.models import ActionItem


def project_actions(article_id: int) -> None:
    """Make the action items of one write-up say what its live revision says; none unless it is published."""
    db.session.execute(delete(ActionItem).where(ActionItem.article_id == article_id))
    revision = live_revision_of(article_id)
    if revision is None:
        return
    rows = [
        {
            "article_id": article_id,
            "row_id": action.id,
            "text": action.text,
            "kind": action.kind.value if action.kind else "",
            "owner_role": action.owner_role,
            "promised_by": action.promised_by,
            "due_on": action.due_on,
        }
        for action in parse_document_text(revision.document).actions
    ]
    if rows:
        db.session.execute(insert(ActionItem), rows)
