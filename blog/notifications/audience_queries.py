"""Reads of who is to be told of an event, and why: at most so many at a time, and nobody of their own acts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from blog.accounts.models import User
from blog.accounts.proof_models import Mailbox
from blog.articles.address_models import Merge
from blog.articles.address_queries import tree_of
from blog.articles.models import Article, ArticleState, Revision
from blog.comments.models import Comment, CommentState
from blog.extensions import db
from blog.journal.models import Event, Job
from blog.journal.reactions import INDEX
from blog.notifications.models import Follow, FollowKind, Notice, Pace
from blog.notifications.wording import STRENGTH
from blog.taxonomy.models import Tag

SAME_MOMENT = timedelta(seconds=1)  # events know the second; what happened before somebody followed is not news
MOST = 200  # people told by one job; the next one goes on with the others

SAID = {"comment.posted", "comment.approved"}
OWN = {  # what was done about somebody's comment -> the kind of notice that its writer gets
    "comment.approved": "approved",
    "comment.hidden": "hidden",
    "comment.put_aside": "set-aside",
    "comment.restored": "restored",
    "comment.appeal_granted": "appeal-granted",
    "comment.appeal_refused": "appeal-refused",
    "comment.act_undone": "about",
    "comment.answered": "answered",
    "comment.accepted": "accepted",
    "comment.declined": "declined",
}
ACCOUNT = {
    "account.suspended": "suspended",
    "account.suspension_ended": "suspension-ended",
    "account.suspension_upheld": "suspension-upheld",
}
FASTEST = {Pace.AT_ONCE: 0, Pace.DAILY: 1, Pace.SITE: 2}


@dataclass(frozen=True, slots=True)
class Telling:
    """One person and one reason. `follow_id` is None for what concerns themselves."""

    user_id: int
    kind: str
    pace: Pace
    follow_id: int | None = None


@dataclass(frozen=True)
class Audience:
    """Whom an event is told, one entry a person; `is_whole` is False where others are left for the next job."""

    tellings: Sequence[Telling] = ()
    article_id: int | None = None
    comment_id: int | None = None
    reason: str = ""
    is_whole: bool = True


@dataclass
class _Found:
    """Reasons by person, of which the strongest words and the fastest pace are taken."""

    by_person: dict[int, list[Telling]] = field(default_factory=dict)

    def add(self, telling: Telling) -> None:
        self.by_person.setdefault(telling.user_id, []).append(telling)

    def merged(self) -> list[Telling]:
        tellings = []
        for user_id, reasons in self.by_person.items():
            fastest = min(reasons, key=lambda one: FASTEST[one.pace])
            strongest = min(reasons, key=lambda one: STRENGTH.get(one.kind, len(STRENGTH)))
            tellings.append(Telling(user_id, strongest.kind, fastest.pace, fastest.follow_id))
        return tellings


def quiet_events(event_ids: Sequence[int]) -> set[int]:
    """Those of these events that nobody can be told of: first comments that name nobody, where nobody follows the
    write-up. Most are, so they are found together, in few statements.
    """
    posted = select(Event.id, Event.data, Comment.id, Comment.root_id, Comment.article_id)
    posted = posted.join(Comment, and_(Comment.id == Event.subject_id, Comment.parent_id.is_(None)))
    rows = db.session.execute(posted.where(Event.id.in_(event_ids), Event.kind == "comment.posted")).all()
    trees = _trees_of({row.article_id for row in rows})
    articles = set().union(*trees.values()) if trees else set[int]()
    threads = {row[2] for row in rows}
    followed = select(Follow.kind, Follow.subject_id).where(
        or_(
            and_(Follow.kind == FollowKind.ARTICLE, Follow.subject_id.in_(articles)),
            and_(Follow.kind == FollowKind.THREAD, Follow.subject_id.in_(threads)),
        )
    )
    known = {(str(kind), number) for kind, number in db.session.execute(followed.distinct())}
    return {
        row[0]
        for row in rows
        if not row.data.get("mentions")
        and ("thread", row[2]) not in known
        and not any(("article", number) in known for number in trees[row.article_id])
    }


def _trees_of(article_ids: set[int]) -> dict[int, set[int]]:
    """`tree_of` each, in one statement where nothing stands in any of them, as is so for most."""
    into = set(db.session.scalars(select(Merge.into_id).where(Merge.into_id.in_(article_ids))))
    return {number: tree_of(number) if number in into else {number} for number in article_ids}


def audience_of(event: Event) -> Audience:
    """Everybody who is to hear of this event and has no notice of it yet."""
    if event.subject_type == "comment":
        return _of_comment(event)
    if event.subject_type == "article":
        return _of_article(event)
    if event.kind in ACCOUNT:
        return _of_account(event)
    return Audience()


def _of_comment(event: Event) -> Audience:
    comment = db.session.get(Comment, event.subject_id)
    article = db.session.get(Article, comment.article_id) if comment else None
    if comment is None or article is None or article.state != ArticleState.PUBLISHED:
        return Audience()
    found = _Found()
    is_whole = True
    if event.kind in OWN:
        for user_id, pace in _own_paces([comment.user_id], event).items():
            found.add(Telling(user_id, OWN[event.kind], pace))
    if comment.state == CommentState.VISIBLE:
        for user_id, kind in _named_in(comment, event).items():
            for person, pace in _own_paces([user_id], event).items():
                found.add(Telling(person, kind, pace))
        if event.kind in SAID:
            wanted = or_(
                and_(Follow.kind == FollowKind.ARTICLE, Follow.subject_id.in_(tree_of(article.id))),
                and_(Follow.kind == FollowKind.THREAD, Follow.subject_id == (comment.root_id or comment.id)),
            )
            if event.kind == "comment.approved":
                wanted = and_(wanted, _not_told_before(comment, event))
            kinds = {FollowKind.ARTICLE: "comment", FollowKind.THREAD: "thread"}
            is_whole = _add_followers(found, event, wanted, kinds, but=comment.user_id)
    return Audience(found.merged(), article.id, comment.id, event.reason if event.kind in OWN else "", is_whole)


def _not_told_before(comment: Comment, event: Event) -> ColumnElement[bool]:
    """Of a comment that is let through: who followed when everybody could read it first, and did not hear of it then.
    It may have been flagged, or held after an edit.
    """
    said = select(func.min(Event.at)).where(Event.subject_type == "comment", Event.subject_id == comment.id)
    first_at = db.session.scalar(said.where(Event.kind.in_(SAID))) or event.at
    heard = exists().where(Notice.user_id == Follow.user_id, Notice.comment_id == comment.id)
    return and_(Follow.created_at < first_at + SAME_MOMENT, ~heard)


def _named_in(comment: Comment, event: Event) -> dict[int, str]:
    """Who is answered or mentioned: person -> kind of notice. Of what was there before, who was not called then."""
    if event.kind not in SAID | {"comment.edited"}:
        return {}
    mentions = list(event.data.get("mentions", []))
    if event.kind == "comment.approved":  # it was held when it was posted
        earlier = select(Event.data).where(Event.subject_type == "comment", Event.subject_id == comment.id)
        for data in db.session.scalars(earlier.where(Event.id < event.id)):
            mentions += data.get("mentions", [])
    named = {int(user_id): "mention" for user_id in mentions if user_id != comment.user_id}
    if event.kind in SAID and comment.parent_id is not None:
        answered = db.session.scalar(select(Comment.user_id).where(Comment.id == comment.parent_id))
        if answered is not None and answered != comment.user_id:
            named[answered] = "reply"
    if event.kind != "comment.posted":
        for user_id in _told_of(comment, list(named)):
            del named[user_id]
    return named


def _told_of(comment: Comment, user_ids: Sequence[int]) -> list[int]:
    """Those of these people who heard of this comment before: nobody is called again by a name put out and in."""
    wanted = select(Notice.user_id).where(Notice.comment_id == comment.id, Notice.user_id.in_(user_ids))
    return list(db.session.scalars(wanted.distinct())) if user_ids else []


def _of_article(event: Event) -> Audience:
    article = db.session.get(Article, event.subject_id)
    if article is None or article.state == ArticleState.DRAFT:
        return Audience()
    found, reason = _Found(), event.reason
    if event.kind == "article.published" and is_first(event):
        slugs = [slug for slug, _ in article.card.get("tags", [])]
        tags = select(Tag.id).where(Tag.slug.in_(slugs))
        wanted = and_(Follow.kind == FollowKind.TAG, Follow.subject_id.in_(tags))
        is_whole = _add_followers(found, event, wanted, {FollowKind.TAG: "published"})
    else:
        if event.kind == "article.published":
            reason = _public_note(event)
        kind = {"article.published": "corrected", "article.retired": "retired", "article.merged": "merged"}[event.kind]
        wanted = and_(Follow.kind == FollowKind.ARTICLE, Follow.subject_id.in_(tree_of(article.id)))
        is_whole = _add_followers(found, event, wanted, {FollowKind.ARTICLE: kind})
    return Audience(found.merged(), article.id, None, reason, is_whole)


def searches_of(event: Event, *, after: int, most: int) -> list[Follow]:
    """Followed searches, by number, whose people may hear of this event."""
    wanted = (
        select(Follow)
        .join(User, User.id == Follow.user_id)
        .where(Follow.kind == FollowKind.SEARCH, Follow.id > after, *_may_hear(event))
        .where(Follow.created_at < event.at + SAME_MOMENT)
        .order_by(Follow.id)
        .limit(most)
    )
    return list(db.session.scalars(wanted))


def is_first(event: Event) -> bool:
    """Whether this write-up went live for the first time."""
    earlier = select(Event.id).where(
        Event.subject_type == "article", Event.subject_id == event.subject_id, Event.id < event.id
    )
    return db.session.scalar(earlier.where(Event.kind.in_(("article.published", "article.imported"))).limit(1)) is None


def is_indexing(article_id: int) -> bool:
    """Whether the search does not know this write-up as it is now."""
    waiting = select(Job.id).where(Job.kind == INDEX, Job.subject_type == "article", Job.subject_id == article_id)
    return db.session.scalar(waiting.where(Job.failed_at.is_(None)).limit(1)) is not None


def _of_account(event: Event) -> Audience:
    """What was done about somebody, told to them alone."""
    paces = _own_paces([event.subject_id], event)
    tellings = [Telling(user_id, ACCOUNT[event.kind], pace) for user_id, pace in paces.items()]
    return Audience(tellings, None, None, event.reason)


def _public_note(event: Event) -> str:
    wanted = select(Revision.public_note).where(Revision.id == event.data.get("revision", 0))
    return db.session.scalar(wanted) or ""


def _add_followers(
    found: _Found, event: Event, wanted: ColumnElement[bool], kinds: dict[FollowKind, str], *, but: int = 0
) -> bool:
    """Up to `MOST` people; False where there are more."""
    follows = (
        select(Follow.user_id, Follow.kind, Follow.pace, Follow.id)
        .join(User, User.id == Follow.user_id)
        .where(wanted, *_may_hear(event), Follow.user_id != but, Follow.created_at < event.at + SAME_MOMENT)
        .order_by(Follow.user_id, Follow.id)
        .limit(MOST + 1)
    )
    rows: Sequence[Any] = db.session.execute(follows).all()
    is_whole = len(rows) <= MOST
    if not is_whole:  # all rows of the last person are for the next job, which may see more of them
        last = rows[-1].user_id
        rows = [row for row in rows if row.user_id != last] or rows
    for row in rows:
        found.add(Telling(row.user_id, kinds[row.kind], row.pace, row.id))
    return is_whole


def _own_paces(user_ids: Sequence[int], event: Event) -> dict[int, Pace]:
    """Those of these people who may hear of it, with how fast they want to hear of what concerns themselves."""
    of_self = and_(Follow.user_id == User.id, Follow.kind == FollowKind.SELF)
    wanted = select(User.id, Follow.pace).outerjoin(Follow, of_self).where(User.id.in_(user_ids), *_may_hear(event))
    return {user_id: pace or Pace.AT_ONCE for user_id, pace in db.session.execute(wanted)}


def _may_hear(event: Event) -> Iterable[ColumnElement[bool]]:
    """Active people who did not do it themselves, and were not told yet."""
    told = exists().where(Notice.user_id == User.id, Notice.event_id == event.id)
    return (User.disabled_at.is_(None), User.id != (event.actor_id or 0), ~told)


def still_to_tell(event: Event, user_ids: Sequence[int]) -> list[int]:
    """Those of these people who may hear of it and have no notice of it."""
    return list(db.session.scalars(select(User.id).where(User.id.in_(user_ids), *_may_hear(event)).order_by(User.id)))


def reached_by_mail(user_ids: Sequence[int]) -> set[int]:
    """Those of these people whose address is verified and takes mail."""
    holds = and_(Mailbox.address == User.email, Mailbox.verified_at.is_not(None), Mailbox.stopped_at.is_(None))
    wanted = select(User.id).join(Mailbox, and_(Mailbox.user_id == User.id, holds)).where(User.id.in_(user_ids))
    return set(db.session.scalars(wanted))
