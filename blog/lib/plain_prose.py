"""A short cut for prose without markup, whose HTML is known without Markdown: most comments and timeline rows."""

import re
import unicodedata

from blog.lib.text import Level

MAX_CHARACTERS = 10_000

# Letters, digits and the punctuation that means nothing to Markdown, single blanks between them. A line begins with a
# letter, a digit, a quote or a bracket, but not like an item of a numbered list; lines are one or two newlines apart.
_MARK = r"[^\W_]|[.,;:?!'\"“”‘’()%$€£…–—/-]"
_LINE = rf"(?!\d+[.)])(?:[^\W_]|['\"“‘(])(?: ?(?:{_MARK}))*+"
_PROSE = re.compile(rf"{_LINE}(?:\n\n?{_LINE})*+")


def prose_html(text: str, level: Level) -> str | None:
    """The HTML that the whole pipeline would make of this text, or None when only the pipeline can tell."""
    if level == "article" or len(text) > MAX_CHARACTERS or "://" in text or not _PROSE.fullmatch(text):
        return None
    if not unicodedata.is_normalized("NFC", text):
        return None
    markup = text.replace("\n\n", "\0").replace("\n", "<br>\n")
    if level == "inline":
        return markup.replace("\0", "<br><br>")
    return "<p>" + markup.replace("\0", "</p>\n<p>") + "</p>"
