"""Remarking: what authors and reviewers say about single lines of a revision, answered and settled on its page."""

from blog import policy
from blog.accounts.models import User
from blog.articles.document import parse_document_text
from blog.articles.models import Article, Revision
from blog.editor import lines, remark_queries
from blog.editor.remark_models import Remark
from blog.errors import Conflict, Fault, Invalid, NotAllowed
from blog.extensions import db
from blog.journal.changes import record
from blog.lib import clock
from blog.lib.text import clean_text

MAX_TEXT = 4_000
MAX_REMARKS = 500  # on one revision, answers among them; its page shows them all


def make_remark(*, actor: User, revision: Revision, article: Article, path: str, line: int, text: str) -> Remark:
    """Say something about one line. Raises `Invalid` at `text`, and at `line` where the revision has no such line."""
    _require_remarker(actor, revision, article)
    quote = lines.line_at(lines.texts_of(parse_document_text(revision.document)), path, line)
    if quote is None:
        raise Invalid([Fault("line", "this revision has no such line")])
    remark = Remark(revision_id=revision.id, user_id=actor.id, path=path, line=line, quote=quote)
    return _said(remark, actor, text, "remark.made")


def answer_remark(*, actor: User, remark: Remark, revision: Revision, article: Article, text: str) -> Remark:
    """Answer a remark; `revision` is the one it was made on."""
    if not policy.can_settle_remark(actor, article):
        raise NotAllowed("Who works on this write-up answers remarks.")
    first_id = remark.answers_id or remark.id
    answer = Remark(
        revision_id=revision.id, user_id=actor.id, answers_id=first_id, path=remark.path, line=remark.line, quote=""
    )
    return _said(answer, actor, text, "remark.answered")


def resolve_remark(*, actor: User, remark: Remark, article: Article) -> None:
    """Say that nothing is left to do about it. Raises `Conflict` where somebody said so already."""
    _require_settler(actor, remark, article)
    if remark.resolved_at is not None:
        raise Conflict("Somebody settled this already.")
    remark.resolved_at, remark.resolved_by_id = clock.now(), actor.id
    record("remark.resolved", subject=remark, actor=actor, data={"revision": remark.revision_id})


def reopen_remark(*, actor: User, remark: Remark, article: Article) -> None:
    """Say that something is left after all."""
    _require_settler(actor, remark, article)
    if remark.resolved_at is None:
        raise Conflict("This is open already.")
    remark.resolved_at = remark.resolved_by_id = None
    record("remark.reopened", subject=remark, actor=actor, data={"revision": remark.revision_id})


def _require_remarker(actor: User, revision: Revision, article: Article) -> None:
    if not policy.can_remark(actor, revision, article):
        raise NotAllowed("Remarks are made by who works on the write-up, while the revision is not decided.")


def _require_settler(actor: User, remark: Remark, article: Article) -> None:
    if not policy.can_settle_remark(actor, article):
        raise NotAllowed("Who works on this write-up settles remarks.")
    if remark.answers_id is not None:
        raise Invalid("An answer is settled with the remark it answers.")


def _said(remark: Remark, actor: User, text: str, kind: str) -> Remark:
    remark.text = _kept(text)
    if remark_queries.count_on(remark.revision_id) >= MAX_REMARKS:
        raise Invalid([Fault("text", f"a revision has at most {MAX_REMARKS} remarks: put the rest into your verdict")])
    remark.created_at = clock.now()
    db.session.add(remark)
    db.session.flush()
    data = {"revision": remark.revision_id, "path": remark.path, "line": remark.line}
    record(kind, subject=remark, actor=actor, data=data)
    return remark


def _kept(text: str) -> str:
    try:
        kept = clean_text(text).strip()
    except ValueError as error:
        raise Invalid([Fault("text", str(error))]) from error
    if not kept:
        raise Invalid([Fault("text", "say something about this line")])
    if len(kept) > MAX_TEXT:
        raise Invalid([Fault("text", f"a remark is at most {MAX_TEXT} characters", is_too_long=True)])
    return kept
