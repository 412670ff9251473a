"""What an import did, for the operator: what was read, guessed, passed over and refused, each by name."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from blog.accounts.models import Role
from blog.errors import Invalid
from blog.transfer.bundle import UserLine
from blog.transfer.reading import shown
from blog.transfer.sources import printable

MAX_LINES = 2_000  # of one kind; a larger import tells the rest as a number
MAX_FAULTS_SHOWN = 5  # of one refusal


@dataclass
class Report:
    """`counts` go by what was counted: `write-ups`, `known write-ups`, `comments` ..."""

    counts: Counter[str] = field(default_factory=Counter)
    guessed: list[tuple[str, str]] = field(default_factory=list)
    passed_over: list[tuple[str, str]] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    roles: dict[str, str] = field(default_factory=dict)  # never cut short: each of them is power handed out

    def guess(self, name: str, sentences: Sequence[str]) -> None:
        if not sentences:
            return
        self.counts["guessed"] += 1
        if len(self.guessed) < MAX_LINES:
            self.guessed.append((name, "; ".join(sentences)))

    def pass_over(self, name: str, reason: str) -> None:
        self.counts["passed over"] += 1
        if len(self.passed_over) < MAX_LINES:
            self.passed_over.append((name, reason))

    def refuse(self, name: str, error: Invalid | str) -> None:
        self.counts["refused"] += 1
        if len(self.refused) < MAX_LINES:
            self.refused.append((name, error if isinstance(error, str) else _reasons(error)))

    def arrive(self, name: str, line: UserLine) -> None:
        """Tell of a new person who gets a role above member."""
        if line.role != Role.MEMBER:
            self.roles[name] = f"{printable(line.email)} arrives as {line.role}"

    def lines(self) -> Iterator[str]:
        """The report, line by line."""
        for title, rows in (("Guessed", self.guessed), ("Passed over", self.passed_over), ("Refused", self.refused)):
            if rows:
                yield f"{title}:"
                yield from (f"  {name}: {reason}" for name, reason in rows)
                hidden = self.counts[title.lower()] - len(rows)
                if hidden:
                    yield f"  ... and {hidden:,} more"
        if self.roles:
            yield "Roles:"
            yield from (f"  {name}: {sentence}" for name, sentence in self.roles.items())
        yield self.summary()

    def summary(self) -> str:
        """One line of numbers."""
        parts = [
            f"{self.counts[kind]:,} {kind}" + (f" ({known:,} here already)" if known else "")
            for kind in ("write-ups", "people", "comments", "actions")
            if (known := self.counts[f"known {kind}"]) or self.counts[kind] or kind == "write-ups"
        ]
        return f"{', '.join(parts)}; {self.counts['guessed']:,} with guesses, {self.counts['refused']:,} refused."


def _reasons(error: Invalid) -> str:
    faults = [" ".join(str(fault).split()) for fault in error.faults]
    more = f"; and {len(faults) - MAX_FAULTS_SHOWN} more" if len(faults) > MAX_FAULTS_SHOWN else ""
    return "; ".join(fault if len(fault) <= 300 else shown(fault) for fault in faults[:MAX_FAULTS_SHOWN]) + more
