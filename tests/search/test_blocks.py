"""Blocks of postings: what is written is read again, of small and large numbers alike, and damage shows."""

from array import array
from pathlib import Path
from typing import Any

import pytest
from whoosh.codec.whoosh3 import W3TermInfo
from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import BufferFile
from whoosh.formats import Existence, Format, Positions

from blog.search.whoosh_blocks import BLOCK, SMALL, BlockCodec

Posting = tuple[int, float, bytes]


def _written(folder: Path, postings: list[Posting], form: Format) -> Any:
    """What Whoosh knows of the one term of a file of these postings."""
    file = FileStorage(str(folder)).create_file("one.pst")
    writer = BlockCodec(blocklimit=BLOCK).postings_writer(file)
    writer.start_postings(form, W3TermInfo())
    for document, weight, places in postings:
        writer.add_posting(document, weight, places, 5)
    info = writer.finish_postings()
    file.close()
    return info


def _matcher(folder: Path, info: Any, form: Format) -> Any:
    file = BufferFile(memoryview((folder / "one.pst").read_bytes()))
    return BlockCodec().postings_reader(file, info, form)


def _read(folder: Path, info: Any, form: Format) -> list[Posting]:
    matcher = _matcher(folder, info, form)
    found = []
    while matcher.is_active():
        found.append((matcher.id(), float(matcher.weight()), matcher.value() or b""))
        matcher.next()
    return found


@pytest.mark.parametrize("first", [0, SMALL - BLOCK // 2, SMALL * 3])
@pytest.mark.parametrize("weights", [[1.0], [1.0, 2.0, 255.0], [1.0, 256.0, 4.5]])
def test_postings_of_several_blocks_are_read_as_they_were_written(
    tmp_path: Path, first: int, weights: list[float]
) -> None:
    postings = [
        (first + number * 2, weights[number % len(weights)], b"at %d" % number) for number in range(BLOCK * 2 + 7)
    ]
    form = Positions()
    assert _read(tmp_path, _written(tmp_path, postings, form), form) == postings


def test_postings_without_places_are_read_as_they_were_written(tmp_path: Path) -> None:
    postings = [(number, 1.0, b"") for number in (3, 4, 900)]
    form = Existence()
    assert _read(tmp_path, _written(tmp_path, postings, form), form) == postings


def test_a_block_is_read_whole_as_numbers_and_counts(tmp_path: Path) -> None:
    info = _written(tmp_path, [(2, 1.0, b"a"), (9, 3.0, b"b")], Positions())
    assert _matcher(tmp_path, info, Positions()).block() == (array("H", [2, 9]), b"\x01\x03")


def test_any_changed_byte_of_a_block_is_found(tmp_path: Path) -> None:
    form = Positions()
    info = _written(tmp_path, [(number, 2.0, b"x%d" % number) for number in range(30)], form)
    path = tmp_path / "one.pst"
    whole = path.read_bytes()
    body = len(whole) - 30 * 3  # numbers and counts; the places follow
    for at in (body, len(whole) - 1):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(ValueError, match="damaged"):
            _read(tmp_path, info, form)
