"""Markdown without front matter: the first heading is the title, known headings become fields, the rest is the body."""

import re
from pathlib import PurePath

from blog.articles.document import MAX_TITLE
from blog.errors import Invalid
from blog.lib.text import clean_line, excerpt
from blog.transfer import outline
from blog.transfer.reading import Findings, Reading, plain_words
from blog.transfer.sections import take_fields

MAX_FIRST_SENTENCE = 110
_ENDINGS = re.compile(r"(\.(?:md|markdown|mdown|txt|html|htm|erb|yaml|yml|json))+$", re.IGNORECASE)
_HUMAN = re.compile(r"[^\W\d_]{3,}")
_NUMBERED = re.compile(r"^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$|^[0-9a-f]{12,}$|^[\d\W_]+$", re.IGNORECASE)
_SENTENCE = re.compile(r".+?[.!?](?=\s|$)")


def read(text: str, name: str) -> Reading:
    """The write-up of a Markdown text. `name` is its file's, the title of last resort."""
    findings = Findings()
    title = title_of(text, name, findings)
    body = take_fields(text, findings, title=title)
    tag_of_stats(text, findings)
    data = {"title": title, "body": body, **findings.document_data()}
    return Reading(data, guesses=tuple(findings.guesses))


def title_of(text: str, name: str, findings: Findings, *, owner: str = "") -> str:
    """The first heading; else the name of the file; else, where that is a number, the first sentence, after `owner`."""
    heading = next(
        (section for section in outline.sections_of(text, is_label=lambda name: False) if section.level), None
    )
    if heading and (words := clean_line(plain_words(heading.title)[0])):
        if len(words) > MAX_TITLE:
            raise Invalid(f"the first heading is longer than the {MAX_TITLE} characters of a title")
        return words
    stem = stem_of(name)
    if _HUMAN.search(stem) and not _NUMBERED.match(stem):
        findings.guess("there is no title; it is taken from the file's name")
        return clean_line(stem.replace("_", " ") if " " in stem else stem.replace("_", " ").replace("-", " "))[
            :MAX_TITLE
        ]
    findings.guess("there is no title; it is taken from the first sentence")
    words = clean_line(plain_words(" ".join(text.split("\n\n", maxsplit=1)[0].split()))[0])
    sentence = _SENTENCE.match(words)
    first = excerpt(sentence[0].rstrip(".") if sentence else words, MAX_FIRST_SENTENCE) or stem
    return f"{owner}: {first}" if owner and owner.lower() not in first.lower() else first


def stem_of(name: str) -> str:
    """The name of a file without folders and endings (`2020-02-12.html.md.erb` -> `2020-02-12`)."""
    return _ENDINGS.sub("", PurePath(name).name)


def tag_of_stats(text: str, findings: Findings) -> None:
    """A line `- Category: Kubernetes` among the statistics names a tag."""
    for section in outline.sections_of(text, is_label=lambda name: False):
        if section.name in ("stats", "statistics", "metadata"):
            for item in outline.items_of(section.content)[0]:
                label, _, value = item.text.partition(":")
                if label.strip().lower() in ("category", "categories", "tags"):
                    findings.add_tags(value.split(","))
