"""Documents for search tests, and a clock that the test moves."""

from typing import Any

from blog.search.engine import SearchDocument


def article(number: int, text: str = "", **facts: Any) -> SearchDocument:
    facts.setdefault("created_at", number)
    return SearchDocument(key=f"pm:{number}", kind="article", body=text, **facts)


def comment(number: int, on: int, text: str = "", **facts: Any) -> SearchDocument:
    facts.setdefault("created_at", number)
    return SearchDocument(key=f"c:{number}", kind="comment", parent=f"pm:{on}", body=text, **facts)


class Clock:
    """Seconds that pass only when the test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now
