"""A document as text and back: what an export adds to it is passed over, and nothing else is."""

import pytest

from blog.articles.plain_text import from_text, to_text
from blog.errors import Invalid

EXPORTED = """---
title: Queue stood still
tags:
- queues
slug: queue-stood-still
published_at: '2025-12-14T09:30:00Z'
authors:
- Rosa
---

A lock.
"""


def test_an_exported_file_can_be_pasted_as_it_stands() -> None:
    document = from_text(EXPORTED)
    assert (document.title, document.tags, document.body) == ("Queue stood still", ["queues"], "A lock.")
    assert not {"slug", "published_at", "authors"} & set(to_text(document).replace(":", " ").split())


@pytest.mark.parametrize("name", ["Slug", "state", "id", "published", "author"])
def test_any_other_name_is_still_refused(name: str) -> None:
    with pytest.raises(Invalid, match=f"{name}: there is no field of this name"):
        from_text(EXPORTED.replace("slug:", f"{name}:"))


@pytest.mark.parametrize("value", ['!!int ""', '!!float ""', "!!bool foo", "!!timestamp foo"])
def test_a_tag_is_a_fault_of_the_text(value: str) -> None:
    with pytest.raises(Invalid, match="line 2: a tag"):
        from_text(f"---\ntitle: {value}\n---\n\nB")
