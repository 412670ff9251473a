"""What the form of a rule sends, as typed: picked by name, never more than these fields."""

from collections.abc import Mapping

from blog.comments.rule_changes import RuleGiven
from blog.comments.rule_models import AMOUNTS, CommentRule, RuleKind

AMOUNT_WORDS = {
    RuleKind.FIRST: (
        "How many first comments",
        "Until so many comments of theirs stand, every further one waits, too.",
    ),
    RuleKind.LINKS: ("Most links", "A comment with more links to other sites than this waits."),
    RuleKind.SIMILAR: (
        "How many others",
        "A comment waits when it resembles at least so many others of the last day, whoever posted them.",
    ),
}
DEFAULTS = {RuleKind.FIRST: "1", RuleKind.LINKS: "2", RuleKind.SIMILAR: "2"}


def read_rule(form: Mapping[str, str]) -> RuleGiven:
    """From a sent form; absent fields are empty."""
    return RuleGiven(**{name: form.get(name, "") for name in ("kind", "note", "amount", "words", "person")})


def empty_rule(kind: str) -> RuleGiven:
    """What the form of a new rule begins with; the kind is empty where there is no such kind."""
    known = RuleKind(kind) if kind in set(RuleKind) else None
    return RuleGiven(kind=known or "", amount=DEFAULTS.get(known, "") if known else "")


def rule_as_given(rule: CommentRule) -> RuleGiven:
    """A rule as its form shows it."""
    return RuleGiven(
        kind=rule.kind,
        note=rule.note,
        amount=str(rule.amount) if rule.kind in AMOUNTS else "",
        words=rule.words,
        person=rule.person.name if rule.person else "",
    )
