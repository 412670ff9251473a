"""Arrivals: write-ups and comments that were read and checked, and wait to be rendered and written.

Everything here runs ahead in a thread, so it asks the spool and never the database.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import BinaryIO

from blog.accounts.names import key_of_email
from blog.articles.document import Document, Times, parse_document
from blog.articles.rendering import Piece, pieces_of
from blog.comments.text_checks import checked_text
from blog.errors import Invalid
from blog.lib import clock
from blog.lib.text import Level
from blog.transfer import bundle, readers, sources
from blog.transfer.bundle import ArticleLine, CommentLine
from blog.transfer.guard import guarded
from blog.transfer.reading import Reading
from blog.transfer.report import Report
from blog.transfer.sources import SourceFile
from blog.transfer.spool import DONE, REFUSED, Spool, SpooledArticle


@dataclass(frozen=True)
class WriteUp:
    """`name` is for reports, `number` the line of a bundle, `pieces` what is rendered of it."""

    name: str
    source: str
    document: Document
    pieces: list[Piece]
    slug: str = ""
    published_at: datetime | None = None
    byline: tuple[str, ...] = ()  # names, and addresses of people who are here
    is_draft: bool = False
    number: int = 0
    former_slugs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Remark:
    """A comment of a bundle. `article_id` and `user_id` are those of the site."""

    name: str
    line: CommentLine
    text: str
    article_id: int
    user_id: int

    @property
    def source(self) -> str:
        """What a second import knows it by: who said what, where and when."""
        if self.line.known_as:
            return self.line.known_as
        said = "\0".join([self.line.article, self.line.user, self.line.created_at.isoformat(), self.text])
        return f"bundle:{self.line.article}/{self.line.id}"[:200] + f"~{sha256(said.encode()).hexdigest()[:16]}"


def texts_of(arrival: WriteUp) -> list[tuple[Level, str]]:
    return [(level, text) for _, level, text in arrival.pieces]


def as_drafts(found: Iterator[WriteUp]) -> Iterator[WriteUp]:
    for arrival in found:
        yield replace(arrival, is_draft=True)


def write_ups_of_files(
    files: Iterable[SourceFile], report: Report, present: Mapping[str, tuple[int, list[str]]]
) -> Iterator[WriteUp]:
    """The write-ups of these files; what cannot be read goes to the report. `present` are write-ups of the site by
    slug, with the hashes of their revisions: an export of this very site brings nothing new.
    """
    for source in files:
        try:
            with guarded(source.name):
                reading = readers.read(sources.read_bytes(source), source.path.name)
                arrival, guesses = _of_reading(reading, source)
        except Invalid as error:
            report.refuse(source.name, error)
            continue
        if reading.slug in present and arrival.document.hash in present[reading.slug][1]:
            report.counts["known write-ups"] += 1
            continue
        report.guess(source.name, guesses)
        yield arrival


def _of_reading(reading: Reading, source: SourceFile) -> tuple[WriteUp, list[str]]:
    document = parse_document(reading.data)
    published_at, dated = _date_of(reading, document)
    arrival = WriteUp(
        name=source.name,
        source=source.identity,
        document=document,
        pieces=pieces_of(document),
        slug=reading.slug,
        published_at=published_at,
        byline=reading.authors,
        is_draft=reading.is_draft,
    )
    return arrival, [*reading.guesses, *_order_guesses(document), *dated]


def _order_guesses(document: Document) -> list[str]:
    return [f"{fault.path}: {fault.reason}; kept as it stands" for fault in document.order_faults()]


def _date_of(reading: Reading, document: Document) -> tuple[datetime | None, list[str]]:
    """When it was published, with what was guessed: the file's own date, else that of the incident, so that old
    incidents do not push the newest write-ups from the front page. None is the time of the import.
    """
    latest = clock.now() + bundle.AHEAD
    if reading.published_at is not None:
        if reading.published_at <= latest:
            return reading.published_at, []
        return None, ["left out a publishing date that lies in the future"]
    times = document.incidents[0].times if document.incidents else Times()
    for name in ("disclosed", "resolved", "started"):
        moment = getattr(times, name)
        bounds = moment.bounds() if moment else None
        if bounds and bounds[0] <= latest:
            return bounds[0], [f"it says no publishing date; it is dated when the incident was {name}"]
    return None, []


def write_ups_of_bundle(file: BinaryIO, name: str, spool: Spool, report: Report) -> Iterator[WriteUp]:
    """The write-ups of a bundle that are not here yet, in the order of lines."""
    for batch in spool.articles():
        for spooled in batch:
            where = f"{name} line {spooled.place.number}"
            try:
                with guarded(where):
                    line = bundle.line_at(file, spooled.place)
                    assert isinstance(line, ArticleLine)
                    arrival = _write_up(line, spooled, where, spool, report)
            except Invalid as error:
                report.refuse(where, error)
                spool.settle_article(spooled.place.number, REFUSED)
                continue
            if arrival is not None:
                yield arrival


def _write_up(line: ArticleLine, spooled: SpooledArticle, where: str, spool: Spool, report: Report) -> WriteUp | None:
    document = parse_document(line.document)
    if spooled.hashes and document.hash in spooled.hashes:
        report.counts["known write-ups"] += 1
        spool.settle_article(spooled.place.number, DONE)
        return None
    if spooled.hashes and spooled.occurrence == 1:
        raise Invalid(f"slug: another write-up stands at /postmortems/{line.slug}; give this one another slug")
    known = [one for one in line.authors if "@" not in one or spool.person(key_of_email(one)) is not None]
    strangers = len(line.authors) - len(known)
    guesses = [f"left out {strangers} author(s) whom no line and no account tells of"] if strangers else []
    if spooled.occurrence > 1:
        guesses.append(f"the slug {line.slug} stands {spooled.occurrence} times; this one gets a number")
    report.guess(where, guesses)
    return WriteUp(
        name=where,
        source=spooled.identity,
        document=document,
        pieces=pieces_of(document),
        slug=line.slug,
        published_at=line.published_at,
        byline=tuple(known),
        number=spooled.place.number,
        former_slugs=line.former_slugs,
    )


def remarks_of_bundle(file: BinaryIO, name_of: Callable[[int], str], spool: Spool, report: Report) -> Iterator[Remark]:
    """The comments of a bundle that wait, in the order of their times. `name_of` a line is what the report calls it."""
    for spooled in spool.comments():
        where = name_of(spooled.place.number)
        try:
            with guarded(where):
                line = bundle.line_at(file, spooled.place)
                assert isinstance(line, CommentLine)
                remark = _remark(line, where, spool)
        except Invalid as error:
            report.refuse(where, error)
            spool.settle_comment(spooled.id, REFUSED)
            continue
        yield remark


def _remark(line: CommentLine, where: str, spool: Spool) -> Remark:
    article = spool.article_of(line.article)
    if article is None:
        raise Invalid(f"article: there is no write-up {line.article!r}, in the file or here")
    if article[0] != DONE or article[1] is None:
        raise Invalid(f"article: the write-up {line.article!r} was refused")
    user_id = spool.person(key_of_email(line.user))
    if user_id is None:
        raise Invalid("user: no line and no account tells of this address")
    text = "" if line.is_withdrawn else checked_text(line.text)
    return Remark(where, line, text, article[1], user_id)
