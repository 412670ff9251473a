"""A document's shown form: the HTML of its body and of every row that holds Markdown, made once when it is saved."""

from collections.abc import Sequence
from typing import Any

from blog.articles.document import Document
from blog.lib.renderer import RENDERER_VERSION, RenderedText, render_batch
from blog.lib.text import Level

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


def rendered_form(pieces: Sequence[Piece], texts: Sequence[RenderedText]) -> tuple[dict[str, Any], str]:
    """(`Revision.rendered`, version) from pieces and what the renderer made of each. The version is empty when a piece
    could not be rendered for want of a render process, so that the form is made anew next time.
    """
    body = texts[0]
    rows = {key: text.html for (key, _, _), text in zip(pieces[1:], texts[1:], strict=True)}
    form = {"html": body.html, "toc": [[entry.level, entry.id, entry.text] for entry in body.toc], "rows": rows}
    return form, RENDERER_VERSION if all(text.version for text in texts) else ""


def render_document(document: Document) -> tuple[dict[str, Any], str]:
    """(`Revision.rendered`, the renderer's version) of one document."""
    pieces = pieces_of(document)
    return rendered_form(pieces, render_batch([(level, text) for _, level, text in pieces]))
