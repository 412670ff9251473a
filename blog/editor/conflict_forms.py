"""What somebody sees whose text goes on from an older revision than the newest: three sides, and one form of them."""

from dataclasses import dataclass
from functools import cached_property

from blog.accounts.models import User
from blog.articles import queries
from blog.articles.document import Document, parse_document, parse_document_text
from blog.articles.models import Revision
from blog.articles.plain_text import from_text, to_text
from blog.editor.forms import PLAIN, Sheet, TextForm, WriteUpForm, tags_of
from blog.editor.merge_forms import apart, merged
from blog.editor.row_forms import data_of
from blog.editor.three_way_forms import Difference, Typed, differences, typed_of
from blog.errors import Invalid, NotFound


@dataclass(frozen=True)
class ThreeWay:
    """`base` is the revision both began from, None where nobody can say; `yours` None where it has no fields yet."""

    base: Revision | None
    theirs: Revision
    base_document: Document
    their_document: Document
    yours: Typed | None
    your_text: str

    @cached_property
    def differences(self) -> list[Difference]:
        return [] if self.yours is None else differences(self._base, self._theirs, self.yours)

    def of(self, who: str) -> list[Difference]:
        """What `both` changed, or `theirs` or `yours` alone."""
        return [one for one in self.differences if one.who == who]

    @property
    def base_text(self) -> str:
        return to_text(self.base_document)

    @property
    def their_text(self) -> str:
        return to_text(self.their_document)

    def taken_over(self, *, take: str = "") -> Typed | None:
        """Yours with what only they changed, and with theirs at `take`; with nothing else where that is given."""
        if self.yours is None:
            return None
        if not take:
            return merged(self._base, self._theirs, self.yours)
        return merged(self._theirs, self._theirs, self.yours, take=[take])

    @cached_property
    def _base(self) -> Typed:
        return typed_of(Sheet.of(self.base_document, based_on_id=None))

    @cached_property
    def _theirs(self) -> Typed:
        return typed_of(Sheet.of(self.their_document, based_on_id=None))


def three_ways(user: User, newest: Revision | None, form: Sheet | TextForm) -> ThreeWay | None:
    """For what was begun from an older revision than the newest; None where nobody saved meanwhile."""
    fields = form.form if isinstance(form, Sheet) else form
    begun_from = fields.begun_from_id.data or fields.based_on_id.data
    if newest is None or begun_from == newest.id:
        return None
    base, theirs = _revision(user, begun_from, newest.article_id), parse_document_text(newest.document)
    base_document = parse_document_text(base.document) if base else theirs
    sides = [typed_of(Sheet.of(one, based_on_id=None)) for one in (base_document, theirs)]
    yours, text = _yours(form)
    newest = queries.revision_for(user, newest.id)  # with the name of its maker
    return ThreeWay(base, newest, base_document, theirs, yours and apart(sides[0], sides[1], yours), text)


def sheet_with(typed: Typed, form: WriteUpForm) -> Sheet:
    """The form with these texts, in the place of what was typed into `form`."""
    for name, text in typed.plain.items():
        form[name].data = text
    return Sheet(form, typed.rows)


def text_with(typed: Typed) -> str:
    """The plain text of these texts. Raises `Invalid`."""
    plain = {name: text for name in PLAIN if (text := typed.plain[name])}
    return to_text(parse_document({**plain, "tags": tags_of(typed.plain["tags"]), **data_of(typed.rows)}))


def _yours(form: Sheet | TextForm) -> tuple[Typed | None, str]:
    """(what was typed field by field, where it can be taken apart; the same as one text)."""
    if isinstance(form, Sheet):
        typed = typed_of(form)
        try:
            return typed, text_with(typed)
        except Invalid:
            return typed, typed.plain["body"]
    text = form.text.data or ""
    try:
        return typed_of(Sheet.of(from_text(text), based_on_id=None)), text
    except Invalid:
        return None, text


def _revision(user: User, revision_id: int | None, article_id: int) -> Revision | None:
    try:
        revision = queries.revision_for(user, revision_id or 0)
    except NotFound:
        return None
    return revision if revision.article_id == article_id else None
