"""Followed searches: once the index knows a new write-up, each search is asked whether it finds that one."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from urllib.parse import parse_qs

from blog.articles.models import Article, ArticleState
from blog.errors import Busy, HindsightError
from blog.extensions import db
from blog.journal.changes import add_jobs_later
from blog.journal.models import Event
from blog.journal.reactions import MATCH
from blog.journal.worker import ClaimedJob, Handler
from blog.lib import clock
from blog.lib.database import end_reading, writing
from blog.notifications import audience_queries, notice_changes
from blog.notifications.audience_queries import Audience, Telling
from blog.notifications.event_queries import event as event_numbered
from blog.notifications.models import Follow
from blog.search.browsing import Search, read_search
from blog.search.document_queries import article_key
from blog.search.engine import IndexUnavailable, SearchEngine
from blog.search.engines import current_engine
from blog.search.language import Query, QueryTooLong, parse

MOST = 100  # follows that one job looks at; the next one goes on behind them


def match(jobs: Sequence[ClaimedJob]) -> None:
    """Tell those who follow a search that it finds what was published for the first time just now."""
    for job in jobs:
        event = event_numbered(job.event_id)
        article = db.session.get(Article, event.subject_id) if event else None
        if event is None or article is None or article.state != ArticleState.PUBLISHED:
            continue
        if not audience_queries.is_first(event):
            continue
        after = job.subject_id if job.subject_type == "follow" else 0
        follows = audience_queries.searches_of(event, after=after, most=MOST)
        if follows:
            _match(event, article, follows)
    end_reading(db.session)


def _match(event: Event, article: Article, follows: Sequence[Follow]) -> None:
    if audience_queries.is_indexing(article.id):
        raise Busy("The search does not know this write-up yet.")
    try:
        finding = _finding({row.query for row in follows}, article)
    except IndexUnavailable as error:
        raise Busy(f"The searches cannot be asked: {error}") from error
    told = {row.user_id: Telling(row.user_id, "found", row.pace, row.id) for row in follows if row.query in finding}
    last = follows[-1].id if len(follows) == MOST else 0
    if not told and not last:
        return
    with writing(db.session):
        fresh = audience_queries.still_to_tell(event, list(told))
        audience = Audience([told[user_id] for user_id in fresh], article.id)
        notice_changes.tell(event, audience)
        if last:
            add_jobs_later(MATCH, event_id=event.id, subject_type="follow", subject_ids=[last], run_at=clock.now())


def _finding(addresses: Iterable[str], article: Article) -> set[str]:
    """Those of these searches that find the write-up."""
    engine = current_engine()
    return {address for address in addresses if _finds(engine, address, article)}


def _finds(engine: SearchEngine, address: str, article: Article) -> bool:
    """Whether the write-up itself has all that is asked for. It is looked for among what was published in its second,
    part by part: where few write-ups have all the words of a search, the engine also gives those with some.
    """
    try:
        search = read_search(parse_qs(address))
        query = parse(search.text)
    except (QueryTooLong, HindsightError):
        return False
    if article.published_at is None or query.is_lost:
        return False
    at = int(article.published_at.timestamp())
    if not (query.after or at) <= at < (query.before or at + 1):
        return False
    narrow = replace(query, after=at, before=at + 1)
    parts = [replace(narrow, groups=(group,)) for group in query.groups] or [narrow]
    return all(_is_among(engine, part, search, article) for part in parts)


def _is_among(engine: SearchEngine, query: Query, search: Search, article: Article) -> bool:
    grouped: dict[str, list[str]] = {}
    for facet, slug in search.filters:
        grouped.setdefault(facet, []).append(slug)
    found = engine.search(query, filters=grouped, sort="newest", per_page=MOST)
    return any(row.key == article_key(article.id) and row.matched for row in found.rows)


HANDLERS = {MATCH: Handler(match, slow=True)}
