"""Reading a file of our own in the shape of others', without a site."""

from pathlib import Path

from blog.articles.document import Document, parse_document
from blog.transfer import readers
from blog.transfer.reading import Reading

FILES = Path(__file__).parent / "files"


def reading_of(name: str) -> Reading:
    path = FILES / name
    return readers.read(path.read_bytes(), path.name)


def document_of(name: str) -> Document:
    return parse_document(reading_of(name).data)


def read_text(text: str, name: str = "note.md") -> Reading:
    return readers.read(text.encode(), name)
