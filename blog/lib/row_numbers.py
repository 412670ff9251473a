"""Numbers of rows as people and programs send them: in addresses, query strings and forms."""

MAX_ROW_NUMBER = 2**31 - 1  # PostgreSQL's integer; SQLite's would overflow in the driver at 2**63


def row_number(text: str) -> int | None:
    """The number that these digits are; None where no row can have it."""
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(MAX_ROW_NUMBER))):
        return None
    return in_bounds(int(text)) or None


def in_bounds(number: int) -> int:
    """The number, or 0, which no row has, where the database could not hold it: forms send what they like."""
    return number if 0 < number <= MAX_ROW_NUMBER else 0
