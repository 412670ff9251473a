"""The editor's form: the plain fields, the structured rows, and every fault beside the field it is about."""

import csv
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self

from flask import request
from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired
from wtforms.widgets import HiddenInput

from blog.articles.document import MAX_TAGS, MAX_TITLE, Document, parse_document
from blog.articles.models import Revision
from blog.checks.queries import checked
from blog.editor.check_forms import WAIVE, Told, beside_fields, told, typed_waivers
from blog.editor.field_forms import LISTS
from blog.editor.outlines import Outline
from blog.editor.row_forms import Rows, brief_of, data_of, field_of, labels_of, read_rows, rows_of, without_blank
from blog.errors import Fault, Invalid

PLAIN = ("title", "summary", "body", "language")

NOTE_HELP = "For the list of revisions; readers of what is published see it as the note of the correction."


class BasedForm(FlaskForm):  # type: ignore[misc]
    """A form that remembers which revision it goes on from, which one it was begun from where somebody saved another
    meanwhile, and which open page it stands in: `window`, which goes on from what the window `continues` kept.
    """

    based_on_id = IntegerField(widget=HiddenInput())
    begun_from_id = IntegerField(widget=HiddenInput())
    window = HiddenField(default=lambda: secrets.token_hex(8))
    continues = HiddenField()
    outline = HiddenField()  # whose questions stand beside it

    def go_on_from(self, newest: Revision | None) -> None:
        """Who saves again has seen what this revision says, and where they began themselves."""
        begun = self.begun_from_id.data or self.based_on_id.data
        for one, number in ((self.based_on_id, newest and newest.id), (self.begun_from_id, begun)):
            one.data, one.raw_data = number, None if number is None else [str(number)]


class WriteUpForm(BasedForm):
    """The fields that are one text each. The document checks them, so that every way in has the same rules."""

    title = StringField("Title", [InputRequired()], render_kw={"maxlength": MAX_TITLE})
    summary = TextAreaField("Summary", description="Two or three sentences, for lists and search.")
    body = TextAreaField(
        "Text",
        [InputRequired()],
        description="Markdown: ## headings, lists, tables, code, footnotes. What happened, why, and what follows.",
        render_kw={"rows": 18},
    )
    tags = StringField("Tags", description=f"Separated by commas, at most {MAX_TAGS}. Such as dns, deploys.")
    language = StringField("Language", default="en", description="Its short code, such as en, de or pt-BR.")
    slug = StringField("Address", description="The last part of its address; made from the title if you leave it out.")
    note = StringField("What you changed", description=NOTE_HELP)
    has_rows = HiddenField(default="1")  # tells a form with its rows from a sender that knows only the plain fields


class TextForm(BasedForm):
    """The plain-text mode: the whole document in one field."""

    text = TextAreaField(
        "The write-up",
        [InputRequired()],
        description="Front matter between two lines --- (title, tags, timeline ...), and the text below it.",
        render_kw={"rows": 30, "spellcheck": "false"},
    )
    note = StringField("What you changed", description=NOTE_HELP)


@dataclass
class Sheet:
    """One showing of the form: what was typed, and what is to be said beside it.

    `faults` maps field names to reasons; `summary` is (field or empty, its words, reason) of each fault; `focus` names
    the row or list that a button just changed; `action` is the address that the form is sent to. `article_id` says
    whose waivers hold, `reasons` are those typed for findings (by fingerprint), and `stopped` the fields whose findings
    stood in the way of a review.
    """

    form: WriteUpForm
    rows: Rows
    faults: dict[str, list[str]] = field(default_factory=dict)
    summary: list[tuple[str, str, str]] = field(default_factory=list)
    focus: str = ""
    action: str = ""
    article_id: int | None = None
    reasons: dict[str, str] = field(default_factory=dict)
    reason_faults: dict[str, str] = field(default_factory=dict)
    stopped: set[str] = field(default_factory=set)
    lists = LISTS
    brief = staticmethod(brief_of)

    @classmethod
    def empty(cls) -> Self:
        return cls(WriteUpForm(formdata=None), {rows.name: [] for rows in LISTS})

    @classmethod
    def begun(cls, outline: Outline) -> Self:
        """A new write-up of one kind, with its headings and first rows."""
        plain = {"body": outline.body, "outline": outline.key}
        return cls(WriteUpForm(formdata=None, data=plain), read_rows(outline.fields.items()))

    @classmethod
    def of(cls, document: Document, *, based_on_id: int | None) -> Self:
        """The form of a document that exists."""
        plain = {name: getattr(document, name) for name in PLAIN}
        based = {"based_on_id": based_on_id, "begun_from_id": based_on_id}
        form = WriteUpForm(formdata=None, data={**plain, "tags": tags_text(document.tags), **based})
        return cls(form, rows_of(document))

    @classmethod
    def sent(cls, *, base: Document | None = None) -> Self:
        """What this request brings. A sender that knows only the plain fields keeps the rows of `base`."""
        rows = read_rows(request.form.items())
        if base is not None and "has_rows" not in request.form:
            rows = rows_of(base)
        return cls(WriteUpForm(), rows, reasons=typed_waivers(request.form))

    def document(self) -> Document:
        """The document that was typed. Raises `Invalid`. Rows without a word in them leave the form."""
        self.rows = without_blank(self.rows)
        plain = {name: text for name in PLAIN if (text := getattr(self.form, name).data or "")}
        return parse_document({**plain, "tags": tags_of(self.form.tags.data or ""), **data_of(self.rows)})

    def readable(self) -> tuple[Document | None, int]:
        """(The document without the rows that have faults, how many faults there are), for a preview."""
        try:
            return self.document(), 0
        except Invalid as error:
            faults = error.faults
        data = data_of(self.rows)
        if not (data or self.form.title.data or self.form.body.data):
            return None, 0  # nobody typed anything yet
        broken = {tuple(fault.path.split(".")[:2]) for fault in faults}
        for name, rows in data.items():
            data[name] = [row for place, row in enumerate(rows) if (name, str(place)) not in broken]
        plain = {"title": self.form.title.data or "Without a title yet", "body": self.form.body.data or "…"}
        for attempt in ({**plain, "summary": self.form.summary.data or "", **data}, plain):
            try:
                return parse_document(attempt), len(faults)
            except Invalid:
                continue
        return None, len(faults)

    def show(self, faults: Iterable[Fault]) -> None:
        """Put each fault beside its field and on the list on top."""
        labels = self._labels()
        for fault in faults:
            name = field_of(fault.path, labels)
            words = labels.get(name, fault.path)
            if fault.fingerprint:  # `findings` shows it beside its field
                self.stopped.add(name)
                self.summary.append((name, words, fault.reason))
                continue
            if fault.path.startswith("waivers."):
                fingerprint = fault.path.removeprefix("waivers.")
                self.reason_faults[fingerprint] = fault.reason
                self.summary.append((f"{WAIVE}{fingerprint}", "Your reason", fault.reason))
                continue
            self.faults.setdefault(name, []).append(fault.reason)
            if name in self.form:
                self.form[name].errors = self.faults[name]
            self.summary.append((name, words, fault.reason))

    @cached_property
    def findings(self) -> dict[str, list[Told]]:
        """What the checks say of what the form holds, by the field it stands beside. Worked out once, by the page."""
        document, _ = Sheet(self.form, self.rows).readable()
        found = checked(document, self.article_id) if document else []
        return beside_fields(told(found, self.reasons, self.reason_faults), self.rows)

    @cached_property
    def choices(self) -> dict[str, list[tuple[str, str]]]:
        """What cells of kind source and claim may point at: (id, words) of each row that has an id.

        Worked out once, by the page: its rows are as they will be shown by then.
        """
        sources = [(row["id"], row["title"] or row["url"]) for row in self.rows["sources"]]
        claims = [(row["id"], f"{row['claimant']}: {row['text']}") for row in self.rows["claims"]]
        return {"source": [one for one in sources if one[0]], "claim": [one for one in claims if one[0]]}

    @cached_property
    def chosen(self) -> dict[str, dict[str, str]]:
        """`choices` by id, for the words beside each cell that points at a row."""
        return {kind: dict(pairs) for kind, pairs in self.choices.items()}

    def opens(self, name: str) -> bool:
        """Whether this section stands open: something in it was just changed, or needs a change."""
        starts = (name, f"{name}-")
        open_ones = (at for at, found in self.findings.items() if any(one.checked.waiver is None for one in found))
        said = [*self.faults, *open_ones, self.focus]
        return any(one == starts[0] or one.startswith(starts[1]) for one in said)

    def _labels(self) -> dict[str, str]:
        return {one.name: one.label.text for one in self.form} | labels_of(self.rows)


def tags_of(text: str) -> list[str]:
    """Tags from what was typed: separated by commas, in quotes where a tag holds one itself."""
    line = " ".join(text.split())
    try:
        cells = next(csv.reader([line], skipinitialspace=True), [])
    except csv.Error:  # one that no reader takes; the document refuses it with a reason
        cells = line.split(",")
    return [tag for cell in cells if (tag := cell.strip())]


def tags_text(tags: Iterable[str]) -> str:
    """Tags as the form shows them; `tags_of` reads them back."""
    return ", ".join('"' + tag.replace('"', '""') + '"' if "," in tag or '"' in tag else tag for tag in tags)
