"""Text from people: what is kept, mended or refused before it is stored, and plain text cut from it."""

import html
import re
import unicodedata
from functools import cache
from typing import Literal

Level = Literal["article", "comment", "inline"]  # how much Markdown a text may hold
Form = Literal["NFC", "NFD", "NFKC", "NFKD"]

MAX_MARKS = 8  # combining marks in a row: Vietnamese and Hebrew need 3, a tower of marks hides other lines

# Characters with no ink: controls, blanks, format characters and the "default ignorable" of Unicode 15
# (DerivedCoreProperties.txt), surrogates and noncharacters. Written out: asking unicodedata for each slows the start.
INVISIBLE = (
    "\x00-\x20\x7f-\xa0\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u1680\u17b4\u17b5"
    "\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ud800-\udfff\ufdd0-\ufdef\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)

_SURROGATE = re.compile("[\ud800-\udfff]")
_NEWLINE = re.compile("\r\n?|[\x85\u2028\u2029]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")
# A copy of ASCII without ink, in which whole sentences can be hidden from people and told to programs. Kept are the
# flags of parts of countries: a black flag, the letters of the part, and an end.
_UNSEEN_LETTERS = re.compile(
    "(\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{1,6}\U000e007f)|[\U000e0000-\U000e007f]"
)
_BIDI_OVERRIDE = re.compile("[\u202a-\u202e\u2066-\u2069]")
# Dropped from one-line values. The joiners U+200C and U+200D stay: Persian, Indic scripts and emoji need them.
_LINE_INVISIBLE = re.compile("[\xad\u034f\u115f\u1160\u180e\u200b\u2060-\u2064\u3164\ufeff\uffa0\U000e0000-\U000e0fff]")
_ONLY_INVISIBLE = re.compile(f"[{INVISIBLE}]*")
_BLANKS = re.compile(r"\s+")

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*+)(?:[^<>\"']|\"[^\"]*\"|'[^']*')*+>")
_FOOTNOTE_MARK = re.compile(r"<sup[ >][^<]*(?:<a [^<]*</a>)?</sup>|<a [^<>]*footnote-backref[^<>]*>[^<]*</a>")
_PRE = re.compile(r"(<pre[ >].*?</pre>)", re.DOTALL)
_LINE_TAGS = frozenset(
    ("p", "br", "hr", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "blockquote", "table", "tr", "div")
)
_CELL_TAGS = frozenset(("td", "th"))


def clean_text(raw: str) -> str:
    """Text of many lines as it is stored: NFC, newlines as `\\n`, no control character but tab and newline, and no
    letters without ink.

    Raises ValueError, with a message for the writer, for NUL and for lone surrogates: they come from broken or hostile
    programs, and what the writer meant cannot be known. Other control characters are dropped.
    """
    if "\x00" in raw:
        raise ValueError("The text holds a NUL character. Remove it and send the text again.")
    if _SURROGATE.search(raw):
        raise ValueError("The text is not valid Unicode: it holds half of a character pair.")
    return mend_text(raw)


def dropped_characters(raw: str) -> int:
    """How many characters of a text `clean_text` drops, without counting how its lines end."""
    if raw.isascii():
        return len(_CONTROL.findall(raw)) - raw.count("\r")
    unseen = sum(not flag for flag in _UNSEEN_LETTERS.findall(raw))
    return len(_CONTROL.findall(_NEWLINE.sub("\n", raw))) + unseen


def mend_text(raw: str) -> str:
    """Like `clean_text`, but for text that is already stored: what would be refused is replaced by U+FFFD."""
    if raw.isascii() and not _CONTROL.search(raw):
        return raw
    text = _SURROGATE.sub("\ufffd", raw).replace("\x00", "\ufffd")
    text = _CONTROL.sub("", _NEWLINE.sub("\n", text)).removeprefix("\ufeff")
    if text.isascii():
        return text
    text = _UNSEEN_LETTERS.sub(lambda found: found[1] or "", text)
    return _cap_marks(normalised(text, "NFC"))


def normalised(text: str, form: Form) -> str:
    """Text in a normal form of Unicode, with no long run of marks. Use it for all text that came from outside.

    The runs are cut first: putting the marks of a run in order costs the square of its length, and 140,000 of them
    would hold every thread for many seconds.
    """
    return text if text.isascii() else unicodedata.normalize(form, _cap_marks(text))


def clean_line(raw: str) -> str:
    """A value of one line, such as a title or a tag: as `clean_text`, blanks collapsed, ends trimmed.

    Newlines count as blanks. A value of invisible characters alone becomes "". Raises ValueError as `clean_text` does,
    and for characters that turn the direction of the text around it.
    """
    text = clean_text(raw)
    if _BIDI_OVERRIDE.search(text):
        raise ValueError("Characters that change the direction of text are not allowed here.")
    text = _BLANKS.sub(" ", _LINE_INVISIBLE.sub("", text)).strip()
    return "" if _ONLY_INVISIBLE.fullmatch(text) else normalised(text, "NFC")  # dropping characters joins runs of marks


def plain_text(markup: str) -> str:
    """The words of HTML that the renderer made, one line for each block, without footnote marks.

    Give it sanitized HTML only: it finds tags, it does not judge them. The result is text, to be escaped where shown.
    """
    unmarked = _FOOTNOTE_MARK.sub("", markup)
    ended = unmarked.rfind("</pre>") + 6  # behind it no block ends, so none is looked for
    pieces = _PRE.split(unmarked[:ended])  # every second piece is a code block, where newlines show
    pieces[-1] += unmarked[ended:]
    pieces[::2] = [piece.replace("\n", " ") for piece in pieces[::2]]
    text = _TAG.sub(_tag_as_blank, "".join(pieces))
    lines = (" ".join(line.split()) for line in html.unescape(text).split("\n"))
    return "\n".join(line for line in lines if line)


def excerpt(text: str, length: int) -> str:
    """The first words of plain text on one line, at most `length` characters with the closing ellipsis."""
    words = _BLANKS.sub(" ", text).strip()
    if len(words) <= length:
        return words
    end = words.rfind(" ", 0, length)
    if end <= length // 2:  # one very long word: cut inside it, but never between a letter and its marks
        end = max(length - 1, 0)
        while end > 0 and (unicodedata.category(words[end])[0] == "M" or "\u200d" in words[end - 1 : end + 1]):
            end -= 1
    return words[:end].rstrip(" ,;:.-–—") + "…" if length > 0 else ""


def _tag_as_blank(tag: re.Match[str]) -> str:
    name = tag[2].lower()
    if name in _LINE_TAGS:
        return "\n"
    return " " if name in _CELL_TAGS else ""


def has_tower(text: str) -> bool:
    """Whether more than `MAX_MARKS` marks stand on one letter."""
    return _long_marks().search(text) is not None


def _cap_marks(text: str) -> str:
    return _long_marks().sub(lambda run: run[0][:MAX_MARKS], text)


@cache
def _long_marks() -> re.Pattern[str]:
    """Runs of more than MAX_MARKS combining marks; built at first need, since it asks for 130,000 characters.

    The two halfwidth sound marks are letters by category, and become combining marks in the forms NFKC and NFKD.
    """
    spans: list[list[int]] = []
    for code in (*range(0x300, 0x1F000), *range(0xE0100, 0xE01F0)):
        if unicodedata.category(chr(code))[0] != "M":
            continue
        if spans and spans[-1][1] == code - 1:
            spans[-1][1] = code
        else:
            spans.append([code, code])
    marks = "".join(f"{chr(first)}-{chr(last)}" for first, last in spans) + "\uff9e\uff9f"
    return re.compile(f"[{marks}]{{{MAX_MARKS + 1},}}")
