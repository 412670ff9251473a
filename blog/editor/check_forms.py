"""The findings of the checks in the editor's form: which field each stands beside, and the reasons typed for them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any

from pydantic import Field, StringConstraints, TypeAdapter, ValidationError

from blog.articles.document import Document, Part, Text
from blog.checks.document_checks import MAX_FINDINGS
from blog.checks.queries import Checked
from blog.checks.waiver_changes import MAX_WAIVER_REASON
from blog.editor.field_forms import LISTS, RowList
from blog.editor.row_forms import Row, Rows, field_of, labels_of, rows_of
from blog.errors import Invalid
from blog.lib.validation_faults import faults_of

_PLAIN = {"title": "Title", "summary": "Summary", "body": "Text", "tags": "Tags"}
WAIVE = "waive-"  # begins the name of the field in which somebody says why a finding stays


class WaiverSent(Part):
    """Why a finding of the checks stays as it is; `fingerprint` is the one that the refusal named."""

    fingerprint: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
    reason: Annotated[Text, StringConstraints(min_length=1, max_length=MAX_WAIVER_REASON)]


class ProposedDocument(Document):
    """A document as programs send it: beside it they may say why findings of the checks stay as they are."""

    waivers: Annotated[list[WaiverSent], Field(max_length=MAX_FINDINGS)] = []  # noqa: RUF012 - Pydantic copies it


_WAIVERS = TypeAdapter(Annotated[list[WaiverSent], Field(max_length=MAX_FINDINGS)])


def split_waivers(body: Any) -> tuple[Any, dict[str, str]]:
    """(The document's plain data, fingerprint -> reason) of what a program sent. Raises `Invalid` below `waivers`."""
    if not isinstance(body, dict) or "waivers" not in body:
        return body, {}
    try:
        sent = _WAIVERS.validate_python(body["waivers"])
    except ValidationError as error:
        faults = faults_of(error)
        raise Invalid([replace(one, path=f"waivers.{one.path}".rstrip(".")) for one in faults]) from error
    rest = {name: value for name, value in body.items() if name != "waivers"}
    return rest, {one.fingerprint: one.reason for one in sent}


@dataclass(frozen=True)
class Told:
    """A finding as a form shows it: `typed` is the reason in its field, `fault` what is wrong with that reason; `field`
    and `words` name the place it is about, where the page shows it elsewhere.
    """

    checked: Checked
    typed: str = ""
    fault: str = ""
    field: str = ""
    words: str = ""

    @property
    def name(self) -> str:
        return f"{WAIVE}{self.checked.finding.fingerprint}"


def typed_waivers(fields: Mapping[str, str]) -> dict[str, str]:
    """Fingerprint -> reason, of what a form sent."""
    return {name.removeprefix(WAIVE): text for name, text in fields.items() if name.startswith(WAIVE) and text.strip()}


def told(found: Iterable[Checked], typed: Mapping[str, str], faults: Mapping[str, str] | None = None) -> list[Told]:
    """Each finding with what was typed for it; `faults` are by fingerprint, too."""
    keyed = ((one, one.finding.fingerprint) for one in found)
    return [Told(one, typed.get(key, ""), (faults or {}).get(key, "")) for one, key in keyed]


def with_places(found: Iterable[Told], document: Document) -> list[Told]:
    """The findings with the field of the form that each is about, in words: `Timeline 2: When`."""
    labels = _PLAIN | labels_of(rows_of(document))
    fields = ((one, field_of(one.checked.finding.path, labels)) for one in found)
    return [replace(one, field=name, words=labels.get(name, one.checked.finding.path)) for one, name in fields]


def beside_fields(found: Iterable[Told], rows: Rows) -> dict[str, list[Told]]:
    """The findings by the name of the field they stand beside: by the ids of rows, wherever these stand by now."""
    names = {name: name for name in _PLAIN}
    names |= {place: name for one in LISTS for place, name in _places(one, rows[one.name], one.name, one.name)}
    placed: dict[str, list[Told]] = {}
    for one in found:
        placed.setdefault(_nearest(one.checked.finding.place, names), []).append(one)
    return placed


def _nearest(place: str, names: Mapping[str, str]) -> str:
    while place and place not in names:
        place = place.rpartition(".")[0]
    return names.get(place, "")


def _places(one: RowList, rows: list[Row], place: str, name: str) -> Iterable[tuple[str, str]]:
    """(place by ids, name of the field) of every row and cell."""
    for number, row in enumerate(rows):
        at, here = f"{place}.{row.get('id') or number}", f"{name}-{number}"
        yield at, here
        yield from ((f"{at}.{cell.name}", f"{here}-{cell.name}") for cell in one.cells)
        for block in one.blocks:
            yield from ((f"{at}.{block.name}.{cell.name}", f"{here}-{block.name}-{cell.name}") for cell in block.cells)
        for below in one.lists:
            yield from _places(below, row[below.name], f"{at}.{below.name}", f"{here}-{below.name}")
