"""One bundle brought in: a look at every line, then people, write-ups and comments, each in batches.

The steps give back what is to be written; the command that runs them opens the transactions.
"""

import os
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from blog.accounts.names import key_of_email
from blog.errors import Invalid
from blog.transfer import bundle, queries
from blog.transfer.action_lines import ActionLine
from blog.transfer.arrivals import Remark
from blog.transfer.bundle import ArticleLine, CommentLine, Place, UserLine
from blog.transfer.guard import guarded
from blog.transfer.report import Report
from blog.transfer.sources import SourceFile, open_bundle
from blog.transfer.spool import DONE, REFUSED, Spool

NOBODY_YET = -1  # stands for the number that a dry run does not give


class BundleImport:
    """What is known of one bundle while it is brought in. Close it, so that file and spool go."""

    def __init__(self, source: SourceFile, report: Report, *, file: BinaryIO | None = None) -> None:
        self.name = source.name
        self.report = report
        self.file: BinaryIO = file or os.fdopen(open_bundle(source.path), "rb")
        self.spool = Spool()

    def close(self) -> None:
        self.file.close()
        self.spool.close()

    def where(self, number: int) -> str:
        return f"{self.name} line {number}"

    def look(self) -> Iterator[int]:
        """Read every line once and note what it refers to; yields the bytes read so far."""
        for place, raw in bundle.places(self.file):
            try:
                with guarded(self.where(place.number)):
                    self._note(place, bundle.parse_line(raw))
            except Invalid as error:
                self.report.refuse(self.where(place.number), error)
            yield place.offset + place.length

    def _note(self, place: Place, line: bundle.Line) -> None:
        match line:
            case UserLine():
                if not self.spool.add_person(place.number, line, key_of_email(line.email)):
                    raise Invalid("email: this address stands twice, with different names or roles")
            case ArticleLine():
                self.spool.add_article(place, line)
                for author in line.authors:
                    if "@" in author:
                        self.spool.mention(key_of_email(author))
            case ActionLine():
                if not self.spool.add_action(place, line):
                    raise Invalid(f"row: the file tells of the action {line.row!r} of {line.article} twice")
                for address in line.people:
                    self.spool.mention(key_of_email(address))
            case CommentLine():
                if not self.spool.add_comment(place, line):
                    raise Invalid(f"id: the comment id {line.id!r} stands twice")
                self.spool.mention(key_of_email(line.user))

    def people(self) -> Iterator[list[tuple[int, UserLine]]]:
        """Settle who is here already; yields those with a line, some at a time."""
        for batch in self.spool.people():
            here = queries.people_by_key([key for _, key, _ in batch])
            for key, person in here.items():
                self.spool.settle_person(key, person.id)
            lines = [(number, line) for number, _, line in batch if line is not None]
            if lines:
                yield lines

    def settle_people(self, lines: Sequence[tuple[int, UserLine]], ids: dict[int, int]) -> None:
        for number, line in lines:
            if number in ids:
                self.spool.settle_person(key_of_email(line.email), ids[number])

    def settle_known_write_ups(self) -> None:
        """Settle the write-ups that an import brought before, and note those that stand at an address asked for."""
        for batch in self.spool.articles():
            known = queries.articles_from([one.identity for one in batch])
            at = queries.articles_at([one.slug for one in batch])
            for one in batch:
                if one.identity in known:
                    self.report.counts["known write-ups"] += 1
                    self.spool.settle_article(one.place.number, DONE, known[one.identity])
                elif one.slug in at:
                    self.spool.note_hashes(one.place.number, at[one.slug][1], at[one.slug][0])
        for slugs in self.spool.slugs_without_line():
            for slug, (article_id, _) in queries.articles_at(slugs).items():
                self.spool.add_present_article(slug, article_id)

    def actions(self) -> Iterator[list[tuple[int, ActionLine, int]]]:
        """(line number, line, write-up) of what tells how actions stand, some at a time; the others are refused."""
        for places in self.spool.actions():
            found = []
            for place in places:
                line = bundle.line_at(self.file, place)
                assert isinstance(line, ActionLine)
                article = self.spool.article_of(line.article)
                if article is None or article[0] != DONE or article[1] is None:
                    why = "was refused" if article else "is not here, nor in the file"
                    self.report.refuse(self.where(place.number), f"article: the write-up {line.article!r} {why}")
                    continue
                found.append((place.number, line, article[1]))
            yield found

    def parents_of(self, remarks: Sequence[Remark]) -> dict[str, int | str | None]:
        """Bundle id -> what it answers (see `changes.bring_in_remarks`), for the comments that can be written now.

        Those that answer a later comment wait for the next round; those that cannot be answers are refused.
        """
        ready: dict[str, int | str | None] = {}
        for remark in remarks:
            try:
                parent = self._parent_of(remark, ready)
            except Invalid as error:
                self.report.refuse(remark.name, error)
                self.spool.settle_comment(remark.line.id, REFUSED)
                continue
            if parent != "":
                ready[remark.line.id] = parent
        return ready

    def _parent_of(self, remark: Remark, ready: dict[str, int | str | None]) -> int | str | None:
        """What it answers, None for nothing, "" for what is not written yet."""
        if remark.line.parent is None:
            return None
        if remark.line.parent in ready:
            parent_article = self.spool.comment_of(remark.line.parent)
            if parent_article and parent_article[2] != remark.line.article:
                raise Invalid("parent: the comment it answers belongs to another write-up")
            return remark.line.parent
        found = self.spool.comment_of(remark.line.parent)
        if found is None:
            raise Invalid(f"parent: there is no comment {remark.line.parent!r} in the file")
        state, row_id, article = found
        if article != remark.line.article:
            raise Invalid("parent: the comment it answers belongs to another write-up")
        if state == REFUSED:
            raise Invalid("parent: the comment it answers was refused")
        return row_id if state == DONE and row_id is not None else ""

    def refuse_circles(self) -> None:
        """What still waits when a round brought nothing answers itself in the end."""
        for number, comment_id in self.spool.waiting_comments():
            self.report.refuse(self.where(number), "parent: these comments answer one another in a circle")
            self.spool.settle_comment(comment_id, REFUSED)
