"""Erasing a person: their words and their name go, their places in threads and in the journal stay."""

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, update

from blog import policy
from blog.accounts.models import ApiToken, Role, User
from blog.accounts.queries import is_last_admin
from blog.articles.document import Document
from blog.articles.models import Article, Revision, RevisionState
from blog.comments.models import Comment
from blog.errors import Conflict, NotAllowed
from blog.extensions import db
from blog.journal.changes import record
from blog.journal.models import Event, KeptAnswer
from blog.journal.versions import move_site
from blog.lib import clock
from blog.lib.database import overwrite_deleted
from blog.moderation.models import Appeal, AppealState
from blog.my_data import queries
from blog.my_data.holdings import ERASED_NAME, ERASED_TEXT, HOLDINGS, Fate

LAST_ADMIN = "This is the last admin. Make somebody else an admin first, or nobody could look after this site."
OPEN = (RevisionState.DRAFT, RevisionState.SUBMITTED, RevisionState.CHANGES_REQUESTED, RevisionState.APPROVED)
MANY = 500  # parameters of one statement


def note_export(*, actor: User) -> None:
    """Say in the journal that a person took their data along."""
    record(queries.EXPORTED, subject=actor, actor=actor)


def erase(*, person: User, actor: User | None, checked_hash: str | None = None) -> Event:
    """Take away what is known of a person, for good. `actor` None is the operator; one who erases themselves gives the
    hash that their password, asked for again, matched. What copies were made of it goes with the job that follows.

    Raises `NotAllowed`, and `Conflict` for the last admin, who was erased before, or whose password changed meanwhile.
    """
    if person.erased_at is not None:
        raise Conflict("This person was erased before.")
    if actor is not None and not policy.can_erase(actor, person):
        raise NotAllowed("People erase themselves, or ask an admin to.")
    if actor is not None and actor.id == person.id and actor.password_hash != checked_hash:
        raise Conflict("Your password was changed elsewhere meanwhile.")
    if is_last_admin(person):
        raise Conflict(LAST_ADMIN)
    overwrite_deleted(db.session)
    by_themselves = actor is not None and actor.id == person.id
    _take_off_bylines(person)
    _empty_drafts(queries.own_drafts(person))
    _uncount_comments(person)
    _take_marks_back(person)
    _forget_answers(queries.answers_naming([person.name, person.email]))
    _blank_account(person)
    _end_tokens(person)
    _close_appeals(person)
    _settle_holdings(person)
    move_site()  # their name stood on more pages than could be named one by one
    return record("account.erased", subject=person, actor=actor, data={"own": by_themselves})


def _take_off_bylines(person: User) -> None:
    for byline in queries.bylines_of(person):
        names = byline_without(byline.names, person.name, byline.others, is_imported=byline.is_imported)
        if names != list(byline.names):
            db.session.execute(update(Article).where(Article.id == byline.article_id).values(authors=names))


def byline_without(names: Sequence[str], name: str, others: Sequence[str], *, is_imported: bool) -> list[str]:
    """A byline without this name. It keeps names as they were: one that is neither this nor of the others may be
    theirs from before they changed it, so the others stand with the names they have now.
    """
    if name in names:
        return list(dict.fromkeys(ERASED_NAME if one == name else one for one in names))
    former = [one for one in names if one not in others]
    if not former or is_imported:  # an import brings names of people who have no account
        return list(names)
    known = [one for one in names if one in others]
    renamed = [one for one in others if one not in known][: len(former) - 1]
    return list(dict.fromkeys([*known, *renamed, ERASED_NAME]))


def _empty_drafts(article_ids: Sequence[int]) -> None:
    """What nobody but its writer had a part in is theirs alone: the number stays, the text goes."""
    document = Document(title="Erased draft", body=ERASED_TEXT)
    said = {"title": document.title, "summary": ""}
    blank = {
        "title": document.title, "document": document.canonical(), "document_hash": document.hash, "note": "",
        "public_note": None, "rendered": None, "renderer_version": "", "publish_at": None,
    }  # fmt: skip
    for start in range(0, len(article_ids), MANY):
        some = article_ids[start : start + MANY]
        db.session.execute(update(Article).where(Article.id.in_(some)).values(**said, card={}))
        of_these = update(Revision).where(Revision.article_id.in_(some))
        db.session.execute(of_these.values(**blank))
        db.session.execute(of_these.where(Revision.state.in_(OPEN)).values(state=RevisionState.DISCARDED))


def _uncount_comments(person: User) -> None:
    fewer = update(Article).where(Article.id == bindparam("article"))
    fewer = fewer.values(comment_count=Article.comment_count - bindparam("number"))
    if counts := queries.visible_by_article(person):
        rows = [{"article": article_id, "number": number} for article_id, number in counts.items()]
        db.session.connection().execute(fewer, rows)


def _take_marks_back(person: User) -> None:
    fewer = update(Comment).where(Comment.id.in_(queries.marked_by(person)))
    db.session.execute(fewer.values(useful_count=Comment.useful_count - 1))


def _forget_answers(keys: Sequence[str]) -> None:
    for start in range(0, len(keys), MANY):
        db.session.execute(delete(KeptAnswer).where(KeptAnswer.key_hash.in_(keys[start : start + MANY])))


def _blank_account(person: User) -> None:
    """The row stays, because others point to it. Its keys begin with a blank, as nothing that is typed does."""
    person.name, person.email, person.about = ERASED_NAME, "", ""
    person.name_key = person.email_key = f" {person.id}"
    person.password_hash, person.role = None, Role.MEMBER
    person.erased_at = clock.now()
    person.disabled_at = person.disabled_at or person.erased_at
    db.session.flush()


def _end_tokens(person: User) -> None:
    open_ones = update(ApiToken).where(ApiToken.user_id == person.id, ApiToken.revoked_at.is_(None))
    db.session.execute(open_ones.values(revoked_at=clock.now()))


def _close_appeals(person: User) -> None:
    """Nobody waits for an answer any more."""
    waiting = update(Appeal).where(Appeal.user_id == person.id, Appeal.state == AppealState.OPEN)
    db.session.execute(waiting.values(state=AppealState.MOOT))


def _settle_holdings(person: User) -> None:
    for holding in HOLDINGS:
        table, mine = queries.table_of(holding), queries.is_of(holding, person)
        if holding.fate == Fate.GO:
            db.session.execute(delete(table).where(mine))
        elif holding.blank:
            db.session.execute(update(table).where(mine).values(**holding.blank))
