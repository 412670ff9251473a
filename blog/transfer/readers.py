"""Which reader a file gets: by its ending where that says enough, else by what stands in it."""

from pathlib import PurePath

from blog.errors import Invalid
from blog.lib import front_matter
from blog.lib.front_matter import load_yaml
from blog.transfer import markdown_front, markdown_plain, outline, yaml_incident
from blog.transfer.reading import Reading, decoded

MARKDOWN = {".md", ".markdown", ".mdown", ".mkd", ".txt", ".erb"}
DATA = {".yaml", ".yml", ".json"}


def read(raw: bytes, name: str) -> Reading:
    """The write-up in a file's bytes; `name` is the file's name. Raises `Invalid` with a reason to act on."""
    try:
        return _read(decoded(raw), name)
    except (
        ValueError
    ) as error:  # broken YAML, or a value that no field takes, such as a title that turns the text around
        raise Invalid(str(error)) from error


def _read(text: str, name: str) -> Reading:
    ending = PurePath(name).suffix.lower()
    if text.lstrip()[:15].lower().startswith(("<!doctype", "<html")):
        raise Invalid("this is HTML; save the write-up as Markdown")
    if ending in DATA:
        return yaml_incident.read(load_yaml(text, times_as_text=True), name)
    data, body = front_matter.split(text, times_as_text=True)
    if data is not None:
        return markdown_front.read(data, body, name)
    if ending not in MARKDOWN and not _has_heading(text):
        raise Invalid("this is no write-up we know: no front matter, no heading; if it is Markdown, name it .md")
    return markdown_plain.read(text, name)


def _has_heading(text: str) -> bool:
    return any(section.level for section in outline.sections_of(text, is_label=lambda name: False))
