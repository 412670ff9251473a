"""Addresses with numbers no row can have."""

import pytest

from tests.people import ADA
from tests.visitor import Visitor, signed_in


@pytest.mark.parametrize("number", ["2147483648", "9" * 30, "-1", "1e3", "0x10", "１"])
@pytest.mark.parametrize(
    "path", ["/editor/articles/{}", "/editor/revisions/{}", "/comments/{}", "/people/{}", "/sitemap-{}.xml"]
)
def test_a_number_that_no_row_has_is_not_found(client: Visitor, path: str, number: str) -> None:
    signed_in(client, ADA)
    assert client.get(path.format(number)).status_code == 404
