"""Reads of follows and notices: one's own lists, and what each notice shows of what may be seen now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import parse_qs

from markupsafe import Markup
from sqlalchemy import func, select

from blog.accounts.models import User
from blog.articles.models import Article, ArticleState
from blog.comments.models import Comment, CommentState
from blog.comments.queries import visible_comments
from blog.extensions import db
from blog.lib.renderer import RENDERER_VERSION, render_comment
from blog.notifications.models import Follow, FollowKind, Notice, Pace
from blog.notifications.wording import ABOUT_ACCOUNT, ABOUT_OWN, NOTICES, WHY, WITH_COMMENT
from blog.taxonomy.models import Tag

PAGE = 50
NOTHING = Markup("")
SOMEBODY = "Somebody"  # began a thread that is not to be read any more
MANY = 99  # more unread ones are not counted


@dataclass(frozen=True)
class Shown:
    """A notice as it reads now. `address` is a path of the site; `name`, `said_at` and `html` are of a comment, where
    there is one to read; `why` says what is followed.
    """

    id: int
    kind: str
    at: datetime
    is_new: bool
    words: str
    address: str
    title: str
    name: str = ""
    said_at: datetime | None = None
    html: Markup = NOTHING
    reason: str = ""
    why: str = ""
    follow_id: int | None = None
    is_gone: bool = False  # nothing is left to read


@dataclass(frozen=True)
class Followed:
    """A follow with what it is of, in words, and where that is; `address` is empty where it is not there any more."""

    follow: Follow
    name: str
    address: str


def follow_of(user: User, kind: FollowKind, *, subject_ids: Sequence[int] = (0,), query: str = "") -> Follow | None:
    """This person's follow of any of these subjects."""
    wanted = select(Follow).where(
        Follow.user_id == user.id, Follow.kind == kind, Follow.subject_id.in_(subject_ids), Follow.query == query
    )
    return db.session.scalar(wanted.order_by(Follow.id).limit(1))


def own_follow(user: User, follow_id: int) -> Follow | None:
    """One of this person's own follows, by number."""
    return db.session.scalar(select(Follow).where(Follow.id == follow_id, Follow.user_id == user.id))


def count_follows(user: User, kind: FollowKind | None = None) -> int:
    own = select(func.count()).where(Follow.user_id == user.id)
    return db.session.scalar(own if kind is None else own.where(Follow.kind == kind)) or 0


def own_pace(user_id: int) -> Pace:
    """How fast somebody hears of replies, mentions and what becomes of their own comments."""
    wanted = select(Follow.pace).where(Follow.user_id == user_id, Follow.kind == FollowKind.SELF)
    return db.session.scalar(wanted) or Pace.AT_ONCE


def follows_of(user: User) -> list[Followed]:
    """All that somebody follows, newest first, without the entry about themselves."""
    wanted = select(Follow).where(Follow.user_id == user.id, Follow.kind != FollowKind.SELF)
    return _named(list(db.session.scalars(wanted.order_by(Follow.id.desc()))))


def notices_page(user: User, *, before: int | None = None) -> tuple[list[Shown], int | None]:
    """A page of what somebody was told, newest first, and the cursor of the older ones."""
    wanted = select(Notice).where(Notice.user_id == user.id).order_by(Notice.id.desc()).limit(PAGE + 1)
    if before is not None:
        wanted = wanted.where(Notice.id < before)
    rows = list(db.session.scalars(wanted))
    return shown(user, rows[:PAGE]), rows[PAGE - 1].id if len(rows) > PAGE else None


def count_new(user_id: int) -> int:
    """How many notices nobody looked at yet, up to `MANY`."""
    unseen = select(Notice.id).where(Notice.user_id == user_id, Notice.seen_at.is_(None)).limit(MANY + 1).subquery()
    return db.session.scalar(select(func.count()).select_from(unseen)) or 0


def shown(user: User, notices: Sequence[Notice]) -> list[Shown]:
    """What these notices say to this person now. Of what may not be seen any more, nothing is said but that it is gone;
    a comment that was hidden or taken back since is not read out.
    """
    comments = _comments(user, [one.comment_id for one in notices if one.kind in WITH_COMMENT and one.comment_id])
    articles = _articles([one.article_id for one in notices if one.article_id is not None])
    follows = _follows([one.follow_id for one in notices if one.follow_id])
    return [_shown(one, comments, articles, follows) for one in notices]


def _shown(
    notice: Notice,
    comments: Mapping[int, tuple[Comment, str]],
    articles: Mapping[int, Article],
    follows: Mapping[int, Followed],
) -> Shown:
    article = articles.get(notice.article_id or 0)
    followed = follows.get(notice.follow_id or 0)
    gone = Shown(
        notice.id,
        notice.kind,
        notice.at,
        is_new=notice.seen_at is None,
        words="This is not there any more",
        address="",
        title=article.title if article else "",
        reason=notice.reason,
        why=_filled(WHY[followed.follow.kind], title=followed.name) if followed and followed.address else "",
        follow_id=notice.follow_id,
        is_gone=True,
    )
    if notice.kind in ABOUT_ACCOUNT:
        return replace(gone, words=NOTICES[notice.kind], address="/account/comments", is_gone=False)
    if article is None:
        return gone
    template, address = NOTICES.get(notice.kind, NOTICES["about"]), f"/postmortems/{article.slug}"
    if notice.kind in ABOUT_OWN:
        address = f"/comments/{notice.comment_id}"
    if notice.kind not in WITH_COMMENT:
        return replace(gone, words=_filled(template, title=article.title), address=address, is_gone=False)
    said = comments.get(notice.comment_id or 0)
    if said is None:
        words = _filled("Something was said on “{title}”, and is not there any more", title=article.title)
        return replace(gone, words=words, address=address)
    comment, name = said
    return replace(
        gone,
        words=_filled(template, title=article.title, name=name),
        address=f"/comments/{comment.id}",
        is_gone=False,
        name=name,
        said_at=comment.created_at,
        html=_html(comment),
    )


def _filled(template: str, *, title: str, name: str = "") -> str:
    """One pass, and never `format`: what people wrote is a value."""
    parts = template.replace("{name}", "\x00n\x00").replace("{title}", "\x00t\x00").split("\x00")
    return "".join({"n": name, "t": title}.get(part, part) if place % 2 else part for place, part in enumerate(parts))


def _html(comment: Comment) -> Markup:
    html = comment.html if comment.renderer_version == RENDERER_VERSION else render_comment(comment.text).html
    return Markup(html)  # noqa: S704 - made by the renderer


def _comments(user: User, ids: Sequence[int]) -> dict[int, tuple[Comment, str]]:
    rows = db.session.execute(
        visible_comments(user).add_columns(User.name).join(User, User.id == Comment.user_id).where(Comment.id.in_(ids))
    )
    return {row[0].id: (row[0], row[1]) for row in rows}


def _articles(ids: Sequence[int]) -> dict[int, Article]:
    """Those that everybody may see, or that stand in another one or were taken back: their addresses say so."""
    known = (ArticleState.PUBLISHED, ArticleState.RETIRED, ArticleState.MERGED)
    rows = db.session.scalars(select(Article).where(Article.id.in_(ids), Article.state.in_(known)))
    return {one.id: one for one in rows}


def _follows(ids: Sequence[int]) -> dict[int, Followed]:
    rows = list(db.session.scalars(select(Follow).where(Follow.id.in_(ids))))
    return {one.follow.id: one for one in _named(rows)}


def _named(follows: Sequence[Follow]) -> list[Followed]:
    by_kind: dict[FollowKind, list[int]] = {}
    for one in follows:
        by_kind.setdefault(one.kind, []).append(one.subject_id)
    articles = _articles(by_kind.get(FollowKind.ARTICLE, []))
    tags = {one.id: one for one in db.session.scalars(select(Tag).where(Tag.id.in_(by_kind.get(FollowKind.TAG, []))))}
    threads = _threads(by_kind.get(FollowKind.THREAD, []))
    named = []
    for one in follows:
        name, address = "This is not there any more", ""
        if one.kind == FollowKind.ARTICLE and (article := articles.get(one.subject_id)):
            name, address = article.title, f"/postmortems/{article.slug}"
        elif one.kind == FollowKind.TAG and (tag := tags.get(one.subject_id)):
            name, address = tag.name, f"/tags/{tag.slug}"
        elif one.kind == FollowKind.THREAD and (title := threads.get(one.subject_id)):
            name, address = title, f"/comments/{one.subject_id}"
        elif one.kind == FollowKind.SEARCH:
            name, address = search_words(one.query), f"/search?{one.query}"
        named.append(Followed(one, name, address))
    return named


def _threads(ids: Sequence[int]) -> dict[int, str]:
    """First comment -> what its thread is called: who began it, on what."""
    wanted = select(Comment.id, User.name, Comment.state, Article.title).join(User, User.id == Comment.user_id)
    rows = db.session.execute(wanted.join(Article, Article.id == Comment.article_id).where(Comment.id.in_(ids)))
    return {
        number: f"{name if state == CommentState.VISIBLE else SOMEBODY} on “{title}”"
        for number, name, state, title in rows
    }


def thread_words(root_id: int) -> str:
    """What a thread is called, by its first comment."""
    return _threads([root_id]).get(root_id, "A thread")


def search_words(query: str) -> str:
    """The words of a search's address."""
    asked = parse_qs(query)
    words = " ".join(asked.pop("q", []))
    return " · ".join(filter(None, [words, *(f"{facet}: {slug}" for facet, slugs in asked.items() for slug in slugs)]))
