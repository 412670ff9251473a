"""What differs between two documents: field by field, rows by their ids, prose by its words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from blog.articles.document import Document, Part, Row
from blog.articles.wording import value_words
from blog.lib.diff import TextLine, text_diff
from blog.lib.matching import Effort, longest_rising
from blog.lib.moment import Moment

MAX_NAME = 80  # characters of a row's name: what fits on one line
LISTS = ("incidents", "timeline", "claims", "sources", "actions", "relations")
NESTED = ("factors", "permissions")
LABELS = {
    "ai": "AI",
    "at": "Time",
    "said_on": "Said on",
    "url": "Address",
    "archive_url": "Archived copy",
    "owner_role": "Owner",
    "due_on": "Due",
    "accessed_on": "Read on",
}
_NAMES = ("name", "claimant", "title", "target", "holder", "text", "url")  # what a row is called by, the first it has


@dataclass(frozen=True)
class FieldChange:
    """One field that differs. `path` is that of the document with row ids (`timeline.t3.text`); `old` and `new` are
    what people read, empty where nothing was given; `lines` lays them over each other.
    """

    path: str
    label: str
    old: str
    new: str
    lines: list[TextLine]


@dataclass(frozen=True)
class RowChange:
    """A row that came, went, changed or stands elsewhere. `path` is its anchor: `claims.c2`, `incidents.i1.factors.f3`.
    A row that changed may have moved, too.
    """

    kind: Literal["added", "removed", "changed", "moved"]
    path: str
    name: str
    is_moved: bool = False
    fields: list[FieldChange] = field(default_factory=list)
    lists: "list[ListChange]" = field(default_factory=list)

    @property
    def id(self) -> str:
        return self.path.rpartition(".")[2]


@dataclass(frozen=True)
class ListChange:
    """The rows of one list that differ, in the order of the new document; what went stands where it stood."""

    path: str
    label: str
    rows: list[RowChange]

    @property
    def counts(self) -> str:
        """`2 added, 1 changed`."""
        kinds = [row.kind for row in self.rows]
        return ", ".join(f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds))


@dataclass(frozen=True)
class Comparison:
    """All that differs from one document to another; false where nothing does."""

    fields: list[FieldChange]
    lists: list[ListChange]

    def __bool__(self) -> bool:
        return bool(self.fields or self.lists)

    @property
    def summary(self) -> str:
        """`title, body, timeline (2 added, 1 changed)`; empty where nothing differs."""
        names = [one.label.lower() for one in self.fields]
        return ", ".join([*names, *(f"{one.label.lower()} ({one.counts})" for one in self.lists)])

    @property
    def paths(self) -> set[str]:
        """The paths of fields and the anchors of rows that differ, those of a row's own rows among them."""
        return {row.path for row in self.rows} | {one.path for one in self.fields}

    @property
    def rows(self) -> list[RowChange]:
        """Every row that differs, the rows within a row after it."""
        return [row for one in self.lists for row in _with_inner(one.rows)]


def compare(old: Document, new: Document) -> Comparison:
    """What differs from `old` to `new`. Takes under a second for the longest documents there can be: what is too much
    to compare by words stands whole on both sides.
    """
    effort = Effort()
    fields = list(_field_changes(old, new, "", effort))
    lists = (_list_change(name, name, getattr(old, name), getattr(new, name), effort) for name in LISTS)
    return Comparison(fields, [one for one in lists if one.rows])


def whole(document: Document) -> Comparison:
    """A document laid out like a comparison: all of it came."""
    effort = Effort()
    fields = list(_field_changes(None, document, "", effort))
    lists = (_list_change(name, name, [], getattr(document, name), effort) for name in LISTS)
    return Comparison(fields, [one for one in lists if one.rows])


def _with_inner(rows: Sequence[RowChange]) -> Iterator[RowChange]:
    for row in rows:
        yield row
        for inner in row.lists:
            yield from _with_inner(inner.rows)


def _list_change(name: str, path: str, old: Sequence[Row], new: Sequence[Row], effort: Effort) -> ListChange:
    places = {row.id: place for place, row in enumerate(old)}
    kept = [row.id for row in new if row.id in places]
    moved = set(kept) - {kept[index] for index in longest_rising([places[row_id] for row_id in kept])}
    rows: list[RowChange] = []
    for row_id, before, after in _side_by_side(old, new):
        change = _row_change(f"{path}.{row_id}", before, after, is_moved=row_id in moved, effort=effort)
        if change:
            rows.append(change)
    return ListChange(path, _label(name), rows)


def _side_by_side(old: Sequence[Row], new: Sequence[Row]) -> Iterator[tuple[str | None, Row | None, Row | None]]:
    """(id, old row, new row) in the order of the new ones; what went follows the row it followed."""
    left = {row.id for row in new}
    by_id, gone, last = {row.id: row for row in old}, dict[str | None, list[Row]](), None
    for row in old:
        if row.id in left:
            last = row.id
        else:
            gone.setdefault(last, []).append(row)
    yield from ((row.id, row, None) for row in gone.get(None, ()))
    for row in new:
        yield row.id, by_id.get(row.id), row
        yield from ((one.id, one, None) for one in gone.get(row.id, ()))


def _row_change(
    path: str, before: Row | None, after: Row | None, *, is_moved: bool, effort: Effort
) -> RowChange | None:
    fields = list(_field_changes(before, after, f"{path}.", effort))
    inner = (_list_change(n, f"{path}.{n}", getattr(before, n, ()), getattr(after, n, ()), effort) for n in NESTED)
    lists = [one for one in inner if one.rows]
    if before is None or after is None:
        return RowChange("added" if before is None else "removed", path, _name(after or before), False, fields, lists)
    if not (fields or lists or is_moved):
        return None
    kind: Literal["changed", "moved"] = "changed" if fields or lists else "moved"
    return RowChange(kind, path, _name(after), is_moved, fields, lists)


def _field_changes(old: Part | None, new: Part | None, prefix: str, effort: Effort) -> Iterator[FieldChange]:
    before, after = dict(_values(old, prefix)), dict(_values(new, prefix))
    for path in dict.fromkeys([*after, *before]):
        was, is_now = before.get(path), after.get(path)
        if was == is_now and not isinstance(was, Moment):  # the same instant in another zone is equal, and differs
            continue
        texts = value_words(was), value_words(is_now)
        if texts[0] == texts[1]:
            texts = _exactly(was), _exactly(is_now)
        if texts[0] != texts[1]:
            label = _label(*path.removeprefix(prefix).split("."))
            yield FieldChange(path, label, *texts, text_diff(*texts, effort=effort))


def _values(part: Part | None, prefix: str) -> Iterator[tuple[str, object]]:
    """(path, value) of each field; those of a part within (times, the AI system) follow under its name."""
    for name in type(part).model_fields if part is not None else ():
        value = getattr(part, name)
        if isinstance(value, Part):
            yield from _values(value, f"{prefix}{name}.")
        elif name not in ("id", *LISTS, *NESTED):
            yield f"{prefix}{name}", value


def _exactly(value: object) -> str:
    return (
        f"{value.as_text()} {value.zone or ''} ({value.precision})" if isinstance(value, Moment) else value_words(value)
    )


def _label(*names: str) -> str:
    words = [LABELS.get(name, name.replace("_", " ").capitalize()) for name in names if name != "times"]
    return " ".join([words[0], *(word[0].lower() + word[1:] for word in words[1:])])


def _name(row: Row | None) -> str:
    texts: Mapping[str, str] = {name: getattr(row, name, "") for name in _NAMES}
    first = next((text for text in texts.values() if text), "")
    line = " ".join(first[: MAX_NAME * 2].split())
    return line if len(line) <= MAX_NAME else f"{line[:MAX_NAME].rstrip()}…"
