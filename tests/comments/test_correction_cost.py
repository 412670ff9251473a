"""What authors write cannot hold a thread: finding the words of a correction, and places that were changed."""

import time

import pytest

from blog.articles.document import MAX_BODY
from blog.comments.correction_checks import target_of
from blog.lib.passages import found_again, passages_of
from tests.factories.articles import make_document

BOUND_SECONDS = 10  # of the processor; the worst took one, and the square of their length would take minutes


@pytest.mark.parametrize("piece", ["](", "[^a", "<http://", "_", "a_", "1"])
def test_the_words_of_a_correction_are_found_in_any_body(piece: str) -> None:
    body = "a" + (piece * MAX_BODY)[: MAX_BODY - 2] + "b"
    document = make_document(body=body)
    began = time.process_time()
    assert target_of(document, "body.p-0", "other words").is_whole_body
    assert time.process_time() - began < BOUND_SECONDS


def test_places_are_found_again_however_many_changed() -> None:
    def body(letter: str) -> str:
        return "<ul>" + "\n".join(f"<li>{letter}{number}</li>" for number in range(10_000)) + "</ul>"

    old, new = passages_of(body("a")), passages_of(body("b"))
    began = time.process_time()
    found_again(old, new)
    assert time.process_time() - began < BOUND_SECONDS
