"""The table: each row with what must be reached, what is aimed at, and whether it was."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

README = Path(__file__).with_name("README.md")
BEGIN, END = "<!-- table: begin -->", "<!-- table: end -->"


@dataclass(frozen=True)
class Need:
    """A bound on the figure that counts. Ratios say of what in `unit` ("of bytes", "of Isso")."""

    must: float
    aim: float | None = None
    unit: str = ""
    at_most: bool = False

    def judged(self, reached: float) -> str:
        if self.aim is not None and self._holds(reached, self.aim):
            return "aim"
        return "yes" if self._holds(reached, self.must) else "NO"

    def _holds(self, reached: float, bound: float) -> bool:
        return reached <= bound if self.at_most else reached >= bound

    def bound(self, value: float | None) -> str:
        return "" if value is None else f"{'≤' if self.at_most else '≥'} {_short(value)}"


@dataclass(frozen=True)
class Row:
    """One line. `reached` is compared with `need`; `figures` are what it was made from, in words."""

    case: str
    figures: str
    reached: float | None = None
    need: Need | None = None
    machine: str = ""

    @property
    def cells(self) -> tuple[str, ...]:
        reached = "" if self.reached is None else _short(self.reached)
        if self.need is None:
            return (self.case, self.figures, reached, "", "", "", self.machine)
        reached = f"{reached} {self.need.unit}".strip()
        bounds = (self.need.bound(self.need.must), self.need.bound(self.need.aim))
        return (self.case, self.figures, reached, *bounds, self.need.judged(self.reached or 0.0), self.machine)


HEAD = ("case", "figures", "reached", "must", "aim", "reached?", "others/steal/load")


def drawn(rows: Sequence[Row]) -> str:
    """The table as Markdown, its columns aligned so that it reads well in a terminal too."""
    cells = [HEAD, *(row.cells for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(HEAD))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in cells
    ]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]])


def missed(rows: Sequence[Row]) -> int:
    return sum(row.cells[5] == "NO" for row in rows)


def write(text: str) -> None:
    """Put the run between the marks of bench/README.md."""
    page = README.read_text(encoding="utf-8")
    pattern = re.compile(f"{re.escape(BEGIN)}.*{re.escape(END)}", re.DOTALL)
    README.write_text(pattern.sub(lambda _: f"{BEGIN}\n{text}\n{END}", page), encoding="utf-8")


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
