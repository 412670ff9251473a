"""What live revisions promise, projected: the facts of action items, and what write-ups name as related.

States of actions are no projection: rows are never removed, only marked as no longer promised.
"""

from datetime import date

from sqlalchemy import delete, insert

from blog.articles.document import Action, Document, parse_document_text
from blog.articles.models import Article
from blog.articles.queries import live_revision_of
from blog.extensions import db
from blog.followups import queries
from blog.followups.models import ActionItem, ActionState, RelatedWriteUp
from blog.journal.changes import record
from blog.journal.reactions import ACTIONS
from blog.journal.versions import move_names
from blog.lib import clock


def project_actions(article_id: int) -> None:
    """Make actions and relations of one write-up say what its live revision says; none unless it is published. Moves on
    the versions of the pages that show them, where anything changed.
    """
    revision = live_revision_of(article_id)
    document = parse_document_text(revision.document) if revision else None
    around = queries.related_ids(article_id)
    is_changed = _project_rows(article_id, document)
    if _project_relations(article_id, document):
        is_changed = True
        around |= queries.related_ids(article_id)
    if is_changed:
        move_names([ACTIONS, f"article {article_id}", *(f"article {number}" for number in around)])


def _project_rows(article_id: int, document: Document | None) -> bool:
    known = {item.row_id: item for item in queries.items_of(article_id)}
    stated = {str(action.id): action for action in document.actions} if document else {}
    promised_on = _promised_on(article_id) if stated.keys() - known.keys() else None
    for row_id, action in stated.items():
        item = known.get(row_id)
        if item is None:
            item = ActionItem(article_id=article_id, row_id=row_id, promised_on=promised_on)
            db.session.add(item)
        elif not item.is_live and item.text != action.text:
            _start_anew(item)
        _state_facts(item, action)
    for row_id in known.keys() - stated.keys():
        known[row_id].is_live = False
    is_changed = bool(db.session.new or db.session.dirty)
    db.session.flush()
    return is_changed


def _state_facts(item: ActionItem, action: Action) -> None:
    facts = {
        "text": action.text,
        "kind": action.kind.value if action.kind else "",
        "owner_role": action.owner_role,
        "promised_by": action.promised_by,
        "due_on": action.due_on,
        "is_live": True,
    }
    for name, value in facts.items():
        if getattr(item, name) != value:
            setattr(item, name, value)


def _start_anew(item: ActionItem) -> None:
    """The id of a row that was taken out came back with another promise: what became of the old one is not its own."""
    item.promised_on = _promised_on(item.article_id)
    if not item.step:
        return
    item.state, item.owner_id = ActionState.PROMISED, None
    item.closed_on = item.done_by_id = item.confirmed_by_id = item.confirmed_on = None
    item.evidence = item.evidence_url = item.done_text = item.reason = ""
    item.step += 1
    item.changed_at = clock.now()
    record("action.replaced", subject=item, data={"article": item.article_id})


def _promised_on(article_id: int) -> date:
    """The day on which what is live now went live."""
    article = db.session.get_one(Article, article_id)
    return (article.updated_at or article.published_at or clock.now()).date()


def _project_relations(article_id: int, document: Document | None) -> bool:
    slugs = {relation.target.partition("#")[0] for relation in document.relations} if document else set()
    if slugs == queries.targets_of(article_id):
        return False
    db.session.execute(delete(RelatedWriteUp).where(RelatedWriteUp.article_id == article_id))
    if slugs:
        rows = [{"article_id": article_id, "target_slug": slug} for slug in sorted(slugs)]
        db.session.execute(insert(RelatedWriteUp), rows)
    return True
