"""Reads of remarks on lines of revisions, and where they stand in the text as it is now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from blog import policy
from blog.accounts.models import User
from blog.articles.models import Revision
from blog.editor.lines import anchor_of, nearest, places_of
from blog.editor.remark_models import Remark
from blog.errors import NotFound
from blog.extensions import db

MANY_CARRIED = 200  # open remarks of earlier revisions on one page
_PEOPLE = (joinedload(Remark.user), joinedload(Remark.resolved_by))


@dataclass(frozen=True)
class Thread:
    """A remark with its answers. `made_on` is the number of the revision it was made on, `line` where it stands in the
    one that is shown: 0 where that line is no more.
    """

    remark: Remark
    made_on: int
    line: int
    is_carried: bool = False
    answers: list[Remark] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return self.remark.resolved_at is None

    @property
    def anchor(self) -> str:
        return anchor_of(self.remark.path, self.line)


def threads_on(revision: Revision, texts: Mapping[str, Sequence[str]]) -> list[Thread]:
    """What was said about a revision, whose lines are `texts`, and is still open of those before it; oldest first."""
    earlier = _first().where(Revision.article_id == revision.article_id, Revision.number < revision.number)
    earlier = earlier.where(Remark.resolved_at.is_(None)).order_by(Remark.id.desc()).limit(MANY_CARRIED)
    own = _first().where(Remark.revision_id == revision.id).order_by(Remark.id)
    carried = _rows(earlier)[::-1]
    now = _lines_now([remark for remark, _ in carried], texts)
    threads = [Thread(remark, number, now[remark.id], True) for remark, number in carried]
    threads += [Thread(remark, number, remark.line) for remark, number in _rows(own)]
    return _with_answers(threads)


def thread_of(remark: Remark, number: int, texts: Mapping[str, Sequence[str]], *, is_carried: bool) -> Thread:
    """One remark with its answers, or the one that it answers. `number` is that of the revision it was made on, `texts`
    are the lines of the one that is shown.
    """
    if remark.answers_id is not None:
        first = select(Remark).where(Remark.id == remark.answers_id).options(*_PEOPLE)
        remark = db.session.scalars(first).one()
    line = _lines_now([remark], texts)[remark.id] if is_carried else remark.line
    return _with_answers([Thread(remark, number, line, is_carried)])[0]


def remark_for(user: User | None, remark_id: int) -> tuple[Remark, Revision]:
    """A remark with the revision it was made on and its article, if this person may see it. Raises `NotFound`."""
    wanted = (
        select(Remark, Revision)
        .join(Revision, Revision.id == Remark.revision_id)
        .where(Remark.id == remark_id)
        .options(joinedload(Revision.article), *_PEOPLE)
    )
    found = db.session.execute(wanted).first()
    if found is None or not policy.can_edit(user, found[1].article):
        raise NotFound("There is no such remark.")
    return found[0], found[1]


def count_on(revision_id: int) -> int:
    """How many remarks and answers a revision has."""
    return db.session.scalar(select(func.count()).select_from(Remark).where(Remark.revision_id == revision_id)) or 0


def _first() -> Select[Remark, int]:
    wanted = select(Remark, Revision.number).join(Revision, Revision.id == Remark.revision_id)
    return wanted.where(Remark.answers_id.is_(None)).options(*_PEOPLE)


def _rows(wanted: Select[Remark, int]) -> list[tuple[Remark, int]]:
    return [(row[0], row[1]) for row in db.session.execute(wanted)]


def _lines_now(remarks: Sequence[Remark], texts: Mapping[str, Sequence[str]]) -> dict[int, int]:
    """Id of each remark -> where the line it was made on stands in these texts: the equal one nearest to its old place;
    0 where there is none.
    """
    quotes: dict[str, set[str]] = {}
    for one in remarks:
        quotes.setdefault(one.path, set()).add(one.quote)
    places = {path: places_of(texts.get(path, ()), wanted) for path, wanted in quotes.items()}
    return {one.id: nearest(places[one.path][one.quote], one.line) for one in remarks}


def _with_answers(threads: list[Thread]) -> list[Thread]:
    by_id = {one.remark.id: one for one in threads}
    wanted = select(Remark).where(Remark.answers_id.in_(by_id)).order_by(Remark.id).options(joinedload(Remark.user))
    for answer in db.session.scalars(wanted) if by_id else ():
        by_id[answer.answers_id or 0].answers.append(answer)
    return threads
