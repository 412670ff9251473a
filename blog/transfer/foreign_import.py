"""Comments of another program brought in: said again as lines of a bundle, so that one way of importing is kept true.

What was deleted, is spam or waits there stays out; where replies hang on it, its place comes along without words.
"""

import os
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from urllib.parse import unquote, urlsplit

from blog.accounts import queries as people
from blog.accounts.models import Role
from blog.accounts.names import BadName, clean_email, clean_name, is_reserved
from blog.comments.text_checks import checked_text
from blog.errors import Invalid
from blog.lib import clock
from blog.lib.slugs import SLUG
from blog.settings import current_settings
from blog.transfer import bundle, disqus_xml, isso_database, queries, wordpress_xml
from blog.transfer.bundle import time_text, written
from blog.transfer.bundle_import import BundleImport
from blog.transfer.foreign import (
    MAX_ID,
    ForeignComment,
    ForeignRecord,
    ForeignState,
    ForeignThread,
    Markup,
    Unreadable,
)
from blog.transfer.html_markdown import markdown_of
from blog.transfer.report import Report
from blog.transfer.sources import SourceFile, open_bundle, printable
from blog.transfer.spool import DONE, REFUSED

ENDINGS = (".xml", ".wxr", ".db", ".sqlite", ".sqlite3")
SNIFFED = 8_192  # bytes in which a format shows itself
MAX_SOURCE_TEXT = 200_000  # characters of one comment before its markup is taken off
_PARAGRAPHS = re.compile(r"<(p|br|pre|div)\b", re.IGNORECASE)  # without them WordPress makes lines of line breaks
NAMELESS = "Somebody"
NOBODY = ("Somebody", "somebody@withdrawn.invalid")  # stands at the places of what does not come along


def format_of(source: SourceFile) -> str:
    """`disqus`, `wordpress`, `isso`, or "" for anything else: by its ending and by what stands in it."""
    if not source.path.name.lower().endswith(ENDINGS):
        return ""
    try:
        with os.fdopen(open_bundle(source.path), "rb") as file:
            head = file.read(SNIFFED)
    except Invalid:
        return ""
    if head.startswith(isso_database.MAGIC):
        return "isso"
    if disqus_xml.ROOT in head:
        return "disqus"
    return "wordpress" if wordpress_xml.ROOT in head and wordpress_xml.SIGN in head else ""


@dataclass
class _Noted:
    """What is remembered of each comment: what it answers, what a second import knows it by, and whether it comes."""

    parent: str
    known_as: str
    is_public: bool = False


class ForeignImport(BundleImport):
    """One file of another program, as `BundleImport` takes a bundle. The lines stand in a file without a name."""

    def __init__(self, source: SourceFile, kind: str, report: Report) -> None:
        super().__init__(source, report, file=tempfile.TemporaryFile())  # noqa: SIM115 - `close` closes it
        self._source, self._kind = source, kind
        self._names: list[str] = []  # of each line, for the report
        self._slugs: dict[str, str] = {}  # key of a thread -> slug
        self._strangers: dict[str, str] = {}  # key of a thread -> its address, where no write-up has it
        self._unheard: Counter[str] = Counter()  # comments of these
        self._left_out: Counter[str] = Counter()
        self._noted: dict[str, _Noted] = {}
        self._people: set[str] = set()  # addresses that have a line
        self._free: dict[str, bool] = {}
        self._known: dict[str, int] = {}

    def where(self, number: int) -> str:
        return self._names[number - 1] if 0 < number <= len(self._names) else self.name

    def look(self) -> Iterator[int]:
        """Read the file, say it as lines, and note what these refer to."""
        self._note_all()
        for record in self._records():
            for name, line in self._lines(record):
                self._names.append(name)
                self.file.write(written(line))
        self._tell()
        self.file.seek(0)
        yield from super().look()
        self._settle()

    def _records(self) -> Iterator[ForeignRecord]:
        if self._kind == "isso":
            yield from isso_database.records(self._source.path)
            return
        read = disqus_xml.records if self._kind == "disqus" else wordpress_xml.records
        with os.fdopen(open_bundle(self._source.path), "rb") as file:
            yield from read(file)

    def _note_all(self) -> None:
        """Which write-ups the threads belong to, and which comments came before."""
        threads: dict[str, ForeignThread] = {}
        found: list[tuple[str, str, str, datetime]] = []
        for record in self._records():
            if isinstance(record, ForeignThread):
                threads[record.key] = record
            elif isinstance(record, ForeignComment) and 0 < len(record.id) <= MAX_ID:
                found.append((record.id, record.parent, record.thread, record.at))
        self._find_write_ups(threads)
        for number, parent, thread, at in found:
            if thread in self._slugs:
                place = threads[thread].addresses[0]
                seal = sha256(f"{place}\0{at.isoformat()}".encode()).hexdigest()[:16]
                self._noted[number] = _Noted(parent, f"{self._kind}:{number}~{seal}")
        known = queries.comments_from([one.known_as for one in self._noted.values()])
        self._known = {number: known[one.known_as] for number, one in self._noted.items() if one.known_as in known}

    def _find_write_ups(self, threads: dict[str, ForeignThread]) -> None:
        wanted = {
            key: [slug for address in one.addresses if (slug := _slug_in(address))] for key, one in threads.items()
        }
        here = queries.articles_at(sorted({slug for slugs in wanted.values() for slug in slugs}))
        for key, thread in threads.items():
            if slug := next((slug for slug in wanted[key] if slug in here), ""):
                self._slugs[key] = slug
            else:
                self._strangers[key] = thread.addresses[0] if thread.addresses else ""

    def _lines(self, record: ForeignRecord) -> Iterator[tuple[str, dict[str, object]]]:
        if isinstance(record, Unreadable):
            tell = self.report.refuse if record.is_fault else self.report.pass_over
            tell(self._name(record.name), record.reason)
        elif isinstance(record, ForeignComment):
            if record.thread not in self._slugs:
                self._unheard[record.thread] += 1
            elif record.id not in self._noted or record.at > clock.now() + bundle.AHEAD:
                self._noted.pop(record.id, None)
                self.report.refuse(self._name(f"comment {record.id}"), "no number, or a time that lies in the future")
            else:
                yield from self._lines_of(record, self._noted[record.id])

    def _lines_of(self, comment: ForeignComment, noted: _Noted) -> Iterator[tuple[str, dict[str, object]]]:
        name, is_known = self._name(f"comment {comment.id}"), comment.id in self._known
        text, person = "", NOBODY
        if comment.state != ForeignState.PUBLIC:
            self._left_out[comment.state] += 1
        elif not is_known and (text := self._text_of(comment, name)):
            person = self._person(comment, name)
        noted.is_public = bool(text) or is_known
        if not is_known and person[1] not in self._people:
            self._people.add(person[1])
            yield name, {"type": "user", "name": person[0], "email": person[1]}
        line: dict[str, object] = {"type": "comment", "article": self._slugs[comment.thread], "id": comment.id}
        if comment.parent in self._noted:
            line["parent"] = comment.parent
        elif comment.parent:
            self.report.guess(name, ["it answers a comment that the file does not hold, and begins a thread"])
        line |= {"user": person[1], "created_at": time_text(comment.at), "known_as": noted.known_as}
        yield name, line | ({"text": text} if text else {"withdrawn": True})

    def _name(self, name: str) -> str:
        return f"{self.name} {printable(name)[: MAX_ID + 20]}"

    def _text_of(self, comment: ForeignComment, name: str) -> str:
        try:
            if len(comment.text) > MAX_SOURCE_TEXT:
                raise Invalid("the text is longer than a comment can be")
            text = comment.text
            if comment.markup == Markup.HTML:
                has_lines = self._kind == "wordpress" and not _PARAGRAPHS.search(text)
                text = markdown_of(text, keeps_lines=has_lines)
            return checked_text(text)
        except Invalid as error:
            self.report.refuse(name, error)
            return ""

    def _person(self, comment: ForeignComment, name: str) -> tuple[str, str]:
        """(name, address) of the account it stands under: that of its address, unless somebody here who can sign in has
        that: there, anybody could type it.
        """
        try:
            shown = clean_name(comment.name) if comment.name.strip() else NAMELESS
        except BadName:
            shown = NAMELESS
            self.report.guess(name, ["its writer's name cannot be one here"])
        if is_reserved(shown, more=(current_settings().site_name,)):
            shown = NAMELESS
            self.report.guess(name, ["its writer's name is kept for the site itself"])
        try:
            address = clean_email(comment.email)
        except BadName:
            address = ""
        if address and self._is_free(address):
            return shown, address
        if address:
            self.report.guess(
                name, ["somebody here has its writer's address, and nobody proved that it is the same person"]
            )
        seed = f"{self._kind}\0{comment.name}\0{comment.email}"
        return shown, f"{sha256(seed.encode()).hexdigest()[:20]}@{self._kind}.invalid"

    def _is_free(self, address: str) -> bool:
        if address not in self._free:
            person = people.person_by_email(address)
            self._free[address] = person is None or (person.password_hash is None and person.role == Role.MEMBER)
        return self._free[address]

    def _tell(self) -> None:
        for thread, number in self._unheard.items():
            place = printable(self._strangers.get(thread, ""))[:200] or f"thread {printable(thread)[:MAX_ID]}"
            self.report.refuse(
                f"{self.name} {place}", f"no write-up here has this address; {number:,} comment(s) stay out"
            )
        for state, number in sorted(self._left_out.items()):
            self.report.pass_over(self.name, f"{number:,} comment(s): {state} there")

    def _settle(self) -> None:
        """What is here already is not brought in again; of the rest, places without words come only where needed."""
        for number, row_id in self._known.items():
            self.spool.settle_comment(number, DONE, row_id)
        self.report.counts["known comments"] += len(self._known)
        needed: set[str] = set()
        for number, noted in self._noted.items():
            above = number if noted.is_public else ""
            while above in self._noted and above not in needed:
                needed.add(above)
                above = self._noted[above].parent
        for number in self._noted.keys() - needed:
            self.spool.settle_comment(number, REFUSED)


def _slug_in(address: str) -> str:
    """The slug that an address or a path ends in, as `https://a.example/2020/disk-full.html`; "" for none."""
    try:
        path = unquote(urlsplit(address).path)
    except ValueError:
        return ""
    last = next((part for part in reversed(path.split("/")) if part), "").lower()
    slug = re.sub(r"\.(html?|md|php)$", "", last)
    return slug if SLUG.fullmatch(slug) and len(slug) <= bundle.MAX_SLUG else ""
