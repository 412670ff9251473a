"""Tables as CSV, for spreadsheets that take some texts for formulas."""

import csv
import io
from collections.abc import Iterable, Sequence

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what spreadsheets run; the list of OWASP's "CSV Injection"


def csv_text(rows: Iterable[Sequence[object]]) -> str:
    """The rows as CSV (RFC 4180), each text that a spreadsheet would run quoted with an apostrophe; None is empty."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return written.getvalue()


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text
