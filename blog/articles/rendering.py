"""A document's shown form: the HTML of its body and of every row that holds Markdown, made once when it is saved.

A form that another version of the renderer made may hold what this one no longer lets through, so it is never shown.
`current_form` makes it anew, once for all readers; `articles rebuild` stores it.
"""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from hashlib import blake2s
from typing import Any

from blog.articles.document import Document, parse_document_text
from blog.lib.read_path import answer_once
from blog.lib.renderer import RENDERER_VERSION, RenderedText, escape_batch, render_batch
from blog.lib.text import Level

KEPT_FORMS = 100  # made anew and not stored yet; more than stand in a feed
KEPT_CHARACTERS = 16_000_000
WAIT_SECONDS = 2.0  # how long a reader waits while a form is made anew for another one

Form = dict[str, Any]
Piece = tuple[str, Level, str]  # key, trust level, raw text


def pieces_of(document: Document) -> list[Piece]:
    """Everything of a document that is rendered, keyed as in `Revision.rendered["rows"]`; the body comes first."""
    pieces: list[Piece] = [("body", "article", document.body)]
    if document.summary:
        pieces.append(("summary", "inline", document.summary))
    pieces += [(f"timeline.{row.id}", "inline", row.text) for row in document.timeline]
    pieces += [(f"claims.{row.id}", "inline", row.text) for row in document.claims]
    pieces += [(f"actions.{row.id}", "inline", row.text) for row in document.actions]
    for incident in document.incidents:
        if incident.impact:
            pieces.append((f"incidents.{incident.id}.impact", "comment", incident.impact))
        pieces += [
            (f"incidents.{incident.id}.factors.{factor.id}", "inline", factor.text)
            for factor in incident.factors
            if factor.text
        ]
    return pieces


def rendered_form(pieces: Sequence[Piece], texts: Sequence[RenderedText]) -> tuple[Form, str]:
    """(`Revision.rendered`, version) from pieces and what the renderer made of each. The version is empty when a piece
    could not be rendered for want of a render process, so that the form is made anew next time.
    """
    body = texts[0]
    rows = {key: text.html for (key, _, _), text in zip(pieces[1:], texts[1:], strict=True)}
    return {**_body_form(body), "rows": rows}, RENDERER_VERSION if all(text.version for text in texts) else ""


def _body_form(body: RenderedText) -> Form:
    return {"html": body.html, "toc": [[entry.level, entry.id, entry.text] for entry in body.toc]}


def render_document(document: Document) -> tuple[Form, str]:
    """(`Revision.rendered`, the renderer's version) of one document."""
    pieces = pieces_of(document)
    return rendered_form(pieces, render_batch([(level, text) for _, level, text in pieces]))


def render_changes(document: Document, *, before: Document, stored: Form | None, version: str) -> tuple[Form, str]:
    """As `render_document`, of a document that goes on from `before`: what did not change is taken from its `stored`
    form, if this renderer made it.
    """
    if version != RENDERER_VERSION or not {"html", "toc", "rows"} <= set(stored or ()):
        return render_document(document)
    assert stored is not None
    known = {(level, raw): stored["rows"].get(key) for key, level, raw in pieces_of(before)[1:]}
    pieces = pieces_of(document)
    changed = [piece for piece in pieces[1:] if known.get(piece[1:]) is None]
    if document.body != before.body:
        changed.insert(0, pieces[0])
    texts = render_batch([(level, raw) for _, level, raw in changed])
    made = {key: text for (key, _, _), text in zip(changed, texts, strict=True)}
    rows = {key: made[key].html if key in made else known[level, raw] for key, level, raw in pieces[1:]}
    form = {"html": stored["html"], "toc": stored["toc"]} if "body" not in made else _body_form(made["body"])
    return {**form, "rows": rows}, RENDERER_VERSION if all(text.version for text in texts) else ""


def current_form(text: str, *, stored: Form | None, version: str, document: Document | None = None) -> Form:
    """What is shown of a stored document (`text`, and `document` where it was read already): its `stored` form if this
    renderer made it, else one made anew. One is made at a time, and kept in memory; a reader who would wait longer
    than 2 seconds for that gets the text as typed. Raises `Unreadable`.
    """
    if stored is not None and version == RENDERER_VERSION:
        return stored
    key = blake2s(text.encode("utf-8", "surrogatepass")).digest()
    if (kept := _kept.get(key)) is not None:
        return kept
    pieces = pieces_of(document or parse_document_text(text))
    texts = [(level, raw) for _, level, raw in pieces]
    if not _making.acquire(timeout=WAIT_SECONDS):
        answer_once()
        return rendered_form(pieces, escape_batch(texts))[0]
    try:
        if (kept := _kept.get(key)) is not None:  # made while this reader waited
            return kept
        form, made_by = rendered_form(pieces, render_batch(texts))
    finally:
        _making.release()
    if made_by == RENDERER_VERSION:
        _kept.put(key, form)
    else:
        answer_once()
    return form


class _KeptForms:
    """The forms asked for last, bounded by number and by size."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._forms: OrderedDict[bytes, tuple[Form, int]] = OrderedDict()
        self._characters = 0

    def get(self, key: bytes) -> Form | None:
        with self._lock:
            if key not in self._forms:
                return None
            self._forms.move_to_end(key)
            return self._forms[key][0]

    def put(self, key: bytes, form: Form) -> None:
        size = len(form["html"]) + sum(map(len, form["rows"].values()))
        with self._lock:
            self._characters += size - self._forms.pop(key, (form, 0))[1]
            self._forms[key] = (form, size)
            while len(self._forms) > KEPT_FORMS or self._characters > KEPT_CHARACTERS:
                self._characters -= self._forms.popitem(last=False)[1][1]


_kept = _KeptForms()
_making = threading.Lock()
