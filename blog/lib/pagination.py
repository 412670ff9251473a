"""Pages of a list: the number asked for, checked, and what the navigation shows."""

from dataclasses import dataclass

from blog.errors import Fault, Invalid

MAX_PAGE = 100_000  # no list is longer; a larger number is a mistake or a probe


@dataclass(frozen=True)
class Page:
    """Page `number` (from 1) of `total` entries, `size` a page."""

    number: int
    size: int
    total: int

    @property
    def last(self) -> int:
        """The number of the last page; 1 where there is nothing."""
        return max(1, -(-self.total // self.size))

    @property
    def has_previous(self) -> bool:
        return self.number > 1

    @property
    def has_next(self) -> bool:
        return self.number < self.last

    @property
    def window(self) -> list[int | None]:
        """Page numbers to link: first, last and those around this one; None marks a gap."""
        near = {1, self.last, *range(max(1, self.number - 2), min(self.last, self.number + 2) + 1)}
        numbers: list[int | None] = []
        for number in sorted(near):
            if numbers and numbers[-1] is not None and number - numbers[-1] > 1:
                numbers.append(None)
            numbers.append(number)
        return numbers


def page_number(text: str | None) -> int:
    """The page a query string asks for; 1 when it says nothing. Raises `Invalid` for anything made up by hand."""
    if text is None or text == "":
        return 1
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= MAX_PAGE or len(text) > 6:
        raise Invalid([Fault("page", f"a page is a whole number from 1 to {MAX_PAGE}")])
    return int(text)
